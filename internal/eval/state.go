package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/rule"
)

// inSegment is `in segment s [for duration]`. Stays that touch are one stay.
type inSegment struct {
	segment int
	forTime *calendar.Duration
}

// of gives the table and row of the customer's stays.
func (c *inSegment) of(m *Machine) (*columns.StayTable, int) {
	if t := m.block.StayTable(c.segment); t != nil {
		return t.Of(m.row)
	}
	return noStays, 0
}

var noStays = &columns.StayTable{Off: []uint32{0, 0}}

// stay finds the stay at an instant: since when without a break, and until when.
func (c *inSegment) stay(m *Machine) (from, to calendar.Instant, in bool) {
	t, row := c.of(m)
	lo, hi := t.Off[row], t.Off[row+1]
	for i := lo; i < hi && t.From[i] <= m.now; i++ {
		switch {
		case t.To[i] <= t.From[i]:
			continue
		case in && t.From[i] <= to:
			to = max(to, t.To[i])
		default:
			from, to, in = t.From[i], t.To[i], true
		}
	}
	return from, to, in && m.now < to
}

func (c *inSegment) holds(m *Machine) bool {
	from, _, in := c.stay(m)
	return in && (c.forTime == nil || m.now >= m.zone.Add(from, *c.forTime))
}

func (c *inSegment) change(m *Machine) calendar.Instant {
	t, row := c.of(m)
	next := calendar.Never
	for i := t.Off[row]; i < t.Off[row+1]; i++ {
		if t.From[i] > m.now {
			next = min(next, t.From[i])
		} else if t.To[i] > m.now {
			next = min(next, t.To[i])
		}
	}
	if from, _, in := c.stay(m); in && c.forTime != nil {
		if ripe := m.zone.Add(from, *c.forTime); ripe > m.now {
			next = min(next, ripe)
		}
	}
	return next
}

// crossed is `entered segment s window` and `left segment s window`: the filter
// chooses among the entries or exits.
type crossed struct{ *filter }

func (c *crossed) holds(m *Machine) bool {
	r := c.run(m)
	for i := r.from; i < r.to; i++ {
		if c.keeps(m, &r, i) {
			return true
		}
	}
	return false
}

// consent is `consent(channel, purpose)`: the last decision up to now was yes.
type consent struct{ id int }

func (c *consent) holds(m *Machine) bool {
	t := m.block.ConsentTable(c.id)
	if t == nil {
		return false
	}
	t, row := t.Of(m.row)
	lo, hi := int(t.Off[row]), int(t.Off[row+1])
	n := before(t.Times[lo:hi], m.now+1)
	return n > 0 && t.Granted[lo+n-1]
}

func (c *consent) change(m *Machine) calendar.Instant {
	t := m.block.ConsentTable(c.id)
	if t == nil {
		return calendar.Never
	}
	t, row := t.Of(m.row)
	times := t.Times[t.Off[row]:t.Off[row+1]]
	if n := before(times, m.now+1); n < len(times) {
		return times[n]
	}
	return calendar.Never
}

// quantified is `any|every|no list (rule)`.
type quantified struct {
	quantifier rule.Quantifier
	list       locator
	rule       cond
	timed      bool            // whether the condition can change with time for one object
	members    *columns.Fields // of the objects, for explanations
}

// objects finds the list: its table and the rows of this customer or event.
func (c *quantified) objects(m *Machine) (t *columns.Table, from, to int) {
	column, i := c.list.locate(m)
	if column == nil {
		return nil, 0, 0
	}
	return column.Items, int(column.Off[i]), int(column.Off[i+1])
}

func (c *quantified) holds(m *Machine) bool {
	t, from, to := c.objects(m)
	for i := from; i < to; i++ {
		outer := m.enter(t, i)
		in := c.rule.holds(m)
		m.leave(outer)
		if in != (c.quantifier == rule.Every) {
			return c.quantifier == rule.Any // any found one, no found one, every missed one
		}
	}
	return c.quantifier != rule.Any
}

func (c *quantified) change(m *Machine) calendar.Instant {
	next := c.list.change(m)
	if !c.timed {
		return next
	}
	t, from, to := c.objects(m)
	return min(next, m.firstFlip(t, from, to, c.rule))
}
