package history

import (
	"context"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// TestMerge has a visitor and a user turn out to be one: the stays of both are one,
// and what was told of the merge is neither an entry nor an exit.
func TestMerge(t *testing.T) {
	w := newWorkspace(t, t.TempDir(), 2)
	w.put(0, "a")
	w.come(1, []string{"user"}, []string{"visitor"}, []string{"other"})
	user, visitor, other := w.ids["user"], w.ids["visitor"], w.ids["other"]
	w.log(100,
		in(1, visitor, 10, store.CauseEvent), in(1, user, 20, store.CauseTime), out(1, user, 30, store.CauseTime),
		in(1, other, 30, store.CauseEvent), in(1, user, 40, store.CauseMerge), out(1, visitor, 40, store.CauseMerge), out(1, user, 50, store.CauseEvent))
	w.come(40, []string{"user", "visitor"})
	w.past(func(_ *store.View, p *Past) error {
		for at, want := range map[calendar.Instant][]int64{9: nil, 10: {user}, 35: {user, other}, 40: {user, other}, 50: {other}} {
			members, err := p.Members(context.Background(), 1, at)
			must(t, err)
			slices.Sort(want)
			sameIDs(t, calendar.Format(at), members, want...)
		}
		c, err := p.Course(context.Background(), 1, []calendar.Instant{0, 25, 45, 60})
		must(t, err)
		for i, want := range []struct{ entries, exits, size int }{{1, 0, 1}, {1, 0, 2}, {0, 1, 1}} {
			s := c.Steps[i]
			if s.Entries.Total() != want.entries || s.Exits.Total() != want.exits || s.Size != want.size || s.Exits[store.CauseMerge]+s.Entries[store.CauseMerge] > 0 {
				t.Errorf("step %d: %+v, want %v", i, s, want)
			}
		}
		if c.Completed != (Lengths{1, 40, 40}) || c.Running != (Lengths{1, 30, 30}) {
			t.Errorf("completed %+v, running %+v", c.Completed, c.Running)
		}
		return nil
	})
	must(t, w.store.Close())
}

// TestRemovedSegment asks about a segment that was removed, and one of the same name after it.
func TestRemovedSegment(t *testing.T) {
	w := newWorkspace(t, t.TempDir(), 100)
	w.put(0, "a")
	w.come(1, []string{"anna"})
	anna := w.ids["anna"]
	w.log(10, in(1, anna, 10, store.CauseEdit))
	w.log(20, out(1, anna, 20, store.CauseEdit))
	w.update(20, func(tx *store.Tx) error { return tx.RemoveSegment(1) })
	w.put(30, "a")
	w.past(func(v *store.View, p *Past) error {
		list, err := v.FollowedSegments(context.Background())
		must(t, err)
		if len(list) != 2 || list[0].Name != "a #1" || !list[0].Removed || list[1].Name != "a" || list[1].Removed || list[1].Versions[0].Created != 30 {
			t.Errorf("segments %+v", list)
		}
		members, err := p.Members(context.Background(), list[0].ID, 15)
		must(t, err)
		sameIDs(t, "the first", members, anna)
		members, err = p.Members(context.Background(), list[1].ID, 35)
		must(t, err)
		sameIDs(t, "the second", members)
		return nil
	})
	must(t, w.store.Close())
}

// TestMarks cuts at days that have 23 and 25 hours, and at weeks and months.
func TestMarks(t *testing.T) {
	zone, err := calendar.LoadZone("Europe/Berlin")
	must(t, err)
	at := func(text string) calendar.Instant {
		d, err := calendar.ParseDate(text)
		must(t, err)
		return zone.Resolve(d)
	}
	for _, c := range []struct {
		from, to string
		by       calendar.Unit
		want     []string
	}{
		{"2026-03-28T12:00", "2026-03-31", calendar.Day, []string{"2026-03-28T12:00", "2026-03-29", "2026-03-30", "2026-03-31"}},
		{"2026-10-24", "2026-10-26T01:00", calendar.Day, []string{"2026-10-24", "2026-10-25", "2026-10-26", "2026-10-26T01:00"}},
		{"2026-10-24", "2026-11-04", calendar.Week, []string{"2026-10-24", "2026-10-26", "2026-11-02", "2026-11-04"}},
		{"2026-01-31", "2026-04-01", calendar.Month, []string{"2026-01-31", "2026-02-01", "2026-03-01", "2026-04-01"}},
		{"2026-10-24", "2026-10-24T00:01", calendar.Month, []string{"2026-10-24", "2026-10-24T00:01"}},
	} {
		var want []calendar.Instant
		for _, text := range c.want {
			want = append(want, at(text))
		}
		got := Marks(zone, at(c.from), at(c.to), c.by)
		if !slices.Equal(got, want) {
			t.Errorf("%s to %s: %v, want %v", c.from, c.to, got, want)
		}
	}
	if hours := (at("2026-03-30") - at("2026-03-29")) / 3_600_000; hours != 23 {
		t.Errorf("the day of the change has %d hours", hours)
	}
}

// TestAnotherProcess writes chapters by turns through two stores.
func TestAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	one := newWorkspace(t, dir, 3)
	one.put(0, "a")
	one.come(1, []string{"anna"}, []string{"ben"})
	two := newWorkspace(t, dir, 3)
	anna, ben := one.ids["anna"], one.ids["ben"]
	for n := range int64(20) {
		w := []*workspace{one, two}[n%2]
		w.log(100+10*n, in(1, anna, 10*n+1, store.CauseEvent), in(1, ben, 10*n+1, store.CauseEvent), out(1, anna, 10*n+5, store.CauseTime), out(1, ben, 10*n+6, store.CauseTime))
	}
	for n := range int64(20) {
		one.past(func(_ *store.View, p *Past) error {
			members, err := p.Members(context.Background(), 1, 10*n+5)
			must(t, err)
			sameIDs(t, "ben alone", members, ben)
			return nil
		})
	}
	must(t, two.store.Close())
	must(t, one.store.Close())
}
