package advise

import (
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

// dates finds absolute dates where a stretch that moves along was likely meant. Dates
// of birth are left out: a generation does not move.
func (a *advisor) dates() {
	for _, s := range a.segments {
		if s.rule == nil {
			continue
		}
		rule.Walk(s.rule, func(n rule.Node) bool {
			for _, w := range windowsOf(n) {
				a.window(s, n, w)
			}
			return true
		})
	}
}

// stretch is what a condition says between absolute dates, in a form of its own.
type stretch struct {
	from, to *rule.Literal // to is nil for an open end
	written  string
	value    string // of which it is said; "" of events
}

// windowsOf finds the absolute stretches of a condition.
func windowsOf(n rule.Node) (found []stretch) {
	for _, f := range rule.Filters(n) {
		if w := f.Window; w != nil && (w.Kind == rule.Since || w.Kind == rule.BetweenDates) {
			found = append(found, stretch{from: w.From, to: w.To, written: rule.PrintLine(n)})
		}
	}
	for _, v := range rule.Values(n) {
		if p := rule.PathOf(v); p != nil && dimensionOf(nil, p.Names[len(p.Names)-1], false) == catalog.Demographic {
			return found
		}
	}
	one := stretch{written: rule.PrintLine(n)}
	switch n := n.(type) {
	case *rule.Moment:
		one.value = rule.PrintValue(n.Value)
		switch {
		case n.Test == rule.After:
			one.from = n.Date
		case n.Test == rule.InPeriod && n.Window.Kind == rule.Since:
			one.from = n.Window.From
		}
	case *rule.Compare:
		if l, ok := n.Right.(*rule.Literal); ok && l.Kind == rule.DateLiteral && (n.Op == rule.Greater || n.Op == rule.GreaterEqual) {
			one.from, one.value = l, rule.PrintValue(n.Left)
		}
	case *rule.Between:
		if !n.Negated && n.Low.Kind == rule.DateLiteral {
			one.from, one.to, one.value = n.Low, n.High, rule.PrintValue(n.Value)
		}
	}
	if one.from != nil {
		found = append(found, one)
	}
	return found
}

func (a *advisor) window(s *Segment, n rule.Node, w stretch) {
	from := a.Zone.Resolve(w.from.Date)
	made := a.Zone.DayStart(s.Changed, 0)
	if from > made {
		return // it was a date to come: a campaign, not a stretch back from today
	}
	meant := ""
	if w.to != nil {
		meant = a.betweenMeant(from, a.Zone.DayStart(endOf(w.to, a.Zone), 1), made)
	} else {
		meant = a.sinceMeant(from, made)
	}
	if meant == "" {
		return
	}
	age := int((a.Now - from) / day)
	a.add(Finding{
		Kind: FrozenDate, Segments: []string{s.Name}, Subject: w.written, Condition: w.written, Place: placeOf(s.Rule, n.Where()),
		Figures: figures("days", age, "daysWhenMade", int((made-from)/day)),
		What: both("%s: „%s“ beginnt fest am %s. Als die Regel entstand, waren das %s Tage, heute sind es %s.",
			"%s: “%s” begins on %s for good. When the rule was made that was %s days ago, today it is %s.",
			s.Name, w.written, a.dateOf(from), int((made-from)/day), age),
		Do: both("„%s“ schreiben, wenn der Zeitraum mitwandern soll; sonst annehmen und den Grund nennen.",
			"Write “%s” if the stretch is to move along; else accept this and say why.", meant),
	})
}

// sinceMeant guesses the form that moves along for an open stretch; "" if it was likely meant as it is.
func (a *advisor) sinceMeant(from, made calendar.Instant) string {
	for _, unit := range []calendar.Unit{calendar.Year, calendar.Quarter, calendar.Month} {
		if from == a.Zone.PeriodStart(made, unit, 0) {
			if a.Zone.PeriodStart(a.Now, unit, 0) == from {
				return "" // both forms still say the same
			}
			return "in this " + unitNames[unit]
		}
	}
	if d, ok := a.round(from, made); ok {
		return "in last " + d
	}
	if a.Now-from > oldDate*day {
		return "in last " + counted(int(max(1, (made-from+monthLength/2)/monthLength)), "month")
	}
	return ""
}

// monthLength is that of a month on average.
const monthLength = 30.44 * day

// betweenMeant guesses the form for a stretch that ended about when the rule was made.
func (a *advisor) betweenMeant(from, end, made calendar.Instant) string {
	for _, unit := range []calendar.Unit{calendar.Year, calendar.Quarter, calendar.Month} {
		if from == a.Zone.PeriodStart(from, unit, 0) && end == a.Zone.PeriodStart(from, unit, 1) && end == a.Zone.PeriodStart(made, unit, 0) {
			if a.Zone.PeriodStart(a.Now, unit, 0) == end {
				return ""
			}
			return "in previous " + unitNames[unit]
		}
	}
	if max(end-made, made-end) > slack*day {
		return "" // a campaign, or any other stretch that is over
	}
	d, ok := a.round(from, end)
	if !ok {
		return ""
	}
	return "in last " + d
}

var unitNames = map[calendar.Unit]string{calendar.Year: "year", calendar.Quarter: "quarter", calendar.Month: "month"}

// round finds the round number of years, months or days that lies between two instants, as rules write it.
func (a *advisor) round(from, to calendar.Instant) (string, bool) {
	for _, about := range []int64{day / 2, slack * day / 2} { // days as they are first
		for _, n := range []int{7, 14, 30, 45, 60, 90, 100, 120, 180, 200, 365, 500, 730} {
			if t := a.Zone.DayStart(to, -n); max(t-from, from-t) <= about {
				return counted(n, "day"), true
			}
		}
		for n := 1; n <= 36; n++ {
			t := a.Zone.Sub(to, calendar.Duration{N: n, Unit: calendar.Month})
			switch {
			case max(t-from, from-t) > about:
			case n%12 == 0:
				return counted(n/12, "year"), true
			default:
				return counted(n, "month"), true
			}
		}
	}
	return "", false
}

func counted(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
