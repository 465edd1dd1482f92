package calendar

// Trail answers one question for many instants: was t less than a duration ago,
// that is, now < t + duration? For calendar units that is not a single boundary
// (t + 1 month is not monotone at month ends, nor t + 1 day at clock changes),
// so instants near it are tested one by one and all others by comparison.
type Trail struct {
	zone     *Zone
	duration Duration
	now      Instant
	// Maybe and Sure bound the doubt: what is before Maybe is older, what is at Sure or later is not.
	Maybe, Sure Instant
}

// The most by which adding a duration can differ from moving the boundary:
// hours of a clock change, and with months three days of month ends.
const (
	daySlack   = milliDay + 2*milliHour
	monthSlack = 5 * milliDay
)

// Trail prepares the question for one now.
func (z *Zone) Trail(now Instant, d Duration) Trail {
	edge := z.Sub(now, d)
	c := Trail{zone: z, duration: d, now: now}
	switch {
	case edge == Unset:
		c.Maybe, c.Sure = Unset, firstInstant+monthSlack
	case d.Unit <= Hour || z.steady(edge) && z.steady(now) && (d.Unit <= Week || z.Civil(now).Day <= safeDay):
		c.Maybe, c.Sure = edge+1, edge+1
	case d.Unit <= Week:
		c.Maybe, c.Sure = edge-daySlack, edge+daySlack
	default:
		c.Maybe, c.Sure = edge-monthSlack, edge+monthSlack
	}
	return c
}

// Slack gives how much later than another an instant must be so that adding the
// duration keeps their order for certain, in milliseconds.
func (d Duration) Slack() int64 {
	switch {
	case d.Unit <= Hour:
		return 0
	case d.Unit <= Week:
		return daySlack
	}
	return monthSlack
}

// safeDay is the last day of the month that every month has, less a day: around
// it adding months only moves the date.
const safeDay = 27

// steady tells whether no clock change is within two days of an instant.
func (z *Zone) steady(t Instant) bool {
	return z.offset(t-2*milliDay) == z.offset(t+2*milliDay)
}

// Within tells whether now < t + duration.
func (c *Trail) Within(t Instant) bool {
	return t >= c.Sure || t >= c.Maybe && c.zone.Add(t, c.duration) > c.now
}
