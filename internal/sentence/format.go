package sentence

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

// figure writes a number with its signs; from five digits on they stand in groups of three.
func figure(n number.Number, decimal, group string) string {
	whole, fraction, hasFraction := strings.Cut(n.String(), ".")
	digits := strings.TrimPrefix(whole, "-")
	sign := whole[:len(whole)-len(digits)]
	if len(digits) > 4 {
		for at := len(digits) - 3; at > 0; at -= 3 {
			digits = digits[:at] + group + digits[at:]
		}
	}
	if hasFraction {
		digits += decimal + fraction
	}
	return sign + digits
}

func germanNumber(n number.Number) string  { return figure(n, ",", ".") }
func englishNumber(n number.Number) string { return figure(n, ".", ",") }

// germanDate writes 31.12.2025, with a time 31.12.2025, 14:30 Uhr.
func germanDate(d calendar.Date) string {
	day := fmt.Sprintf("%02d.%02d.%04d", d.Day, d.Month, d.Year)
	if !d.HasTime {
		return day
	}
	return day + ", " + clock(d, ",") + " Uhr" + zone(d)
}

var englishMonths = [...]string{
	"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
}

// englishDate writes 31 December 2025, with a time 31 December 2025, 14:30.
func englishDate(d calendar.Date) string {
	day := fmt.Sprintf("%d %s %04d", d.Day, englishMonths[d.Month], d.Year)
	if !d.HasTime {
		return day
	}
	return day + ", " + clock(d, ".") + zone(d)
}

// clock writes the time of day, with seconds only where they are not zero.
func clock(d calendar.Date, decimal string) string {
	const minute = 60_000
	text := fmt.Sprintf("%02d:%02d", d.Milli/(60*minute), d.Milli/minute%60)
	second, milli := d.Milli/1000%60, d.Milli%1000
	if second != 0 || milli != 0 {
		text += fmt.Sprintf(":%02d", second)
	}
	if milli != 0 {
		text += fmt.Sprintf("%s%03d", decimal, milli)
	}
	return text
}

// zone writes the offset from UTC of a date that has one.
func zone(d calendar.Date) string {
	switch {
	case !d.HasZone:
		return ""
	case d.Offset == 0:
		return " UTC"
	case d.Offset < 0:
		return fmt.Sprintf(" UTC-%02d:%02d", -d.Offset/60, -d.Offset%60)
	}
	return fmt.Sprintf(" UTC+%02d:%02d", d.Offset/60, d.Offset%60)
}

func germanQuote(s string) string  { return "„" + visible(s) + "“" }
func englishQuote(s string) string { return "“" + visible(s) + "”" }
