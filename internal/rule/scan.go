package rule

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/calendar"
)

// kind is the kind of a token.
type kind uint8

const (
	endToken     kind = iota
	nameToken         // text is the name, without backquotes
	keywordToken      // word is the keyword in lower case
	textToken         // text is the text that is meant, escapes resolved
	numberToken       // text is the number as written
	dateToken         // date
	symbolToken       // word is the symbol
	badToken          // a problem was reported
)

// token is a word, a literal or a symbol of a rule.
type token struct {
	Span
	kind   kind
	text   string
	word   string
	date   calendar.Date
	quoted bool // a name in backquotes
}

// is tells whether the token is a keyword or symbol.
func (t token) is(word string) bool { return t.word == word }

// scanner cuts a rule into tokens. What is likely a slip, such as == or 'text',
// it reports and then reads as what was meant, so that the parser goes on.
type scanner struct {
	text     string
	pos      int
	tokens   []token
	problems *problemList
	torn     bool // a text or name is not closed, so parentheses cannot be trusted
}

func (s *scanner) scan() {
	s.pos = len(s.text) - len(strings.TrimPrefix(s.text, "\uFEFF"))
	for s.skipSpace(); s.pos < len(s.text) && !s.problems.full(); s.skipSpace() {
		s.token()
	}
	end := 0 // the end stands right after the last token, not after trailing lines
	if n := len(s.tokens); n > 0 {
		end = s.tokens[n-1].End
	}
	s.tokens = append(s.tokens, token{Span: Span{end, end}})
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[s.pos:])
		switch {
		case r == '#':
			s.pos = s.lineEnd(s.pos)
		case unicode.IsSpace(r):
			s.pos += size
		default:
			return
		}
	}
}

// lineEnd gives the end of the line that a position is on.
func (s *scanner) lineEnd(from int) int {
	if i := strings.IndexByte(s.text[from:], '\n'); i >= 0 {
		return from + i
	}
	return len(s.text)
}

// token reads one token.
func (s *scanner) token() {
	r, _ := utf8.DecodeRuneInString(s.text[s.pos:])
	switch {
	case nameStart(r):
		s.name()
	case r == '`':
		s.quotedName()
	case r == '"':
		s.quotedText()
	case digit(s.peek(0)), r == '-' && digit(s.peek(1)):
		s.number()
	default:
		s.symbol()
	}
}

// peek gives the byte some places on, 0 at the end.
func (s *scanner) peek(n int) byte {
	if s.pos+n < len(s.text) {
		return s.text[s.pos+n]
	}
	return 0
}

// emit adds a token that reaches from the current position to end.
func (s *scanner) emit(t token, end int) {
	t.Span = Span{s.pos, end}
	s.tokens = append(s.tokens, t)
	s.pos = end
}

// report notes a problem between the current position and end.
func (s *scanner) report(end int, message, hint string) {
	s.problems.add(Span{s.pos, end}, message, hint)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func nameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func namePart(r rune) bool { return nameStart(r) || unicode.IsDigit(r) }

func (s *scanner) name() {
	end := s.pos
	for end < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[end:])
		if !namePart(r) {
			break
		}
		end += size
	}
	word := s.text[s.pos:end]
	if lower, ok := keyword(word); ok {
		s.emit(token{kind: keywordToken, text: word, word: lower}, end)
		return
	}
	s.emit(token{kind: nameToken, text: word}, end)
}

func (s *scanner) quotedName() {
	length := strings.IndexByte(s.text[s.pos+1:], '`')
	end := s.pos + length + 2
	switch {
	case length < 0:
		s.torn = true
		end = s.lineEnd(s.pos)
		s.report(end, "the name is not closed", "add a backquote ` at its end")
		s.emit(token{kind: badToken}, end)
	case length == 0:
		s.report(end, "the name between the backquotes is empty", "")
		s.emit(token{kind: badToken}, end)
	default:
		s.emit(token{kind: nameToken, text: s.text[s.pos+1 : end-1], quoted: true}, end)
	}
}

func (s *scanner) quotedText() {
	var b strings.Builder
	line := s.lineEnd(s.pos)
	for i := s.pos + 1; i < line; {
		switch s.text[i] {
		case '"':
			s.emit(token{kind: textToken, text: b.String()}, i+1)
			return
		case '\\':
			i = s.escape(&b, i, line)
		default:
			b.WriteByte(s.text[i])
			i++
		}
	}
	s.torn = true
	s.report(line, "the text is not closed on its line", `add " at its end, or \n for a line break`)
	s.emit(token{kind: textToken, text: b.String()}, line)
}

// escape reads the escape at a position and gives the position after it.
func (s *scanner) escape(b *strings.Builder, at, line int) int {
	if at+1 >= line {
		return at + 1
	}
	switch c := s.text[at+1]; c {
	case '"', '\\':
		b.WriteByte(c)
	case 'n':
		b.WriteByte('\n')
	case 't':
		b.WriteByte('\t')
	case 'u':
		return s.unicodeEscape(b, at, line)
	default:
		_, size := utf8.DecodeRuneInString(s.text[at+1:])
		escape := s.text[at : at+1+size]
		s.problems.add(Span{at, at + 1 + size}, "unknown escape "+escape,
			`a backslash itself is written \\, so here \`+escape)
		return at + 1 + size
	}
	return at + 2
}

// unicodeEscape reads \uXXXX, or two of them for a character beyond U+FFFF.
func (s *scanner) unicodeEscape(b *strings.Builder, at, line int) int {
	first, ok := hexEscape(s.text[at:line])
	end := min(at+6, line)
	r := first
	if utf16.IsSurrogate(first) {
		second, _ := hexEscape(s.text[end:line])
		r = utf16.DecodeRune(first, second)
		if r == unicode.ReplacementChar {
			ok = false
		} else {
			end += 6
		}
	}
	if !ok {
		end = min(end, at+2)
		s.problems.add(Span{at, end}, `\u needs the four hexadecimal digits of a character`, `for example \u00e4`)
		return end
	}
	b.WriteRune(r)
	return end
}

func hexEscape(s string) (rune, bool) {
	if len(s) < 6 || s[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
