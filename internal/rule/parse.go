package rule

import (
	"fmt"
	"unicode/utf8"
)

// Parse reads a rule from its text. It reports all problems at once, in the
// order of their positions; the rule is nil if one of them is fatal.
func Parse(text string) (Node, Problems) {
	if problem := unreadable(text); problem != nil {
		return nil, Problems{*problem}
	}
	var problems problemList
	s := scanner{text: text, problems: &problems}
	s.scan()
	p := parser{problems: &problems, torn: s.torn}
	p.pair(s.tokens)
	n := p.whole()
	if len(problems) == 0 {
		problems.limits(n)
	}
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	return n, nil
}

// unreadable finds what forbids to look at a text at all.
func unreadable(text string) *Problem {
	if len(text) > maxBytes {
		return &Problem{Message: fmt.Sprintf("the rule has %d bytes; at most %d (64 KiB) are allowed", len(text), maxBytes),
			Hint: "move parts of it into segments of their own"}
	}
	for i, r := range text {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
			return &Problem{Span: Span{i, i + 1}, Message: "the rule is not valid UTF-8 text", Hint: "save the file with the encoding UTF-8"}
		}
	}
	return nil
}

// whole reads the tokens to the end.
func (p *parser) whole() Node {
	if p.peek().kind == endToken {
		p.report(p.peek().Span, "the rule is empty", `write a condition, such as country = "DE"`)
		return nil
	}
	n := p.rule()
	for p.peek().kind != endToken { // after a problem a closing parenthesis can be left
		p.next()
		p.skip()
		if p.accept("and") || p.accept("or") {
			p.rule()
		}
	}
	return n
}

// rule reads conditions joined with `or`.
func (p *parser) rule() Node {
	start := p.peek().Start
	parts := []Node{p.conjunction()}
	for p.accept("or") {
		parts = append(parts, p.conjunction())
	}
	return anyOf(p.from(start), parts)
}

// conjunction reads conditions joined with `and`.
func (p *parser) conjunction() Node {
	start := p.peek().Start
	parts := []Node{p.unary()}
	for p.accept("and") || p.glued {
		p.glued = false
		parts = append(parts, p.unary())
	}
	return allOf(p.from(start), parts)
}

// anyOf joins conditions with `or`; parentheses around an Or in it mean nothing.
func anyOf(at Span, parts []Node) Node {
	var flat []Node
	for _, n := range parts {
		if or, ok := n.(*Or); ok {
			flat = append(flat, or.Parts...)
		} else if n != nil {
			flat = append(flat, n)
		}
	}
	if len(flat) < 2 {
		return only(flat)
	}
	return &Or{at, flat}
}

// allOf joins conditions with `and`.
func allOf(at Span, parts []Node) Node {
	var flat []Node
	for _, n := range parts {
		if and, ok := n.(*And); ok {
			flat = append(flat, and.Parts...)
		} else if n != nil {
			flat = append(flat, n)
		}
	}
	if len(flat) < 2 {
		return only(flat)
	}
	return &And{at, flat}
}

// only gives the single condition of a list, nil if it is empty.
func only(parts []Node) Node {
	if len(parts) == 0 {
		return nil
	}
	return parts[0]
}

// unary reads a condition with or without `not` and everything up to the next boundary.
func (p *parser) unary() Node {
	start, before := p.peek().Start, len(*p.problems)
	negated := p.accept("not")
	for p.at("not") {
		p.report(p.next().Span, `"not not" says nothing`, `leave out both, or write not (not …)`)
	}
	n := p.operand()
	if !p.boundary() {
		if len(*p.problems) == before {
			p.leftover(n)
		}
		if !p.glued {
			p.skip()
		}
	}
	if n == nil || !negated {
		return n
	}
	return &Not{p.from(start), n}
}

func (p *parser) operand() Node {
	if p.at("(") {
		return p.group()
	}
	return p.predicate()
}

// group reads a rule in parentheses.
func (p *parser) group() Node {
	open := p.next()
	if !p.enter(open) {
		return nil
	}
	defer p.leave(p.inWhere)
	p.inWhere = false
	if p.at(")") {
		p.report(p.from(open.Start), "the parentheses are empty", "")
		p.next()
		return nil
	}
	n := p.rule()
	p.closing(open)
	return n
}
