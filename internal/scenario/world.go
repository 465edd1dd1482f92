package scenario

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// world is a run against the evaluator alone: all that was received, and who is in
// which segment by it. It follows time from expiry to expiry, and evaluates
// everything for everybody at each.
type world struct {
	schema *columns.Schema
	places index.Places
	people people
	facts  []*arrived
	data   *columns.Block // one for the whole run, filled anew: ranks stand by block and row
	firms  []*customer    // the companies, by their rows
	firm   *columns.Block // in which they stand; for the whole run as well

	now     calendar.Instant
	defined map[string]*defined
	order   []*defined // what a rule refers to comes before it
	in      map[membership]bool
	past    map[membership][]stay // of all who were ever in
	hands   map[string]map[*customer]hand
	expires calendar.Instant
	log     []moved
}

// defined is a segment with its rule made ready.
type defined struct {
	name    string
	firms   bool
	node    rule.Node
	program *eval.Program
	ranks   []*eval.Ranks
}

// membership is a segment and a customer.
type membership struct {
	segment string
	who     *customer
}

// moved is an entry or an exit of a customer, whose name may change later.
type moved struct {
	who *customer
	transition
}

func newWorld(s *Scenario) *world {
	known := *s.known
	known.Segments = slices.Sorted(slices.Values(s.segments))
	w := &world{
		schema: columns.NewSchema(&known, s.zone), places: index.Places{}, data: &columns.Block{}, firm: &columns.Block{}, expires: calendar.Never,
		people: people{byID: map[person]*customer{}}, defined: map[string]*defined{}, past: map[membership][]stay{}, in: map[membership]bool{},
		hands: map[string]map[*customer]hand{},
	}
	for _, p := range s.postcodes {
		w.places[[2]string{p.country, p.code}] = [2]float64{p.lat, p.lon}
	}
	return w
}

// check reads a rule and tells what is wrong with it where it stands.
func (w *world) check(s *segment) (rule.Node, rule.Problems) {
	known := *w.schema.Catalog
	known.Segments = append(slices.Collect(maps.Keys(w.defined)), s.name)
	slices.Sort(known.Segments)
	for name, d := range w.defined {
		if d.firms {
			known.Firms = append(known.Firms, name)
		}
	}
	n, problems := rule.Parse(s.text)
	if s.firms {
		known.Firms = append(known.Firms, s.name)
		if !problems.Fatal() {
			n = rule.ForCompanies(n)
		}
	}
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, &known, check.Options{Companies: s.firms})...)
	}
	problems = shifted(problems, s.offset)
	if len(w.parts(s.name)) > 0 {
		problems = append(problems, rule.Problem{Span: s.Span, Message: s.name + " is a segmentation"})
	}
	if !problems.Fatal() {
		defs := map[string]rule.Node{}
		for name, d := range w.defined {
			defs[name] = d.node
		}
		defs[s.name] = n
		if cycle := check.Cycle(defs); cycle != nil {
			problems = append(problems, rule.Problem{Span: s.Span, Message: check.CycleMessage(cycle)})
		}
	}
	return n, problems
}

// define gives segments of people, or of companies, rules and removes others, and has
// those enter and leave whom that concerns, all at once.
func (w *world) define(rules map[string]rule.Node, firms bool, without []string) error {
	ranked := false
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if firms && !slices.Contains(w.schema.Catalog.Firms, name) {
			w.schema.Catalog.Firms = append(w.schema.Catalog.Firms, name)
		}
		program, err := eval.Compile(rules[name], w.schema, w.places)
		if err != nil {
			return err
		}
		w.defined[name] = &defined{name: name, firms: firms, node: rules[name], program: program}
		ranked = ranked || program.NeedsRanks()
	}
	for _, name := range without {
		delete(w.defined, name)
	}
	w.sort()
	if ranked {
		w.rank()
	}
	for _, name := range without {
		for _, c := range slices.Concat(w.people.all, w.firms) {
			w.move(name, c, false, "edit")
		}
	}
	return w.evaluate("edit", nil)
}

// parts names the parts of a segmentation that are there.
func (w *world) parts(segmentation string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(w.defined)) {
		if of, _, ok := spec.SplitPart(name); ok && of == segmentation {
			names = append(names, name)
		}
	}
	return names
}

// divides tells whether a segmentation is possible: its segments are there, and none of
// them leads back to it.
func (w *world) divides(d *spec.Definition) bool {
	rules := map[string]rule.Node{}
	for name, other := range w.defined {
		rules[name] = other.node
	}
	for _, part := range d.Derived() {
		rules[part.Name], _ = rule.Parse(part.Rule)
	}
	there := !slices.ContainsFunc(d.Parts, func(name string) bool { return w.defined[name] == nil || w.defined[name].firms != d.Firms() })
	return len(d.Check()) == 0 && there && w.defined[d.Name] == nil && check.Cycle(rules) == nil
}

// divide gives a segmentation its parts; those that it has no more go.
func (w *world) divide(d *spec.Definition) error {
	rules := map[string]rule.Node{}
	for _, part := range d.Derived() {
		rules[part.Name], _ = rule.Parse(part.Rule)
	}
	gone := slices.DeleteFunc(w.parts(d.Name), func(name string) bool { return rules[name] != nil })
	return w.define(rules, d.Firms(), gone)
}

// sort puts the segments in the order of their references.
func (w *world) sort() {
	w.order = nil
	var add func(name string)
	add = func(name string) {
		d := w.defined[name]
		if d == nil || slices.Contains(w.order, d) {
			return
		}
		for _, other := range check.Mentions(d.node).Segments {
			add(other)
		}
		w.order = append(w.order, d)
	}
	for _, name := range slices.Sorted(maps.Keys(w.defined)) {
		add(name)
	}
}

// remove removes a segment, or a segmentation with its parts: all leave it.
func (w *world) remove(name string) {
	for _, name := range append(w.parts(name), name) {
		delete(w.defined, name)
		delete(w.hands, name)
		for _, c := range slices.Concat(w.people.all, w.firms) {
			w.move(name, c, false, "edit")
		}
	}
	w.sort()
}

// follow lets time pass up to an instant.
func (w *world) follow(to calendar.Instant) error {
	for range mostSteps {
		if w.expires > to {
			w.now = to
			return nil
		}
		if err := w.step(); err != nil {
			return err
		}
	}
	return fmt.Errorf("time alone changes more than %d times up to %s; use fewer months, or rules that do not rank", mostSteps, calendar.Format(to))
}

// mostSteps bounds the expiries that are followed between two instants.
const mostSteps = 20_000

// step goes on to the next expiry.
func (w *world) step() error {
	if w.expires <= w.now {
		return errors.New("an expiry does not lie after its evaluation")
	}
	w.now = w.expires
	if w.now%hour == 0 {
		w.rank()
	}
	return w.evaluate("time", nil)
}

// hour is how often ranks are computed, in milliseconds.
const hour = 3_600_000

// rank computes the ranks of all rules that need them for now.
func (w *world) rank() {
	w.remember()
	for _, d := range w.order {
		if d.program.NeedsRanks() {
			d.ranks = d.program.Rank([]*columns.Block{w.blockOf(d)}, w.now)
		}
	}
}

// receive takes in facts that come together, and evaluates what follows.
func (w *world) receive(facts []*fact) error {
	merged := map[*customer]bool{}
	var gone []*customer
	for _, f := range facts {
		if f.kind == alias {
			if remains, left := w.people.identify(f.who, f.other); left != nil {
				merged[remains] = true
				gone = append(gone, left)
				w.inherit(remains, left)
				w.inheritHands(remains, left)
			}
		} else if f.who != (person{}) {
			w.people.find(f.who)
		}
		a := &arrived{fact: f, time: w.now, fields: f.fields}
		if f.on != nil {
			a.time = *f.on
		}
		w.facts = append(w.facts, a)
	}
	if err := w.renew(); err != nil {
		return err
	}
	err := w.evaluate("event", merged)
	for _, c := range gone {
		for _, name := range w.schema.Segments {
			w.move(name, c, false, "merge")
		}
	}
	return err
}

// inherit gives one customer the stays of another.
func (w *world) inherit(remains, left *customer) {
	for _, name := range w.schema.Segments {
		mine, theirs := membership{name, remains}, membership{name, left}
		w.past[mine] = unite(slices.Concat(w.past[mine], w.past[theirs]))
	}
}

// correct gives an event another content, or takes it back.
func (w *world) correct(c *correction) error {
	for _, f := range w.facts {
		if f.label != c.label || f.label == "" {
			continue
		}
		f.fields, f.gone = c.fields, c.gone
		if c.on != nil {
			f.time = *c.on
		}
	}
	if err := w.renew(); err != nil {
		return err
	}
	return w.evaluate("event", nil)
}

// renew builds the block anew.
func (w *world) renew() error {
	b, err := w.block()
	if err != nil {
		return err
	}
	*w.data = *b
	b.Companies.SeatPeople([]*columns.Block{w.data})
	for _, firm := range columns.FirmBlocks(w.schema, b.Companies) {
		*w.firm = *firm // there is one: a scenario has few companies
		b.Companies.Firms = []*columns.Block{w.firm}
	}
	return nil
}
