package sentence

import (
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

func englishCompare(n *rule.Compare, negated bool) string {
	left, op, right := sides(n)
	if count, op, number, ok := counted(left, op, right, negated); ok {
		return englishCount(count, op, number.Number)
	}
	if op == rule.NotEqual {
		op, negated = rule.Equal, !negated
	}
	subject := englishValue(left)
	l, fixed := right.(*rule.Literal)
	if !fixed {
		return words(subject, is(negated), englishOrder(commonKind(left, right), op), englishValue(right))
	}
	switch l.Kind {
	case rule.NumberLiteral:
		return words(subject, is(negated), englishBounds[op]+englishAmount(left, l.Number))
	case rule.BoolLiteral:
		return words(subject, is(negated), "set to", englishBool(l.Bool))
	case rule.DateLiteral:
		return words(subject, is(negated), englishDateTest(left, op, l))
	}
	if op == rule.Equal {
		return words(subject, is(negated), englishQuote(l.Text))
	}
	return words(subject, unless(negated, "comes", "does not come"), englishAlphabet[op], englishQuote(l.Text), "in the alphabet")
}

var (
	// englishBounds stand before numbers.
	englishBounds = [...]string{
		rule.Equal: "", rule.NotEqual: "", rule.Less: "less than ", rule.LessEqual: "at most ",
		rule.Greater: "more than ", rule.GreaterEqual: "at least ",
	}
	// englishAlphabet stand before texts.
	englishAlphabet = [...]string{
		rule.Less: "before", rule.LessEqual: "at or before", rule.Greater: "after", rule.GreaterEqual: "at or after",
	}
)

// englishOrder says how two values compare of which neither is written in the rule.
func englishOrder(kind kind, op rule.Op) string {
	if kind == momentKind {
		return [...]string{
			rule.Equal: "at the same time as", rule.NotEqual: "", rule.Less: "before", rule.LessEqual: "before or at the same time as",
			rule.Greater: "after", rule.GreaterEqual: "after or at the same time as",
		}[op]
	}
	return [...]string{
		rule.Equal: "the same as", rule.NotEqual: "", rule.Less: "less than", rule.LessEqual: "at most",
		rule.Greater: "greater than", rule.GreaterEqual: "at least",
	}[op]
}

// englishAmount writes a number with the unit of what it is compared with.
func englishAmount(of rule.Value, n number.Number) string {
	switch of.(type) {
	case *rule.Age:
		if n == number.FromInt(1) {
			return "1 year"
		}
		return englishNumber(n) + " years"
	case *rule.Distance:
		return englishNumber(n) + " km"
	}
	return englishNumber(n)
}

// englishDateTest says how a date is compared. A bare date is its midnight, which
// matters to times: those of its day lie after it.
func englishDateTest(left rule.Value, op rule.Op, l *rule.Literal) string {
	date, start := englishDate(l.Date), "the start of "
	if l.Date.HasTime {
		start = ""
	}
	_, isTime := eventTime(left)
	switch op {
	case rule.Less:
		return "before " + date
	case rule.LessEqual:
		return "no later than " + start + date
	case rule.Greater:
		return "after " + start + date
	case rule.GreaterEqual:
		return "no earlier than " + date
	}
	if isTime && start != "" {
		return "exactly at " + start + date
	}
	return date
}

// englishCount says how many events there are.
func englishCount(a *rule.Aggregate, op rule.Op, n number.Number) string {
	if op == rule.GreaterEqual && n == number.FromInt(1) || op == rule.NotEqual && n == 0 {
		op, n = rule.Greater, 0
	}
	event := englishCounted(a)
	one := n == number.FromInt(1)
	quantity := englishCounts[op] + englishNumber(n)
	switch {
	case op == rule.Greater && n == 0:
		quantity, one = "at least one", true
	case op == rule.Less && one, op == rule.LessEqual && n == 0, op == rule.Equal && n == 0:
		quantity, one = "no", true
	case one:
		quantity = englishCounts[op] + "one"
	}
	verb, thing := "there are", event.englishs
	if one {
		verb, thing = "there is", event.english
	}
	return words(verb, quantity, thing, englishGiven(a)) + englishTail(a.Filter)
}

// englishCounts stand before numbers of events.
var englishCounts = [...]string{
	rule.Equal: "exactly ", rule.NotEqual: "not exactly ", rule.Less: "fewer than ", rule.LessEqual: "at most ",
	rule.Greater: "more than ", rule.GreaterEqual: "at least ",
}

func englishBool(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// englishIn says that a value is one of a list.
func englishIn(n *rule.In, negated bool) string {
	before := ""
	var list []string
	for _, l := range n.List {
		switch l.Kind {
		case rule.NumberLiteral:
			list = append(list, englishAmount(n.Value, l.Number))
		case rule.BoolLiteral:
			before = "set to"
			list = append(list, englishBool(l.Bool))
		default:
			list = append(list, englishLiteral(l))
		}
	}
	between := ", "
	if n.List[0].Kind != rule.TextLiteral {
		between = " or " // numbers and dates have commas of their own
	}
	if negated && len(list) > 1 {
		return words(englishValue(n.Value), "is", before, "neither", join(list, " nor ", " nor "))
	}
	return words(englishValue(n.Value), is(negated), before, join(list, between, " or "))
}

func englishBetween(n *rule.Between, negated bool) string {
	subject, low, high := englishValue(n.Value), englishLiteral(n.Low), englishLiteral(n.High)
	switch n.Low.Kind {
	case rule.DateLiteral:
		return words(subject, is(negated), "in the period from", low, "to", high)
	case rule.TextLiteral:
		return words(subject, is(negated), "between", low, "and", high, "in the alphabet (inclusive)")
	}
	return words(subject, is(negated), "between", low, "and", high, "(inclusive)")
}

func englishMatch(n *rule.Match, negated bool) string {
	verbs := [...][2]string{
		rule.Contains: {"contains", "does not contain"}, rule.StartsWith: {"starts with", "does not start with"},
		rule.EndsWith: {"ends with", "does not end with"}, rule.Matches: {"matches the pattern", "does not match the pattern"},
	}[n.How]
	return words(englishValue(n.Value), unless(negated, verbs[0], verbs[1]), englishQuote(n.Text.Text))
}

func englishKnown(n *rule.Known, negated bool) string {
	unknown := n.Unknown != negated
	if a, ok := eventTime(n.Value); ok {
		count := &rule.Aggregate{Func: rule.Count, Filter: a.Filter}
		if unknown {
			return englishCount(count, rule.Equal, 0)
		}
		return englishCount(count, rule.Greater, 0)
	}
	return words(englishValue(n.Value), "is", unless(unknown, "known", "unknown"))
}
