package rule

import (
	"fmt"

	"github.com/kohorte/kohorte/internal/number"
)

// predicate reads one condition without `not`, `and` and `or`.
func (p *parser) predicate() Node {
	t := p.peek()
	switch {
	case p.at("in"):
		return p.inSegment()
	case p.oneOf("entered", "left") && !p.usedAsName():
		return p.crossed()
	case p.oneOf("any", "every", "no") && !p.usedAsName():
		return p.quantified()
	case p.at("consent") && !p.usedAsName():
		return p.consent()
	case p.at("top") && !p.usedAsName():
		return p.top()
	case p.at("anniversary") && !p.usedAsName():
		return p.anniversary()
	}
	v := p.valueOr("a condition")
	if v == nil {
		return nil
	}
	n := p.test(v, t.Start)
	if _, wrong := v.(*broken); wrong {
		return n
	}
	if n != nil && p.oneOf("where", "then") && (!p.inWhere || p.at("where")) {
		return p.sequence(n)
	}
	return n
}

// usedAsName tells whether the next word, a keyword that begins a condition, is
// followed by what can only follow a value.
func (p *parser) usedAsName() bool {
	switch next := p.after(1); next.kind {
	case endToken:
		return true
	case symbolToken:
		return !next.is("(") && !next.is("%")
	case keywordToken:
		return !next.is("segment") && !next.is("of") && next.word != "by" && !nameLike(next.word)
	}
	return false
}

// test reads what follows a value.
func (p *parser) test(v Value, start int) Node {
	t := p.peek()
	switch t.word {
	case "=", "!=", "<", "<=", ">", ">=":
		return p.compare(v, start)
	case "not", "contains", "starts", "ends", "matches", "between":
		return p.negatable(v, start)
	case "in":
		if p.after(1).is("(") {
			return p.list(v, start, false)
		}
		return p.moment(v, start)
	case "is":
		return p.known(v, start)
	case "older", "after", "on", "today", "yesterday", "since", "before":
		return p.moment(v, start)
	}
	switch v := v.(type) {
	case *Path:
		return &IsTrue{v.Span, v}
	case *broken:
		return nil
	}
	p.noTest(v)
	return nil
}

func (p *parser) compare(v Value, start int) Node {
	op, _ := index[Op](opWords[:], p.next().word)
	if p.oneOf("known", "unknown") {
		p.report(p.peek().Span, fmt.Sprintf("%q is not a value", p.peek().word), fmt.Sprintf(`did you mean "is %s"?`, p.next().word))
		return nil
	}
	right := p.value()
	if right == nil {
		return nil
	}
	return &Compare{p.from(start), v, op, right}
}

// negatable reads the tests that can follow `not`.
func (p *parser) negatable(v Value, start int) Node {
	negated := p.accept("not")
	switch {
	case p.at("in", "("):
		return p.list(v, start, negated)
	case p.at("between"):
		return p.between(v, start, negated)
	case p.oneOf("contains", "starts", "ends", "matches"):
		return p.match(v, start, negated)
	}
	p.notTest()
	return nil
}

func (p *parser) list(v Value, start int, negated bool) Node {
	p.next() // in
	closed := p.closed[p.pos]
	open := p.next()
	n := &In{Value: v, Negated: negated}
	for first := true; first || p.accept(","); first = false {
		l := p.literal("a text, number, true, false or date")
		if l == nil {
			p.skipPast(1)
			return nil
		}
		n.List = append(n.List, l)
	}
	if !p.at(")") && closed {
		p.expected(`"," or ")"`, "")
		p.skipPast(1)
		return nil
	}
	p.closing(open)
	n.Span = p.from(start)
	return n
}

func (p *parser) between(v Value, start int, negated bool) Node {
	here, before := p.pos, len(*p.problems)
	p.next()
	low := p.literal("the lower bound")
	ok := p.accept("and")
	if !ok && len(*p.problems) == before {
		p.expected(`"and" and the upper bound`, "for example between 1 and 5, both included")
		ok = p.accept("or") || p.accept(",")
	}
	if low == nil || !ok {
		p.pos = here // for skip knows that the next `and` is this one's
		return nil
	}
	high := p.literal("the upper bound")
	if high == nil {
		return nil
	}
	return &Between{p.from(start), v, negated, low, high}
}

func (p *parser) match(v Value, start int, negated bool) Node {
	t := p.next()
	how, ok := index[Matching](matchingWords[:], t.word)
	if !ok {
		how, _ = index[Matching](matchingWords[:], t.word+" with")
		if !p.accept("with") {
			p.report(t.Span, `"with" is missing`, fmt.Sprintf(`write "%s with"`, t.word))
		}
	}
	text := p.text("a text in double quotes")
	if text == nil {
		return nil
	}
	return &Match{p.from(start), v, negated, how, text}
}

func (p *parser) known(v Value, start int) Node {
	is := p.next()
	if !p.oneOf("known", "unknown") {
		return p.isSlip(v, is)
	}
	unknown := p.next().is("unknown")
	return &Known{p.from(start), v, unknown}
}

func (p *parser) inSegment() Node {
	start := p.next().Start
	if !p.accept("segment") {
		p.inSlip(start)
		return nil
	}
	segment, ok := p.segment()
	if !ok {
		return nil
	}
	n := &InSegment{Segment: segment}
	if p.accept("for") {
		d, ok := p.duration()
		if !ok {
			return nil
		}
		n.For = &d
	}
	n.Span = p.from(start)
	return n
}

func (p *parser) crossed() Node {
	t := p.next()
	if !p.accept("segment") {
		p.expected(`"segment" and its name`, fmt.Sprintf("for example %s segment vip in last 30 days", t.word))
		return nil
	}
	segment, ok := p.segment()
	if !ok {
		return nil
	}
	window := p.window()
	if window == nil {
		return nil
	}
	return &Crossed{p.from(t.Start), t.is("left"), segment, window}
}

func (p *parser) quantified() Node {
	t := p.next()
	quantifier, _ := index[Quantifier](quantifierWords[:], t.word)
	list := p.path("a list of objects")
	if list == nil {
		return nil
	}
	if !p.at("(") {
		p.expected("a condition in parentheses", fmt.Sprintf("for example %s %s (price > 10)", t.word, PrintValue(list)))
		return nil
	}
	rule := p.group()
	if rule == nil {
		return nil
	}
	return &Quantified{p.from(t.Start), quantifier, list, rule}
}

func (p *parser) consent() Node {
	t := p.next()
	n := &Consent{}
	ok := p.call(t, func() bool {
		var ok bool
		if n.Channel, ok = p.name("a channel, such as email"); !ok {
			return false
		}
		if !p.accept(",") {
			p.expected(`"," and a purpose`, "for example consent(email, newsletter)")
			return false
		}
		n.Purpose, ok = p.name("a purpose, such as newsletter")
		return ok
	})
	n.Span = p.from(t.Start)
	if !ok {
		return nil
	}
	return n
}

func (p *parser) top() Node {
	t := p.next()
	const example = "for example top 20% by sum(order_completed.total)"
	share := p.peek()
	if share.kind != numberToken {
		p.expected("a percentage", example)
		return nil
	}
	p.next()
	percent, err := number.Parse(share.text)
	if err != nil || percent <= 0 || percent > number.FromInt(100) {
		p.report(share.Span, "the percentage must be greater than 0 and at most 100", "")
	}
	for _, word := range []string{"%", "by"} {
		if !p.accept(word) {
			p.expected(fmt.Sprintf("%q", word), example)
			return nil
		}
	}
	by := p.value()
	if by == nil {
		return nil
	}
	return &Top{p.from(t.Start), percent, by}
}
