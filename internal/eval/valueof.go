package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/rule"
)

// Value tells what a value of the program's rule is for a customer, a row of a
// block, at an instant: in which column and row it stands; nil if it is unknown.
// What is computed stands in a column of its own. Whoever wants a value and no
// verdict compiles `value is known`. Values within `where` depend on an event, too,
// and literals are what they are; both are unknown here.
func (m *Machine) Value(v rule.Value, block *columns.Block, row int, now calendar.Instant) (*columns.Column, int) {
	m.begin(block, now)
	m.row = row
	switch made := m.program.parts.values[v].(type) {
	case locator: // asked first, since some are scalars of their event, too
		return knownIn(made.locate(m))
	case scalar:
		if n := made.scalar(m); n != unset {
			return &columns.Column{Kind: m.computedKind(v), Nums: []int64{n}}, 0
		}
	}
	return nil, 0
}

// computedKind gives the kind of a value that is computed.
func (m *Machine) computedKind(v rule.Value) catalog.Kind {
	if a, ok := v.(*rule.Aggregate); ok {
		c := compiler{schema: m.program.schema}
		return c.aggregateKind(a)
	}
	return catalog.Number // age, distance, score
}

func knownIn(c *columns.Column, i int) (*columns.Column, int) {
	if c == nil || !c.IsKnown(i) {
		return nil, 0
	}
	return c, i
}
