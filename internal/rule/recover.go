package rule

import (
	"cmp"
	"fmt"
	"slices"
)

// problemList collects problems.
type problemList Problems

// maxProblems is when the search for more problems ends: nobody reads on.
const maxProblems = 100

func (l *problemList) full() bool { return len(*l) >= maxProblems }

func (l *problemList) add(at Span, message, hint string) {
	if !l.full() {
		*l = append(*l, Problem{Span: at, Message: message, Hint: hint})
	}
}

func (l *problemList) sorted() Problems {
	ps := Problems(*l)
	slices.SortStableFunc(ps, func(a, b Problem) int { return cmp.Compare(a.Start, b.Start) })
	return ps
}

// pair takes the tokens and finds which parentheses belong together. A closing
// one without an opening one is reported and left out; one that is missing after
// the name of a function is reported and added.
func (p *parser) pair(tokens []token) {
	var open []int
	for i, t := range tokens {
		if i > 0 && t.kind == nameToken && p.callWithout(tokens[:i]) {
			p.report(t.Span, fmt.Sprintf(`"(" is missing after %s`, tokens[i-1].word), "")
			open = append(open, len(p.tokens))
			p.take(token{Span: Span{t.Start, t.Start}, kind: symbolToken, word: "("})
		}
		switch {
		case t.is("("):
			open = append(open, len(p.tokens))
		case t.is(")") && len(open) == 0:
			p.stray(t)
			continue
		case t.is(")"):
			p.closed[open[len(open)-1]] = true
			open = open[:len(open)-1]
		}
		p.take(t)
	}
}

// stray reports a closing parenthesis too many.
func (p *parser) stray(t token) {
	if !p.torn && !p.problems.full() {
		p.report(t.Span, `unexpected ")": no parenthesis is open here`, "")
		p.strays = append(p.strays, len(p.tokens))
	}
}

func (p *parser) take(t token) {
	p.tokens = append(p.tokens, t)
	p.closed = append(p.closed, false)
}

// callWithout tells whether the last of some tokens, before a name, calls a function without parenthesis.
func (p *parser) callWithout(tokens []token) bool {
	fn := len(tokens) - 1
	if !isFunction(tokens[fn].word) {
		return false
	}
	if fn == 0 {
		return true
	}
	before := tokens[fn-1]
	return before.word != "" && !before.is(".") && !before.is("in") && !before.is(")") && !before.is("segment")
}

// enter opens a parenthesis. It refuses and skips one that lies too deep, which keeps the recursion short.
func (p *parser) enter(open token) bool {
	if p.open >= maxLevels {
		p.report(open.Span, tooDeep, tooDeepHint)
		p.skipPast(1)
		return false
	}
	p.open++
	return true
}

func (p *parser) leave(inWhere bool) {
	p.open--
	p.inWhere = inWhere
}

// closing takes the closing parenthesis or reports that it is missing.
func (p *parser) closing(open token) {
	if !p.accept(")") && !p.torn {
		p.report(open.Span, "this parenthesis is not closed", `add ")"`)
	}
}

// boundary tells whether a condition may end here.
func (p *parser) boundary() bool {
	return p.peek().kind == endToken || p.oneOf("and", "or", ")") || p.inWhere && p.oneOf("then", "within")
}

// skip goes to the next boundary; the `and` of a `between` that it skips is none.
func (p *parser) skip() {
	bounds := false
	for !p.boundary() || bounds && p.at("and") {
		switch t := p.next(); {
		case t.is("("):
			p.skipPast(1)
		case t.is("between"):
			bounds = true
		case t.is("and"):
			bounds = false
		}
	}
}

// skipPast goes past the end of so many open parentheses.
func (p *parser) skipPast(open int) {
	for open > 0 && p.peek().kind != endToken {
		switch t := p.next(); {
		case t.is("("):
			open++
		case t.is(")"):
			open--
		}
	}
}
