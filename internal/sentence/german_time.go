package sentence

import (
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
)

// germanUnits are the units of durations with one of them in the accusative,
// dative and genitive, and several in the nominative and dative.
var germanUnits = [...]struct{ accusative, dative, genitive, plural, toPlurals string }{
	calendar.Minute:  {"eine Minute", "einer Minute", "einer Minute", "Minuten", "Minuten"},
	calendar.Hour:    {"eine Stunde", "einer Stunde", "einer Stunde", "Stunden", "Stunden"},
	calendar.Day:     {"einen Tag", "einem Tag", "eines Tages", "Tage", "Tagen"},
	calendar.Week:    {"eine Woche", "einer Woche", "einer Woche", "Wochen", "Wochen"},
	calendar.Month:   {"einen Monat", "einem Monat", "eines Monats", "Monate", "Monaten"},
	calendar.Quarter: {"ein Quartal", "einem Quartal", "eines Quartals", "Quartale", "Quartalen"},
	calendar.Year:    {"ein Jahr", "einem Jahr", "eines Jahres", "Jahre", "Jahren"},
}

// germanDative writes a duration after "seit mindestens".
func germanDative(d calendar.Duration) string {
	if d.N == 1 {
		return germanUnits[d.Unit].dative
	}
	return fmt.Sprintf("%d %s", d.N, germanUnits[d.Unit].toPlurals)
}

// germanWithin writes a duration after "innerhalb".
func germanWithin(d calendar.Duration) string {
	if d.N == 1 {
		return germanUnits[d.Unit].genitive
	}
	return "von " + germanDative(d)
}

// germanAgo writes a duration before "zurück".
func germanAgo(d calendar.Duration) string {
	if d.N == 1 {
		return germanUnits[d.Unit].accusative
	}
	return fmt.Sprintf("%d %s", d.N, germanUnits[d.Unit].plural)
}

// severalOf gives a duration of one week or year as several days or months,
// because "in the last week" could mean the last calendar week.
func severalOf(d calendar.Duration) calendar.Duration {
	switch {
	case d.N == 1 && d.Unit == calendar.Week:
		return calendar.Duration{N: 7, Unit: calendar.Day}
	case d.N == 1 && d.Unit == calendar.Year:
		return calendar.Duration{N: 12, Unit: calendar.Month}
	}
	return d
}

// germanTrailing writes `in last D`.
func germanTrailing(d calendar.Duration) string {
	switch d = severalOf(d); {
	case d.N > 1:
		return "in den letzten " + germanDative(d)
	case d.Unit == calendar.Minute:
		return "in der letzten Minute"
	case d.Unit == calendar.Hour:
		return "in der letzten Stunde"
	}
	return "innerhalb " + germanWithin(d) + " bis jetzt"
}

// germanComing writes `in next D`.
func germanComing(d calendar.Duration) string {
	switch d = severalOf(d); {
	case d.N > 1:
		return "in den nächsten " + germanDative(d)
	case d.Unit == calendar.Minute:
		return "in der nächsten Minute"
	case d.Unit == calendar.Hour:
		return "in der nächsten Stunde"
	}
	return "innerhalb " + germanWithin(d) + " ab jetzt"
}

var (
	germanThis = map[calendar.Unit]string{
		calendar.Week: "in dieser Woche", calendar.Month: "in diesem Monat", calendar.Quarter: "in diesem Quartal", calendar.Year: "in diesem Jahr",
	}
	germanPrevious = map[calendar.Unit]string{
		calendar.Week: "in der Vorwoche", calendar.Month: "im Vormonat", calendar.Quarter: "im Vorquartal", calendar.Year: "im Vorjahr",
	}
)

// germanWindow writes a window as an adverb.
func germanWindow(w *rule.Window) string {
	switch w.Kind {
	case rule.InLast:
		return germanTrailing(w.Duration)
	case rule.Today:
		return "heute"
	case rule.Yesterday:
		return "gestern"
	case rule.InThis:
		return germanThis[w.Unit]
	case rule.InPrevious:
		return germanPrevious[w.Unit]
	case rule.Since:
		return "seit dem " + germanDate(w.From.Date)
	case rule.Before:
		return "vor dem " + germanDate(w.From.Date)
	}
	return "vom " + germanDate(w.From.Date) + " bis zum " + germanDate(w.To.Date)
}

// germanWindowOf writes the window of events behind their name; empty without one.
func germanWindowOf(f *rule.Filter) string {
	switch {
	case f.Window == nil:
		return ""
	case f.Window.Kind == rule.Today || f.Window.Kind == rule.Yesterday:
		return "von " + germanWindow(f.Window)
	}
	return germanWindow(f.Window)
}

// germanMoment says when a date or time lies.
func germanMoment(n *rule.Moment, negated bool) clause {
	c := clause{subject: germanValue(n.Value).nominative(), verb: "liegt"}
	when := ""
	switch n.Test {
	case rule.OlderThan:
		when, c.end, c.joined = germanAgo(n.Duration)+" oder länger", "zurück", true
	case rule.InNext:
		when = germanComing(n.Duration)
	case rule.After:
		when = "nach dem " + germanDate(n.Date.Date)
	case rule.On:
		c.verb, when = "fällt", "auf den "+germanDate(n.Date.Date)
	case rule.InPeriod:
		switch when = germanWindow(n.Window); n.Window.Kind {
		case rule.Today, rule.Yesterday:
			c.verb, when = "fällt", "auf "+when
		case rule.Since:
			when = "frühestens am " + germanDate(n.Window.From.Date)
		}
	}
	c.middle = words(not(negated), when)
	return c
}

func germanAnniversary(n *rule.Anniversary, negated bool) clause {
	c := clause{subject: "der Jahrestag " + germanValue(n.Value).genitive(), verb: "ist", middle: words(not(negated), "heute")}
	if path, ok := n.Value.(*rule.Path); ok {
		if owner, name := split(path); births[name] && owner != "company" {
			c.subject = "der Geburtstag" + germanOwner(owner)
		}
	}
	if n.InNext != nil {
		c.verb, c.middle = "liegt", words(not(negated), germanComing(*n.InNext))
	}
	return c
}
