// Package gen draws the data of property tests: customers with histories whose
// times and values lie on the boundaries of a given rule, and instants on those
// boundaries. It is for tests only.
package gen

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// pool draws times and values that are likely to matter to one rule.
type pool struct {
	*rapid.T
	world   *naive.World
	parts   *naive.Parts
	drawn   []int64 // times drawn before, which others are put beside
	anchors []int64
	texts   []string
	said    []string // texts drawn before, which come again in other cases
	numbers []number.Number
}

// days are the days that calendars are wrong about: ends of months, leap days,
// beginnings of weeks, quarters and years.
var days = []string{
	"2026-11-09", "2026-02-28", "2024-02-29", "2026-03-31", "2026-01-31", "2026-12-31", "2027-01-01",
	"2026-08-31", "2026-09-30", "2025-02-28", "2025-12-29", "2028-02-29", "1996-02-29", "2027-03-01",
}

// hours are times of day, those that clock changes skip and repeat among them.
var hours = []time.Duration{
	0, 12 * time.Hour, 2*time.Hour + 30*time.Minute, 2 * time.Hour, 3 * time.Hour, 30 * time.Minute,
	24*time.Hour - time.Millisecond, 23*time.Hour + 30*time.Minute, time.Hour,
}

// steps are added to the durations of the rule.
var steps = []calendar.Duration{
	{N: 1, Unit: calendar.Day}, {N: 1, Unit: calendar.Hour}, {N: 1, Unit: calendar.Month}, {N: 30, Unit: calendar.Minute},
	{N: 1, Unit: calendar.Year}, {N: 1, Unit: calendar.Week}, {N: 3, Unit: calendar.Month},
}

var texts = []string{
	"DE", "de", "", "Straße", "STRASSE", "strasse", "WEIẞ", "weiß", "Σίσυφος", "ΣΊΣΥΦΟΣ", "İstanbul", "istanbul", "ıstanbul",
	"Istanbul", "Kelvin", "\u212Aelvin", "A-100", "a-100", "_", "Zoë", "zoe\u0308", "ꭰ", "Ꭰ", "50 %", "two\nlines", `"quoted"`,
}

var numbers = []string{
	"0", "1", "-1", "0.1", "0.2", "0.3", "-0.3", "2", "3", "33.3333", "66.6667", "-50.01", "49.99", "50", "100", "0.0001",
	"922337203685477.5807", "-922337203685477.5807", "500",
}

func newPool(t *rapid.T, w *naive.World, n rule.Node) *pool {
	p := &pool{T: t, world: w, parts: naive.PartsOf(n)}
	for _, text := range p.parts.Texts {
		p.texts = append(p.texts, text, strings.ToUpper(text), strings.ToLower(text), text+"x")
	}
	p.texts = append(p.texts, texts...)
	for _, n := range p.parts.Numbers {
		p.numbers = append(p.numbers, n, max(n, number.Min+1)-1, min(n, number.Max-1)+1)
	}
	for _, text := range numbers {
		n, err := number.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		p.numbers = append(p.numbers, n)
	}
	for _, d := range p.parts.Dates {
		if at := w.InstantOf(d); ordinary(at) {
			p.anchors = append(p.anchors, at, at, at, w.Later(at, steps[0]), w.Later(at, steps[1]))
		}
	}
	p.anchors = append(p.anchors, clockChanges(w.Zone)...)
	return p
}

// clockChanges gives the clock changes of a zone in the years of the tests.
func clockChanges(zone *time.Location) []int64 {
	var found []int64
	for at := time.Date(2025, 1, 1, 0, 0, 0, 0, zone); ; {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.Year() > 2027 {
			return found
		}
		found = append(found, end.UnixMilli())
		at = end
	}
}

// instant draws a time: on the clock on one of the days, at an anchor, or beside
// another drawn before; then perhaps moved by a duration and by a millisecond.
func (p *pool) instant(label string) int64 {
	var at int64
	switch from := rapid.IntRange(0, 3).Draw(p.T, label+" from"); {
	case from == 1 && len(p.anchors) > 0:
		at = rapid.SampledFrom(p.anchors).Draw(p.T, label)
	case from >= 2 && len(p.drawn) > 0:
		at = rapid.SampledFrom(p.drawn).Draw(p.T, label)
	default:
		at = p.onTheClock(label)
	}
	at = p.moved(label, at) + rapid.SampledFrom([]int64{0, -1, 1}).Draw(p.T, label+" nudge")
	at = min(at, lastDay) // data beyond year 9999 cannot come in
	p.drawn = append(p.drawn, at)
	return at
}

// lastDay is the last instant of data.
var lastDay = time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC).UnixMilli()

// text draws a text, in half of the cases one drawn before, perhaps in other letters.
func (p *pool) text(label string) string {
	if len(p.said) > 0 && rapid.Bool().Draw(p.T, label+" again") {
		said := rapid.SampledFrom(p.said).Draw(p.T, label)
		return rapid.SampledFrom([]string{said, strings.ToUpper(said), strings.ToLower(said)}).Draw(p.T, label+" letters")
	}
	text := rapid.SampledFrom(p.texts).Draw(p.T, label)
	p.said = append(p.said, text)
	return text
}

// onTheClock draws a time of day on one of the days.
func (p *pool) onTheClock(label string) int64 {
	text := rapid.SampledFrom(days).Draw(p.T, label+" day")
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		p.Fatal(err)
	}
	hour := rapid.SampledFrom(hours).Draw(p.T, label+" hour")
	return p.world.InstantOf(calendar.Date{Civil: calendar.Civil{
		Year: day.Year(), Month: int(day.Month()), Day: day.Day(), Milli: int(hour.Milliseconds()),
	}})
}

// moved adds or takes away some duration, in half of the cases.
func (p *pool) moved(label string, at int64) int64 {
	direction := rapid.IntRange(0, 3).Draw(p.T, label+" moved")
	if direction < 2 {
		return at
	}
	step := rapid.SampledFrom(slices.Concat(p.parts.Durations, steps)).Draw(p.T, label+" by")
	moved := p.world.Later(at, step)
	if direction == 3 {
		moved = p.world.Earlier(at, step)
	}
	if !ordinary(moved) {
		return at
	}
	return moved
}

// ordinary tells whether an instant lies in the years that people have data of.
func ordinary(at int64) bool {
	year := time.UnixMilli(at).UTC().Year()
	return 1900 < year && year < 2100
}
