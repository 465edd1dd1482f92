package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
)

// olderThan is `value older than duration`: now >= value + duration.
type olderThan struct {
	value    scalar
	duration calendar.Duration
	slot     int
}

func (c *olderThan) holds(m *Machine) bool {
	v := c.value.scalar(m)
	return v != unset && v <= m.now && !m.trail(c.slot, c.duration).Within(v)
}

func (c *olderThan) change(m *Machine) calendar.Instant {
	return later(m.now, c.value.change(m), c.value.scalar(m), func(v int64) (int64, int64) {
		return m.zone.Add(v, c.duration), calendar.Never
	})
}

// trail gives the trailing stretch of a duration at m.now, kept as windows are.
func (m *Machine) trail(slot int, d calendar.Duration) *calendar.Trail {
	b := &m.bounds[slot]
	if !b.ready || b.now != m.now {
		*b = bounds{now: m.now, ready: true, trail: m.zone.Trail(m.now, d)}
	}
	return &b.trail
}

// later gives the first of some instants that lies after now: the change of a
// value, and up to two instants that follow from the value if it is known.
func later(now, change calendar.Instant, v int64, follow func(int64) (int64, int64)) calendar.Instant {
	if v == unset {
		return change
	}
	a, b := follow(v)
	if a > now {
		change = min(change, a)
	}
	if b > now {
		change = min(change, b)
	}
	return change
}

// inNext is `value in next duration`: now < value and value - duration <= now.
type inNext struct {
	value    scalar
	duration calendar.Duration
}

func (c *inNext) holds(m *Machine) bool {
	v := c.value.scalar(m)
	return v != unset && m.now < v && m.zone.Sub(v, c.duration) <= m.now
}

func (c *inNext) change(m *Machine) calendar.Instant {
	return later(m.now, c.value.change(m), c.value.scalar(m), func(v int64) (int64, int64) {
		return m.zone.Sub(v, c.duration), v
	})
}

// inLast is `value in last duration`: value <= now < value + duration.
type inLast struct {
	value    scalar
	duration calendar.Duration
	slot     int
}

func (c *inLast) holds(m *Machine) bool {
	v := c.value.scalar(m)
	return v != unset && v <= m.now && m.trail(c.slot, c.duration).Within(v)
}

func (c *inLast) change(m *Machine) calendar.Instant {
	return later(m.now, c.value.change(m), c.value.scalar(m), func(v int64) (int64, int64) {
		return v, m.zone.Add(v, c.duration)
	})
}

// inPeriod is `value today`, `yesterday`, `in this unit` and `in previous unit`.
// The periods are whole: the value may lie in them after now.
type inPeriod struct {
	value  scalar
	window *window
}

func (c *inPeriod) holds(m *Machine) bool {
	v := c.value.scalar(m)
	if v == unset {
		return false
	}
	b := &m.bounds[c.window.slot]
	if !b.ready || b.now != m.now {
		from, to := c.window.period(m.zone, m.now)
		*b = bounds{now: m.now, ready: true, from: from, to: to}
	}
	return v >= b.from && v < b.to
}

func (c *inPeriod) change(m *Machine) calendar.Instant {
	return later(m.now, c.value.change(m), c.value.scalar(m), func(v int64) (int64, int64) {
		delay := 0
		if c.window.kind == rule.Yesterday || c.window.kind == rule.InPrevious {
			delay = 1
		}
		if c.window.kind == rule.Today || c.window.kind == rule.Yesterday {
			return m.zone.DayStart(v, delay), m.zone.DayStart(v, delay+1)
		}
		return m.zone.PeriodStart(v, c.window.unit, delay), m.zone.PeriodStart(v, c.window.unit, delay+1)
	})
}

// anniversary is `anniversary of value in next duration`, or `… today` without one.
type anniversary struct {
	value  scalar
	inNext *calendar.Duration
}

func (c *anniversary) holds(m *Machine) bool {
	v := c.value.scalar(m)
	return v != unset && c.returns(m, v)
}

// returns tells whether the condition holds for a date.
func (c *anniversary) returns(m *Machine, v int64) bool {
	next := m.zone.NextReturn(v, m.now)
	return next != calendar.Never && c.begins(m, next) <= m.now
}

// yearDays remembers for each day of the year whether dates of earlier years
// return within the stretch that a condition asks for.
type yearDays struct {
	of   *anniversary
	now  calendar.Instant
	year int
	memo [12 * 31]uint8
}

func (c *anniversary) sieve(m *Machine, rows []int32) []int32 {
	d := &m.yearDays
	if d.of != c || d.now != m.now {
		*d = yearDays{of: c, now: m.now, year: m.zone.Civil(m.now).Year}
	}
	return m.sieveValues(c.value, rows, func(v int64) bool {
		date := m.zone.Civil(v)
		if date.Year >= d.year {
			return c.returns(m, v)
		}
		memo := &d.memo[(date.Month-1)*31+date.Day-1]
		if *memo == 0 {
			*memo = memoFalse
			if c.returns(m, v) {
				*memo = memoTrue
			}
		}
		return *memo == memoTrue
	})
}

// begins gives the instant from which the condition holds for a return.
func (c *anniversary) begins(m *Machine, day calendar.Instant) calendar.Instant {
	if c.inNext == nil {
		return day
	}
	return m.zone.Sub(day, *c.inNext)
}

func (c *anniversary) change(m *Machine) calendar.Instant {
	change := c.value.change(m)
	v := c.value.scalar(m)
	if v == unset {
		return change
	}
	next := m.zone.NextReturn(v, m.now)
	if next == calendar.Never {
		return change
	}
	if begins := c.begins(m, next); begins > m.now {
		return min(change, begins)
	}
	if c.coversAllYear() {
		return change // the stretch before each return begins before the one before ends
	}
	return min(change, m.zone.DayStart(next, 1))
}

func (c *anniversary) coversAllYear() bool {
	if c.inNext == nil {
		return false
	}
	switch n := c.inNext.N; c.inNext.Unit {
	case calendar.Year:
		return true
	case calendar.Month:
		return n >= 12
	case calendar.Week:
		return n >= 53
	case calendar.Day:
		return n >= 365
	}
	return false
}
