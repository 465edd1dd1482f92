package live

import (
	"context"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
	"pgregory.net/rapid"
)

// What an impact says is what a commit does, to the last customer; and to ask
// changes nothing.
func TestImpactIsWhatHappens(t *testing.T) {
	root := memoryDir(t)
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(root, "case")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		tr := newTrial(rt, dir)
		defer func() { tr.server.close() }()
		for _, name := range tr.names {
			tr.put(name)
		}
		for len(tr.facts) > 0 {
			tr.arrive(rapid.IntRange(1, len(tr.facts)).Draw(rt, "chunk"))
			if len(tr.instants) > 0 {
				tr.pass(tr.instants[0])
				tr.instants = tr.instants[1:]
			}
			tr.change()
			tr.check()
		}
	})
}

// change draws changes, asks for their impact, and makes them.
func (tr *trial) change() {
	tr.Helper()
	tr.server.settle()
	changes := tr.drawChanges()
	before, log := tr.server.members(), len(tr.server.log())
	impact, err := tr.server.engine.Impact(context.Background(), changes, Edit{})
	if err != nil {
		tr.Fatalf("the impact of %+v: %v", changes, err)
	}
	if now := tr.server.members(); !reflect.DeepEqual(now, before) || len(tr.server.log()) != log {
		tr.Fatalf("to ask for an impact changed %v into %v", before, now)
	}
	if err := tr.server.engine.Commit(context.Background(), changes, Edit{Author: "me"}, impact.State); err != nil {
		tr.Fatal(err)
	}
	tr.server.settle()
	after := tr.server.members()
	tr.toldOnce(tr.server.log()[log:])
	for _, i := range impact.Segments {
		if i.Name == "life" {
			if everybody := len(tr.server.everybody(tr.firms["life.rest"])); i.After != everybody || !i.New && i.Before != everybody {
				tr.Fatalf("the impact has %d customers in all parts before and %d after, there are %d", i.Before, i.After, everybody)
			}
			continue
		}
		want := slices.Clone(before[i.Name])
		for _, id := range i.Entered {
			want = append(want, tr.fullName(id))
		}
		for _, id := range i.Left {
			want = slices.DeleteFunc(want, func(name string) bool { return name == tr.fullName(id) })
		}
		slices.Sort(want)
		if !slices.Equal(want, after[i.Name]) || i.Before != len(before[i.Name]) || !i.Removed && i.After != len(after[i.Name]) {
			tr.Fatalf("the impact %+v makes %v of %v, it became %v", i, want, before[i.Name], after[i.Name])
		}
		delete(after, i.Name)
	}
	for name, members := range after {
		if !slices.Equal(members, before[name]) {
			tr.Fatalf("%s changed from %v to %v, the impact does not say so", name, before[name], members)
		}
	}
	if err := tr.server.engine.Commit(context.Background(), changes, Edit{}, impact.State); err == nil && len(changes.Put) > 0 {
		tr.Fatal("a plan of an earlier state is accepted")
	}
}

// toldOnce checks that nobody enters and leaves only because some of the changes that
// were made together took effect before others.
func (tr *trial) toldOnce(log []store.Told) {
	tr.Helper()
	type pair struct {
		segment  string
		customer int64
	}
	told := map[pair]bool{}
	for _, t := range log {
		if of := (pair{t.SegmentName, t.Customer}); told[of] {
			tr.Fatalf("%s enters and leaves %s by one change: %v", tr.nameOf(t.Customer), t.SegmentName, shown(log))
		} else {
			told[of] = true
		}
	}
}

func (tr *trial) drawChanges() Changes {
	var changes Changes
	for _, name := range tr.names {
		if rapid.Bool().Draw(tr.T, "changed") {
			n := tr.drawRule(name)
			tr.rules[name] = n
			changes.Put = append(changes.Put, tr.definition(name, fmt.Sprint(len(tr.facts))))
		}
	}
	added, forms := fmt.Sprintf("n%d", len(tr.names)), references
	to := rapid.SampledFrom(tr.names).Draw(tr.T, "to")
	if tr.firms[added] = tr.firms[to] || rapid.Bool().Draw(tr.T, "about companies"); tr.firms[added] && !tr.firms[to] {
		forms = firmReferences
	}
	text := fmt.Sprintf(rapid.SampledFrom(forms).Draw(tr.T, "reference"), to)
	tr.rules[added], _ = rule.Parse(text)
	tr.names = append(tr.names, added)
	changes.Put = append(changes.Put, tr.definition(added, ""))
	if rapid.Bool().Draw(tr.T, "divided") {
		changes.Put = append(changes.Put, tr.division())
	}
	return changes
}

func (tr *trial) definition(name, purpose string) spec.Definition {
	d := spec.Definition{Name: name, Rule: rule.Print(tr.rules[name]), Purpose: purpose}
	if tr.firms[name] {
		d.Members = spec.Companies
	}
	return d
}

func (tr *trial) fullName(id int64) (name string) {
	err := tr.server.store.View(context.Background(), func(v *store.View) (err error) {
		name, err = v.NameOf(id)
		return err
	})
	if err != nil {
		tr.Fatal(err)
	}
	return name
}

// Changes that make no sense are refused as a whole.
func TestChangesThatAreRefused(t *testing.T) {
	s := serve(t, memoryDir(t), clock.NewManual(someday), false)
	defer s.close()
	s.apply(kick("u1", someday, 1))
	s.put("a", "count(kick) >= 1")
	s.put("b", "in segment a")
	s.settle()
	of := func(name, text string) spec.Definition { return spec.Definition{Name: name, Rule: text} }
	for want, changes := range map[string]Changes{
		"circle":             {Put: []spec.Definition{of("a", "in segment c"), of("c", "in segment b")}},
		"used by b":          {Remove: []string{"a"}},
		"no segment x":       {Remove: []string{"x"}},
		"unknown":            {Put: []spec.Definition{of("c", "count(kicks) >= 1")}},
		"name of a segment":  {Put: []spec.Definition{of("a b", "count(kick) >= 1")}},
		"a list has no rule": {Put: []spec.Definition{{Name: "l", Kind: spec.List, Rule: "count(kick) >= 1"}}},
		"segment a is used":  {Put: []spec.Definition{{Name: "a", Rule: "count(kick) >= 1", State: spec.Retired}}},
		"cannot be paused":   {Put: []spec.Definition{{Name: "p", Rule: "count(kick) >= 1", State: spec.Paused}}},
	} {
		if _, err := s.engine.Impact(context.Background(), changes, Edit{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the impact of %+v: %v, want %q", changes, err, want)
		}
		if err := s.engine.Commit(context.Background(), changes, Edit{}, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", changes, err, want)
		}
	}
	both := Changes{Put: []spec.Definition{of("b", "count(kick) >= 1")}, Remove: []string{"a"}}
	if err := s.engine.Commit(context.Background(), both, Edit{}, ""); err != nil {
		t.Errorf("removing what is used no more: %v", err)
	}
	s.settle()
	if got := slices.Sorted(maps.Keys(s.members())); !slices.Equal(got, []string{"b"}) {
		t.Errorf("left are %v", got)
	}
}
