package live

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/record"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/store/faulttest"
	"pgregory.net/rapid"
)

// drawLines draws what is said by hand of some of those whom the lines name.
func drawLines(t *rapid.T, label string, lines []string) (list []spec.Override) {
	for _, line := range rapid.SliceOfNDistinct(rapid.SampledFrom(lines), 0, 6, rapid.ID[string]).Draw(t, label) {
		o := spec.Override{Customer: line}
		if rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
			o.Until = someday + 1
		}
		list = append(list, o)
	}
	return list
}

// drawArrival draws a record that makes people or companies known, or one of two.
func drawArrival(t *rapid.T) record.Record {
	r := record.Record{Kind: record.Identify, Fields: []byte("{}"), Source: "test"}
	for _, of := range [][]string{{record.UserID, "u1", "u2", "7", "2", "b@x.de", "A@X.de", ""}, {"email", "a@x.de", "b@x.de", ""}, {"anonymous", "a1", "a2", "a3", ""}} {
		r.Customer = append(r.Customer, record.Identity{Namespace: of[0], Value: rapid.SampledFrom(of[1:]).Draw(t, of[0])})
	}
	if rapid.IntRange(0, 2).Draw(t, "of a company") == 0 {
		r.Kind, r.Company = record.Group, rapid.SampledFrom([]record.Identity{{Namespace: "company", Value: "acme"}, {Namespace: "company", Value: "u1"}, {Namespace: "vat", Value: "9"}}).Draw(t, "company")
	}
	return r
}

// Whether people and companies are included and excluded by hand before they come or
// afterwards, the same are in; and so after a restart.
func TestOverridesCountForWhoeverComes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		people := []string{"u1", " u2 ", "user:u1", "7", "2", "#1", "#3", "email:a@x.de", "A@X.de", "email:B@x.DE", "b@x.de", "anonymous:a1", "anonymous:a2", "nobody"}
		firms := []string{"acme", "company:acme", "vat:9", "u1", "nobody"}
		defs := []spec.Definition{
			{Name: "guests", Kind: spec.List, Include: drawLines(rt, "guests", people), Exclude: drawLines(rt, "not guests", people)},
			{Name: "others", Rule: "not in segment guests", Include: drawLines(rt, "others", people), Exclude: drawLines(rt, "not others", people)},
			{Name: "partners", Kind: spec.List, Members: spec.Companies, Include: drawLines(rt, "partners", firms), Exclude: drawLines(rt, "not partners", firms)},
			{Name: "strangers", Members: spec.Companies, Rule: "not in segment partners"},
			{Name: "staff", Rule: "in segment partners"},
			{Name: "both", Rule: "in segment others or in segment guests and in segment staff", Exclude: drawLines(rt, "not both", people)},
			{Name: "life", Kind: spec.Segmentation, Parts: []string{"guests", "both"}, Rest: "rest"},
		}
		var arrivals [][]record.Record
		var how []int
		for range rapid.IntRange(1, 4).Draw(rt, "chunks") {
			var chunk []record.Record
			for range rapid.IntRange(1, 4).Draw(rt, "records") {
				chunk = append(chunk, drawArrival(rt))
			}
			arrivals, how = append(arrivals, chunk), append(how, rapid.IntRange(0, 5).Draw(rt, "how"))
		}
		members := func(defineAfter int) map[string][]string {
			s := serve(rt, memoryDir(t), clock.NewManual(someday), false)
			defer func() { s.close() }()
			for i := range len(arrivals) + 1 {
				if i == defineAfter {
					for _, d := range defs {
						s.define(d)
					}
				}
				if i < len(arrivals) {
					s.arrive(arrivals[i], how[i])
				}
			}
			s.settle()
			s.sound()
			now := s.members()
			s.todays(now, someday)
			s.todays(now, someday-int64(time.Hour/time.Millisecond), "staff", "both", "life.both", "life.rest")
			if stored := s.stored(); !reflect.DeepEqual(now, stored) {
				rt.Fatalf("in memory %v, in the store %v", now, stored)
			}
			s.restart()
			s.settle()
			s.sound()
			if again := s.members(); !reflect.DeepEqual(now, again) {
				rt.Fatalf("%v after a restart, %v before", again, now)
			}
			s.clock.Advance(time.Millisecond) // some of what was decided ends
			s.settle()
			s.sound()
			return now
		}
		want := members(len(arrivals))
		at := rapid.IntRange(0, len(arrivals)-1).Draw(rt, "defined before")
		if got := members(at); !reflect.DeepEqual(got, want) {
			rt.Fatalf("defined before they came: %v; afterwards: %v", got, want)
		}
	})
}

// arrive has records come, now and then with a restart or by another process.
func (s *server) arrive(records []record.Record, how int) {
	s.t.Helper()
	switch how {
	case 0:
		s.restart()
	case 1:
		if _, err := s.store.Apply(context.Background(), records, someday); err != nil {
			s.t.Fatal(err)
		}
		records = []record.Record{kick("watcher", someday, 1)}
	}
	s.apply(records...)
}

// todays checks that those are in segments at an instant by the rule of today who are in now.
func (s *server) todays(now map[string][]string, at calendar.Instant, but ...string) {
	s.t.Helper()
	for name, want := range now {
		if name == "life" || slices.Contains(but, name) {
			continue
		}
		members, _, err := s.engine.MembersByRule(context.Background(), name, at)
		if err != nil {
			s.t.Fatal(err)
		}
		var got []string
		if err := s.store.View(context.Background(), func(v *store.View) (err error) {
			got, err = v.Names(context.Background(), members)
			return err
		}); err != nil {
			s.t.Fatal(err)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			s.t.Fatalf("%v are in %s, by today's rule %v", want, name, got)
		}
	}
}

// sound has all segments verified.
func (s *server) sound() {
	s.t.Helper()
	report, err := Verify(context.Background(), s.store, nil)
	if err != nil || len(report.Problems) > 0 || len(report.Skipped) > 0 {
		s.t.Fatalf("%+v, %v", report, err)
	}
}

// If the commit in which somebody comes fails, who is awaited is so still.
func TestWhoIsAwaitedIsSoAfterAFault(t *testing.T) {
	s := step(t)
	s.must(&request{work: func(c *cycle) error {
		_, err := c.put(spec.Definition{Name: "guests", Kind: spec.List, Include: []spec.Override{{Customer: "u1"}, {Customer: "anonymous:a1"}}}, Edit{})
		return err
	}})
	alias := record.Record{Kind: record.Alias, Customer: []record.Identity{identity("u1")}, Previous: identity("a1"), Source: "test"}
	s.must(&request{records: []record.Record{event("u2", "seen", start)}})
	s.fails("the arrival of both", &request{records: []record.Record{event("u1", "seen", start), event("a1", "seen", start)}})
	s.must(&request{records: []record.Record{event("a1", "seen", start)}})
	s.fails("that they are one", &request{records: []record.Record{event("u1", "seen", start), alias}})
	s.disk.Break(faulttest.WriteError, 0)
	s.commit(&request{records: []record.Record{alias}})
	s.disk.Mend()
	s.must(&request{records: []record.Record{alias}})
	all, _, _ := s.states()
	var in []string
	for _, one := range all {
		if one.in["guests 1"] {
			in = append(in, one.name)
		}
	}
	if !slices.Equal(in, []string{"u1"}) {
		t.Errorf("%v are in, not u1 alone", in)
	}
	if report, err := Verify(context.Background(), s.store, nil); err != nil || len(report.Problems) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
