package eval

import (
	"sort"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/rule"
)

// window is a window of events. What it covers at one now is the same for all
// customers, so each machine keeps it for the last now.
type window struct {
	kind     rule.WindowKind
	slot     int
	duration calendar.Duration
	unit     calendar.Unit
	from, to calendar.Instant // Since, Before, BetweenDates
}

// bounds are the instants that a window covers at one now: from `from` to `to`,
// of which those before `sure` must be tested one by one (see calendar.Trail).
type bounds struct {
	now, from, sure, to calendar.Instant
	trail               calendar.Trail
	ready               bool
}

// at gives the bounds at m.now.
func (w *window) at(m *Machine) *bounds {
	b := &m.bounds[w.slot]
	if !b.ready || b.now != m.now {
		*b = w.compute(m.zone, m.now)
	}
	return b
}

func (w *window) compute(z *calendar.Zone, now calendar.Instant) bounds {
	b := bounds{now: now, ready: true, from: calendar.Unset, to: now + 1}
	switch w.kind {
	case rule.InLast:
		b.trail = z.Trail(now, w.duration)
		b.from, b.sure = b.trail.Maybe, b.trail.Sure
		return b
	case rule.Today, rule.Yesterday, rule.InThis, rule.InPrevious:
		from, to := w.period(z, now)
		b.from, b.to = from, min(b.to, to)
	case rule.Since:
		b.from = w.from
	case rule.Before:
		b.to = min(b.to, w.from)
	case rule.BetweenDates:
		b.from, b.to = w.from, min(b.to, w.to)
	}
	b.sure = b.from
	return b
}

// period gives the whole period that today, yesterday, `this` and `previous` mean at now.
func (w *window) period(z *calendar.Zone, now calendar.Instant) (from, to calendar.Instant) {
	switch w.kind {
	case rule.Today:
		return z.DayStart(now, 0), z.DayStart(now, 1)
	case rule.Yesterday:
		return z.DayStart(now, -1), z.DayStart(now, 0)
	case rule.InPrevious:
		return z.PeriodStart(now, w.unit, -1), z.PeriodStart(now, w.unit, 0)
	}
	return z.PeriodStart(now, w.unit, 0), z.PeriodStart(now, w.unit, 1)
}

// covers tells whether an instant that is not after now lies in the window.
func (b *bounds) covers(t calendar.Instant) bool {
	return t >= b.sure && t < b.to || t >= b.from && t < b.to && b.trail.Within(t)
}

// rows gives the rows of a customer's events that can lie in the window; those
// from `sure` on do, the ones before must be asked with covers.
func (b *bounds) rows(t *columns.EventTable, customer int) (from, sure, to int) {
	from, to = int(t.Off[customer]), int(t.Off[customer+1])
	times := t.Times
	if to > from && times[to-1] >= b.to {
		to = from + before(times[from:to], b.to)
	}
	if to > from && times[from] < b.from {
		from += before(times[from:to], b.from)
	}
	sure = from
	for sure < to && times[sure] < b.sure {
		sure++
	}
	return from, sure, to
}

// before counts the instants before t in a sorted list. Most customers have few
// events of a type and most questions are about the latest, so short lists are
// walked from the end.
func before(times []calendar.Instant, t calendar.Instant) int {
	n := len(times)
	if n <= 32 {
		for n > 0 && times[n-1] >= t {
			n--
		}
		return n
	}
	return sort.Search(n, func(i int) bool { return times[i] >= t })
}

// change gives the next instant after now at which the events in the window can
// change: one comes into being, leaves, or a period ends.
func (w *window) change(m *Machine, t *columns.EventTable, customer int) calendar.Instant {
	lo, hi := int(t.Off[customer]), int(t.Off[customer+1])
	times := t.Times[lo:hi]
	known := before(times, m.now+1)
	next := calendar.Never
	if known < len(times) {
		next = times[known]
	}
	switch w.kind {
	case rule.InLast:
		return min(next, w.leaves(m, times[:known]))
	case rule.Today, rule.Yesterday, rule.InThis, rule.InPrevious:
		return min(next, w.turns(m, times[:known]))
	case rule.Since, rule.Before, rule.BetweenDates:
		if next != calendar.Never && !w.reaches(next) {
			return calendar.Never
		}
	}
	return next
}

// reaches tells whether events from an instant on can lie between the fixed dates of a window.
func (w *window) reaches(t calendar.Instant) bool {
	switch w.kind {
	case rule.Before:
		return t < w.from
	case rule.BetweenDates:
		return t < w.to
	}
	return true
}

// leaves gives the instant at which the first of the events now in a trailing window leaves it.
func (w *window) leaves(m *Machine, times []calendar.Instant) calendar.Instant {
	return m.firstEnd(times[before(times, w.at(m).from):], w.duration)
}

// firstEnd gives the earliest t + d after now, for instants in order. Calendar units
// can change the order: of 30 January 11:00 and 31 January 10:00 the later one is
// the first that is a month ago.
func (m *Machine) firstEnd(times []calendar.Instant, d calendar.Duration) calendar.Instant {
	first, enough := calendar.Never, calendar.Never
	for i, t := range times {
		if t >= enough {
			break
		}
		end := m.zone.Add(t, d)
		if end <= m.now || end >= first {
			continue
		}
		first = end
		if i+1 == len(times) || times[i+1] > t+d.Slack() {
			break
		}
		enough = m.zone.Trail(first, d).Sure // what is not before it ends after first
	}
	return first
}

// turns gives the end of the current period if an event lies in the window or
// will lie in it after the turn.
func (w *window) turns(m *Machine, times []calendar.Instant) calendar.Instant {
	if len(times) == 0 {
		return calendar.Never
	}
	if b := w.at(m); times[len(times)-1] < b.from {
		return calendar.Never
	}
	if w.kind == rule.Today || w.kind == rule.Yesterday {
		return m.zone.DayStart(m.now, 1)
	}
	return m.zone.PeriodStart(m.now, w.unit, 1)
}
