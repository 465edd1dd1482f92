package eval

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/rule"
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
	m.begin(block, now)
	rows := block.Settled(m.rows.take(block.Rows()))
	defer m.rows.give(rows)
	rows = m.sieve(m.program.root, rows)
	settled := len(rows)
	for row := range block.Changed() {
		m.row = row
		if m.program.root.holds(m) {
			rows = append(rows, int32(row))
		}
	}
	if settled > 0 && settled < len(rows) {
		slices.Sort(rows)
	}
	return rows
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

// sieveRange keeps the rows whose known value lies between two others, both included.
func (m *Machine) sieveRange(s scalar, rows []int32, low, high int64) []int32 {
	values, kept := m.values(s, rows), rows[:0]
	low = max(low, unset+1)
	for i, row := range rows {
		if v := values[i]; v >= low && v <= high {
			kept = append(kept, row)
		}
	}
	m.numbers.give(values)
	return kept
}

// rangeOf gives the values that a comparison with a constant lets through, of
// which the smallest and the greatest number there is are none.
func rangeOf(op rule.Op, r int64) (low, high int64) {
	low, high = unset, calendar.Never
	switch op {
	case rule.Equal:
		low, high = r, r
	case rule.Less:
		high = r - 1
	case rule.LessEqual:
		high = r
	case rule.Greater:
		if r == calendar.Never {
			return 1, 0 // nothing is greater
		}
		low = r + 1
	default:
		low = r
	}
	return low, high
}

func (c *compareScalars) sieve(m *Machine, rows []int32) []int32 {
	if right, ok := c.right.(constant); ok {
		low, high := rangeOf(c.op, int64(right))
		return m.sieveRange(c.left, rows, low, high)
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
	return m.sieveRange(c.value, rows, c.low, c.high)
}

func (c *olderThan) sieve(m *Machine, rows []int32) []int32 {
	trail, now := *m.trail(c.slot, c.duration), m.now
	if trail.Maybe == trail.Sure {
		return m.sieveRange(c.value, rows, unset, min(now, trail.Maybe-1))
	}
	return m.sieveValues(c.value, rows, func(v int64) bool { return v <= now && !trail.Within(v) })
}

func (c *inLast) sieve(m *Machine, rows []int32) []int32 {
	trail, now := *m.trail(c.slot, c.duration), m.now
	if trail.Maybe == trail.Sure {
		return m.sieveRange(c.value, rows, trail.Sure, now)
	}
	return m.sieveValues(c.value, rows, func(v int64) bool { return v <= now && trail.Within(v) })
}

func (c *isKnown) sieve(m *Machine, rows []int32) []int32 {
	if c.scalar != nil {
		return m.sieveRange(c.scalar, rows, unset, calendar.Never)
	}
	column, direct := m.column(c.locator)
	if !direct {
		return m.oneByOne(c, rows)
	}
	kept := rows[:0]
	switch {
	case column == nil:
	case column.Kind == catalog.Text:
		for _, row := range rows {
			if column.Codes[row] != 0 {
				kept = append(kept, row)
			}
		}
	default:
		for _, row := range rows {
			if column.IsKnown(int(row)) {
				kept = append(kept, row)
			}
		}
	}
	return kept
}

func (c *textTest) sieve(m *Machine, rows []int32) []int32 {
	column, direct := m.column(c.value)
	if !direct {
		if e, ok := c.value.(*edgeProperty); ok && !m.records {
			return c.sieveEdges(m, rows, e)
		}
		return m.oneByOne(c, rows)
	}
	if column == nil || column.Kind != catalog.Text {
		return rows[:0]
	}
	memo, codes, kept := c.memory(m, column), column.Codes, rows[:0]
	for _, row := range rows {
		code := codes[row]
		if memo[code] == 0 {
			memo[code] = c.decide(column, code)
		}
		if memo[code] == memoTrue {
			kept = append(kept, row)
		}
	}
	return kept
}

// sieveEdges tests a text of the first or last event.
func (c *textTest) sieveEdges(m *Machine, rows []int32, e *edgeProperty) []int32 {
	t := e.source(m)
	if t == nil || t.Col(e.property) == nil {
		return rows[:0]
	}
	column := t.Col(e.property)
	codes, kept := m.numbers.take(len(rows))[:len(rows)], rows[:0]
	e.perCustomer(m, rows, codes, codeOf{e}, func(_ *columns.EventTable, events []int32) int64 {
		if len(events) == 0 {
			return 0
		}
		return int64(column.Codes[e.choose(events)])
	})
	for i, row := range rows {
		if c.holdsCode(m, column, uint32(codes[i])) {
			kept = append(kept, row)
		}
	}
	m.numbers.give(codes)
	return kept
}

// codeOf is the code of a text as a scalar.
type codeOf struct{ *edgeProperty }

func (c codeOf) scalar(m *Machine) int64 {
	if column, i := c.locate(m); column != nil {
		return int64(column.Codes[i])
	}
	return 0
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
		if attr := m.block.Attr(l.id); attr == nil {
			return nil, true
		} else if attr.HistOff == nil || m.now >= attr.Newest {
			return attr.Latest, !m.records
		}
	case property:
		if m.records {
			return m.table.Col(l.id), true
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
