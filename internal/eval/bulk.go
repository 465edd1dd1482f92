package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// Asking one rule of everybody is done column by column: a condition takes the
// customers that are still in question and keeps those for which it is true.
// The conditions and values here do in one loop what `holds` and `scalar` do for
// one customer; all others are asked one by one. A property test holds the two
// ways to each other.

// selector is a condition that can sieve many customers at once, in place.
type selector interface {
	sieve(m *Machine, rows []int32) []int32
}

// bulk is a value that can be computed for many customers at once.
type bulk interface {
	scalars(m *Machine, rows []int32, out []int64)
}

// Select gives the customers of a block for which the rule is true at an
// instant, in order. The result is valid until the next call.
func (m *Machine) Select(block *columns.Block, now calendar.Instant) []int32 {
	m.block, m.now = block, now
	rows := m.everybody[:0]
	for row := range block.Rows() {
		rows = append(rows, int32(row))
	}
	m.everybody = rows
	return m.sieve(m.program.root, rows)
}

// sieve keeps the rows for which a condition is true. It reuses their memory.
func (m *Machine) sieve(c cond, rows []int32) []int32 {
	switch c := c.(type) {
	case *andCond:
		for _, part := range c.cheapest {
			if rows = m.sieve(part, rows); len(rows) == 0 {
				break
			}
		}
		return rows
	case *orCond:
		return m.sieveAny(c.parts, rows)
	case *notCond:
		return m.without(rows, m.sieve(c.part, m.copyOf(rows)))
	case selector:
		return c.sieve(m, rows)
	}
	kept := rows[:0]
	for _, row := range rows {
		m.row = int(row)
		if c.holds(m) {
			kept = append(kept, row)
		}
	}
	return kept
}

// sieveAny keeps the rows for which one of the parts is true; a part is asked
// only about those that are not yet in.
func (m *Machine) sieveAny(parts []cond, rows []int32) []int32 {
	open := m.copyOf(rows)
	for _, part := range parts {
		open = m.without(open, m.sieve(part, m.copyOf(open)))
	}
	return m.without(rows, open)
}

// copyOf gives the rows in memory of their own.
func (m *Machine) copyOf(rows []int32) []int32 { return append([]int32(nil), rows...) }

// without removes some of the rows; both lists are in order.
func (m *Machine) without(rows, some []int32) []int32 {
	kept := rows[:0]
	for _, row := range rows {
		if len(some) > 0 && some[0] == row {
			some = some[1:]
			continue
		}
		kept = append(kept, row)
	}
	return kept
}

// values computes a scalar for the rows, in a buffer of the machine.
func (m *Machine) values(s scalar, rows []int32, buffer int) []int64 {
	if cap(m.buffers[buffer]) < len(rows) {
		m.buffers[buffer] = make([]int64, max(len(rows), m.block.Rows()))
	}
	out := m.buffers[buffer][:len(rows)]
	if b, ok := s.(bulk); ok {
		b.scalars(m, rows, out)
		return out
	}
	for i, row := range rows {
		m.row = int(row)
		out[i] = s.scalar(m)
	}
	return out
}

func (c constant) scalars(_ *Machine, _ []int32, out []int64) {
	for i := range out {
		out[i] = int64(c)
	}
}

func (l located) scalars(m *Machine, rows []int32, out []int64) {
	if a, ok := l.locator.(attribute); ok {
		if attr := m.block.Attrs[a.id]; attr != nil && attr.HistOff == nil {
			for i, row := range rows {
				out[i] = attr.Latest.Nums[row]
			}
			return
		}
	}
	for i, row := range rows {
		m.row = int(row)
		out[i] = l.scalar(m)
	}
}

func (c *count) scalars(m *Machine, rows []int32, out []int64) {
	t := c.source(m)
	if t == nil || c.where != nil || c.property >= 0 {
		for i, row := range rows {
			m.row = int(row)
			out[i] = c.scalar(m)
		}
		return
	}
	b := c.window.at(m)
	for i, row := range rows {
		lo, hi := b.tail(t, int(row))
		k := hi
		for k > lo && t.Times[k-1] >= b.sure {
			k--
		}
		n := hi - k
		for ; k > lo && t.Times[k-1] >= b.from; k-- {
			if b.trail.Within(t.Times[k-1]) {
				n++
			}
		}
		out[i] = int64(n) * number.Scale
	}
}

// tail gives the rows of a customer's events without those after the window.
func (b *bounds) tail(t *columns.EventTable, row int) (lo, hi int) {
	lo, hi = int(t.Off[row]), int(t.Off[row+1])
	for hi > lo && t.Times[hi-1] >= b.to {
		hi--
	}
	return lo, hi
}

func (f *foldValues) scalars(m *Machine, rows []int32, out []int64) {
	t := f.source(m)
	if t == nil || t.Cols[f.property] == nil || f.where != nil || f.fn != rule.Sum {
		for i, row := range rows {
			m.row = int(row)
			out[i] = f.scalar(m)
		}
		return
	}
	b, values := f.window.at(m), t.Cols[f.property].Nums
	for i, row := range rows {
		lo, hi := b.tail(t, int(row))
		var sum number.Sum
		for k := hi - 1; k >= lo && t.Times[k] >= b.from; k-- {
			if v := values[k]; v != unset && (t.Times[k] >= b.sure || b.trail.Within(t.Times[k])) {
				sum.Add(number.Number(v))
			}
		}
		out[i] = int64(sum.Total())
	}
}

func (e *edge) scalars(m *Machine, rows []int32, out []int64) {
	t := e.source(m)
	if t == nil || e.where != nil || !e.last || e.window.kind != allTime {
		for i, row := range rows {
			m.row = int(row)
			out[i] = e.scalar(m)
		}
		return
	}
	b := e.window.at(m)
	for i, row := range rows {
		out[i] = unset
		if lo, hi := b.tail(t, int(row)); hi > lo {
			out[i] = t.Times[hi-1]
		}
	}
}

func (c *compareScalars) sieve(m *Machine, rows []int32) []int32 {
	left, kept := m.values(c.left, rows, 0), rows[:0]
	if right, ok := c.right.(constant); ok {
		for i, row := range rows {
			if l := left[i]; l != unset && ordered(c.op, l, int64(right)) {
				kept = append(kept, row)
			}
		}
		return kept
	}
	right := m.values(c.right, rows, 1)
	for i, row := range rows {
		if left[i] != unset && right[i] != unset && ordered(c.op, left[i], right[i]) {
			kept = append(kept, row)
		}
	}
	return kept
}

func (c *betweenScalars) sieve(m *Machine, rows []int32) []int32 {
	values, kept := m.values(c.value, rows, 0), rows[:0]
	for i, row := range rows {
		if v := values[i]; v != unset && v >= c.low && v <= c.high {
			kept = append(kept, row)
		}
	}
	return kept
}

func (c *olderThan) sieve(m *Machine, rows []int32) []int32 {
	values, kept := m.values(c.value, rows, 0), rows[:0]
	trail := m.trail(c.slot, c.duration)
	for i, row := range rows {
		if v := values[i]; v != unset && v <= m.now && !trail.Within(v) {
			kept = append(kept, row)
		}
	}
	return kept
}

func (c *inLast) sieve(m *Machine, rows []int32) []int32 {
	values, kept := m.values(c.value, rows, 0), rows[:0]
	trail := m.trail(c.slot, c.duration)
	for i, row := range rows {
		if v := values[i]; v != unset && v <= m.now && trail.Within(v) {
			kept = append(kept, row)
		}
	}
	return kept
}

func (c *textTest) sieve(m *Machine, rows []int32) []int32 {
	kept := rows[:0]
	column := latestColumn(m, c.value)
	if column == nil || column.Kind != catalog.Text {
		for _, row := range rows {
			m.row = int(row)
			if c.holds(m) {
				kept = append(kept, row)
			}
		}
		return kept
	}
	for _, row := range rows {
		if c.holdsCode(m, column, column.Codes[row]) {
			kept = append(kept, row)
		}
	}
	return kept
}

func (c *isTrue) sieve(m *Machine, rows []int32) []int32 {
	kept := rows[:0]
	column := latestColumn(m, c.locator)
	for _, row := range rows {
		m.row = int(row)
		if column != nil && column.Bools[row] == c.want || column == nil && c.holds(m) {
			kept = append(kept, row)
		}
	}
	return kept
}

// latestColumn gives the column of an attribute that has no history in the block.
func latestColumn(m *Machine, l locator) *columns.Column {
	if a, ok := l.(attribute); ok {
		if attr := m.block.Attrs[a.id]; attr != nil && attr.HistOff == nil {
			return attr.Latest
		}
	}
	return nil
}

// cost estimates what a condition takes per customer, to ask the cheap ones first.
func cost(c cond) int {
	switch c := c.(type) {
	case always:
		return 0
	case *textTest:
		return 1 + locatorCost(c.value)
	case *isTrue:
		return 1 + locatorCost(c.locator)
	case *compareScalars:
		return 1 + scalarCost(c.left) + scalarCost(c.right)
	case *betweenScalars:
		return 1 + scalarCost(c.value)
	case *inScalars:
		return 2 + scalarCost(c.value)
	case *olderThan:
		return 2 + scalarCost(c.value)
	case *inLast:
		return 2 + scalarCost(c.value)
	case *notCond:
		return cost(c.part)
	case *andCond:
		return totalCost(c.parts)
	case *orCond:
		return totalCost(c.parts)
	case *sequence:
		return 10 + filterCost(c.first) + filterCost(c.second)
	case *consent, *inSegment:
		return 3
	}
	return 12
}

func totalCost(parts []cond) int {
	n := 0
	for _, part := range parts {
		n += cost(part)
	}
	return n
}

func locatorCost(l locator) int {
	switch l := l.(type) {
	case attribute, property:
		return 0
	case *edgeProperty:
		return 2 + filterCost(l.filter)
	}
	return 2
}

func scalarCost(s scalar) int {
	switch s := s.(type) {
	case constant:
		return 0
	case located:
		return locatorCost(s.locator)
	case *edge:
		return 2 + filterCost(s.filter)
	case *count:
		return 4 + filterCost(s.filter)
	case *foldValues:
		return 6 + filterCost(s.filter)
	}
	return 8
}

func filterCost(f *filter) int {
	if f.where == nil {
		return 0
	}
	return 6 + cost(f.where)
}
