package calendar

// DaysIn gives the number of days of a month, 1 to 12.
func DaysIn(year, month int) int {
	switch month {
	case 2:
		if IsLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// IsLeap tells whether a year has a 29 February.
func IsLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// daysFromCivil counts the days from 1970-01-01 to a date of the proleptic
// Gregorian calendar. Method: H. Hinnant, chrono-compatible low-level date algorithms.
func daysFromCivil(year, month, day int) int64 {
	y := int64(year)
	if month <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yearOfEra := y - era*400
	shifted := int64((month + 9) % 12)
	dayOfYear := (153*shifted+2)/5 + int64(day) - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*146097 + dayOfEra - 719468
}

// civilOf reads a wall-clock time given in milliseconds as if in UTC.
func civilOf(wall int64) Civil {
	days := floorDiv(wall, milliDay)
	c := civilFromDays(days)
	c.Milli = int(wall - days*milliDay)
	return c
}

func civilFromDays(days int64) Civil {
	days += 719468
	era := floorDiv(days, 146097)
	dayOfEra := days - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*dayOfYear + 2) / 153
	day := int(dayOfYear-(153*shifted+2)/5) + 1
	month := int(shifted) + 3
	year := int(yearOfEra + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return Civil{Year: year, Month: month, Day: day}
}
