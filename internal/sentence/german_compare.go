package sentence

import (
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

func germanCompare(n *rule.Compare, negated bool) clause {
	left, op, right := sides(n)
	if count, op, number, ok := counted(left, op, right, negated); ok {
		return germanCount(count, op, number.Number)
	}
	if op == rule.NotEqual {
		op, negated = rule.Equal, !negated
	}
	l, fixed := right.(*rule.Literal)
	if !fixed {
		return germanCompareValues(left, op, right, negated)
	}
	c := clause{subject: germanValue(left).nominative(), verb: "ist"}
	switch l.Kind {
	case rule.NumberLiteral:
		c.verb, c.middle = "beträgt", words(not(negated), germanBounds[op]+germanAmount(left, l.Number))
	case rule.BoolLiteral:
		c.verb, c.middle = "steht", words(not(negated), "auf", germanBool(l.Bool))
	case rule.DateLiteral:
		c.verb, c.middle = germanDateTest(left, op, l, negated)
	default:
		c.middle = words(not(negated), germanQuote(l.Text))
		if op != rule.Equal {
			c.verb, c.middle = "steht", words("im Alphabet", not(negated), germanOrder[op], germanQuote(l.Text))
		}
	}
	return c
}

var (
	// germanBounds stand before numbers.
	germanBounds = [...]string{
		rule.Equal: "", rule.NotEqual: "", rule.Less: "weniger als ", rule.LessEqual: "höchstens ",
		rule.Greater: "mehr als ", rule.GreaterEqual: "mindestens ",
	}
	// germanOrder stand before texts.
	germanOrder = [...]string{
		rule.Less: "vor", rule.LessEqual: "bei oder vor", rule.Greater: "nach", rule.GreaterEqual: "bei oder nach",
	}
)

// germanAmount writes a number with the unit of what it is compared with.
func germanAmount(of rule.Value, n number.Number) string {
	switch of.(type) {
	case *rule.Age:
		if n == number.FromInt(1) {
			return "1 Jahr"
		}
		return germanNumber(n) + " Jahre"
	case *rule.Distance:
		return germanNumber(n) + " km"
	}
	return germanNumber(n)
}

// germanDateTest says how a date is compared. A bare date is its midnight, which
// matters to times: those of its day lie after it.
func germanDateTest(left rule.Value, op rule.Op, l *rule.Literal, negated bool) (verb, middle string) {
	date, start := germanDate(l.Date), "Beginn des "
	if l.Date.HasTime {
		start = ""
	}
	_, isTime := eventTime(left)
	switch op {
	case rule.Less:
		return "liegt", words(not(negated), "vor dem", date)
	case rule.LessEqual:
		if start == "" {
			return "liegt", words(not(negated), "spätestens am", date)
		}
		return "liegt", words(not(negated), "spätestens am", start+date)
	case rule.Greater:
		return "liegt", words(not(negated), "nach dem", start+date)
	case rule.GreaterEqual:
		return "liegt", words(not(negated), "frühestens am", date)
	}
	if isTime && start != "" {
		return "fällt", words(not(negated), "genau auf den", start+date)
	}
	return "ist", words(not(negated), "der", date)
}

// germanCount says how many events there are.
func germanCount(a *rule.Aggregate, op rule.Op, n number.Number) clause {
	if op == rule.GreaterEqual && n == number.FromInt(1) || op == rule.NotEqual && n == 0 {
		op, n = rule.Greater, 0
	}
	event := germanCounted(a)
	one := n == number.FromInt(1)
	quantity, thing := "", event.plural
	switch {
	case op == rule.Greater && n == 0:
		quantity, one = "mindestens "+article(event.gender, accusative), true
	case op == rule.Less && one, op == rule.LessEqual && n == 0, op == rule.Equal && n == 0:
		quantity, one = article(event.gender, noneAccusative), true
	default:
		quantity = germanCounts[op] + germanNumber(n)
		if one {
			quantity = germanCounts[op] + article(event.gender, accusative)
		}
	}
	if one {
		thing = event.word
	}
	return clause{
		subject: "es", verb: "gibt",
		middle: words(quantity, thing, germanGiven(a), germanWindowOf(a.Filter)),
		after:  germanWhere(a.Filter, event.gender, !one),
	}
}

// germanCounts stand before numbers of events.
var germanCounts = [...]string{
	rule.Equal: "genau ", rule.NotEqual: "nicht genau ", rule.Less: "weniger als ", rule.LessEqual: "höchstens ",
	rule.Greater: "mehr als ", rule.GreaterEqual: "mindestens ",
}

// germanCompareValues compares two values of which neither is written in the rule.
func germanCompareValues(left rule.Value, op rule.Op, right rule.Value, negated bool) clause {
	c := clause{subject: germanValue(left).nominative(), verb: "ist"}
	other := germanValue(right)
	if commonKind(left, right) == momentKind {
		c.verb = "liegt"
		switch op {
		case rule.Less:
			c.middle = words(not(negated), "vor", other.dative())
		case rule.LessEqual:
			c.middle = words(not(negated), "vor oder gleichzeitig mit", other.dative())
		case rule.Greater:
			c.middle = words(not(negated), "nach", other.dative())
		case rule.GreaterEqual:
			c.middle = words(not(negated), "nach oder gleichzeitig mit", other.dative())
		default:
			c.middle = words(not(negated), "gleichzeitig mit", other.dative())
		}
		return c
	}
	if op == rule.Equal {
		return clause{subject: c.subject, verb: "stimmt", middle: words(not(negated), "mit", other.dative()), end: "überein", joined: true}
	}
	c.middle = words(not(negated), [...]string{
		rule.Less: "kleiner", rule.LessEqual: "höchstens so groß", rule.Greater: "größer", rule.GreaterEqual: "mindestens so groß",
	}[op])
	than := " als "
	if op == rule.LessEqual || op == rule.GreaterEqual {
		than = " wie "
	}
	c.after = than + other.nominative()
	return c
}

func germanBool(b bool) string {
	if b {
		return "Ja"
	}
	return "Nein"
}

// germanIn says that a value is one of a list.
func germanIn(n *rule.In, negated bool) clause {
	c := clause{subject: germanValue(n.Value).nominative(), verb: "ist"}
	between := " oder " // numbers and dates have commas of their own
	var list []string
	for _, l := range n.List {
		switch l.Kind {
		case rule.NumberLiteral:
			c.verb = "beträgt"
			list = append(list, germanAmount(n.Value, l.Number))
		case rule.BoolLiteral:
			c.verb = "steht"
			list = append(list, "auf "+germanBool(l.Bool))
		case rule.DateLiteral:
			list = append(list, "der "+germanDate(l.Date))
		default:
			between = ", "
			list = append(list, germanQuote(l.Text))
		}
	}
	c.middle = words(not(negated), join(list, between, " oder "))
	if negated && len(list) > 1 {
		c.middle = "weder " + join(list, " noch ", " noch ")
	}
	return c
}

func germanBetween(n *rule.Between, negated bool) clause {
	c := clause{subject: germanValue(n.Value).nominative(), verb: "liegt"}
	low, high := germanLiteral(n.Low), germanLiteral(n.High)
	switch n.Low.Kind {
	case rule.DateLiteral:
		c.middle = words(not(negated), "im Zeitraum vom", low, "bis zum", high)
	case rule.TextLiteral:
		c.middle = words("im Alphabet", not(negated), "zwischen", low, "und", high, "(einschließlich)")
	default:
		c.middle = words(not(negated), "zwischen", low, "und", high, "(einschließlich)")
	}
	return c
}

func germanMatch(n *rule.Match, negated bool) clause {
	c := clause{subject: germanValue(n.Value).nominative()}
	text := germanQuote(n.Text.Text)
	switch n.How {
	case rule.Contains:
		c.verb, c.middle = "enthält", words(not(negated), text)
	case rule.StartsWith:
		c.verb, c.middle = "beginnt", words(not(negated), "mit", text)
	case rule.EndsWith:
		c.verb, c.middle = "endet", words(not(negated), "auf", text)
	case rule.Matches:
		c.verb, c.middle = "passt", words(not(negated), "auf das Muster", text)
	}
	return c
}

func germanKnown(n *rule.Known, negated bool) clause {
	unknown := n.Unknown != negated
	if a, ok := eventTime(n.Value); ok {
		count := &rule.Aggregate{Func: rule.Count, Filter: a.Filter}
		if unknown {
			return germanCount(count, rule.Equal, 0)
		}
		return germanCount(count, rule.Greater, 0)
	}
	c := clause{subject: germanValue(n.Value).nominative(), verb: "ist", middle: "bekannt"}
	if unknown {
		c.middle = "unbekannt"
	}
	return c
}
