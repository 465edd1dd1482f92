package serve

import (
	"context"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// logged is a store with so many transitions of a part of a segmentation.
func logged(t *testing.T, n int) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir(), "w")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	err = s.Update(t.Context(), 1000, func(tx *store.Tx) error {
		tx.Count(&store.Result{})
		if _, err := tx.PutSegment(segment.Definition{Name: "home.german", Rule: `country = "DE"`}, "", ""); err != nil {
			return err
		}
		who := record.Record{Kind: record.Identify, Customer: []record.Identity{{Namespace: record.UserID, Value: "u"}}, Time: 1, HasTime: true, Fields: []byte(`{}`)}
		effect, _, err := tx.Apply(&who)
		for i := range n {
			if err == nil {
				err = tx.AddTransition(&store.Transition{Segment: 1, Version: 1, Customer: effect.Person, Entered: i%2 == 0, Due: int64(i), Part: -1})
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Who does not want to wait is told at once what is there, whether the hub has read it or not.
func TestWithoutWaitingWhatIsThereIsTold(t *testing.T) {
	s := logged(t, 3)
	unread := newHub(s, nil)
	late := newHub(s, nil) // began after they were written
	late.last = 3
	read := newHub(s, nil)
	if err := read.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]*hub{"unread": unread, "late": late, "read": read} {
		for after := range int64(4) {
			list, next, err := h.next(t.Context(), question{after: after, limit: 10})
			if err != nil || len(list) != int(3-after) || next != 3 {
				t.Errorf("%s, after %d: %d transitions, next %d, %v", name, after, len(list), next, err)
			}
		}
		for _, of := range []string{"home", "home.german"} {
			if list, _, err := h.next(t.Context(), question{limit: 10, segment: of}); err != nil || len(list) != 3 {
				t.Errorf("%s, of %s: %d transitions, %v", name, of, len(list), err)
			}
		}
		if list, next, err := h.next(t.Context(), question{limit: 10, segment: "hom"}); err != nil || len(list) != 0 || name != "unread" && next != 3 {
			t.Errorf("%s, of another segment: %d transitions, next %d, %v", name, len(list), next, err)
		}
	}
}

// Who goes away while waiting is told nothing, but that this is why.
func TestWaitingEndsWithTheRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if list, next, err := newHub(logged(t, 0), nil).next(ctx, question{limit: 1, wait: time.Hour}); err == nil || len(list) != 0 || next != 0 {
		t.Errorf("%v, next %d, %v", list, next, err)
	}
}
