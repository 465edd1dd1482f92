package calendar

import "time"

// Format writes an instant in UTC with milliseconds: 2026-11-22T10:00:00.000Z.
func Format(t Instant) string {
	return time.UnixMilli(t).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// Age counts the completed years from a date of birth to an instant; a 29
// February birthday completes its year on 1 March. It is negative before birth.
func (z *Zone) Age(birth, now Instant) int {
	b, n := z.Civil(birth), z.Civil(now)
	years := n.Year - b.Year
	if n.Month < b.Month || n.Month == b.Month && n.Day < b.Day {
		years--
	}
	return years
}

// oldest is the age up to which AgeLimits goes.
const oldest = 130

// AgeLimits gives for each age from 0 to 130 an instant: whoever was born before
// it has completed that many years at now.
func (z *Zone) AgeLimits(now Instant) []Instant {
	n := z.Civil(now)
	limits := make([]Instant, oldest+1)
	for age := range limits {
		year, month, day := n.Year-age, n.Month, n.Day+1
		if n.Day >= DaysIn(year, n.Month) {
			month, day = n.Month+1, 1 // the day after the last of the month
		}
		if month > 12 {
			year, month = year+1, 1
		}
		limits[age] = z.Instant(Civil{Year: year, Month: month, Day: day})
	}
	return limits
}

// Birthday gives the first instant of the day on which so many years since the
// birth are completed; Never beyond year 9999.
func (z *Zone) Birthday(birth Instant, years int) Instant {
	b := z.Civil(birth)
	return z.anniversary(b, b.Year+years)
}

// NextReturn gives the first instant of the next day, today included, on which
// day and month of a date return, in a later year than its own.
func (z *Zone) NextReturn(date, now Instant) Instant {
	d, n := z.Civil(date), z.Civil(now)
	if n.Year <= d.Year {
		return z.anniversary(d, d.Year+1)
	}
	if t := z.anniversary(d, n.Year); t >= z.DayStart(now, 0) {
		return t
	}
	return z.anniversary(d, n.Year+1)
}

func (z *Zone) anniversary(d Civil, year int) Instant {
	if year > MaxYear {
		return Never
	}
	month, day := d.Month, d.Day
	if month == 2 && day == 29 && !IsLeap(year) {
		month, day = 3, 1
	}
	return z.Instant(Civil{Year: year, Month: month, Day: day})
}
