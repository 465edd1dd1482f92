package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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

// parser turns tokens into a rule by recursive descent. A function that fails
// has reported why and returns nil; unary then skips to where the next condition
// begins, so that one mistake makes one problem.
type parser struct {
	tokens    []token
	pos       int
	problems  *problemList
	torn      bool   // see scanner
	closed    []bool // which tokens are parentheses that are closed later
	open      int    // parentheses that are open
	strays    []int  // tokens before which a closing parenthesis was left out
	inWhere   bool   // directly in the `where` of a sequence, which `then` and `within` end
	looseThen bool   // a misplaced then was reported, so its within is no news
	glued     bool   // an `and` is missing here and was reported
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

func (p *parser) peek() token { return p.tokens[p.pos] }

// after gives the token some places on, the end if there is none.
func (p *parser) after(n int) token { return p.tokens[min(p.pos+n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.pos]
	if t.kind != endToken {
		p.pos++
	}
	return t
}

// at tells whether the next tokens are these keywords or symbols.
func (p *parser) at(words ...string) bool {
	for i, w := range words {
		if !p.after(i).is(w) {
			return false
		}
	}
	return true
}

// accept takes the next tokens if they are these keywords or symbols.
func (p *parser) accept(words ...string) bool {
	if !p.at(words...) {
		return false
	}
	p.pos += len(words)
	return true
}

// oneOf tells whether the next token is one of some keywords or symbols.
func (p *parser) oneOf(words ...string) bool {
	t := p.peek()
	return t.word != "" && slices.Contains(words, t.word)
}

// lastEnd gives the end of the token before.
func (p *parser) lastEnd() int {
	if p.pos == 0 {
		return p.peek().Start
	}
	return p.tokens[p.pos-1].End
}

// from gives the span from a position to the end of the token before.
func (p *parser) from(start int) Span { return Span{start, max(start, p.lastEnd())} }

// report notes a problem, unless the one before stands in the same place: then it is the cause of this one.
func (p *parser) report(at Span, message, hint string) {
	if n := len(*p.problems); n > 0 && (*p.problems)[n-1].Start == at.Start {
		return
	}
	p.problems.add(at, message, hint)
}

// expected reports that something else was expected; what the scanner reported, it does not report again.
func (p *parser) expected(what, hint string) {
	if t := p.peek(); t.kind != badToken {
		p.report(t.Span, fmt.Sprintf("expected %s, found %s", what, t.describe()), hint)
	}
}

// describe names a token in a message.
func (t token) describe() string {
	switch t.kind {
	case endToken:
		return "the end of the rule"
	case textToken:
		return "the text " + clip(quote(t.text))
	case numberToken:
		return "the number " + clip(t.text)
	case dateToken:
		return "the date " + t.date.String()
	}
	return `"` + clip(t.text) + `"`
}

// clip shortens what is quoted in a message.
func clip(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:most])) + "…"
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
