package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/rule"
)

// influence is what one more event of a type can do to a verdict.
type influence struct {
	raises, lowers bool                // it can let somebody in, or out
	sums           []int               // properties that are summed up: one direction only if they are not negative
	lasts          []calendar.Duration // of tests of the last event's age: one direction only if a later event ages later too
	filters        []*filter           // through which the rule sees such events
	unguarded      bool                // it may matter also if no filter lets it through now
}

// influences analyses a program, once.
func (p *Program) influences() map[int]*influence {
	a := analysis{p, map[int]*influence{}}
	a.node(p.source, false)
	return a.found
}

// analysis walks over a rule; negated tells whether more truth here is less truth of the whole.
type analysis struct {
	program *Program
	found   map[int]*influence
}

// of gives the influence of a type; nil if the schema does not know it.
func (a analysis) of(event string) *influence {
	id, ok := a.program.schema.EventID(event)
	if !ok {
		return nil
	}
	if a.found[id] == nil {
		a.found[id] = &influence{}
	}
	return a.found[id]
}

func (a analysis) node(n rule.Node, negated bool) {
	switch n := n.(type) {
	case *rule.And:
		a.nodes(n.Parts, negated)
	case *rule.Or:
		a.nodes(n.Parts, negated)
	case *rule.Not:
		a.node(n.Part, !negated)
	case *rule.Compare:
		a.compare(n, negated)
	case *rule.Moment:
		a.moment(n, negated)
	case *rule.Sequence:
		a.see(n.First, !negated, negated)
		a.see(n.Second, n.No == negated, n.No != negated)
	default:
		a.anything(n)
	}
}

func (a analysis) nodes(parts []rule.Node, negated bool) {
	for _, n := range parts {
		a.node(n, negated)
	}
}

// compare knows what more events do to the comparison of a count, a sum or a
// greatest value with a number.
func (a analysis) compare(n *rule.Compare, negated bool) {
	value, ok := n.Left.(*rule.Aggregate)
	if _, fixed := n.Right.(*rule.Literal); !ok || !fixed {
		a.anything(n)
		return
	}
	up := n.Op == rule.Greater || n.Op == rule.GreaterEqual
	if down := n.Op == rule.Less || n.Op == rule.LessEqual || n.Op == rule.Equal && isZero(n.Right); !up && !down {
		a.anything(n)
		return
	}
	switch value.Func {
	case rule.Count, rule.Distinct:
	case rule.Sum:
		if !a.sums(value) {
			a.anything(n)
			return
		}
	case rule.Max:
		// Without events it is unknown, and every comparison false: one more can make it true in both directions.
		if !up {
			a.anything(n)
			return
		}
	default:
		a.anything(n)
		return
	}
	a.see(value.Filter, up != negated, up == negated)
}

// isZero tells whether a literal is the number 0: a count that equals it can only be raised above it.
func isZero(v rule.Value) bool {
	l := v.(*rule.Literal)
	return l.Kind == rule.NumberLiteral && l.Number == 0
}

// sums notes that a property is summed up; false if the sum cannot be followed.
func (a analysis) sums(value *rule.Aggregate) bool {
	in := a.of(value.Filter.Event.Text)
	if in == nil || value.Property == nil {
		return false
	}
	id, ok := a.program.schema.EventID(value.Filter.Event.Text)
	if !ok {
		return false
	}
	property, ok := a.program.schema.Events[id].Fields.ID(joined(value.Property))
	if !ok {
		return false
	}
	in.sums = append(in.sums, property)
	return true
}

// moment knows what one more event does to the age of the last one.
func (a analysis) moment(n *rule.Moment, negated bool) {
	value, ok := n.Value.(*rule.Aggregate)
	if !ok || value.Func != rule.Last || value.Property != nil || value.Filter.Rule != nil || value.Filter.Window != nil {
		a.anything(n)
		return
	}
	in := a.of(value.Filter.Event.Text)
	switch {
	case in == nil:
	case n.Test == rule.OlderThan:
		in.lasts = append(in.lasts, n.Duration)
		a.see(value.Filter, negated, !negated)
	case n.Test == rule.InPeriod && n.Window.Kind == rule.InLast:
		in.lasts = append(in.lasts, n.Window.Duration)
		a.see(value.Filter, !negated, negated)
	default:
		a.anything(n)
	}
}

// anything notes all events that a condition reads as able to do anything.
func (a analysis) anything(n rule.Node) {
	for _, f := range rule.Filters(n) {
		a.see(f, true, true)
	}
	for _, e := range check.Mentions(n).Events {
		a.unknown(e.Type, rule.Filters(n))
	}
}

// unknown marks a type that a condition reads otherwise than through its own filters.
func (a analysis) unknown(event string, own []*rule.Filter) {
	for _, f := range own {
		if f.Event.Text == event {
			return
		}
	}
	if in := a.of(event); in != nil {
		in.raises, in.lowers, in.unguarded = true, true, true
	}
}

// see notes that a filter lets events through to a condition.
func (a analysis) see(f *rule.Filter, raises, lowers bool) {
	if f.Rule != nil {
		for _, e := range check.Mentions(f.Rule).Events {
			if in := a.of(e.Type); in != nil {
				in.raises, in.lowers, in.unguarded = true, true, true
			}
		}
	}
	in := a.of(f.Event.Text)
	if in == nil {
		return
	}
	in.raises, in.lowers = in.raises || raises, in.lowers || lowers
	made := a.program.parts.filters[f]
	if made == nil || made.timed || made.window.kind != rule.InLast && made.window.kind != allTime {
		in.unguarded = true
		return
	}
	in.filters = append(in.filters, made)
}

// Unmoved tells whether an event that was added, row i of the events t of its
// type of a customer, surely changes neither the verdict, which was in or not, nor
// the soundness of its expiry: because no filter of the rule lets it through, or
// because such events can only strengthen the verdict. Alone says that it is the
// only new one of its type; several may lean on each other.
func (m *Machine) Unmoved(block *columns.Block, row int, now calendar.Instant, event int, t *columns.EventTable, i int, in, alone bool) bool {
	f := m.program.influence[event]
	if f == nil {
		return true
	}
	if t.Times[i] > now {
		return false
	}
	m.begin(block, now)
	m.row = row
	if (in && !f.lowers || !in && !f.raises) && f.unsigned(t, i) && f.agesLater(m, t, i, alone) {
		return true
	}
	if f.unguarded {
		return false
	}
	for _, filter := range f.filters {
		if filter.lets(m, t, i) {
			return false
		}
	}
	return true
}

// unsigned tells whether the properties that are summed up are not negative.
func (f *influence) unsigned(t *columns.EventTable, i int) bool {
	for _, property := range f.sums {
		c := t.Col(property)
		if c == nil || c.Kind != catalog.Number {
			continue
		}
		if v := c.Nums[i]; v != unset && v < 0 {
			return false
		}
	}
	return true
}

// agesLater tells whether a customer's last event ages no earlier than the one
// before it: the first one makes an age known, and a later one can still be older
// than a month earlier, at month ends.
func (f *influence) agesLater(m *Machine, t *columns.EventTable, i int, alone bool) bool {
	if len(f.lasts) == 0 {
		return true
	}
	if !alone {
		return false
	}
	if i+1 < t.Rows && t.Times[i+1] <= m.now {
		return true
	}
	for _, d := range f.lasts {
		if i == 0 || m.zone.Add(t.Times[i], d) < m.zone.Add(t.Times[i-1], d) {
			return false
		}
	}
	return true
}

// lets tells whether an event may come through the filter, now or later.
func (f *filter) lets(m *Machine, t *columns.EventTable, i int) bool {
	if f.window.kind == rule.InLast && t.Times[i] < f.window.at(m).from {
		return false
	}
	if f.where == nil {
		return true
	}
	outer := m.enter(&t.Table, i)
	in := f.where.holds(m)
	m.leave(outer)
	return in
}
