package eval

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// people is an aggregate over those who belong to the company at the instant, and
// of whom a rule about persons is true. A machine of its own evaluates that rule.
type people struct {
	fn      rule.Func
	of      scalar  // what is aggregated; nil for count and distinct
	located locator // of distinct
	known   cond    // of count: whether there is something to count
	person  *Program
	slot    int
}

// staff is the scope of a rule about one of a company's people.
func staff(s *columns.Schema) scope {
	return scope{Scope: catalog.Scope{Catalog: s.Catalog, Staff: true}}
}

func (c *compiler) people(a *rule.Aggregate) scalar {
	made := &people{fn: a.Func, slot: c.program.people}
	c.program.people++
	inner := newCompiler(a.Filter.Rule, c.schema, c.places)
	made.person = inner.program
	made.person.root = always(true)
	if a.Filter.Rule != nil {
		made.person.root = inner.cond(a.Filter.Rule, staff(c.schema))
	}
	switch of := a.Of(); {
	case of == nil:
	case a.Func == rule.Count:
		made.known = inner.known(of, staff(c.schema))
	case a.Func == rule.Distinct:
		made.located = inner.locate(of, staff(c.schema))
	default:
		made.of = inner.scalar(of, staff(c.schema))
	}
	if inner.err != nil && c.err == nil {
		c.err = inner.err
	}
	return made
}

// each calls fn for everybody who counts, with the machine turned to them.
func (p *people) each(m *Machine, fn func(*Machine)) {
	p.all(m, func(person *Machine, belongs bool, _ columns.Seat) {
		if belongs && p.person.root.holds(person) && (p.known == nil || p.known.holds(person)) {
			fn(person)
		}
	})
}

// all calls fn for everybody who ever belonged to the company.
func (p *people) all(m *Machine, fn func(person *Machine, belongs bool, seat columns.Seat)) {
	company, ok := m.block.Company(m.row, m.now)
	if !ok || company >= len(m.block.Companies.People) {
		return
	}
	person := m.people[p.slot]
	if person == nil {
		person = p.person.Machine()
		m.people[p.slot] = person
	}
	person.hasty = m.hasty
	for _, seat := range m.block.Companies.People[company] {
		if seat.Block.Gone(seat.Row) {
			continue
		}
		before := person.effort
		person.begin(seat.Block, m.now)
		person.row = seat.Row
		fn(person, seat.Belongs(company, m.now), seat)
		m.effort += 1 + person.effort - before
	}
}

func (p *people) scalar(m *Machine) int64 {
	switch p.fn {
	case rule.Count:
		n := int64(0)
		p.each(m, func(*Machine) { n++ })
		return n * number.Scale
	case rule.Distinct:
		return p.distinct(m)
	}
	var all folded
	p.each(m, func(person *Machine) {
		if v := p.of.scalar(person); v != unset {
			all.add(p.fn, v)
		}
	})
	return all.result(p.fn)
}

func (p *people) distinct(m *Machine) int64 {
	var seen []int64
	p.each(m, func(person *Machine) {
		c, i := p.located.locate(person)
		if c != nil && c.IsKnown(i) && c.Kind != catalog.TextList && c.Kind != catalog.ObjectList {
			seen = append(seen, comparable(c, i, foldsOf(c)))
		}
	})
	slices.Sort(seen)
	return int64(len(slices.Compact(seen))) * number.Scale
}

// change gives the next instant at which somebody joins or leaves, counts or counts no
// longer, or counts for something else.
func (p *people) change(m *Machine) calendar.Instant {
	next := calendar.Never
	p.all(m, func(person *Machine, belongs bool, seat columns.Seat) {
		next = min(next, seat.Block.Joins.Change(seat.Row, m.now))
		if belongs {
			next = min(next, p.changeOf(person))
		}
	})
	return next
}

func (p *people) changeOf(person *Machine) calendar.Instant {
	in, next := person.until(p.person.root)
	switch {
	case !in:
	case p.known != nil:
		next = min(next, p.known.change(person))
	case p.located != nil:
		next = min(next, p.located.change(person))
	case p.of != nil:
		next = min(next, p.of.change(person))
	}
	return next
}

// ofCompany has a condition on a segment of companies be asked of the company to which
// a person belongs.
func (c *compiler) ofCompany(segment rule.Name, made cond) cond {
	if slices.Contains(c.schema.Catalog.Firms, segment.Text) {
		c.program.companies = true
		return &ofCompany{made}
	}
	return made
}

// ofCompany is a condition that is asked of the customer's company; without one it is
// false. Asked of a company it is the company's own.
type ofCompany struct{ cond }

// turn turns the machine to the company; back turns it to the customer again.
func (c *ofCompany) turn(m *Machine) (back func(), ok bool) {
	block, row := m.block, m.row
	back = func() { m.block, m.row = block, row }
	if block.OfFirms {
		return back, true
	}
	company, ok := block.Company(row, m.now)
	if !ok {
		return back, false
	}
	firms, at, ok := block.Companies.Firm(company)
	if ok {
		m.block, m.row = firms, at
	}
	return back, ok
}

func (c *ofCompany) holds(m *Machine) bool {
	back, ok := c.turn(m)
	defer back()
	return ok && c.cond.holds(m)
}

func (c *ofCompany) change(m *Machine) calendar.Instant {
	next := calendar.Never
	if m.block.Joins != nil {
		next = m.block.Joins.Change(m.row, m.now)
	}
	back, ok := c.turn(m)
	defer back()
	if ok {
		next = min(next, c.cond.change(m))
	}
	return next
}

// names lists the people of a company who count for an aggregate, at most so many.
func (p *people) names(m *Machine, most int) (names []string) {
	p.all(m, func(person *Machine, belongs bool, seat columns.Seat) {
		if len(names) < most && belongs && p.person.root.holds(person) {
			names = append(names, seat.Block.Names[seat.Row])
		}
	})
	return names
}
