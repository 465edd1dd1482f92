package sentence

import (
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
)

var englishUnits = [...]string{
	calendar.Minute: "minute", calendar.Hour: "hour", calendar.Day: "day", calendar.Week: "week",
	calendar.Month: "month", calendar.Quarter: "quarter", calendar.Year: "year",
}

func englishDuration(d calendar.Duration) string {
	if d.N == 1 {
		return "1 " + englishUnits[d.Unit]
	}
	return fmt.Sprintf("%d %ss", d.N, englishUnits[d.Unit])
}

// englishWindow writes a window as an adverb.
func englishWindow(w *rule.Window) string {
	switch w.Kind {
	case rule.InLast:
		return englishTrailing(w.Duration)
	case rule.Today:
		return "today"
	case rule.Yesterday:
		return "yesterday"
	case rule.InThis:
		return "this " + englishUnits[w.Unit]
	case rule.InPrevious:
		return "in the previous calendar " + englishUnits[w.Unit]
	case rule.Since:
		return "since " + englishDate(w.From.Date)
	case rule.Before:
		return "before " + englishDate(w.From.Date)
	}
	return "from " + englishDate(w.From.Date) + " to " + englishDate(w.To.Date)
}

// englishTrailing writes `in last D`.
func englishTrailing(d calendar.Duration) string {
	if d = severalOf(d); d.N == 1 {
		return "in the past " + englishUnits[d.Unit]
	}
	return "in the last " + englishDuration(d)
}

// englishComing writes `in next D`.
func englishComing(d calendar.Duration) string {
	if d = severalOf(d); d.N == 1 {
		return "within the next " + englishUnits[d.Unit]
	}
	return "in the next " + englishDuration(d)
}

// englishWindowOf writes the window of events behind their name; empty without one.
func englishWindowOf(f *rule.Filter) string {
	switch {
	case f.Window == nil:
		return ""
	case f.Window.Kind == rule.Today || f.Window.Kind == rule.Yesterday:
		return " from " + englishWindow(f.Window)
	}
	return " " + englishWindow(f.Window)
}

// englishMoment says when a date or time lies.
func englishMoment(n *rule.Moment, negated bool) string {
	verb, when := is(negated), ""
	switch n.Test {
	case rule.OlderThan:
		verb, when = was(negated), englishDuration(n.Duration)+" ago or longer"
	case rule.InNext:
		when = englishComing(n.Duration)
	case rule.After:
		when = "after " + englishDate(n.Date.Date)
	case rule.On:
		when = "on " + englishDate(n.Date.Date)
	case rule.InPeriod:
		when = englishWindow(n.Window)
		switch n.Window.Kind {
		case rule.InLast, rule.Yesterday, rule.InPrevious:
			verb = was(negated)
		case rule.Since:
			when = "no earlier than " + englishDate(n.Window.From.Date)
		}
	}
	return words(englishValue(n.Value), verb, when)
}

func englishAnniversary(n *rule.Anniversary, negated bool) string {
	subject := "the anniversary of " + englishValue(n.Value)
	if path, ok := n.Value.(*rule.Path); ok {
		if owner, name := split(path); births[name] && owner != "company" {
			subject = "the " + englishOwner(owner) + "birthday"
		}
	}
	if n.InNext == nil {
		return words(subject, is(negated), "today")
	}
	return words(subject, is(negated), englishComing(*n.InNext))
}
