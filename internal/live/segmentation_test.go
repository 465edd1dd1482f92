package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/record"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// divided has u1 with one kick, u2 with two, u3 with three, and a segmentation of them.
func divided(t *testing.T) *server {
	s := serve(t, memoryDir(t), clock.NewManual(someday), false)
	for i, who := range []string{"u1", "u2", "u2", "u3", "u3", "u3"} {
		s.apply(kick(who, someday, i))
	}
	s.put("some", "count(kick) >= 1")
	s.put("many", "count(kick) >= 2")
	s.put("most", "count(kick) >= 3")
	s.define(life("most", "many"))
	s.parts("many u2", "most u3", "rest u1")
	return s
}

func life(parts ...string) spec.Definition {
	return spec.Definition{Name: "life", Kind: spec.Segmentation, Parts: parts, Rest: "rest"}
}

// parts checks who is in which part; those in which nobody is are left out.
func (s *server) parts(want ...string) {
	s.t.Helper()
	var got []string
	for name, members := range s.stored() {
		if _, part, ok := spec.SplitPart(name); ok && len(members) > 0 {
			got = append(got, part+" "+strings.Join(members, " "))
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		s.t.Fatalf("the parts are %q, not %q", got, want)
	}
}

func (s *server) refused(d spec.Definition, want string) {
	s.t.Helper()
	var refused *Wrong
	if _, err := s.engine.Define(context.Background(), d, Edit{}); !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
		s.t.Fatalf("%v: %v, want %q", d, err, want)
	}
}

// Parts that move, come and go take each other's members over in one commit; who refers to
// all of them notices nothing.
func TestPartsMove(t *testing.T) {
	s := divided(t)
	defer func() { s.close() }()
	s.put("anybody", "in segment life.most or in segment life.many or in segment life.rest")
	s.settle()
	s.in("anybody", "u1", "u2", "u3")
	s.define(life("many", "most"))
	s.parts("many u2 u3", "rest u1")
	s.refused(life("many"), "life.most is used by anybody")
	s.define(life("most", "many", "some"))
	s.parts("many u2", "most u3", "some u1")
	s.apply(kick("u2", someday, 9), kick("u4", someday, 10))
	s.parts("most u2 u3", "some u1 u4")
	s.in("anybody", "u2", "u3")
	var told []string
	for _, t := range s.log() {
		if t.SegmentName == "anybody" {
			told = append(told, fmt.Sprint(t.CustomerName, " ", t.Entered))
		}
	}
	if want := []string{"u1 true", "u2 true", "u3 true", "u1 false"}; !slices.Equal(told, want) {
		t.Errorf("of those who moved is told %v, not %v", told, want)
	}
	if err := s.engine.RemoveSegment(context.Background(), "anybody"); err != nil {
		t.Fatal(err)
	}
	s.define(life("many"))
	s.parts("many u2 u3", "rest u1 u4")
	s.restart()
	s.parts("many u2 u3", "rest u1 u4")
	log := s.log()
	var ofParts, ofLife []store.Told
	for _, told := range log {
		if strings.HasPrefix(told.SegmentName, "life.") {
			ofParts = append(ofParts, told)
		}
	}
	err := s.store.View(context.Background(), func(v *store.View) (err error) {
		ofLife, err = v.Transitions(context.Background(), 0, len(log), "life")
		return err
	})
	if err != nil || !slices.Equal(ofLife, ofParts) {
		t.Errorf("the transitions of the segmentation are %v, not %v; %v", shown(ofLife), shown(ofParts), err)
	}
	if last := log[len(log)-1]; last.Cause != store.CauseEdit || last.Version == 0 {
		t.Errorf("the last one is told as %+v", last)
	}
	report, err := Verify(context.Background(), s.store, nil)
	if err != nil || len(report.Problems)+len(report.Skipped) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// Each part bears who changed the segmentation and why, and only parts that a change
// concerns get another version.
func TestPartsHaveTheVersionsOfTheirSegmentation(t *testing.T) {
	s := divided(t)
	defer func() { s.close() }()
	d := life("most", "many")
	d.Title.EN = "Life"
	s.define(d)
	d.Parts = []string{"most", "many", "some"}
	s.define(d)
	for name, want := range map[string]int{"life": 3, "life.most": 1, "life.many": 1, "life.some": 1, "life.rest": 2} {
		var versions []store.Version
		err := s.store.View(context.Background(), func(v *store.View) (err error) {
			versions, err = v.Versions(context.Background(), name)
			return err
		})
		if err != nil || len(versions) != want || versions[0].Author != "anna" || versions[0].Message != "because" {
			t.Errorf("%s has the versions %+v, %v", name, versions, err)
		}
	}
	for _, status := range s.engine.Segments() {
		if status.Name == "life" && (status.State != Active || status.Version != 3 || status.Active != 3 || status.Members != 3 || len(status.Parts) != 4 || status.Parts[2].Members != 1) {
			t.Errorf("the segmentation is %+v", status)
		}
	}
}

// A draft has no parts with members, a paused segmentation keeps them as they are, also
// those that a paused version has no more, and a retired one has lost them.
func TestStatesOfSegmentations(t *testing.T) {
	s := divided(t)
	defer func() { s.close() }()
	d := life("some")
	d.Name, d.State = "second", spec.Draft
	s.define(d)
	s.in("second.some")
	d.State = spec.Active
	s.define(d)
	s.in("second.some", "u1", "u2", "u3")
	if err := s.engine.RemoveSegment(context.Background(), "second"); err != nil {
		t.Fatal(err)
	}
	d = life("most", "many")
	d.State = spec.Paused
	s.define(d)
	s.apply(kick("u1", someday, 9))
	s.parts("many u2", "most u3", "rest u1")
	d.Parts = []string{"many", "some"}
	s.define(d)
	s.restart()
	s.apply(kick("u1", someday, 10))
	s.parts("many u2", "most u3", "rest u1")
	d.State = spec.Active
	s.define(d)
	s.parts("many u1 u2 u3")
	d.State = spec.Retired
	s.define(d)
	s.parts()
	d.State = spec.Active
	s.define(d)
	s.parts("many u1 u2 u3")
	if err := s.engine.RemoveSegment(context.Background(), "life"); err != nil {
		t.Fatal(err)
	}
	s.parts()
	if got := len(s.members()); got != 3 {
		t.Errorf("%d segments are left, want 3: the parts go with their segmentation", got)
	}
}

func TestSegmentationsThatAreRefused(t *testing.T) {
	s := divided(t)
	defer s.close()
	s.define(spec.Definition{Name: "sleepy", Rule: "count(kick) = 0"})
	s.define(spec.Definition{Name: "sleepy", Rule: "count(kick) = 0", State: spec.Retired})
	s.define(spec.Definition{Name: "round", Rule: "in segment life.rest"})
	part, twin := life("most"), life("most")
	part.Name, twin.Kind, twin.Parts, twin.Rest, twin.Rule = "life.most", spec.ByRule, nil, "", "count(kick) = 0"
	some := life("most")
	some.Name = "some"
	if err := s.engine.PutSegment(context.Background(), "ahead", "in segment later", "", Edit{Lenient: true}); err != nil {
		t.Fatal(err)
	}
	later := life("most")
	later.Name = "later"
	nested := life("life")
	nested.Name = "nested"
	for want, d := range map[string]spec.Definition{
		"no segment mots; did you mean most?": life("mots"),
		"sleepy is retired":                   life("sleepy"),
		"life is a segmentation; parts are":   nested,
		"in a circle: life.rest":              life("round"),
		"some is a segment: give":             some,
		"life is a segmentation: give":        twin,
		"part of segmentation life":           part,
		"ahead names later as a segment":      later,
		"life is a segmentation: everybody":   {Name: "x", Rule: "in segment life"},
	} {
		s.refused(d, want)
	}
	for name, want := range map[string]string{"most": "used by segmentation life;", "life.most": "part of segmentation life", "life.rest": "part of segmentation life"} {
		if err := s.engine.RemoveSegment(context.Background(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("removing %s: %v, want %q", name, err, want)
		}
	}
	s.parts("many u2", "most u3", "rest u1")
}

// The impact of moving a part tells of each part who comes and who leaves.
func TestImpactOfMovingAPart(t *testing.T) {
	s := divided(t)
	defer s.close()
	for _, c := range []struct {
		changes Changes
		want    string
	}{
		{Changes{Put: []spec.Definition{life("many", "most")}}, "life 3→3, life.many 1→2 of life, life.most 1→0 of life, life.rest 1→1 of life"},
		{Changes{Put: []spec.Definition{life("many")}}, "life 3→3, life.many 1→2 of life, life.most 1→0 of life, life.rest 1→1 of life"},
		{Changes{Put: []spec.Definition{{Name: "most", Rule: "count(kick) >= 2"}}}, "life.many 1→0 of life, life.most 1→2 of life, most 1→2"},
		{Changes{Remove: []string{"life"}}, "life 3→0, life.many 1→0 of life, life.most 1→0 of life, life.rest 1→0 of life"},
	} {
		impact, err := s.engine.Impact(context.Background(), c.changes, Edit{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range impact.Segments {
			text := fmt.Sprintf("%s %d→%d", i.Name, i.Before, i.After)
			if i.Of != "" {
				text += " of " + i.Of
			}
			got = append(got, text)
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("the impact is %s, not %s", text, c.want)
		}
	}
	s.parts("many u2", "most u3", "rest u1")
}

// The explanation of a segment says who won in the segmentations of which it is a part.
func TestWhoWon(t *testing.T) {
	s := divided(t)
	defer s.close()
	s.put("late", "count(kick in last 1 day) >= 3")
	s.define(life("late", "most", "many"))
	for _, c := range []struct {
		id      int64
		name    string
		in      bool
		part    string
		among   []string
		expires int64
	}{
		{2, "many", true, "many", []string{"many"}, calendar.Never},
		{3, "many", true, "late", []string{"late", "most", "many"}, calendar.Never},
		{3, "life", true, "late", []string{"late", "most", "many"}, someday + day},
		{3, "life.late", true, "late", []string{"late", "most", "many"}, someday + day},
		{3, "life.most", false, "late", []string{"late", "most", "many"}, someday + day},
		{1, "most", false, "rest", []string{}, calendar.Never},
		{1, "life", true, "rest", []string{}, calendar.Never},
	} {
		why, ok, err := s.engine.Why(c.id, c.name)
		want := []Placing{{Segmentation: "life", Version: 2, Parts: []string{"late", "most", "many"}, In: c.among, Part: c.part, Rest: c.part == "rest"}}
		if err != nil || !ok || why.In != c.in || why.Expires != c.expires || !reflect.DeepEqual(why.Placings, want) {
			t.Errorf("%d in %s: %+v, %v, %v", c.id, c.name, why, ok, err)
		}
	}
	if why, _, _ := s.engine.Why(1, "some"); why.Placings != nil {
		t.Errorf("%+v", why)
	}
}

// An impact of moving parts is exact also while the parts are still filled for the first
// time, and leaves that as it is.
func TestImpactWhilePartsAreFilled(t *testing.T) {
	s := step(t)
	s.must(&request{records: []record.Record{event("u1", "seen", start), event("u2", "seen", start), event("u2", "seen", start-1)}},
		s.put("a", "count(seen) >= 1"), s.put("b", "count(seen) >= 2"))
	s.commit(s.divide("a", "b"))
	for want, parts := range map[string][]string{"a 0→2, b 0→0, rest 0→0": {"a", "b"}, "a 0→1, b 0→1, rest 0→0": {"b", "a"}, "a 0→0, b 0→1, rest 0→1": {"b"}} {
		var impact *Impact
		r := &request{alone: true, work: func(c *cycle) (err error) {
			c.dry = true
			impact, err = c.tryOut(Changes{Put: []spec.Definition{life(parts...)}}, Edit{})
			return err
		}}
		_, plan, _ := s.states()
		if err := s.commit(r)[0]; err != nil {
			t.Fatalf("%v: %v", parts, err)
		}
		if _, planned, _ := s.states(); !slices.Equal(plan, planned) {
			t.Errorf("%v: the plan was %v, is %v", parts, plan, planned)
		}
		var got []string
		for _, i := range impact.Segments {
			if i.Of != "" {
				got = append(got, fmt.Sprintf("%s %d→%d", strings.TrimPrefix(i.Name, "life."), i.Before, i.After))
			}
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%v: %s, not %s", parts, text, want)
		}
	}
	s.must()
	for _, status := range s.engine.Segments() {
		if status.State != Active {
			t.Errorf("%+v", status)
		}
	}
}

// What was changed and not yet evaluated when the engine stopped is so afterwards.
func TestPartsAfterARestartWhileTheyAreFilled(t *testing.T) {
	s := step(t)
	s.must(&request{records: []record.Record{event("u1", "seen", start), event("u2", "seen", start), event("u2", "seen", start-1)}},
		s.put("a", "count(seen) >= 1"), s.put("b", "count(seen) >= 2"))
	s.must(s.divide("b", "a"))
	s.commit(s.divide("a"))
	var err error
	if s.engine, err = Open(context.Background(), s.store, Options{Clock: s.clock, Log: slog.New(slog.DiscardHandler), Queue: 100, MaxBatch: 100, Workers: 2}); err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		var got []string
		for _, status := range s.engine.Segments() {
			if status.Definition.Kind == spec.Part {
				got = append(got, fmt.Sprintf("%s %d", status.Name, status.Members))
			}
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("the parts are %s, not %s", text, want)
		}
	}
	check("life.a 1, life.b 1, life.rest 0")
	s.must(&request{records: []record.Record{event("u3", "seen", start)}})
	check("life.a 3, life.b 0, life.rest 0")
	if b := s.engine.segments["life.b"]; b.Active != 0 || b.active != nil || b.Definition.State != spec.Retired {
		t.Errorf("the part that was left out is %+v", b.definition)
	}
	report, err := Verify(context.Background(), s.store, nil)
	if err != nil || len(report.Problems)+len(report.Skipped) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
