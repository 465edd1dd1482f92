package eval

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// count is count(e) and count(e.p): how many events there are, or have the property.
type count struct {
	*filter
	property int // -1: none
}

func (c *count) scalar(m *Machine) int64 {
	r := c.run(m)
	if c.where == nil && c.property < 0 {
		n := r.to - r.sure
		for i := r.from; i < r.sure; i++ {
			if c.keeps(m, &r, i) {
				n++
			}
		}
		return int64(n) * number.Scale
	}
	if c.property >= 0 && (r.t == nil || r.t.Col(c.property) == nil) {
		return 0
	}
	n := 0
	for i := r.from; i < r.to; i++ {
		if (c.property < 0 || r.t.Col(c.property).IsKnown(i)) && c.keeps(m, &r, i) {
			n++
		}
	}
	return int64(n) * number.Scale
}

// foldValues is sum, avg, min and max over a property; numbers, and for min and max dates and times.
type foldValues struct {
	*filter
	property int
	fn       rule.Func
}

func (f *foldValues) scalar(m *Machine) int64 {
	r := f.run(m)
	var all folded
	if r.t != nil && r.t.Col(f.property) != nil {
		values := r.t.Col(f.property).Nums
		for i := r.from; i < r.to; i++ {
			if v := values[i]; v != unset && f.keeps(m, &r, i) {
				all.add(f.fn, v)
			}
		}
	}
	return all.result(f.fn)
}

// distinct is distinct(e.p): how many different values there are, texts without regard to case.
type distinct struct {
	*filter
	property int
}

func (d *distinct) scalar(m *Machine) int64 {
	r := d.run(m)
	if r.t == nil || r.t.Col(d.property) == nil {
		return 0
	}
	column := r.t.Col(d.property)
	folds := foldsOf(column)
	if column.Kind == catalog.Text && !m.marks.busy {
		return int64(d.texts(m, &r, column, folds)) * number.Scale
	}
	var seen []int64
	for i := r.from; i < r.to; i++ {
		if column.IsKnown(i) && d.keeps(m, &r, i) {
			seen = append(seen, comparable(column, i, folds))
		}
	}
	slices.Sort(seen)
	return int64(len(slices.Compact(seen))) * number.Scale
}

// texts counts the different texts of a run.
func (d *distinct) texts(m *Machine, r *run, column *columns.Column, folds []uint32) (n int) {
	m.marks.clear(len(folds))
	m.marks.busy = true // its condition may count different texts itself
	defer func() { m.marks.busy = false }()
	for i := r.from; i < r.to; i++ {
		if code := column.Codes[i]; code != 0 && !m.marks.has(folds[code]) && d.keeps(m, r, i) {
			m.marks.add(folds[code])
			n++
		}
	}
	return n
}

// marks is a set of codes that is emptied without effort: a code is in it if its
// mark is that of the present round.
type marks struct {
	of    []uint32
	round uint32
	busy  bool
}

func (k *marks) clear(n int) {
	if len(k.of) < n {
		k.of = append(k.of, make([]uint32, n-len(k.of))...)
	}
	if k.round++; k.round == 0 {
		clear(k.of)
		k.round = 1
	}
}

func (k *marks) has(code uint32) bool { return k.of[code] == k.round }
func (k *marks) add(code uint32)      { k.of[code] = k.round }

// comparable gives a number that is the same for equal values of a column.
func comparable(c *columns.Column, i int, folds []uint32) int64 {
	switch c.Kind {
	case catalog.Text:
		return int64(folds[c.Codes[i]])
	case catalog.Boolean:
		return int64(c.Bools[i])
	}
	return c.Nums[i]
}

// edge is first(e) and last(e): an event, and as a scalar its time.
type edge struct {
	*filter
	last bool
}

// find gives the row of the event; negative if there is none.
func (e *edge) find(m *Machine) (*columns.EventTable, int) {
	r := e.run(m)
	if e.last {
		for i := r.to - 1; i >= r.from; i-- {
			if e.keeps(m, &r, i) {
				return r.t, i
			}
		}
		return nil, -1
	}
	for i := r.from; i < r.to; i++ {
		if e.keeps(m, &r, i) {
			return r.t, i
		}
	}
	return nil, -1
}

func (e *edge) scalar(m *Machine) int64 {
	t, i := e.find(m)
	if i < 0 {
		return unset
	}
	return t.Times[i]
}

// edgeProperty is first(e.p) and last(e.p): that event's property.
type edgeProperty struct {
	edge
	property int
}

func (e *edgeProperty) locate(m *Machine) (*columns.Column, int) {
	t, i := e.find(m)
	if i < 0 {
		return nil, 0
	}
	return t.Col(e.property), i
}

// sequence is `first then [no] second within duration`.
type sequence struct {
	first, second *filter
	no            bool
	within        calendar.Duration
	slot          int // of what `within` covers at one now
}

func (s *sequence) holds(m *Machine) bool {
	a := s.first.run(m)
	if a.from == a.to {
		return false
	}
	b := s.second.run(m)
	for i := a.from; i < a.to; i++ {
		if !s.first.keeps(m, &a, i) {
			continue
		}
		start := a.t.Times[i]
		end := m.zone.Add(start, s.within)
		if s.no && m.now < end {
			continue
		}
		if s.follows(m, &b, start, end) != s.no {
			return true
		}
	}
	return false
}

// follows tells whether an event of the second kind lies after start and not after end.
func (s *sequence) follows(m *Machine, b *run, start, end calendar.Instant) bool {
	if b.t == nil {
		return false
	}
	i := b.from + before(b.t.Times[b.from:b.to], start+1)
	for ; i < b.to && b.t.Times[i] <= end; i++ {
		if s.second.keeps(m, b, i) {
			return true
		}
	}
	return false
}

func (s *sequence) change(m *Machine) calendar.Instant {
	next := min(s.first.change(m), s.second.change(m))
	if !s.no {
		return next
	}
	a := s.first.run(m)
	if a.from == a.to {
		return next
	}
	times := a.t.Times[a.from:a.to]
	return min(next, m.firstEnd(times[before(times, m.trail(s.slot, s.within).Maybe):], s.within))
}
