package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
)

// filter chooses events of one type: by a window (nil: all up to now) and a
// condition on each event (nil: every one).
type filter struct {
	event  int
	table  func(b *columns.Block) *columns.EventTable // entries and exits of segments; nil for events
	window *window
	where  cond
	timed  bool // whether the condition can change with time for one event
}

// source finds the events of the block; nil if there are none of the type.
func (f *filter) source(m *Machine) *columns.EventTable {
	if f.table != nil {
		return f.table(m.block)
	}
	return m.block.EventTable(f.event)
}

// run is a stretch of a customer's events that a window may cover.
type run struct {
	t              *columns.EventTable
	from, sure, to int
	b              *bounds
}

func (f *filter) run(m *Machine) run {
	t := f.source(m)
	if t == nil {
		return run{}
	}
	t, row := t.Of(m.row)
	b := f.window.at(m)
	r := run{t: t, b: b}
	r.from, r.sure, r.to = b.rows(t, row)
	return r
}

// keeps tells whether event i of the run is in the window and satisfies the condition.
func (f *filter) keeps(m *Machine, r *run, i int) bool {
	m.effort++
	if i < r.sure && !r.b.covers(r.t.Times[i]) {
		return false
	}
	if f.where == nil {
		return true
	}
	outer := m.enter(&r.t.Table, i)
	in := f.where.holds(m)
	m.leave(outer)
	return in
}

// change gives the next instant at which the events that the filter keeps can change.
func (f *filter) change(m *Machine) calendar.Instant {
	t := f.source(m)
	if t == nil {
		return calendar.Never
	}
	t, row := t.Of(m.row)
	next := f.window.change(m, t, row)
	if !f.timed {
		return next
	}
	r := f.run(m)
	return min(next, m.firstFlip(&t.Table, r.from, r.to, f.where))
}

// firstFlip gives the first instant at which a condition flips for one of some events or objects.
func (m *Machine) firstFlip(t *columns.Table, from, to int, c cond) calendar.Instant {
	next := calendar.Never
	for i := from; i < to; i++ {
		outer := m.enter(t, i)
		flips := calendar.Never
		if m.hasty {
			flips = c.change(m)
		} else {
			_, flips = m.until(c)
		}
		m.leave(outer)
		next = min(next, flips)
	}
	return next
}
