package live

import (
	"context"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/naive/gen"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
	"pgregory.net/rapid"
)

// The same facts in any chunks and order, with restarts, snapshots, visitors who
// turn out to be users, corrections and new versions of segments in between, give
// the memberships of a naive evaluation at every instant; the log replayed gives
// them too, and what time caused bears the very instant at which it became true.
func TestMembershipsAreThoseOfANaiveEvaluation(t *testing.T) {
	root := memoryDir(t)
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(root, "case")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		newTrial(rt, dir).run()
	})
}

// trial is one random case.
type trial struct {
	*rapid.T
	world    *world
	rules    map[string]rule.Node
	names    []string
	firms    map[string]bool // those whose members are companies
	facts    []fact
	instants []int64
	server   *server
	told     int      // transitions that were checked
	parts    []string // of the segmentation life; none while it is not defined
	disturb  func()   // what goes wrong before each step
	apply    func(...record.Record) store.Result
}

// references are rules that lean on another segment.
var references = []string{
	"in segment %s", "not in segment %s", "in segment %s for 7 days", "entered segment %s in last 30 days",
	"left segment %s in last 2 hours", "in segment %s and not left segment %[1]s in last 1 month", "in segment %s for 1 month or entered segment %[1]s today",
}

func newTrial(t *rapid.T, dir string) *trial {
	known := ruletest.Schema()
	known.Zone = rapid.SampledFrom(gen.Zones[:4]).Draw(t, "zone")
	known.Segments = nil
	if rapid.Bool().Draw(t, "own role") {
		known.Attributes[catalog.Role] = catalog.Type{Kind: catalog.Text}
	}
	tr := &trial{T: t, rules: map[string]rule.Node{}, firms: map[string]bool{}, disturb: func() {}}
	for i := range rapid.IntRange(1, 5).Draw(t, "segments") {
		tr.addRule(fmt.Sprintf("s%d", i), known)
	}
	var all rule.Or
	for _, name := range tr.names {
		all.Parts = append(all.Parts, tr.rules[name])
	}
	drawn := gen.World(known, &all).Draw(t, "world")
	drawn.Postcodes = nil // the store has none
	tr.world = &world{World: drawn, into: map[string]string{}}
	tr.facts = tr.shuffle(tr.world.facts())
	for range rapid.IntRange(1, 8).Draw(t, "instants") {
		name := rapid.SampledFrom(tr.names).Draw(t, "which")
		n, whose := tr.rules[name], drawn.Customers
		if firms := drawn.Firms(); tr.firms[name] && len(firms) > 0 {
			whose = firms
		}
		c := rapid.SampledFrom(whose).Draw(t, "whose")
		tr.instants = append(tr.instants, gen.Now(drawn, n, c).Draw(t, "at"))
	}
	slices.Sort(tr.instants)
	tr.instants = slices.DeleteFunc(tr.instants, func(at int64) bool { return at < gen.From-400*86_400_000 })
	tr.server = serve(t, dir, clock.NewManual(gen.From-800*86_400_000), rapid.Bool().Draw(t, "snapshots"))
	tr.apply = tr.server.apply
	if err := tr.server.store.Declare(context.Background(), known); err != nil {
		t.Fatal(err)
	}
	return tr
}

// addRule draws the rule of another segment, which may refer to those before.
func (tr *trial) addRule(name string, known *catalog.Catalog) {
	var n rule.Node
	if rapid.IntRange(0, 3).Draw(tr.T, "about companies") == 0 {
		tr.addFirmRule(name, known)
		return
	}
	if len(tr.names) > 0 && rapid.IntRange(0, 2).Draw(tr.T, "refers") > 0 {
		to := rapid.SampledFrom(tr.names).Draw(tr.T, "to")
		n, _ = rule.Parse(fmt.Sprintf(rapid.SampledFrom(references).Draw(tr.T, "reference"), to))
	} else {
		n = gen.Rule(withSegments(known)).Filter(followed).Draw(tr.T, "rule")
	}
	tr.names, tr.rules[name] = append(tr.names, name), n
}

// firmReferences are rules about companies that lean on a segment of people.
var firmReferences = []string{
	"count(company.people where in segment %s) >= 1", "every company.people (not in segment %s for 7 days)",
	"count(company.people where entered segment %s in last 30 days) < 2", "any company.people (in segment %s) and count(company.people) > 1",
}

// addFirmRule draws the rule of another segment of companies.
func (tr *trial) addFirmRule(name string, known *catalog.Catalog) {
	n := gen.FirmRule(withSegments(known)).Filter(followed).Draw(tr.T, "firm rule")
	if len(tr.names) > 0 && rapid.Bool().Draw(tr.T, "firm refers") {
		to, forms := rapid.SampledFrom(tr.names).Draw(tr.T, "firm to"), firmReferences
		if tr.firms[to] {
			forms = references
		}
		n, _ = rule.Parse(fmt.Sprintf(rapid.SampledFrom(forms).Draw(tr.T, "firm reference"), to))
	}
	tr.names, tr.rules[name], tr.firms[name] = append(tr.names, name), n, true
}

// withSegments gives a catalogue that names a segment, which generators need.
func withSegments(known *catalog.Catalog) *catalog.Catalog {
	made := *known
	made.Segments = []string{"none"}
	return &made
}

// followed leaves out rules about ranks, which have a test of their own, and about segments that are not there.
func followed(n rule.Node) bool {
	ok := true
	rule.Walk(n, func(n rule.Node) bool {
		switch n.(type) {
		case *rule.Top, *rule.InSegment, *rule.Crossed:
			ok = false
		}
		return ok
	})
	return ok
}

// shuffle draws the order in which facts arrive, and has some be said of a visitor
// who turns out to be the user later.
func (tr *trial) shuffle(facts []fact) []fact {
	facts = rapid.Permutation(facts).Draw(tr.T, "order")
	visitors := map[string]int{}
	for i, f := range facts {
		if f.who != "" && rapid.IntRange(0, 3).Draw(tr.T, "anonymous") == 0 {
			facts[i].who = "a" + f.who
			visitors[facts[i].who] = i
		}
	}
	for _, visitor := range slices.Sorted(maps.Keys(visitors)) {
		if rapid.IntRange(0, 3).Draw(tr.T, "never known") == 0 {
			continue
		}
		at := rapid.IntRange(0, len(facts)).Draw(tr.T, "known at")
		facts = slices.Insert(facts, at, tr.join(visitor))
	}
	return facts
}

// join says that a visitor is a user, by an alias or by an identify call with both ids.
func (tr *trial) join(visitor string) fact {
	user := identity(visitor[1:])
	r := record.Record{Kind: record.Alias, Customer: []record.Identity{user}, Previous: identity(visitor)}
	if rapid.Bool().Draw(tr.T, "by identify") {
		r = record.Record{Kind: record.Identify, Customer: []record.Identity{user, identity(visitor)}, Fields: []byte("{}")}
	}
	r.Source = "test"
	return fact{who: visitor, record: r}
}

func (tr *trial) run() {
	defer func() { tr.server.close() }()
	pending := slices.Clone(tr.names)
	for len(tr.facts) > 0 || len(pending) > 0 || len(tr.instants) > 0 {
		tr.disturb()
		switch step := rapid.IntRange(0, 9).Draw(tr.T, "step"); {
		case step < 2 && len(pending) > 0:
			tr.put(pending[0])
			pending = pending[1:]
		case step < 5 && len(tr.facts) > 0:
			tr.arrive(rapid.IntRange(1, len(tr.facts)).Draw(tr.T, "chunk"))
		case step < 7 && len(tr.instants) > 0:
			tr.pass(tr.instants[0])
			tr.instants = tr.instants[1:]
		case step == 7:
			tr.server.restart()
		case step == 8 && len(pending) == 0:
			if rapid.Bool().Draw(tr.T, "divide") {
				tr.divide()
			} else {
				tr.edit()
			}
		case step == 9:
			tr.correct()
		}
		tr.check()
	}
	tr.server.restart()
	tr.check()
}

// arrive takes in some facts.
func (tr *trial) arrive(n int) {
	var records []record.Record
	for _, f := range tr.facts[:n] {
		r := f.record
		if f.add == nil {
			tr.world.into[f.who] = f.who[1:]
			tr.world.arrived = append(tr.world.arrived, fact{who: f.who[1:], add: func(*naive.Customer, func(string) *naive.Company) {}})
			records = append(records, r)
			continue
		}
		if f.who != "" {
			r.Customer = []record.Identity{identity(f.who)}
		}
		records = append(records, r)
		tr.world.arrived = append(tr.world.arrived, f)
	}
	tr.facts = tr.facts[n:]
	if result := tr.apply(records...); len(result.Rejections) > 0 {
		tr.Fatalf("rejected: %v", result.Rejections)
	}
}

// pass lets time pass. What it causes must be caused at the very instant.
func (tr *trial) pass(to int64) {
	tr.check()
	tr.told = len(tr.server.log())
	tr.server.clock.Set(max(to, tr.server.clock.Now()))
	tr.server.settle()
	tr.checkTimes()
}

// checkTimes checks that what was told since only time passed became true at the very
// instant, and is told in order.
func (tr *trial) checkTimes() {
	tr.Helper()
	log := tr.server.log()
	w := tr.now(log)
	for i, t := range log[tr.told:] {
		if i > 0 && t.Due < log[tr.told+i-1].Due {
			tr.Fatalf("transition %d was due before the one before: %v", t.Seq, shown(log))
		}
		if t.Cause != store.CauseTime {
			tr.Fatalf("cause %v while only time passed", t.Cause)
		}
		c := tr.customer(w, t.SegmentName, tr.nameOf(t.Customer))
		n := tr.rules[t.SegmentName]
		if in, before := w.Holds(n, c, t.Due), w.Holds(n, c, t.Due-1); in != t.Entered || before == t.Entered {
			tr.fail(w, n, t.Due, "%s of %s at %s, but in %v then and %v before", t.SegmentName, c.ID, calendar.Format(t.Due), in, before)
		}
	}
}

// edit gives a segment another rule.
func (tr *trial) edit() {
	name := rapid.SampledFrom(tr.names).Draw(tr.T, "edited")
	tr.rules[name] = tr.drawRule(name)
	tr.put(name)
}

// drawRule draws another rule for a segment.
func (tr *trial) drawRule(name string) rule.Node {
	draw := gen.Rule
	if tr.firms[name] {
		draw = gen.FirmRule
	}
	return draw(withSegments(tr.world.Catalog)).Filter(followed).Draw(tr.T, "new rule")
}

func (tr *trial) put(name string) {
	if tr.firms[name] {
		tr.server.putFirms(name, rule.Print(tr.rules[name]))
		return
	}
	tr.server.put(name, rule.Print(tr.rules[name]))
}

// now gives the world as the naive evaluator sees it.
func (tr *trial) now(log []store.Told) *naive.World {
	w := tr.world.now(log, tr.nameOf, tr.united())
	known := *w.Catalog
	known.Firms = nil
	for name, firms := range tr.firms {
		if firms {
			known.Firms = append(known.Firms, name)
		}
	}
	w.Catalog = &known
	return w
}

// among gives those who can be in a segment.
func (tr *trial) among(w *naive.World, segment string) []*naive.Customer {
	if tr.firms[segment] {
		return w.Firms()
	}
	return w.Customers
}

func (tr *trial) customer(w *naive.World, segment, id string) *naive.Customer {
	for _, c := range tr.among(w, segment) {
		if c.ID == id {
			return c
		}
	}
	return &naive.Customer{ID: id}
}

// divide gives the segmentation life other parts, and defines a segment that refers to some of them.
func (tr *trial) divide() {
	d := tr.division()
	tr.server.try(func() error {
		_, err := tr.server.engine.Define(context.Background(), d, Edit{})
		return err
	})
	if tr.rules["leaning"] == nil {
		text := fmt.Sprintf(rapid.SampledFrom(references).Draw(tr.T, "reference"), "life."+tr.names[0]) + " or in segment life.rest"
		tr.rules["leaning"], _ = rule.Parse(text)
		tr.firms["leaning"] = d.Firms()
		tr.put("leaning")
	}
}

// division draws the next version of the segmentation.
func (tr *trial) division() spec.Definition {
	firms := tr.firms[tr.names[0]]
	names := slices.DeleteFunc(slices.Clone(tr.names), func(name string) bool { return tr.firms[name] != firms })
	tr.parts = rapid.Permutation(names).Draw(tr.T, "parts")[:rapid.IntRange(1, len(names)).Draw(tr.T, "how many")]
	if !slices.Contains(tr.parts, tr.names[0]) {
		tr.parts = append(tr.parts, tr.names[0]) // this one is referred to
	}
	d := spec.Definition{Name: "life", Kind: spec.Segmentation, Parts: tr.parts, Rest: "rest"}
	if firms {
		d.Members = spec.Companies
	}
	for _, part := range d.Derived() {
		tr.firms[part.Name] = firms
		tr.rules[part.Name], _ = rule.Parse(part.Rule)
	}
	return d
}

// correct changes or removes an event of those that arrived.
func (tr *trial) correct() {
	var events []int
	for i, f := range tr.world.arrived {
		if f.record.Kind == record.Track && f.add != nil && f.who != "" && f.record.Event != "" {
			events = append(events, i)
		}
	}
	if len(events) == 0 {
		return
	}
	at := rapid.SampledFrom(events).Draw(tr.T, "corrected")
	seq := int64(slices.Index(events, at) + 1 + tr.removed(at))
	f := &tr.world.arrived[at]
	if rapid.Bool().Draw(tr.T, "remove") {
		f.add = func(*naive.Customer, func(string) *naive.Company) {}
		f.record.Kind = record.Alias // no event any more
		f.record.Event = "removed"
		tr.server.try(func() error { return tr.server.engine.RemoveEvent(context.Background(), seq) })
		return
	}
	to := f.record.Time + rapid.SampledFrom([]int64{-86_400_000, -1, 1, 3_600_000}).Draw(tr.T, "moved by")
	f.record.Time = to
	before := f.add
	f.add = func(c *naive.Customer, company func(string) *naive.Company) {
		before(c, company)
		c.Events[len(c.Events)-1].Time = to
	}
	tr.server.try(func() error { return tr.server.engine.CorrectEvent(context.Background(), seq, to, f.record.Fields) })
}

// removed counts the events before one that were removed; their numbers stay taken.
func (tr *trial) removed(before int) int {
	n := 0
	for _, f := range tr.world.arrived[:before] {
		if f.record.Event == "removed" {
			n++
		}
	}
	return n
}

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
