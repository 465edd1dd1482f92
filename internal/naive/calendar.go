package naive

import (
	"math"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Instants beyond the years 1 to 9999, later and earlier than all others.
const (
	never  = math.MaxInt64
	always = math.MinInt64
)

// wall is a wall-clock time. It is kept in a time.Time as if it were UTC, so
// that the time package does the arithmetic of days and months.
type wall = time.Time

// wallOf gives the wall-clock time at an instant.
func (w *World) wallOf(instant int64) wall {
	t := time.UnixMilli(instant).In(w.Zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instantOf gives the first instant at which the clock on the wall shows a time.
// Where a clock change skips the time, that is the end of the gap: the first
// instant at which the clock shows a later one.
func (w *World) instantOf(clock wall) int64 {
	// The offsets from UTC a day before and a day after; no zone changes its clock twice in that time.
	const day = 24 * 3_600_000
	before, after := w.offset(clock.UnixMilli()-day), w.offset(clock.UnixMilli()+day)
	first, last := clock.UnixMilli()-max(before, after), clock.UnixMilli()-min(before, after)
	for _, instant := range []int64{first, last} {
		if w.wallOf(instant).Equal(clock) {
			return instant
		}
	}
	// The time is skipped: before it at first, after it at last, so the gap's end lies between them.
	for last-first > 1 {
		if middle := first + (last-first)/2; w.wallOf(middle).Before(clock) {
			first = middle
		} else {
			last = middle
		}
	}
	return last
}

// offset gives the offset from UTC at an instant, in milliseconds.
func (w *World) offset(instant int64) int64 {
	_, seconds := time.UnixMilli(instant).In(w.Zone).Zone()
	return int64(seconds) * 1000
}

// midnight gives the beginning of a day.
func (w *World) midnight(year int, month time.Month, day int) int64 {
	return w.instantOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// day gives the day of an instant: its wall-clock midnight.
func (w *World) day(instant int64) wall {
	return dayOf(w.wallOf(instant))
}

func dayOf(clock wall) wall {
	return time.Date(clock.Year(), clock.Month(), clock.Day(), 0, 0, 0, 0, time.UTC)
}

// Later gives the instant a duration after another; beyond the year 9999 that is
// the largest int64.
func (w *World) Later(instant int64, d calendar.Duration) int64 { return w.move(instant, d, 1) }

// Earlier gives the instant a duration before another; before the year 1 that is
// the smallest int64.
func (w *World) Earlier(instant int64, d calendar.Duration) int64 { return w.move(instant, d, -1) }

func (w *World) move(instant int64, d calendar.Duration, direction int) int64 {
	beyond := int64(never)
	if direction < 0 {
		beyond = always
	}
	if d.N > tooFar[d.Unit] {
		return beyond
	}
	n := d.N * direction
	var moved int64
	switch d.Unit {
	case calendar.Minute:
		moved = instant + int64(n)*60_000
	case calendar.Hour:
		moved = instant + int64(n)*3_600_000
	case calendar.Day:
		moved = w.instantOf(w.wallOf(instant).AddDate(0, 0, n))
	case calendar.Week:
		moved = w.instantOf(w.wallOf(instant).AddDate(0, 0, 7*n))
	case calendar.Month:
		moved = w.instantOf(addMonths(w.wallOf(instant), n))
	case calendar.Year:
		moved = w.instantOf(addMonths(w.wallOf(instant), 12*n))
	}
	if year := time.UnixMilli(moved).UTC().Year(); direction < 0 && year < calendar.MinYear || direction > 0 && year > calendar.MaxYear {
		return beyond
	}
	return moved
}

// tooFar is how many of a unit leave the calendar from wherever one starts.
var tooFar = map[calendar.Unit]int{
	calendar.Minute: 10_000 * 366 * 24 * 60, calendar.Hour: 10_000 * 366 * 24,
	calendar.Day: 10_000 * 366, calendar.Week: 10_000 * 53, calendar.Month: 10_000 * 12, calendar.Year: 10_000,
}

// addMonths keeps the day, or takes the last one of a month that does not have it.
func addMonths(clock wall, n int) wall {
	first := time.Date(clock.Year(), clock.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	timeOfDay := clock.Sub(dayOf(clock))
	return time.Date(first.Year(), first.Month(), min(clock.Day(), last), 0, 0, 0, 0, time.UTC).Add(timeOfDay)
}

// InstantOf reads a date as rules write it: a bare one is its midnight.
func (w *World) InstantOf(d calendar.Date) int64 {
	clock := time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC).Add(time.Duration(d.Milli) * time.Millisecond)
	if d.HasZone {
		return clock.UnixMilli() - int64(d.Offset)*60_000
	}
	return w.instantOf(clock)
}

// dayAfter gives the end of the day that a bare date names.
func (w *World) dayAfter(d calendar.Date) int64 {
	return w.midnight(d.Year, time.Month(d.Month), d.Day+1)
}

// period gives the first day of a day's week, month, quarter or year, and of the one `plus` periods later.
func period(day wall, unit calendar.Unit, plus int) wall {
	year, month, _ := day.Date()
	switch unit {
	case calendar.Day:
		return day.AddDate(0, 0, plus)
	case calendar.Week:
		sinceMonday := (int(day.Weekday()) + 6) % 7
		return day.AddDate(0, 0, 7*plus-sinceMonday)
	case calendar.Month:
		return time.Date(year, month+time.Month(plus), 1, 0, 0, 0, 0, time.UTC)
	case calendar.Quarter:
		return time.Date(year, (month-1)/3*3+1+time.Month(3*plus), 1, 0, 0, 0, 0, time.UTC)
	default:
		return time.Date(year+plus, 1, 1, 0, 0, 0, 0, time.UTC)
	}
}
