package calendar

import (
	"errors"
	"fmt"
	"strings"
)

// errDateForm is the answer to what does not look like a date at all.
var errDateForm = errors.New("dates are written 2026-11-21, 2026-11-21T14:30 or 2026-11-21T14:30:00Z")

// ParseDate reads a date as rules write it: 2026-11-21, 2026-11-21T14:30,
// 2026-11-21T14:30:05.250, and the forms with a time followed by Z or an offset
// such as +01:00. Decimals of a second beyond the third are cut off. The error
// says what is wrong with the date, as a clause without the date itself.
func ParseDate(s string) (Date, error) {
	day, clock, hasTime := strings.Cut(s, "T")
	civil, err := parseDay(day)
	d := Date{Civil: civil, HasTime: hasTime}
	if err == nil && hasTime {
		err = d.parseClock(clock)
	}
	if err != nil {
		return Date{}, err
	}
	return d, nil
}

func parseDay(s string) (Civil, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return Civil{}, errDateForm
	}
	year, okYear := digits(s[:4])
	month, okMonth := digits(s[5:7])
	day, okDay := digits(s[8:])
	switch {
	case !okYear || !okMonth || !okDay:
		return Civil{}, errDateForm
	case year < MinYear:
		return Civil{}, fmt.Errorf("years run from %d to %d", MinYear, MaxYear)
	case month < 1 || month > 12:
		return Civil{}, errors.New("months run from 01 to 12")
	case day < 1 || day > DaysIn(year, month):
		return Civil{}, fmt.Errorf("the days of %04d-%02d run from 01 to %d", year, month, DaysIn(year, month))
	}
	return Civil{Year: year, Month: month, Day: day}, nil
}

// parseClock reads hh:mm[:ss[.fraction]] and a zone.
func (d *Date) parseClock(s string) error {
	hour, s, ok := twoDigits(s, "")
	minute, s, okMinute := twoDigits(s, ":")
	if !ok || !okMinute {
		return errDateForm
	}
	second, milli := 0, 0
	if strings.HasPrefix(s, ":") {
		if second, s, ok = twoDigits(s, ":"); !ok {
			return errDateForm
		}
		if milli, s, ok = fraction(s); !ok {
			return errDateForm
		}
	}
	switch {
	case hour > 23:
		return errors.New("hours run from 00 to 23")
	case minute > 59:
		return errors.New("minutes run from 00 to 59")
	case second > 59:
		return errors.New("seconds run from 00 to 59")
	}
	d.Milli = hour*milliHour + minute*milliMinute + second*1000 + milli
	return d.parseOffset(s)
}

// parseOffset reads what follows the time of day: nothing, Z or ±hh:mm.
func (d *Date) parseOffset(s string) error {
	if s == "" {
		return nil
	}
	d.HasZone = true
	if s == "Z" {
		return nil
	}
	if s[0] != '+' && s[0] != '-' {
		return errDateForm
	}
	hours, rest, ok := twoDigits(s[1:], "")
	minutes, rest, okMinutes := twoDigits(rest, ":")
	switch {
	case !ok || !okMinutes || rest != "":
		return errDateForm
	case hours > 23 || minutes > 59:
		return errors.New("an offset runs from -23:59 to +23:59")
	}
	d.Offset = hours*60 + minutes
	if s[0] == '-' {
		d.Offset = -d.Offset
	}
	return nil
}

// fraction reads the decimals of a second, if there are any, as milliseconds.
func fraction(s string) (milli int, rest string, ok bool) {
	if !strings.HasPrefix(s, ".") {
		return 0, s, true
	}
	end := 1
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	for i := 1; i <= 3; i++ {
		milli *= 10
		if i < end {
			milli += int(s[i] - '0')
		}
	}
	return milli, s[end:], end > 1
}

// twoDigits reads a separator and two digits.
func twoDigits(s, separator string) (n int, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, separator)
	if !ok || len(s) < 2 {
		return 0, s, false
	}
	n, ok = digits(s[:2])
	return n, s[2:], ok
}

func digits(s string) (n int, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// String writes the date in the shortest form that ParseDate reads back: without
// seconds where they are zero, with the zone as Z or offset where it has one.
func (d Date) String() string {
	s := fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	if !d.HasTime {
		return s
	}
	s += fmt.Sprintf("T%02d:%02d", d.Milli/milliHour, d.Milli/milliMinute%60)
	if second, milli := d.Milli/1000%60, d.Milli%1000; milli != 0 {
		s += fmt.Sprintf(":%02d.%03d", second, milli)
	} else if second != 0 {
		s += fmt.Sprintf(":%02d", second)
	}
	switch {
	case !d.HasZone:
		return s
	case d.Offset == 0:
		return s + "Z"
	case d.Offset < 0:
		return s + fmt.Sprintf("-%02d:%02d", -d.Offset/60, -d.Offset%60)
	}
	return s + fmt.Sprintf("+%02d:%02d", d.Offset/60, d.Offset%60)
}
