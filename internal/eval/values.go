package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/number"
)

// unset is the value of a scalar that is not known.
const unset = columns.Unset

// scalar is a value that is a number (in ten-thousandths), a date or a time
// (in milliseconds): one int64, or unset.
type scalar interface {
	scalar(m *Machine) int64
	change(m *Machine) calendar.Instant
}

// locator finds the column and row where a value stands; nil if there is none.
// Attributes, properties and first(e.p), last(e.p) are locators.
type locator interface {
	locate(m *Machine) (*columns.Column, int)
	change(m *Machine) calendar.Instant
}

// attribute is an attribute of the customer.
type attribute struct{ id int }

func (a attribute) locate(m *Machine) (*columns.Column, int) {
	attr := m.block.Attr(a.id)
	if attr == nil {
		return nil, 0
	}
	return attr.At(m.row, m.now)
}

func (a attribute) change(m *Machine) calendar.Instant {
	if attr := m.block.Attr(a.id); attr != nil {
		return attr.Change(m.row, m.now)
	}
	return calendar.Never
}

// companyAttribute is an attribute of the customer's company.
type companyAttribute struct{ id int }

func (a companyAttribute) locate(m *Machine) (*columns.Column, int) {
	company, ok := m.block.Company(m.row, m.now)
	if !ok {
		return nil, 0
	}
	attr := m.block.Companies.Attr(a.id)
	if attr == nil {
		return nil, 0
	}
	return attr.At(company, m.now)
}

func (a companyAttribute) change(m *Machine) calendar.Instant {
	company, ok := m.block.Company(m.row, m.now)
	if !ok {
		return calendar.Never
	}
	next := m.block.Joins.Change(m.row, m.now)
	if attr := m.block.Companies.Attr(a.id); attr != nil {
		next = min(next, attr.Change(company, m.now))
	}
	return next
}

// roleOf is the role in which a person belongs to the company; where none was told,
// the person's own attribute of that name.
type roleOf struct{ own locator }

func (r roleOf) locate(m *Machine) (*columns.Column, int) {
	if roles := m.block.Roles; roles != nil {
		if c, i := roles.At(m.row, m.now); c.IsKnown(i) {
			return c, i
		}
	}
	return r.own.locate(m)
}

func (r roleOf) change(m *Machine) calendar.Instant {
	next := r.own.change(m)
	if m.block.Roles != nil {
		next = min(next, m.block.Roles.Change(m.row, m.now))
	}
	return next
}

// property is a field of the innermost event or object.
type property struct{ id int }

func (p property) locate(m *Machine) (*columns.Column, int) { return m.table.Col(p.id), m.record }
func (p property) change(*Machine) calendar.Instant         { return calendar.Never }

// missing is a field that nothing is known of; rules written ahead of the data have such.
type missing struct{}

func (missing) locate(*Machine) (*columns.Column, int) { return nil, 0 }
func (missing) change(*Machine) calendar.Instant       { return calendar.Never }
func (missing) scalar(*Machine) int64                  { return unset }

// located is the number, date or time that a locator finds.
type located struct{ locator }

func (l located) scalar(m *Machine) int64 {
	c, i := l.locate(m)
	if c == nil {
		return unset
	}
	return c.Nums[i]
}

// constant is a literal.
type constant int64

func (c constant) scalar(*Machine) int64            { return int64(c) }
func (c constant) change(*Machine) calendar.Instant { return calendar.Never }

// remembered is an aggregate inside a `where`: the same for all events of a
// customer, so it is computed once for them.
type remembered struct {
	value scalar
	slot  int
}

// memory is what a machine remembers of an aggregate.
type memory struct {
	block *columns.Block
	row   int
	now   calendar.Instant
	value int64
}

func (r *remembered) scalar(m *Machine) int64 {
	known := &m.remembered[r.slot]
	if known.block != m.block || known.row != m.row || known.now != m.now {
		v := r.value.scalar(m)
		*known = memory{m.block, m.row, m.now, v}
	}
	return known.value
}

func (r *remembered) change(m *Machine) calendar.Instant { return r.value.change(m) }

// age is age(date): completed years, unknown before birth.
type age struct {
	of scalar
	// levels are the whole ages at which the comparisons that use this age can
	// change, in order; nil if every birthday counts.
	levels []int
}

func (a *age) scalar(m *Machine) int64 {
	birth := a.of.scalar(m)
	if birth == unset || birth > m.now {
		return unset
	}
	return int64(number.FromInt(int64(m.zone.Age(birth, m.now))))
}

func (a *age) change(m *Machine) calendar.Instant {
	next := a.of.change(m)
	birth := a.of.scalar(m)
	switch {
	case birth == unset:
		return next
	case birth > m.now:
		return min(next, birth)
	}
	years := m.zone.Age(birth, m.now)
	if a.levels == nil {
		return min(next, m.zone.Birthday(birth, years+1))
	}
	for _, level := range a.levels {
		if level > years {
			return min(next, m.zone.Birthday(birth, level))
		}
	}
	return next
}

// isKnown is `value is known`.
type isKnown struct {
	scalar  scalar  // of numbers, dates, times
	locator locator // of all other values
}

func (c *isKnown) holds(m *Machine) bool {
	if c.scalar != nil {
		return c.scalar.scalar(m) != unset
	}
	column, i := c.locator.locate(m)
	return column != nil && column.IsKnown(i)
}

func (c *isKnown) change(m *Machine) calendar.Instant {
	if c.scalar != nil {
		return c.scalar.change(m)
	}
	return c.locator.change(m)
}

// always is a condition that does not depend on the customer, such as `"x" is known`.
type always bool

func (c always) holds(*Machine) bool              { return bool(c) }
func (c always) change(*Machine) calendar.Instant { return calendar.Never }

// isTrue is a boolean attribute that stands alone, or is compared with true or false.
type isTrue struct {
	locator
	want uint8
}

func (c *isTrue) holds(m *Machine) bool {
	column, i := c.locate(m)
	return column != nil && column.Bools[i] == c.want
}

// sameBool compares two booleans.
type sameBool struct{ a, b locator }

func (c *sameBool) holds(m *Machine) bool {
	ca, i := c.a.locate(m)
	cb, j := c.b.locate(m)
	return ca != nil && cb != nil && ca.Bools[i] != columns.BoolUnset && ca.Bools[i] == cb.Bools[j]
}

func (c *sameBool) change(m *Machine) calendar.Instant { return min(c.a.change(m), c.b.change(m)) }

func isScalar(k catalog.Kind) bool {
	return k == catalog.Number || k == catalog.Date || k == catalog.Time
}
