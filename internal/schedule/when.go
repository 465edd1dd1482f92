package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// When is a schedule: instants that come again and again on the clocks of a zone.
type When struct {
	unit   calendar.Unit // Hour, Day, Week or Month
	hours  int           // between two instants, of Hour
	day    int           // of Week: 0 is Monday; of Month: 1 to 31
	minute int           // of the day, but for Hour
}

var errWhen = errors.New("a schedule is hourly, every 6 hours, daily at 06:00, weekly on monday at 06:00 or monthly on 1 at 06:00")

const (
	minuteMillis = 60_000
	hourMillis   = 60 * minuteMillis
	dayHours     = 24
)

var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// ParseWhen reads a schedule, in any case and with any blanks between its words.
func ParseWhen(text string) (When, error) {
	words := strings.Fields(strings.ToLower(text))
	switch {
	case len(words) == 1 && words[0] == "hourly":
		return When{unit: calendar.Hour, hours: 1}, nil
	case len(words) == 3 && words[0] == "every" && (words[2] == "hours" || words[2] == "hour"):
		n, err := strconv.Atoi(words[1])
		if err != nil || n < 1 || n > dayHours || dayHours%n != 0 {
			return When{}, fmt.Errorf("%q: a day can be divided by 1, 2, 3, 4, 6, 8, 12 and 24 hours", text)
		}
		return When{unit: calendar.Hour, hours: n}, nil
	case len(words) == 3 && words[0] == "daily":
		return atClock(text, When{unit: calendar.Day}, words[1:])
	case len(words) == 5 && words[0] == "weekly" && words[1] == "on":
		day := slices.Index(weekdays, words[2])
		if day < 0 {
			return When{}, fmt.Errorf("%q: %q is no day of the week; these are %s", text, words[2], strings.Join(weekdays, ", "))
		}
		return atClock(text, When{unit: calendar.Week, day: day}, words[3:])
	case len(words) == 5 && words[0] == "monthly" && words[1] == "on":
		day, err := strconv.Atoi(words[2])
		if err != nil || day < 1 || day > 31 {
			return When{}, fmt.Errorf("%q: the day of a month is a number from 1 to 31; 31 is the last one of every month", text)
		}
		return atClock(text, When{unit: calendar.Month, day: day}, words[3:])
	}
	return When{}, fmt.Errorf("%q: %w", text, errWhen)
}

var clockForm = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)

// atClock reads the time of day behind at.
func atClock(text string, w When, words []string) (When, error) {
	clock := clockForm.FindStringSubmatch(words[1])
	if words[0] != "at" || clock == nil {
		return When{}, fmt.Errorf("%q: %w", text, errWhen)
	}
	hour, _ := strconv.Atoi(clock[1]) // they are digits
	minute, _ := strconv.Atoi(clock[2])
	w.minute = hour*60 + minute
	return w, nil
}

// String writes the schedule in the form in which it is kept.
func (w When) String() string {
	clock := fmt.Sprintf("at %02d:%02d", w.minute/60, w.minute%60)
	switch {
	case w.unit == calendar.Hour && w.hours == 1:
		return "hourly"
	case w.unit == calendar.Hour:
		return fmt.Sprintf("every %d hours", w.hours)
	case w.unit == calendar.Week:
		return fmt.Sprintf("weekly on %s %s", weekdays[w.day], clock)
	case w.unit == calendar.Month:
		return fmt.Sprintf("monthly on %d %s", w.day, clock)
	}
	return "daily " + clock
}

// Next gives the first instant of the schedule after another; Never beyond the calendar. A
// time of day that a change of the clocks skips is the next that there is; one that comes
// twice is the first. A day that a month does not have is its last.
func (w When) Next(zone *calendar.Zone, after calendar.Instant) calendar.Instant {
	if w.unit == calendar.Hour && w.hours == 1 {
		return after + hourMillis - calendar.Instant(zone.Civil(after).Milli%hourMillis)
	}
	for n := 0; ; n++ {
		for _, c := range w.period(zone, after, n) {
			if c.Year > calendar.MaxYear {
				return calendar.Never
			}
			if t := zone.Instant(c); t > after {
				return t
			}
		}
	}
}

// period gives the times of the schedule in the day, week or month of an instant, moved by some.
func (w When) period(zone *calendar.Zone, t calendar.Instant, plus int) []calendar.Civil {
	var c calendar.Civil
	switch w.unit {
	case calendar.Week:
		c = zone.Civil(zone.DayStart(zone.PeriodStart(t, calendar.Week, plus), w.day))
	case calendar.Month:
		c = zone.Civil(zone.PeriodStart(t, calendar.Month, plus))
		c.Day = min(w.day, calendar.DaysIn(c.Year, c.Month))
	default:
		c = zone.Civil(zone.DayStart(t, plus))
	}
	c.Milli = w.minute * minuteMillis
	if w.unit != calendar.Hour {
		return []calendar.Civil{c}
	}
	var times []calendar.Civil
	for hour := 0; hour < dayHours; hour += w.hours {
		c.Milli = hour * hourMillis
		times = append(times, c)
	}
	return times
}
