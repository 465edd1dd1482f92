package sentence

import (
	"github.com/kohorte/kohorte/internal/rule"
)

// englishText says a condition; what consists of several parts stands in
// parentheses if grouped is set.
func englishText(n rule.Node, negated, grouped bool) string {
	n, negated = strip(n, negated)
	parts, conjunction := englishParts(n)
	if parts == nil {
		return englishClause(n, negated)
	}
	if negated {
		return "it is not true that " + englishText(n, false, true)
	}
	text := ""
	for i, part := range parts {
		if i > 0 {
			text += conjunction
		}
		text += englishText(part, false, true)
	}
	if grouped {
		return "(" + text + ")"
	}
	return text
}

func englishParts(n rule.Node) (parts []rule.Node, conjunction string) {
	switch n := n.(type) {
	case *rule.And:
		return n.Parts, ", and "
	case *rule.Or:
		return n.Parts, ", or "
	}
	return nil, ""
}

// unless gives one of two verbs: the second one negates.
func unless(negated bool, verb, negative string) string {
	if negated {
		return negative
	}
	return verb
}

func is(negated bool) string  { return unless(negated, "is", "is not") }
func was(negated bool) string { return unless(negated, "was", "was not") }

// englishClause says a single condition.
func englishClause(n rule.Node, negated bool) string {
	switch n := n.(type) {
	case *rule.Compare:
		return englishCompare(n, negated)
	case *rule.In:
		return englishIn(n, negated != n.Negated)
	case *rule.Between:
		return englishBetween(n, negated != n.Negated)
	case *rule.Match:
		return englishMatch(n, negated != n.Negated)
	case *rule.Known:
		return englishKnown(n, negated)
	case *rule.Moment:
		return englishMoment(n, negated)
	case *rule.Anniversary:
		return englishAnniversary(n, negated)
	case *rule.IsTrue:
		return words(englishField(n.Path), is(negated), "set to yes")
	case *rule.InSegment:
		segment := "in " + englishSegment(n.Segment)
		if n.For == nil {
			return words("the customer", is(negated), segment)
		}
		return words("the customer", unless(negated, "has been", "has not been"), segment, "for at least", englishDuration(*n.For))
	case *rule.Crossed:
		verb := unless(negated, "entered", "did not enter")
		if n.Left {
			verb = unless(negated, "left", "did not leave")
		}
		return words("the customer", verb, englishSegment(n.Segment), englishWindow(n.Window))
	case *rule.Sequence:
		return englishSequence(n, negated)
	case *rule.Quantified:
		return englishQuantified(n, negated)
	case *rule.Consent:
		return words("consent for the channel", englishQuote(readable(n.Channel.Text)), "and the purpose", englishQuote(readable(n.Purpose.Text)), is(negated), "given")
	case *rule.Top:
		return words("the customer", is(negated), "among the top", englishNumber(n.Percent)+"% of all customers by", englishRanked(n.By))
	}
	return words(rule.PrintLine(n), is(negated), "true")
}

// englishSegment names a segment, or a part of a segmentation.
func englishSegment(n rule.Name) string {
	if of, part, ok := partOf(n); ok {
		return "the part " + englishQuote(part) + " of " + englishQuote(of)
	}
	return "the segment " + englishQuote(readable(n.Text))
}

func englishSequence(n *rule.Sequence, negated bool) string {
	first, second := englishEvent(n.First.Event.Text), englishEvent(n.Second.Event.Text)
	follower := "by " + indefiniteEnglish(second.english)
	if n.First.Event.Text == n.Second.Event.Text {
		follower = "by another " + second.english
	}
	before, quantity := "", "at least one"
	switch {
	case negated && n.No:
		before = "it is not true that"
	case negated:
		quantity = "no"
	}
	return words(before, quantity, first.english) + englishTail(n.First) +
		" " + words(was(n.No), "followed within", englishDuration(n.Within), follower) + englishTail(n.Second)
}

func englishQuantified(n *rule.Quantified, negated bool) string {
	if ofPeople(n) {
		return englishPeople(n, negated)
	}
	owner, path := split(n.List)
	list := "in the " + englishOwner(owner) + "list " + englishQuote(readable(path))
	condition := englishText(n.Rule, false, true)
	if n.Quantifier == rule.Every {
		return words("it", is(negated), "true for every entry", list, "that", condition)
	}
	quantity := "at least one"
	if (n.Quantifier == rule.No) != negated {
		quantity = "no"
	}
	return words("there is", quantity, "entry", list, "for which", condition)
}

// englishPeople says how many of the people of a company satisfy a condition.
func englishPeople(n *rule.Quantified, negated bool) string {
	switch {
	case n.Quantifier == rule.Every:
		return words("it", is(negated), "true for every", person.english, "that", englishText(n.Rule, false, true))
	case (n.Quantifier == rule.No) != negated:
		return englishCount(people(n), rule.Equal, 0)
	}
	return englishCount(people(n), rule.Greater, 0)
}
