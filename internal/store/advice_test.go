package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/segment"
)

func acceptedOf(t *testing.T, s *Store) (list []Accepted) {
	t.Helper()
	must(t, s.View(context.Background(), func(v *View) (err error) {
		list, err = v.Accepted(context.Background())
		return err
	}))
	return list
}

// What was accepted is kept until it is withdrawn; the last reason counts. Nothing of
// it changes an answer, hence not the revision.
func TestAccepted(t *testing.T) {
	ctx, s := context.Background(), open(t)
	before, _, err := s.Revision(ctx)
	must(t, err)
	a := Accepted{Key: "empty:a", Reason: "wird erst im Mai gebraucht", Author: "anna", Created: 5, Versions: map[string]int64{"a": 3}, Measure: 7}
	must(t, s.Accept(ctx, Accepted{Key: "unused:b", Reason: "r"}))
	must(t, s.Accept(ctx, Accepted{Key: "empty:a", Reason: "older"}))
	must(t, s.Accept(ctx, a))
	if got := acceptedOf(t, s); len(got) != 2 || !reflect.DeepEqual(got[0], a) || got[1].Key != "unused:b" {
		t.Errorf("accepted are %+v", got)
	}
	must(t, s.Withdraw(ctx, "unused:b"))
	if err := s.Withdraw(ctx, "unused:b"); !errors.Is(err, ErrNotAccepted) {
		t.Errorf("withdrawn twice: %v", err)
	}
	if got := acceptedOf(t, s); len(got) != 1 {
		t.Errorf("accepted are %+v", got)
	}
	if after, _, err := s.Revision(ctx); after != before || err != nil {
		t.Errorf("the revision went from %d to %d, %v", before, after, err)
	}
}

// A use is noted once a day; what was noted stays the latest.
func TestUses(t *testing.T) {
	ctx, s := context.Background(), open(t)
	must(t, s.Update(ctx, 1, func(tx *Tx) error {
		for _, name := range []string{"a", "b"} {
			if _, err := tx.PutSegment(segment.Definition{Name: name, Rule: "x = 1"}, "", ""); err != nil {
				return err
			}
		}
		return nil
	}))
	uses := func() (last map[string]calendar.Instant, since calendar.Instant) {
		must(t, s.View(ctx, func(v *View) (err error) {
			last, since, err = v.Uses(ctx)
			return err
		}))
		return last, since
	}
	if last, since := uses(); len(last) != 0 || since != 0 {
		t.Errorf("before any use: %v since %d", last, since)
	}
	must(t, s.NoteUse(ctx, "a", 5*dayMillis+7))
	must(t, s.NoteUse(ctx, "nobody", 6*dayMillis))
	writes := s.writer.conn.TotalChanges()
	must(t, s.NoteUse(ctx, "a", 5*dayMillis+9))
	if after := s.writer.conn.TotalChanges(); after != writes {
		t.Errorf("a second use on one day writes %d rows", after-writes)
	}
	must(t, s.NoteUse(ctx, "b", 7*dayMillis))
	must(t, s.NoteUse(ctx, "a", 8*dayMillis))
	want := map[string]calendar.Instant{"a": 8 * dayMillis, "b": 7 * dayMillis}
	if last, since := uses(); !reflect.DeepEqual(last, want) || since != 5*dayMillis {
		t.Errorf("uses %v since %d", last, since)
	}
}

func TestLatestValue(t *testing.T) {
	ctx, s := context.Background(), open(t)
	apply(t, s, now, identify(ids(user("u1")), now-5, `{"plan":"free"}`), identify(ids(user("u2")), now-3, `{"plan":"pro","size":3}`))
	for n := range newest {
		apply(t, s, now, identify(ids(user(fmt.Sprint("n", n))), now-1, `{"size":1}`))
	}
	for path, want := range map[string][3]int64{"plan": {0, newest, now - 3}, "size": {newest, newest, 0}, "unheard_of": {0, 0, 0}} {
		must(t, s.View(ctx, func(v *View) error {
			known, of, latest, err := v.LatestValue(ctx, Person, path)
			if got := [3]int64{int64(known), int64(of), latest}; got != want {
				t.Errorf("%s: known, of, latest are %v, not %v", path, got, want)
			}
			return err
		}))
	}
}
