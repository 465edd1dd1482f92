package rule

import (
	"fmt"
	"slices"
	"strings"
)

// leftover reports what stands after a condition where `and`, `or` or an end was
// expected. If a new condition seems to begin there, the parser goes on with it.
func (p *parser) leftover(n Node) {
	t := p.peek()
	switch {
	case t.kind == badToken || slices.Contains(p.strays, p.pos):
		return
	case p.afterNumber(n):
		return
	case p.misplaced(n):
		return
	}
	if attribute, ok := n.(*IsTrue); ok && p.afterName(attribute) {
		return
	}
	if hint := meant(t, "and", "or"); hint != "" {
		p.report(t.Span, "unexpected "+t.describe(), hint)
		p.next()
		p.glued = true
		return
	}
	if _, ok := n.(*InSegment); ok && meant(t, "for") != "" {
		p.report(t.Span, "unexpected "+t.describe(), meant(t, "for"))
		return
	}
	p.expected(`"and" or "or"`, "")
	p.glued = p.startsCondition()
}

// startsCondition tells whether the next tokens look like a condition of their own.
func (p *parser) startsCondition() bool {
	next := p.after(1)
	switch {
	case p.at("("):
		return true
	case p.at("not"):
		return p.after(2).is("segment") || next.kind == nameToken || next.is("(")
	}
	switch p.peek().kind {
	case nameToken:
		return next.is(".") || next.is("in") || next.is("is") || next.is("contains") || next.is("not") ||
			next.kind == symbolToken && !next.is(")") && !next.is(",") && !next.is("(") && !next.is("%")
	case keywordToken:
		return next.is("segment") || p.at("anniversary", "of") ||
			next.is("(") && (isFunction(p.peek().word) || p.at("consent"))
	}
	return false
}

// afterNumber reports what people write after a number: a unit, or a comma for a point.
func (p *parser) afterNumber(n Node) bool {
	last, t := p.tokens[max(p.pos-1, 0)], p.peek()
	if last.kind != numberToken {
		return false
	}
	_, unit := unitOf(asciiLower(t.text))
	switch {
	case t.is(",") && p.after(1).kind == numberToken && t.Start == last.End && p.after(1).Start == t.End:
		whole := strings.ReplaceAll(last.text, ".", "")
		p.report(Span{last.Start, p.after(1).End}, "a number has a decimal point, not a comma",
			fmt.Sprintf("did you mean %s.%s?", clip(whole), clip(p.after(1).text)))
	case unit && t.kind != symbolToken && !t.quoted:
		p.report(Span{last.Start, t.End}, "a value is not compared with a duration",
			fmt.Sprintf(`for a moment write "older than %s %s" or "in last %s %s"`, last.text, t.text, last.text, t.text))
	case t.is("%"):
		p.report(t.Span, `unexpected "%" after a number`, `only "top 20% by …" takes a percentage`)
	case t.kind == nameToken && !p.startsConditionAt(1) && meant(t, "and", "or") == "":
		p.report(t.Span, fmt.Sprintf("unexpected %s after a number", t.describe()), "numbers stand without units, currencies and exponents")
	default:
		return false
	}
	return true
}

// startsConditionAt tells whether the token some places on is one that follows the name of an attribute.
func (p *parser) startsConditionAt(n int) bool {
	t := p.after(n)
	switch t.kind {
	case symbolToken:
		return t.word != ")" && t.word != ","
	case keywordToken:
		return t.word != "and" && t.word != "or"
	}
	return false
}

// misplaced reports words that stand in the wrong place whatever was before them.
func (p *parser) misplaced(n Node) bool {
	t := p.peek()
	switch {
	case t.is("within") && p.looseThen:
		p.looseThen = false
	case t.is("within"):
		p.report(t.Span, `"within" ends a sequence`, "for example product_viewed then order_completed within 7 days")
	case t.is("where"), t.is("then"):
		p.notAnEvent(orEmpty(n))
	case t.is(","):
		p.report(t.Span, `unexpected ","`, `conditions are joined with "and" or "or"`)
	case strings.Contains("<=>!=", t.word) && t.kind == symbolToken:
		p.comparedAgain(n)
	case t.is("for"):
		p.report(t.Span, `"for" follows only "in segment name"`, `a stretch of time is written "in last 30 days"`)
	default:
		return false
	}
	return true
}

// orEmpty spares the callee a nil check.
func orEmpty(n Node) Node {
	if n == nil {
		return &And{}
	}
	return n
}

// comparedAgain reports a comparison after a finished condition.
func (p *parser) comparedAgain(n Node) {
	hint := ""
	switch n := n.(type) {
	case *Compare:
		hint = "for a range write between 1 and 5"
	case *Moment:
		if _, ok := n.Value.(*Aggregate); ok {
			hint = "the window stands inside the parentheses: count(order_completed in last 30 days)"
		}
	}
	p.expected(`"and" or "or"`, hint)
}

// afterNames are the words that can follow a name.
var afterNames = append([]string{"then", "where"}, tests...)

// afterName reports what stands after a name that was read as a boolean attribute.
func (p *parser) afterName(n *IsTrue) bool {
	t := p.peek()
	written := n.Path.Names[0]
	before := p.tokens[p.pos-1]
	switch {
	case t.kind == textToken || t.kind == numberToken || t.kind == dateToken || t.is("true") || t.is("false"):
		p.report(t.Span, "an operator such as = is missing before "+t.describe(), "")
	case t.is("last"), t.is("this"), t.is("previous"), t.is("next"):
		p.report(t.Span, fmt.Sprintf(`"in" is missing before %q`, t.word), fmt.Sprintf(`for example "in %s 30 days"`, t.word))
		if !t.is("last") && !t.is("next") {
			(*p.problems)[len(*p.problems)-1].Hint = fmt.Sprintf(`for example "in %s month"`, t.word)
		}
	case meant(t, afterNames...) != "":
		p.report(t.Span, "unexpected "+t.describe(), meant(t, afterNames...))
	case len(n.Path.Names) == 1 && meant(before, "not", "every", "any", "no", "top", "entered", "left") != "":
		p.report(n.Span, fmt.Sprintf("unexpected %q", written), meant(before, "not", "every", "any", "no", "top", "entered", "left"))
	default:
		return false
	}
	return true
}

// unknownFunction reports a function that does not exist and reads on after it.
func (p *parser) unknownFunction() Value {
	t := p.next()
	functions := append(append([]string{}, funcWords[:]...), "age", "score", "distance", "consent")
	hint := meant(t, functions...)
	if hint == "" {
		hint = fmt.Sprintf("for a list of objects write any %s (…), every %s (…) or no %s (…)", clip(t.text), clip(t.text), clip(t.text))
	}
	p.report(t.Span, fmt.Sprintf("unknown function %q", clip(t.text)), hint)
	p.next()
	p.skipPast(1)
	return &broken{p.from(t.Start)}
}

func isFunction(word string) bool {
	return slices.Contains(funcWords[:], word) || word == "age" || word == "score" || word == "distance"
}

// argumentSlip reports what stands between an event and the closing parenthesis.
func (p *parser) argumentSlip(fn token) {
	t := p.peek()
	hint := ""
	switch {
	case p.oneOf("last", "this", "previous"):
		p.report(t.Span, fmt.Sprintf(`"in" is missing before %q`, t.word), `for example "in last 30 days" or "in this month"`)
		return
	case t.is("within"), t.is("for"):
		hint = `a stretch of time is written "in last 30 days"`
	case meant(t, "where", "in", "since", "before", "between", "today", "yesterday") != "":
		hint = meant(t, "where", "in", "since", "before", "between", "today", "yesterday")
	case t.kind == nameToken && p.startsConditionAt(1):
		hint = `conditions on events follow "where"`
	case t.kind == nameToken:
		hint = fmt.Sprintf("a property follows its event after a dot: %s(order_completed.total)", fn.word)
	}
	p.expected(`")"`, hint)
}
