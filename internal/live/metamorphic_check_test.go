package live

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// check compares the memberships with the naive ones and with the log.
func (tr *trial) check() {
	tr.Helper()
	tr.server.settle()
	log := tr.server.log()
	w := tr.now(log)
	now := tr.server.engine.Instant()
	got := tr.server.members()
	for _, status := range tr.followed() {
		n := tr.rules[status.Name]
		want := []string{}
		for _, c := range tr.among(w, status.Name) {
			if w.Holds(n, c, now) {
				want = append(want, c.ID)
			}
		}
		have := make([]string, len(got[status.Name]))
		for i, name := range got[status.Name] {
			have[i] = bare(name)
		}
		slices.Sort(have)
		if !slices.Equal(have, want) {
			tr.fail(w, n, now, "%s has %v, the naive evaluator says %v; the log: %v", status.Name, have, want, shown(log))
		}
		if status.Members != len(want) {
			tr.Fatalf("%s counts %d members, there are %d", status.Name, status.Members, len(want))
		}
	}
	if stored := tr.server.stored(); !reflect.DeepEqual(got, stored) {
		tr.Fatalf("in memory %v, in the store %v", got, stored)
	}
	tr.replay(log, got)
	tr.explain()
	tr.checkParts(log, got)
}

// followed gives the segments, without segmentations and without parts that these have no more.
func (tr *trial) followed() []Status {
	return slices.DeleteFunc(tr.server.engine.Segments(), func(s Status) bool {
		if s.State != Active && (s.State != Resting || s.Definition.Kind != spec.Part || s.Active != 0 || s.Members != 0) {
			tr.Fatalf("%s is %s: %s", s.Name, s.State, s.Problem)
		}
		return s.State == Resting || s.Definition.Kind == spec.Segmentation
	})
}

// checkParts checks that everybody is in one part, the first in order whose segment they
// are in; and that whoever changes parts does so in one step: the transitions of a
// customer at one instant stand side by side.
func (tr *trial) checkParts(log []store.Told, members map[string][]string) {
	if tr.parts == nil {
		return
	}
	first := map[string]string{}
	for _, name := range tr.server.everybody(tr.firms["life.rest"]) {
		first[name] = "life.rest"
	}
	for _, part := range slices.Backward(tr.parts) {
		for _, name := range members[part] {
			first[name] = "life." + part
		}
	}
	for segment, names := range members {
		if of, _, ok := spec.SplitPart(segment); !ok || of != "life" {
			continue
		}
		for _, name := range names {
			if first[name] != segment {
				tr.Fatalf("%s is in %s; by the order %v it is %q", name, segment, tr.parts, first[name])
			}
			delete(first, name)
		}
	}
	if len(first) > 0 {
		tr.Fatalf("in no part are %v; the log: %v", first, shown(log))
	}
	parts, merged := map[int64]int{}, map[int64]bool{} // by customer
	for i, t := range log {
		if of, _, ok := spec.SplitPart(t.SegmentName); ok && of == "life" {
			parts[t.Customer] += map[bool]int{true: 1, false: -1}[t.Entered]
			merged[t.Customer] = t.Cause == store.CauseMerge && !t.Entered
		}
		if i+1 < len(log) && log[i+1].Committed == t.Committed && log[i+1].Due == t.Due && log[i+1].Customer == t.Customer {
			continue
		}
		if n, known := parts[t.Customer]; known && n != 1 && (n != 0 || !merged[t.Customer]) {
			tr.Fatalf("customer %d was in %d parts after transition %d; the log: %v", t.Customer, n, t.Seq, shown(log))
		}
	}
}

// explain checks that the explanation of every membership says what is.
func (tr *trial) explain() {
	e := tr.server.engine
	e.committing.RLock()
	ids := map[bool][]int64{}
	for id, at := range e.places {
		firm := e.shards[at.shard()].firms
		ids[firm] = append(ids[firm], id)
	}
	e.committing.RUnlock()
	for _, status := range tr.followed() {
		for _, id := range ids[tr.firms[status.Name]] {
			why, ok, err := e.Why(id, status.Name)
			if err != nil || !ok || why.Version != status.Version || why.Trace == nil || why.In != why.Trace.In || why.Expires <= why.At {
				tr.Fatalf("%s of customer %d is explained as %+v, %v, %v", status.Name, id, why, ok, err)
			}
		}
	}
}

// replay plays the log and compares who is in at its end.
func (tr *trial) replay(log []store.Told, want map[string][]string) {
	in := map[string]map[int64]bool{}
	for i, t := range log {
		if t.Seq != int64(i+1) {
			tr.Fatalf("transition %d has the number %d", i+1, t.Seq)
		}
		if t.Due > t.Committed {
			tr.Fatalf("transition %d was told at %d, before it was due at %d", t.Seq, t.Committed, t.Due)
		}
		if in[t.SegmentName] == nil {
			in[t.SegmentName] = map[int64]bool{}
		}
		if in[t.SegmentName][t.Customer] == t.Entered {
			tr.Fatalf("transition %d is told twice: %s %s entered %v; %v", t.Seq, tr.nameOf(t.Customer), t.SegmentName, t.Entered, shown(log))
		}
		in[t.SegmentName][t.Customer] = t.Entered
	}
	for name, members := range want {
		n := 0
		for _, inside := range in[name] {
			if inside {
				n++
			}
		}
		if n != len(members) {
			tr.Fatalf("%s has %d members by the log, %d in fact", name, n, len(members))
		}
	}
}

func (tr *trial) fail(w *naive.World, n rule.Node, now int64, format string, args ...any) {
	tr.Helper()
	tr.Logf("%s", naive.Describe(w, n, w.Customers, now))
	tr.Fatalf("%s: "+format, append([]any{rule.PrintLine(n)}, args...)...)
}

// nameOf gives the name of a customer of the store, also of one who was merged away.
func (tr *trial) nameOf(id int64) string {
	tr.Helper()
	var name string
	err := tr.server.store.View(context.Background(), func(v *store.View) (err error) {
		name, err = v.NameOf(id)
		return err
	})
	if err != nil {
		tr.Fatal(err)
	}
	return bare(name)
}

// united gives the customers into whom others were merged.
func (tr *trial) united() map[string]bool {
	tr.Helper()
	names := map[string]bool{}
	err := tr.server.store.View(context.Background(), func(v *store.View) error {
		return v.Customers(context.Background(), func(c store.Customer) error {
			names[bare(c.Name)] = v.HasAbsorbed(c.ID)
			return nil
		})
	})
	if err != nil {
		tr.Fatal(err)
	}
	return names
}

// bare takes the namespace off a name.
func bare(name string) string {
	for _, namespace := range []string{"anonymous:", "company:"} {
		if rest, ok := cutPrefix(name, namespace); ok {
			return rest
		}
	}
	return name
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) > len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return s, false
}

func shown(log []store.Told) []string {
	var lines []string
	for _, t := range log {
		lines = append(lines, fmt.Sprintf("%d %s %s %v due %s told %s %v", t.Seq, t.CustomerName, t.SegmentName, t.Entered,
			calendar.Format(t.Due), calendar.Format(t.Committed), t.Cause))
	}
	return lines
}
