package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
)

// Asking one rule of everybody is done column by column: a condition takes the
// customers that are still in question and keeps those for which it is true.
// The conditions and values here do in one loop what `holds` and `scalar` do for
// one customer; all others are asked one by one. A condition inside `where` that
// looks at nothing but the event sieves events in the same way. A property test
// holds the two ways to each other.

// selector is a condition that can sieve many rows at once, in place.
type selector interface {
	sieve(m *Machine, rows []int32) []int32
}

// bulk is a value that can be computed for many rows at once.
type bulk interface {
	scalars(m *Machine, rows []int32, out []int64)
}

// scratch is memory that a machine uses again and again, as a stack.
type scratch[T any] struct {
	pieces [][]T
	used   int
}

// take gives an empty slice with room for n values, until give.
func (s *scratch[T]) take(n int) []T {
	if s.used == len(s.pieces) {
		s.pieces = append(s.pieces, nil)
	}
	if cap(s.pieces[s.used]) < n {
		s.pieces[s.used] = make([]T, 0, n+n/4)
	}
	s.used++
	return s.pieces[s.used-1][:0]
}

// give takes back what was taken last; keep is the same memory after it grew.
func (s *scratch[T]) give(keep []T) {
	s.used--
	if cap(keep) > cap(s.pieces[s.used]) {
		s.pieces[s.used] = keep[:0]
	}
}

// Select gives the customers of a block for which the rule is true at an
// instant, in order. The result is valid until the next call.
func (m *Machine) Select(block *columns.Block, now calendar.Instant) []int32 {
	m.block, m.now = block, now
	n := block.Rows()
	rows := append(m.rows.take(n), upTo(n)...)
	defer m.rows.give(rows)
	return m.sieve(m.program.root, rows)
}

// at makes a row the current one: a customer or, while events are sieved, an event.
func (m *Machine) at(row int32) {
	if m.records {
		m.record = int(row)
	} else {
		m.row = int(row)
	}
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
		return m.remove(rows, c.part)
	case selector:
		return c.sieve(m, rows)
	}
	return m.oneByOne(c, rows)
}

// oneByOne asks a condition row by row.
func (m *Machine) oneByOne(c cond, rows []int32) []int32 {
	kept := rows[:0]
	for _, row := range rows {
		m.at(row)
		if c.holds(m) {
			kept = append(kept, row)
		}
	}
	return kept
}

// sieveAny keeps the rows for which one of the parts is true; a part is asked
// only about those that are not yet in.
func (m *Machine) sieveAny(parts []cond, rows []int32) []int32 {
	open := append(m.rows.take(len(rows)), rows...)
	rest := open
	for _, part := range parts {
		rest = m.remove(rest, part)
	}
	rows = without(rows, rest)
	m.rows.give(open)
	return rows
}

// remove removes the rows for which a condition is true.
func (m *Machine) remove(rows []int32, c cond) []int32 {
	some := append(m.rows.take(len(rows)), rows...)
	rows = without(rows, m.sieve(c, some))
	m.rows.give(some)
	return rows
}

// without removes some of the rows; both lists are in order.
func without(rows, some []int32) []int32 {
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

// values computes a scalar for the rows, in memory to be given back.
func (m *Machine) values(s scalar, rows []int32) []int64 {
	out := m.numbers.take(len(rows))[:len(rows)]
	if b, ok := s.(bulk); ok {
		b.scalars(m, rows, out)
		return out
	}
	for i, row := range rows {
		m.at(row)
		out[i] = s.scalar(m)
	}
	return out
}

// sieveValues keeps the rows whose known value passes a test.
func (m *Machine) sieveValues(s scalar, rows []int32, test func(v int64) bool) []int32 {
	values, kept := m.values(s, rows), rows[:0]
	for i, row := range rows {
		if v := values[i]; v != unset && test(v) {
			kept = append(kept, row)
		}
	}
	m.numbers.give(values)
	return kept
}

func (c *compareScalars) sieve(m *Machine, rows []int32) []int32 {
	if right, ok := c.right.(constant); ok {
		op, r := c.op, int64(right)
		return m.sieveValues(c.left, rows, func(l int64) bool { return ordered(op, l, r) })
	}
	left := m.values(c.left, rows)
	right := m.values(c.right, rows)
	kept := rows[:0]
	for i, row := range rows {
		if left[i] != unset && right[i] != unset && ordered(c.op, left[i], right[i]) {
			kept = append(kept, row)
		}
	}
	m.numbers.give(right)
	m.numbers.give(left)
	return kept
}

func (c *betweenScalars) sieve(m *Machine, rows []int32) []int32 {
	return m.sieveValues(c.value, rows, func(v int64) bool { return v >= c.low && v <= c.high })
}

func (c *olderThan) sieve(m *Machine, rows []int32) []int32 {
	trail, now := *m.trail(c.slot, c.duration), m.now
	return m.sieveValues(c.value, rows, func(v int64) bool { return v <= now && !trail.Within(v) })
}

func (c *inLast) sieve(m *Machine, rows []int32) []int32 {
	trail, now := *m.trail(c.slot, c.duration), m.now
	return m.sieveValues(c.value, rows, func(v int64) bool { return v <= now && trail.Within(v) })
}

func (c *isKnown) sieve(m *Machine, rows []int32) []int32 {
	if c.scalar != nil {
		return m.sieveValues(c.scalar, rows, func(int64) bool { return true })
	}
	column, direct := m.column(c.locator)
	if !direct {
		return m.oneByOne(c, rows)
	}
	kept := rows[:0]
	for _, row := range rows {
		if column != nil && column.IsKnown(int(row)) {
			kept = append(kept, row)
		}
	}
	return kept
}

func (c *textTest) sieve(m *Machine, rows []int32) []int32 {
	column, direct := m.column(c.value)
	if !direct {
		return m.oneByOne(c, rows)
	}
	if column == nil || column.Kind != catalog.Text {
		return rows[:0]
	}
	kept := rows[:0]
	for _, row := range rows {
		if c.holdsCode(m, column, column.Codes[row]) {
			kept = append(kept, row)
		}
	}
	return kept
}

func (c *isTrue) sieve(m *Machine, rows []int32) []int32 {
	column, direct := m.column(c.locator)
	if !direct {
		return m.oneByOne(c, rows)
	}
	kept := rows[:0]
	for _, row := range rows {
		if column != nil && column.Bools[row] == c.want {
			kept = append(kept, row)
		}
	}
	return kept
}

// column finds the column whose rows are the rows that are sieved: of an
// attribute without history, or of a property while events are sieved. It is nil
// if nothing is known; not direct means that each row must be asked.
func (m *Machine) column(l locator) (column *columns.Column, direct bool) {
	switch l := l.(type) {
	case attribute:
		if attr := m.block.Attrs[l.id]; attr == nil {
			return nil, true
		} else if attr.HistOff == nil {
			return attr.Latest, !m.records
		}
	case property:
		if m.records {
			return m.table.Cols[l.id], true
		}
	}
	return nil, false
}

// sieve finds the sequences of all customers at once, if the conditions on the
// events look at nothing but the events.
func (s *sequence) sieve(m *Machine, rows []int32) []int32 {
	a := s.first.source(m)
	if a == nil {
		return rows[:0]
	}
	if m.records || !s.first.separate() || !s.second.separate() {
		return m.oneByOne(s, rows)
	}
	firsts := s.first.gather(m, rows, a)
	rows = owners(rows, a, firsts)
	var seconds []int32
	b := s.second.source(m)
	if b != nil {
		seconds = s.second.gather(m, rows, b)
	}
	kept, f, n := rows[:0], firsts, seconds
	for _, row := range rows {
		var mine, theirs []int32
		mine, f = split(f, a.Off[row+1])
		if b != nil {
			theirs, n = split(n, b.Off[row+1])
		}
		if s.found(m, a, b, mine, theirs) {
			kept = append(kept, row)
		}
	}
	if b != nil {
		m.rows.give(seconds)
	}
	m.rows.give(firsts)
	return kept
}

// found tells whether some of a customer's first events is followed, or is not.
func (s *sequence) found(m *Machine, a, b *columns.EventTable, firsts, seconds []int32) bool {
	for _, i := range firsts {
		start := a.Times[i]
		for len(seconds) > 0 && b.Times[seconds[0]] <= start {
			seconds = seconds[1:]
		}
		if len(seconds) == 0 && !s.no {
			return false
		}
		end := m.zone.Add(start, s.within)
		if followed := len(seconds) > 0 && b.Times[seconds[0]] <= end; followed != s.no && (!s.no || m.now >= end) {
			return true
		}
	}
	return false
}
