package sentence

import (
	"github.com/kohorte/kohorte/internal/rule"
)

// form is the order of words of a German clause.
type form uint8

const (
	mainClause form = iota // the verb stands second: das Land ist „DE“
	subClause              // the verb stands last, as after "dass": das Land „DE“ ist
)

// clause is a German statement in its parts, from which both orders of words are made.
type clause struct {
	subject string // what stands before the verb
	verb    string
	middle  string
	end     string // what the verb leaves at the end: liegt … zurück, ist … eingetreten
	joined  bool   // the end and the verb are one word where they meet: zurückliegt
	after   string // what follows even a verb at the end, such as a relative clause
}

func (c clause) in(form form) string {
	verb, end := c.verb, c.end
	switch {
	case form == mainClause:
		return words(c.subject, verb, c.middle, end) + c.after
	case c.joined:
		verb, end = end+verb, ""
	}
	return words(c.subject, c.middle, end, verb) + c.after
}

// words joins what is there with spaces.
func words(parts ...string) string {
	text := ""
	for _, part := range parts {
		if part != "" && text != "" {
			text += " "
		}
		text += part
	}
	return text
}

// germanText says a condition; what consists of several parts stands in
// parentheses if grouped is set.
func germanText(n rule.Node, negated bool, form form, grouped bool) string {
	n, negated = strip(n, negated)
	parts, conjunction := germanParts(n)
	if parts == nil {
		return germanClause(n, negated).in(form)
	}
	if negated {
		return clause{subject: "es", verb: "trifft", middle: "nicht", end: "zu", joined: true, after: ", dass " + germanText(n, false, subClause, true) + open}.in(form)
	}
	text := ""
	for i, part := range parts {
		if i > 0 && form == mainClause {
			text += ","
		}
		if i > 0 {
			text += conjunction
		}
		text += germanText(part, false, form, true)
	}
	if grouped {
		return "(" + text + ")"
	}
	return text
}

func germanParts(n rule.Node) (parts []rule.Node, conjunction string) {
	switch n := n.(type) {
	case *rule.And:
		return n.Parts, " und "
	case *rule.Or:
		return n.Parts, " oder "
	}
	return nil, ""
}

// not gives the word that negates, if it is to.
func not(negated bool) string {
	if negated {
		return "nicht"
	}
	return ""
}

// germanClause says a single condition.
func germanClause(n rule.Node, negated bool) clause {
	switch n := n.(type) {
	case *rule.Compare:
		return germanCompare(n, negated)
	case *rule.In:
		return germanIn(n, negated != n.Negated)
	case *rule.Between:
		return germanBetween(n, negated != n.Negated)
	case *rule.Match:
		return germanMatch(n, negated != n.Negated)
	case *rule.Known:
		return germanKnown(n, negated)
	case *rule.Moment:
		return germanMoment(n, negated)
	case *rule.Anniversary:
		return germanAnniversary(n, negated)
	case *rule.IsTrue:
		return clause{subject: germanField(n.Path).nominative(), verb: "steht", middle: words(not(negated), "auf Ja")}
	case *rule.InSegment:
		return germanInSegment(n, negated)
	case *rule.Crossed:
		return germanCrossed(n, negated)
	case *rule.Sequence:
		return germanSequence(n, negated)
	case *rule.Quantified:
		return germanQuantified(n, negated)
	case *rule.Consent:
		about := "die Einwilligung für den Kanal " + germanLabel(n.Channel.Text) + " und den Zweck " + germanLabel(n.Purpose.Text)
		return clause{subject: about, verb: "liegt", middle: not(negated), end: "vor", joined: true}
	case *rule.Top:
		by := germanValue(n.By)
		if _, ok := eventTime(n.By); ok {
			by = phrase{noun: masc("Zeitpunkt", "Zeitpunkts", ""), tail: " " + by.genitive()}
		}
		share := "zu den obersten " + germanNumber(n.Percent) + " % aller Kunden"
		return clause{subject: "der Kunde", verb: "gehört", middle: words("gemessen", by.after("an"), not(negated), share)}
	}
	return clause{subject: rule.PrintLine(n), verb: "gilt", middle: not(negated)}
}

func germanInSegment(n *rule.InSegment, negated bool) clause {
	kind, name := germanSegment(n.Segment)
	c := clause{subject: "der Kunde", verb: "ist", middle: words(not(negated), "im", kind, name)}
	if n.For != nil {
		c.middle = words(not(negated), "seit mindestens", germanDative(*n.For), "im", kind, name)
	}
	return c
}

// germanSegment names a segment, or a part of a segmentation, with what it is.
func germanSegment(n rule.Name) (kind, name string) {
	if of, part, ok := partOf(n); ok {
		return "Teil", germanQuote(part) + " von " + germanQuote(of)
	}
	return "Segment", germanQuote(readable(n.Text))
}

func germanCrossed(n *rule.Crossed, negated bool) clause {
	kind, name := germanSegment(n.Segment)
	segment := map[string]string{"Teil": "den Teil", "Segment": "das Segment"}[kind] + " " + name
	when := germanWindow(n.Window)
	if n.Left {
		return clause{subject: "der Kunde", verb: "hat", middle: words(segment, when, not(negated)), end: "verlassen"}
	}
	return clause{subject: "der Kunde", verb: "ist", middle: words(when, not(negated), "in", segment), end: "eingetreten"}
}

func germanSequence(n *rule.Sequence, negated bool) clause {
	if n.No && negated {
		positive := germanSequence(n, false)
		return clause{subject: "es", verb: "trifft", middle: "nicht", end: "zu", joined: true, after: ", dass " + positive.in(subClause) + open}
	}
	first, second := germanEvent(n.First.Event.Text), germanEvent(n.Second.Event.Text)
	quantity := "mindestens " + article(first.gender, accusative)
	if negated {
		quantity = article(first.gender, noneAccusative)
	}
	follower := article(second.gender, indefinite)
	if n.No {
		follower = article(second.gender, none)
	}
	if n.First.Event.Text == n.Second.Event.Text {
		follower += " weiter" + [...]string{masculine: "er", feminine: "e", neuter: "es"}[second.gender]
	}
	return clause{
		subject: words("auf", quantity, first.word, germanWindowOf(n.First)) + germanWhere(n.First, first.gender, false),
		verb:    "folgte",
		middle:  words("innerhalb", germanWithin(n.Within), follower, second.word, germanWindowOf(n.Second)),
		after:   germanWhere(n.Second, second.gender, false),
	}
}

func germanQuantified(n *rule.Quantified, negated bool) clause {
	if ofPeople(n) {
		return germanPeople(n, negated)
	}
	owner, path := split(n.List)
	list := "in der Liste " + germanLabel(path) + germanOwner(owner)
	if n.Quantifier == rule.Every {
		return clause{subject: "für jeden Eintrag " + list, verb: "gilt", middle: not(negated), after: ", dass " + germanText(n.Rule, false, subClause, true) + open}
	}
	entry := "mindestens einen Eintrag"
	if (n.Quantifier == rule.No) != negated {
		entry = "keinen Eintrag"
	}
	return clause{subject: "es", verb: "gibt", middle: words(list, entry), after: ", bei dem " + germanText(n.Rule, false, subClause, true) + open}
}

// germanPeople says how many of the people of a company satisfy a condition.
func germanPeople(n *rule.Quantified, negated bool) clause {
	switch {
	case n.Quantifier == rule.Every:
		return clause{
			subject: "für jede " + person.german.word, verb: "gilt", middle: not(negated),
			after: ", dass " + germanText(n.Rule, false, subClause, true) + open,
		}
	case (n.Quantifier == rule.No) != negated:
		return germanCount(people(n), rule.Equal, 0)
	}
	return germanCount(people(n), rule.Greater, 0)
}
