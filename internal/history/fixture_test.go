package history

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// tester is what a test and a property have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// workspace is a store whose log the test writes.
type workspace struct {
	t     tester
	store *store.Store
	ids   map[string]int64
}

// newWorkspace makes a store with chapters of so many transitions.
func newWorkspace(t tester, dir string, chapter int64) *workspace {
	t.Helper()
	s, err := store.Open(dir, "w")
	must(t, err)
	s.SetChapter(chapter)
	return &workspace{t, s, map[string]int64{}}
}

func (w *workspace) update(at calendar.Instant, work func(*store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Update(context.Background(), at, func(tx *store.Tx) error {
		tx.Count(&store.Result{})
		return work(tx)
	}))
}

// put makes segments, one number each, from 1.
func (w *workspace) put(at calendar.Instant, names ...string) {
	w.update(at, func(tx *store.Tx) error {
		for _, name := range names {
			if _, err := tx.PutSegment(segment.Definition{Name: name, Rule: `country = "DE"`}, "", ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func device(name string) record.Identity { return record.Identity{Namespace: "anonymous", Value: name} }

// come makes customers, received at an instant. A name of several, as "a b", merges them.
func (w *workspace) come(at calendar.Instant, names ...[]string) {
	w.update(at, func(tx *store.Tx) error {
		for _, devices := range names {
			r := record.Record{Kind: record.Identify, Time: at, HasTime: true, Fields: []byte(`{}`), Source: "test"}
			for _, d := range devices {
				r.Customer = append(r.Customer, device(d))
			}
			effect, reason, err := tx.Apply(&r)
			if err != nil || reason != "" {
				return fmt.Errorf("%s %w", reason, err)
			}
			if _, known := w.ids[devices[0]]; !known {
				w.ids[devices[0]] = effect.Person
			}
		}
		return nil
	})
}

// log adds transitions.
func (w *workspace) log(at calendar.Instant, transitions ...store.Transition) {
	w.update(at, func(tx *store.Tx) error {
		for i := range transitions {
			if err := tx.AddTransition(&transitions[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// past reads the log.
func (w *workspace) past(work func(v *store.View, p *Past) error) {
	w.t.Helper()
	must(w.t, w.store.View(context.Background(), func(v *store.View) error {
		p, err := Read(context.Background(), v)
		if err != nil {
			return err
		}
		return work(v, p)
	}))
}

// among gives the customers who are in a bitmap.
func among(b *roaring.Bitmap) []int64 {
	var ids []int64
	for _, id := range b.ToArray() {
		ids = append(ids, int64(id))
	}
	return ids
}

func in(segment, customer int64, due calendar.Instant, cause store.Cause) store.Transition {
	return store.Transition{Segment: segment, Version: 1, Customer: customer, Entered: true, Due: due, Cause: cause, Part: -1}
}

func out(segment, customer int64, due calendar.Instant, cause store.Cause) store.Transition {
	return store.Transition{Segment: segment, Version: 1, Customer: customer, Due: due, Cause: cause, Part: -1}
}

func sameIDs(t *testing.T, what string, got *roaring.Bitmap, want ...int64) {
	t.Helper()
	if ids := among(got); !slices.Equal(ids, want) {
		t.Errorf("%s: %v, want %v", what, ids, want)
	}
}
