package demo

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
)

// dayOfTrade is one day of the simulation: when it begins and how busy it is.
type dayOfTrade struct {
	start  calendar.Instant
	trade  int // per mille of an ordinary day
	number int // day of the week, Monday is 0
}

// busiest is the largest value a trade function gives.
const busiest = 3600

// How the acts of a day spread over its hours, in people's free time and at work.
var (
	leisureHours = [24]int{7, 3, 2, 1, 1, 2, 8, 18, 28, 36, 42, 44, 46, 45, 43, 44, 48, 54, 62, 74, 88, 82, 54, 22}
	weekendHours = [24]int{10, 6, 3, 2, 1, 1, 3, 9, 24, 44, 58, 60, 54, 52, 56, 60, 62, 64, 66, 78, 92, 80, 48, 20}
	officeHours  = [24]int{0, 0, 0, 0, 0, 1, 8, 40, 88, 110, 112, 92, 48, 78, 96, 88, 62, 30, 8, 3, 2, 1, 0, 0}
)

func tradeDays(start, until calendar.Instant, trade func(calendar.Civil) int) []dayOfTrade {
	var days []dayOfTrade
	for t := start; t <= until; t = berlin.DayStart(t, 1) {
		c := berlin.Civil(t)
		days = append(days, dayOfTrade{start: t, trade: trade(c), number: weekday(c)})
	}
	return days
}

// dayOf finds the day of an instant inside the simulation.
func (w *world) dayOf(t calendar.Instant) *dayOfTrade {
	i, found := slices.BinarySearchFunc(w.days, t, func(d dayOfTrade, t calendar.Instant) int {
		return int(min(max(d.start-t, -1), 1))
	})
	if !found {
		i--
	}
	return &w.days[i]
}

// waitInSeason draws the next act of somebody who acts, on ordinary days, once in
// mean: later in quiet seasons, sooner in busy ones, at an hour that suits the day.
// Past the end of the simulation it gives its end.
func (w *world) waitInSeason(d *dice, mean calendar.Instant, hours func(*dayOfTrade) *[24]int) calendar.Instant {
	t := w.now
	for {
		if t += d.exponential(mean * 1000 / busiest); t >= w.until {
			return w.until
		}
		if today := w.dayOf(t); d.below(busiest) < today.trade {
			return max(w.timeOfDay(d, today, hours(today)), w.now+d.exponential(2*hour))
		}
	}
}

func (w *world) timeOfDay(d *dice, on *dayOfTrade, hours *[24]int) calendar.Instant {
	return on.start + calendar.Instant(d.weighted(hours[:]...))*hour + d.span(hour)
}

func leisure(d *dayOfTrade) *[24]int {
	if d.number >= 5 {
		return &weekendHours
	}
	return &leisureHours
}

func office(*dayOfTrade) *[24]int { return &officeHours }

// consumerTrade is the shop's year: Advent and Black Friday, a slump after Christmas and in high summer.
func consumerTrade(c calendar.Civil) int {
	perMonth := [13]int{0, 780, 800, 900, 950, 980, 940, 820, 830, 950, 1050, 1350, 1500}
	perWeekday := [7]int{1030, 960, 940, 970, 900, 990, 1210}
	trade := perMonth[c.Month] * perWeekday[weekday(c)] / 1000
	switch toFriday := daysToBlackFriday(c); {
	case toFriday == 0:
		trade = trade * 29 / 10
	case toFriday >= -3 && toFriday <= 4:
		trade = trade * 15 / 10
	}
	if c.Month == 12 && c.Day >= 20 {
		trade /= 2 // too late for Christmas
	}
	return min(trade, busiest)
}

// businessTrade is the machine builder's year: nothing at weekends and between
// the years, little in August, and budgets that must be spent in the fourth quarter.
func businessTrade(c calendar.Civil) int {
	if weekday(c) >= 5 || c.Month == 12 && c.Day >= 24 || c.Month == 1 && c.Day <= 6 {
		return 0
	}
	perMonth := [13]int{0, 1200, 1350, 1500, 1400, 1350, 1400, 1200, 800, 1500, 1600, 1700, 1300}
	return perMonth[c.Month]
}

// daysToBlackFriday counts the days to the Friday after the fourth Thursday of
// November; negative after it.
func daysToBlackFriday(c calendar.Civil) int {
	first := weekday(calendar.Civil{Year: c.Year, Month: 11, Day: 1})
	friday := 1 + (3-first+7)%7 + 21 + 1
	return dayNumber(calendar.Civil{Year: c.Year, Month: 11, Day: friday}) - dayNumber(c)
}

// weekday counts from Monday, 0.
func weekday(c calendar.Civil) int { return (dayNumber(c)%7 + 10) % 7 } // 1970-01-01 was a Thursday

// dayNumber counts the days since 1970.
func dayNumber(c calendar.Civil) int {
	c.Milli = int(12 * hour) // noon has the same date in UTC
	t := berlin.Instant(c)
	n := t / day
	if t%day < 0 {
		n--
	}
	return int(n)
}
