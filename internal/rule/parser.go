package rule

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

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
