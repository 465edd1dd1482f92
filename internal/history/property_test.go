package history

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
	"pgregory.net/rapid"
)

const people, segments, latest = 8, 3, 60

// drawn is a random log, and what a naive replay needs to know.
type drawn struct {
	*workspace
	all    []store.Transition // in the order of the log
	family map[int64]int64    // who remains of whom
	came   map[int64]calendar.Instant
}

// drawLog writes a log whose transitions come late by turns, but for each customer
// in order, in commits of any size; then it merges some.
func drawLog(t *rapid.T, dir string) *drawn {
	d := &drawn{newWorkspace(t, dir, rapid.Int64Range(1, 40).Draw(t, "chapter")), nil, map[int64]int64{}, map[int64]calendar.Instant{}}
	d.put(0, "a", "b", "c")
	for n := range people {
		name := fmt.Sprint("d", n)
		at := rapid.Int64Range(1, latest).Draw(t, "came")
		d.come(at, []string{name})
		id := d.ids[name]
		d.family[id], d.came[id] = id, at
	}
	dues := map[[2]int64]calendar.Instant{}
	inside := map[[2]int64]bool{}
	for range rapid.IntRange(0, 12).Draw(t, "commits") {
		var batch []store.Transition
		for range rapid.IntRange(1, 20).Draw(t, "transitions") {
			key := [2]int64{rapid.Int64Range(1, segments).Draw(t, "segment"), rapid.SampledFrom(slices.Sorted(maps.Keys(d.family))).Draw(t, "customer")}
			dues[key] = min(latest, max(dues[key], d.came[key[1]])+rapid.Int64Range(0, 15).Draw(t, "later"))
			inside[key] = !inside[key]
			batch = append(batch, store.Transition{
				Segment: key[0], Version: 1, Customer: key[1], Entered: inside[key], Due: dues[key], Cause: store.Cause(rapid.IntRange(0, 5).Draw(t, "cause")), Part: -1,
			})
		}
		d.log(100, batch...)
		d.all = append(d.all, batch...)
	}
	for range rapid.IntRange(0, 3).Draw(t, "merges") {
		one, other := rapid.IntRange(0, people-1).Draw(t, "one"), rapid.IntRange(0, people-1).Draw(t, "other")
		d.come(100, []string{fmt.Sprint("d", one), fmt.Sprint("d", other)})
	}
	d.past(func(v *store.View, _ *Past) error {
		for id := range d.family {
			d.family[id] = v.Survivor(id)
		}
		return nil
	})
	return d
}

// naive replays the log: of each customer what the last transition up to an instant says.
func (d *drawn) naive(segment int64, at calendar.Instant) map[int64]bool {
	raw := map[int64]bool{}
	for _, t := range d.all {
		if t.Segment == segment && t.Due <= at {
			raw[t.Customer] = t.Entered
		}
	}
	members := map[int64]bool{}
	for id, in := range raw {
		if in {
			members[d.family[id]] = true
		}
	}
	return members
}

// TestNaiveReplay compares every answer with a naive replay of the log.
func TestNaiveReplay(t *testing.T) {
	dir := memoryDir(t)
	rapid.Check(t, func(t *rapid.T) {
		place, err := os.MkdirTemp(dir, "")
		must(t, err)
		d := drawLog(t, place)
		d.past(func(v *store.View, p *Past) error {
			for segment := int64(1); segment <= segments; segment++ {
				d.compareMembers(t, p, segment)
				d.compareStore(t, v, p, segment)
				d.compareStays(t, p, segment)
				d.compareCourse(t, p, segment)
			}
			d.compareMigration(t, p)
			return nil
		})
		must(t, d.store.Close())
		must(t, os.RemoveAll(place))
	})
}

func (d *drawn) compareMembers(t *rapid.T, p *Past, segment int64) {
	for _, at := range []calendar.Instant{-1, 0, rapid.Int64Range(0, latest).Draw(t, "at"), latest, latest + 1000, calendar.Never} {
		got, err := p.Members(context.Background(), segment, at)
		must(t, err)
		if want := slices.Sorted(maps.Keys(d.naive(segment, at))); !slices.Equal(among(got), want) {
			t.Fatalf("segment %d at %d: %v, want %v", segment, at, among(got), want)
		}
	}
}

// compareStays compares the stays of each customer with who was in.
func (d *drawn) compareStays(t *rapid.T, p *Past, segment int64) {
	at := rapid.Int64Range(0, latest).Draw(t, "at")
	before, now := rapid.Int64Range(0, at).Draw(t, "before"), d.naive(segment, at)
	then := d.naive(segment, before)
	for _, id := range d.family {
		stays, err := p.StaysOf(context.Background(), segment, id, at)
		must(t, err)
		in, was := false, false
		for i, s := range stays {
			in = in || s.To == calendar.Never
			was = was || s.From <= before && before < s.To
			if s.From > at || s.To <= s.From || i > 0 && stays[i-1].To >= s.From {
				t.Fatalf("segment %d, customer %d at %d: %+v", segment, id, at, stays)
			}
		}
		if in != now[id] || was != then[id] {
			t.Fatalf("segment %d, customer %d at %d: in %v, at %d %v by %+v", segment, id, at, now[id], before, then[id], stays)
		}
	}
}

// compareStore compares who is in now with what the store keeps beside the log.
func (d *drawn) compareStore(t *rapid.T, v *store.View, p *Past, segment int64) {
	want := map[int64]bool{}
	must(t, v.Members(context.Background(), func(of, customer int64, _ calendar.Instant) error {
		if of == segment {
			want[v.Survivor(customer)] = true
		}
		return nil
	}))
	got, err := p.Members(context.Background(), segment, calendar.Never)
	must(t, err)
	if want := slices.Sorted(maps.Keys(want)); !slices.Equal(among(got), want) {
		t.Fatalf("segment %d now: %v, want %v", segment, among(got), want)
	}
}

// compareCourse replays the log instant by instant.
func (d *drawn) compareCourse(t *rapid.T, p *Past, segment int64) {
	from := rapid.Int64Range(0, latest).Draw(t, "from")
	to := rapid.Int64Range(from+1, latest+10).Draw(t, "to")
	marks := []calendar.Instant{from}
	for at := from + rapid.Int64Range(1, 20).Draw(t, "step"); at < to; at += rapid.Int64Range(1, 20).Draw(t, "step") {
		marks = append(marks, at)
	}
	marks = append(marks, to)
	c, err := p.Course(context.Background(), segment, marks)
	must(t, err)
	if want := len(d.naive(segment, from-1)); c.Before != want {
		t.Fatalf("before %d: %d, want %d", from, c.Before, want)
	}
	size, completed := c.Before, 0
	for _, s := range c.Steps {
		size += s.Entries.Total() - s.Exits.Total()
		completed += s.Exits.Total()
		if want := len(d.naive(segment, s.To-1)); s.Size != want || size != want {
			t.Fatalf("size before %d: %d by %d, want %d", s.To, s.Size, size, want)
		}
	}
	began := map[int64]calendar.Instant{}
	var done, running []int64
	for at := calendar.Instant(0); at < to; at++ {
		now := d.naive(segment, at)
		for id := range now {
			if _, was := began[id]; !was {
				began[id] = at
			}
		}
		for id, since := range began {
			if !now[id] {
				if at >= from {
					done = append(done, at-since)
				}
				delete(began, id)
			}
		}
	}
	for _, since := range began {
		running = append(running, to-since)
	}
	compareLengths(t, "running", c.Running, running)
	compareLengths(t, "completed", c.Completed, done)
	if completed != len(done) {
		t.Fatalf("%d exits, want %d", completed, len(done))
	}
}

func compareLengths(t *rapid.T, what string, got Lengths, want []int64) {
	slices.Sort(want)
	sum := int64(0)
	for _, l := range want {
		sum += l
	}
	if got.Count != len(want) || len(want) > 0 && (got.Average != sum/int64(len(want)) || got.Median != want[(len(want)-1)/2]) {
		t.Fatalf("%s: %+v, want those of %v", what, got, want)
	}
}

// compareMigration asks of each customer in which cells it stands.
func (d *drawn) compareMigration(t *rapid.T, p *Past) {
	from := rapid.Int64Range(0, latest).Draw(t, "from")
	to := rapid.Int64Range(from, latest+10).Draw(t, "to")
	rows := []store.FollowedSegment{{ID: 1, Name: "a"}, {ID: 2, Name: "b"}}
	columns := []store.FollowedSegment{{ID: 2, Name: "b"}, {ID: 3, Name: "c"}}
	m, err := p.Migration(context.Background(), from, to, rows, columns)
	must(t, err)
	want := map[[2]string]int{}
	first := map[int64]calendar.Instant{}
	for id, survivor := range d.family {
		if at, known := first[survivor]; !known || d.came[id] < at {
			first[survivor] = d.came[id]
		}
	}
	for id, came := range first {
		before, after := d.names(rows, id, from), d.names(columns, id, to)
		switch {
		case len(before) > 0:
		case came > to && len(after) == 0:
			continue // not there yet
		case came > from && came <= to:
			before = []string{New}
		default:
			before = []string{None}
		}
		if len(after) == 0 {
			after = []string{None}
		}
		for _, a := range before {
			for _, b := range after {
				want[[2]string{a, b}]++
			}
		}
	}
	for i, a := range m.Rows {
		for j, b := range m.Columns {
			if m.Counts[i][j] != want[[2]string{a, b}] {
				t.Fatalf("from %s at %d to %s at %d: %d, want %d", a, from, b, to, m.Counts[i][j], want[[2]string{a, b}])
			}
			if who, err := m.Cell(a, b); err == nil && int(who.GetCardinality()) != m.Counts[i][j] || (err != nil) != (a == None && b == None) {
				t.Fatalf("from %s to %s: %v, %v; counted %d", a, b, who, err, m.Counts[i][j])
			}
		}
	}
}

func (d *drawn) names(of []store.FollowedSegment, id int64, at calendar.Instant) (names []string) {
	for _, s := range of {
		if d.naive(s.ID, at)[id] {
			names = append(names, s.Name)
		}
	}
	return names
}

func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "kohorte-history")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// TestNth compares with sorting.
func TestNth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Int64Range(0, rapid.SampledFrom([]int64{2, 50, 1 << 40}).Draw(t, "range")), 1, 500).Draw(t, "all")
		place := rapid.IntRange(0, len(all)-1).Draw(t, "place")
		sorted := slices.Sorted(slices.Values(all))
		if got := nth(slices.Clone(all), place); got != sorted[place] {
			t.Fatalf("%d, want %d", got, sorted[place])
		}
	})
}
