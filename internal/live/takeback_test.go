package live

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/record"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/store/faulttest"
)

// stepped is an engine whose commits the test does, one by one.
type stepped struct {
	*testing.T
	disk   *faulttest.Disk
	store  *store.Store
	engine *Engine
	clock  *clock.Manual
}

func step(t *testing.T) *stepped {
	t.Helper()
	s := &stepped{T: t, clock: clock.NewManual(start)}
	dir := memoryDir(t)
	s.disk = faulttest.Over(dir)
	var err error
	if s.store, err = store.Open(dir, "main"); err == nil {
		s.engine, err = Open(context.Background(), s.store, Options{Clock: s.clock, Log: slog.New(slog.DiscardHandler), Queue: 1 << 20, MaxBatch: 1 << 20, Workers: 3})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// start is when tests begin: 1 June 2026, 10:00.
const start calendar.Instant = 1_780_308_000_000

// commit does a commit of requests; it tells what became of them.
func (s *stepped) commit(requests ...*request) (errs []error) {
	for _, r := range requests {
		r.done = make(chan result, 1)
	}
	s.engine.cycle(s.engine.now(), requests)
	for _, r := range requests {
		errs = append(errs, (<-r.done).err)
	}
	return errs
}

// must does a commit that succeeds.
func (s *stepped) must(requests ...*request) {
	s.Helper()
	for _, err := range s.commit(requests...) {
		if err != nil {
			s.Fatal(err)
		}
	}
	for list := s.engine.nextChange(); list != nil; list = s.engine.nextChange() {
		for n, early := s.engine.fillNext(list); n >= 0; n, early = s.engine.fillNext(list) {
			s.commit(&request{work: func(c *cycle) error { return c.retime(early) }})
		}
		s.commit(&request{work: func(c *cycle) error { return c.activateAll(list) }})
	}
}

// put defines a segment.
func (s *stepped) put(name, text string) *request {
	return &request{work: func(c *cycle) error {
		if _, err := c.tx.PutSegment(spec.Definition{Name: name, Rule: text}, "", ""); err != nil {
			return err
		}
		return c.loadSegments()
	}}
}

func (s *stepped) remove(name string) *request {
	return &request{work: func(c *cycle) error {
		if err := c.tx.RemoveSegment(s.engine.segments[name].ID); err != nil {
			return err
		}
		return c.loadSegments()
	}}
}

// divide defines a segmentation.
func (s *stepped) divide(parts ...string) *request {
	return &request{work: func(c *cycle) error {
		_, err := c.put(spec.Definition{Name: "life", Kind: spec.Segmentation, Parts: parts, Rest: "rest"}, Edit{})
		return err
	}}
}

// decide has new versions decide as if they were filled.
func (s *stepped) decide() *request {
	list := s.engine.nextChange()
	return &request{work: func(c *cycle) error {
		for _, u := range list {
			u.passed = slices.Repeat([]bool{true}, len(u.passed))
			c.undo = append(c.undo, func() { clear(u.passed) })
		}
		return c.activateAll(list)
	}}
}

// state is what the engine has in memory of a customer: memberships and timers by
// version of a segment, stays, the name, and the timer in the store.
type state struct {
	name   string
	timer  calendar.Instant
	in     map[string]bool
	timers map[string]calendar.Instant
	stays  map[string][]columns.Stay
}

// states gives what is in memory of everybody, and what is planned.
func (s *stepped) states() (all map[int64]state, plan []string, valid int) {
	e := s.engine
	all = map[int64]state{}
	for id, at := range e.places {
		shard, row := e.shards[at.shard()], at.row()
		now := state{shard.block.Names[row], shard.stored[row], map[string]bool{}, map[string]calendar.Instant{}, map[string][]columns.Stay{}}
		for _, u := range e.plan.units {
			version := fmt.Sprint(u.segment.Name, " ", u.version)
			now.in[version], now.timers[version] = shard.member(row, u.slot), shard.timers(row)[u.slot]
		}
		for name, seg := range e.segments {
			if seg.referred {
				now.stays[name] = shard.block.StaysOf(row, seg.stays)
			}
		}
		all[id] = now
	}
	for _, u := range e.plan.units {
		plan = append(plan, fmt.Sprint(u.segment.Name, " ", u.version, " ", u.filling, u.dropped.Load(), u.passed))
	}
	slices.Sort(plan)
	return all, plan, len(e.timers)
}

// fails does a commit that the disk does not take, and compares what is in memory then with what was before.
func (s *stepped) fails(says string, requests ...*request) {
	s.Helper()
	before, plan, timers := s.states()
	s.disk.Break(faulttest.WriteError, 0)
	for _, err := range s.commit(requests...) {
		if err == nil {
			s.Fatalf("%s: stored on a disk that is broken", says)
		}
	}
	s.disk.Mend()
	after, planned, left := s.states()
	if !slices.Equal(plan, planned) {
		s.Fatalf("%s: the plan was %v, is %v", says, plan, planned)
	}
	if left > timers {
		s.Errorf("%s: %d timers, %d after the commit that failed", says, timers, left)
	}
	for _, id := range slices.Sorted(maps.Keys(after)) {
		if !reflect.DeepEqual(before[id], after[id]) {
			s.Fatalf("%s: of customer %d\nbefore: %v\nafter:  %v", says, id, before[id], after[id])
		}
	}
	if len(before) != len(after) {
		s.Fatalf("%s: %d customers, %d after", says, len(before), len(after))
	}
}

func event(who, name string, at calendar.Instant) record.Record {
	return record.Record{Kind: record.Track, Customer: []record.Identity{identity(who)}, Event: name, Time: at, HasTime: true, Fields: []byte("{}"), Source: "test"}
}

// TestTakeBack lets commits fail that change everybody several times, by time and by
// data, on several workers, with merges and with segments that come and go.
func TestTakeBack(t *testing.T) {
	const people = 2*shardRows + 100
	s := step(t)
	var first, again, merges []record.Record
	for i := range people {
		who := fmt.Sprintf("u%d", i)
		if i%50 == 0 {
			who = "a" + who
			merges = append(merges, record.Record{Kind: record.Alias, Customer: []record.Identity{identity(fmt.Sprintf("u%d", people-1-i))}, Previous: identity(who), Source: "test"})
		}
		first = append(first, event(who, "seen", start-int64(i)*10))
		again = append(again, event(who, "seen", start+3_600_000-int64(i)))
	}
	s.must(&request{records: first})
	s.must(s.put("now", "count(seen in last 1 hour) >= 1"))
	s.must(s.put("long", "in segment now for 30 minutes"))
	s.must(s.put("other", "count(seen) >= 2"))
	s.clock.Set(start + 1_800_000)
	s.must()
	s.fails("data", &request{records: again[:100]})
	s.clock.Set(start + 3_600_000 - 10*people/2)
	s.fails("time")
	s.must()
	s.clock.Set(start + 3_600_000)
	s.fails("time and data", &request{records: again})
	s.fails("time, data and merges", &request{records: again}, &request{records: merges})
	s.fails("merges and data", &request{records: merges}, &request{records: again}, &request{records: merges})
	s.fails("time and a segment that is removed", s.remove("other"), &request{records: again})
	s.fails("a new segment", s.put("new", "in segment other"), &request{records: again})
	s.fails("a new rule", s.put("now", "count(seen in last 2 hours) >= 1"), s.put("other", "in segment now"))
	s.must(&request{records: again}, &request{records: merges})
	s.fails("another rule for one that is new itself", s.put("now", "count(seen) >= 1"), s.put("now", "count(seen) >= 2"))
	s.commit(s.put("now", "count(seen) >= 1")) // not filled
	s.fails("another rule while one is filled", s.put("now", "count(seen) >= 2"))
	s.fails("the new rule decides", s.decide())
	s.must()
	s.must(s.divide("other", "now"))
	s.fails("a segmentation that is moved", s.divide("now", "other"), &request{records: again[:100]})
	s.commit(s.divide("now"))
	s.fails("the new parts decide, and one ends", s.decide())
	s.must()
	s.must(s.divide("now", "other"))
	report, err := Verify(context.Background(), s.store, nil)
	if err != nil || len(report.Problems) > 0 || report.Segments != 6 {
		t.Errorf("%+v, %v", report, err)
	}
}
