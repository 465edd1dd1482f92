package live

import (
	"context"
	"fmt"
	"maps"
	"os"
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
