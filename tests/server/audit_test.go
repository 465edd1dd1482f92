package server

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/store"
)

// audit compares what is stored with what was sent, from where it looked last.
type audit struct {
	p         *program
	lastEvent int64
	events    map[int64]bool // those that are stored
	last      int64          // transition
	inside    map[[2]int64]bool
	log       []store.Told
}

func newAudit(p *program) *audit {
	return &audit{p: p, events: map[int64]bool{}, inside: map[[2]int64]bool{}}
}

// readEvents reads the events that are new; none may be there twice.
func (a *audit) readEvents(t testing.TB) {
	t.Helper()
	a.p.view(func(v *store.View) error {
		return v.Events(context.Background(), a.lastEvent, func(e *store.Event) error {
			a.lastEvent = e.Seq
			var props struct{ N int64 }
			if err := json.Unmarshal(e.Props, &props); err != nil {
				return err
			}
			if a.events[props.N] {
				return fmt.Errorf("event %d is stored twice", props.N)
			}
			a.events[props.N] = true
			return nil
		})
	})
}

// traits gives how often each number of an identify is stored.
func (a *audit) traits(t testing.TB) map[int64]int {
	t.Helper()
	found := map[int64]int{}
	a.p.view(func(v *store.View) error {
		return v.Attributes(context.Background(), func(one *store.Attribute) error {
			if one.Path != "n" {
				return nil
			}
			var n int64
			err := json.Unmarshal(one.Value, &n)
			found[n]++
			return err
		})
	})
	return found
}

// kept checks that all that was acknowledged is stored.
func (a *audit) kept(t testing.TB, l *load) {
	t.Helper()
	a.readEvents(t)
	found := a.traits(t)
	events, traits := l.acknowledged()
	lost := 0
	for n := range events {
		if !a.events[n] {
			lost++
		}
	}
	for n := range traits {
		if found[n] == 0 {
			lost++
		}
	}
	if lost > 0 {
		t.Fatalf("%d of %d acknowledged events and attributes are lost", lost, len(events)+len(traits))
	}
}

// exact checks that what is stored is what was sent, once each, when all is acknowledged.
func (a *audit) exact(t testing.TB, l *load) {
	t.Helper()
	a.kept(t, l)
	events, traits := l.acknowledged()
	if len(a.events) != len(events) {
		t.Fatalf("%d events are stored, %d were sent", len(a.events), len(events))
	}
	found := a.traits(t)
	if len(found) != len(traits) {
		t.Fatalf("the attributes of %d calls are stored, %d were sent", len(found), len(traits))
	}
	for n, times := range found {
		if times != 1 {
			t.Fatalf("the attribute %d is stored %d times", n, times)
		}
	}
}

// transitions checks the part of the log that is new: no gap, and for each
// segment and customer entries and exits by turns.
func (a *audit) transitions(t testing.TB) {
	t.Helper()
	a.p.view(func(v *store.View) error {
		for {
			list, err := v.Transitions(context.Background(), a.last, 1000, "")
			if err != nil || len(list) == 0 {
				return err
			}
			for i := range list {
				if err := a.transition(&list[i]); err != nil {
					return err
				}
			}
		}
	})
}

func (a *audit) transition(t *store.Told) error {
	of := [2]int64{t.Segment, t.Customer}
	switch {
	case t.Seq != a.last+1:
		return fmt.Errorf("transition %d follows %d", t.Seq, a.last)
	case a.inside[of] == t.Entered:
		return fmt.Errorf("transition %d repeats what was so already", t.Seq)
	}
	a.last, a.inside[of] = t.Seq, t.Entered
	a.log = append(a.log, *t)
	return nil
}

// delivered waits until a receiver has all transitions of the log, as they are there.
func (a *audit) delivered(t testing.TB, r *receiver) {
	t.Helper()
	a.transitions(t)
	if !comes(30*time.Second, func() bool { return len(r.missing(a.log)) == 0 }) {
		t.Fatalf("of %d transitions the receiver does not have %v", len(a.log), r.missing(a.log))
	}
	r.check(t)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range a.log {
		want, got := &a.log[i], r.got[a.log[i].Seq]
		kind := map[bool]string{true: "segment.entered", false: "segment.left"}[want.Entered]
		if got.Type != kind || got.Data.Segment != want.SegmentName || got.Data.Customer.ID != want.Customer {
			t.Fatalf("transition %d (%s, customer %d, %s) was told as %+v", want.Seq, want.SegmentName, want.Customer, kind, got)
		}
	}
}
