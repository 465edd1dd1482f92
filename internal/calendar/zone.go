// Package calendar computes with time as people mean it: calendar days, weeks,
// months and years in a time zone, exact minutes and hours, and the stretches of
// time that the windows of the rule language describe.
package calendar

import (
	"fmt"
	"slices"
	"sort"
	"time"
	_ "time/tzdata" // the zones must be there on every machine
)

const (
	milliSecond = 1
	milliMinute = 60_000
	milliHour   = 60 * milliMinute
	milliDay    = 24 * milliHour

	// MinYear and MaxYear bound the calendar.
	MinYear, MaxYear = 1, 9999
)

// The first instant of year 1 and the first after year 9999, in UTC; zones shift them by their offset.
var (
	firstInstant = daysFromCivil(MinYear, 1, 1) * milliDay
	endInstant   = daysFromCivil(MaxYear+1, 1, 1) * milliDay
)

// Zone is a time zone with its clock changes as a table, which makes it a few
// times faster than time.Location and lets it say exactly how wall-clock times
// that are skipped or come twice are read.
type Zone struct {
	name     string
	location *time.Location
	starts   []Instant // when each offset begins to hold; the first is the beginning of the table
	offsets  []int64   // milliseconds east of UTC
	tableEnd Instant   // past it the time package is asked

	// For each stretch of 2^bucketBits milliseconds of the table (49 days) the number
	// of the offset that holds at its beginning.
	buckets     []uint16
	firstBucket int64
}

const bucketBits = 32

// tableEnds is how far the table of clock changes reaches; rules and data beyond are rare.
const tableEnds = 2120

// LoadZone finds a zone by its IANA name.
func LoadZone(name string) (*Zone, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("a time zone needs its IANA name, such as Europe/Berlin")
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("unknown time zone %q: use an IANA name such as Europe/Berlin", name)
	}
	z := &Zone{name: name, location: location, tableEnd: time.Date(tableEnds, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()}
	z.fillTable()
	z.fillBuckets()
	return z, nil
}

// fillBuckets lets offset find its place without a search.
func (z *Zone) fillBuckets() {
	last := len(z.starts) - 1
	if last < 1 {
		return
	}
	z.firstBucket = z.starts[1] >> bucketBits
	n := 0
	for b := z.firstBucket; b <= z.starts[last]>>bucketBits; b++ {
		for n < last && z.starts[n+1] <= b<<bucketBits {
			n++
		}
		z.buckets = append(z.buckets, uint16(n))
	}
}

func (z *Zone) fillTable() {
	at := time.UnixMilli(firstInstant - milliDay).In(z.location)
	for {
		_, offset := at.Zone()
		start, end := at.ZoneBounds()
		from := Instant(-1 << 62)
		if !start.IsZero() {
			from = start.UnixMilli()
		}
		if n := len(z.offsets); n == 0 || z.offsets[n-1] != int64(offset)*1000 {
			z.starts = append(z.starts, from)
			z.offsets = append(z.offsets, int64(offset)*1000)
		}
		if end.IsZero() || end.UnixMilli() >= z.tableEnd {
			return
		}
		if !end.After(at) { // the time package errs on the last day of a leap year beyond its own tables
			end = at.AddDate(0, 0, 1)
		}
		at = end
	}
}

// Name gives the IANA name.
func (z *Zone) Name() string { return z.name }

// offset gives the offset from UTC at an instant, in milliseconds.
func (z *Zone) offset(t Instant) int64 {
	if t >= z.tableEnd {
		_, seconds := time.UnixMilli(t).In(z.location).Zone()
		return int64(seconds) * 1000
	}
	last := len(z.starts) - 1
	if t >= z.starts[last] {
		return z.offsets[last]
	}
	bucket := t>>bucketBits - z.firstBucket
	if bucket < 0 {
		return z.offsets[0]
	}
	n := int(z.buckets[bucket])
	for z.starts[n+1] <= t {
		n++
	}
	return z.offsets[n]
}

// Civil gives the wall-clock date and time at an instant.
func (z *Zone) Civil(t Instant) Civil {
	return civilOf(t + z.offset(t))
}

// Instant gives the instant of a wall-clock time: the earlier one where it comes
// twice, the next valid instant where a clock change skips it.
func (z *Zone) Instant(c Civil) Instant {
	return z.resolve(daysFromCivil(c.Year, c.Month, c.Day)*milliDay + int64(c.Milli))
}

// resolve reads a wall-clock time given in milliseconds as if in UTC.
func (z *Zone) resolve(wall int64) Instant {
	before, after := z.offset(wall-milliDay), z.offset(wall+milliDay)
	if before == after {
		if t := wall - before; z.offset(t) == before {
			return t
		}
	}
	early := wall - max(before, after) // the larger offset gives the earlier instant
	if z.offset(early)+early == wall {
		return early
	}
	late := wall - min(before, after)
	if z.offset(late)+late == wall {
		return late
	}
	return z.nextValid(early, late)
}

// nextValid finds the end of the gap that swallowed a wall-clock time: the clock
// change between the two readings, to the millisecond.
func (z *Zone) nextValid(early, late Instant) Instant {
	before := z.offset(early)
	steps := sort.Search(int(late-early), func(i int) bool { return z.offset(early+int64(i)) != before })
	return early + int64(steps)
}

// Resolve gives the instant of a date: of a bare one its midnight, of one without a zone that wall-clock time.
func (z *Zone) Resolve(d Date) Instant {
	if !d.HasZone {
		return z.Instant(d.Civil)
	}
	wall := daysFromCivil(d.Year, d.Month, d.Day)*milliDay + int64(d.Milli)
	return wall - int64(d.Offset)*milliMinute
}

// Add gives the instant a duration later. Minutes and hours are exact. The other
// units keep the wall-clock time; a day that the month does not have becomes its
// last. What lies beyond year 9999 is Never.
func (z *Zone) Add(t Instant, d Duration) Instant { return z.move(t, d, 1) }

// Sub gives the instant a duration earlier, with the rules of Add. What lies
// before year 1 is Unset, which is earlier than every instant.
func (z *Zone) Sub(t Instant, d Duration) Instant { return z.move(t, d, -1) }

func (z *Zone) move(t Instant, d Duration, sign int64) Instant {
	n := int64(d.N) * sign
	var moved Instant
	switch d.Unit {
	case Minute, Hour:
		step := int64(milliMinute)
		if d.Unit == Hour {
			step = milliHour
		}
		if int64(d.N) > (endInstant-firstInstant)/step {
			return beyond(sign)
		}
		moved = t + n*step
	case Day, Week:
		if d.Unit == Week {
			n *= 7
		}
		if n > 1<<23 || n < -1<<23 {
			return beyond(sign)
		}
		moved = z.resolve(t + z.offset(t) + n*milliDay)
	default:
		if d.Unit == Year {
			n *= 12
		}
		if n > 1<<20 || n < -1<<20 {
			return beyond(sign)
		}
		moved = z.resolve(addMonths(t+z.offset(t), n))
	}
	if sign > 0 && moved >= endInstant || sign < 0 && moved < firstInstant {
		return beyond(sign)
	}
	return moved
}

func beyond(sign int64) Instant {
	if sign > 0 {
		return Never
	}
	return Unset
}

// addMonths moves a wall-clock time by calendar months.
func addMonths(wall, months int64) int64 {
	c := civilOf(wall)
	m := int64(c.Year)*12 + int64(c.Month-1) + months
	year, month := int(floorDiv(m, 12)), int(m-floorDiv(m, 12)*12)+1
	day := min(c.Day, DaysIn(year, month))
	return daysFromCivil(year, month, day)*milliDay + int64(c.Milli)
}

// DayStart gives the first instant of the day of an instant, moved by some days.
func (z *Zone) DayStart(t Instant, plusDays int) Instant {
	day := floorDiv(t+z.offset(t), milliDay) + int64(plusDays)
	return z.resolve(day * milliDay)
}

// PeriodStart gives the first instant of the week, month, quarter or year of an
// instant, moved by some periods. Weeks begin on Monday.
func (z *Zone) PeriodStart(t Instant, unit Unit, plus int) Instant {
	wall := t + z.offset(t)
	if unit == Week {
		day := floorDiv(wall, milliDay)
		monday := day - floorMod(day+3, 7) // day 0 was a Thursday
		return z.resolve((monday + 7*int64(plus)) * milliDay)
	}
	c := civilOf(wall)
	month, step := c.Month-1, 1
	switch unit {
	case Quarter:
		month, step = month/3*3, 3
	case Year:
		month, step = 0, 12
	}
	first := daysFromCivil(c.Year, month+1, 1) * milliDay
	return z.resolve(addMonths(first, int64(plus*step)))
}

// Transitions lists the clock changes between two instants, for tests that look closely at them.
func (z *Zone) Transitions(from, to Instant) []Instant {
	i, _ := slices.BinarySearch(z.starts, from)
	var found []Instant
	for ; i < len(z.starts) && z.starts[i] < to; i++ {
		found = append(found, z.starts[i])
	}
	return found
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
