package rule

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// symbols are the symbols of the language and those of other languages with
// what they mean here, longer ones first.
var symbols = []struct{ written, meant string }{
	{"===", "="}, {"!==", "!="},
	{"!=", "!="}, {"<=", "<="}, {">=", ">="},
	{"==", "="}, {"<>", "!="}, {"=<", "<="}, {"=>", ">="}, {"&&", "and"}, {"||", "or"},
	{"=", "="}, {"<", "<"}, {">", ">"}, {"(", "("}, {")", ")"}, {",", ","}, {".", "."}, {"%", "%"},
	{"≠", "!="}, {"≤", "<="}, {"≥", ">="}, {"&", "and"}, {"|", "or"}, {"!", "not"},
	{"[", "("}, {"]", ")"}, {"{", "("}, {"}", ")"},
}

// foreignQuotes are marks that begin a text elsewhere, and those that may end it.
var foreignQuotes = map[rune]string{'\'': "'", '„': "“”\"", '“': "”\"", '”': "”\"", '‚': "‘’'", '‘': "’'", '’': "’'", '«': "»", '»': "«"}

// symbol reads a symbol, or what stands where only a symbol could.
func (s *scanner) symbol() {
	rest := s.text[s.pos:]
	switch {
	case rest[0] == '.' && digit(s.peek(1)) && !s.adjacent():
		end := s.digits(s.pos + 1)
		s.report(end, "a number begins with a digit", fmt.Sprintf("did you mean 0%s?", clip(s.text[s.pos:end])))
		s.emit(token{kind: numberToken, text: "0" + s.text[s.pos:end]}, end)
		return
	case rest[0] == '-' && s.adjacent() && s.hyphen():
		return
	}
	for _, symbol := range symbols {
		if strings.HasPrefix(rest, symbol.written) {
			s.knownSymbol(symbol.written, symbol.meant)
			return
		}
	}
	r, size := utf8.DecodeRuneInString(rest)
	if closing, ok := foreignQuotes[r]; ok && s.foreignText(r, closing) {
		return
	}
	if strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "/*") {
		end := s.lineEnd(s.pos)
		s.report(s.pos+2, fmt.Sprintf("unexpected %q", rest[:2]), "a comment begins with # and ends with the line")
		s.pos = end
		return
	}
	s.strange(r, size)
}

// adjacent tells whether a name stands directly before the current position.
func (s *scanner) adjacent() bool {
	if len(s.tokens) == 0 {
		return false
	}
	last := s.tokens[len(s.tokens)-1]
	return last.End == s.pos && (last.kind == nameToken || last.kind == keywordToken)
}

// hyphen reads a name with hyphens as one, if it is one.
func (s *scanner) hyphen() bool {
	end := s.pos
	for end < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[end:])
		if !namePart(r) && r != '-' {
			break
		}
		end += size
	}
	if strings.HasSuffix(s.text[:end], "-") {
		return false
	}
	last := len(s.tokens) - 1
	s.pos = s.tokens[last].Start
	s.tokens = s.tokens[:last]
	written := s.text[s.pos:end]
	s.report(end, fmt.Sprintf("unexpected %q in a name", "-"), fmt.Sprintf("such a name stands in backquotes: `%s`", clip(written)))
	s.emit(token{kind: nameToken, text: written}, end)
	return true
}

func (s *scanner) knownSymbol(written, meant string) {
	end := s.pos + len(written)
	if written != meant {
		s.report(end, fmt.Sprintf("unexpected %q", written), fmt.Sprintf("did you mean %q?", meant))
	}
	t := token{kind: symbolToken, word: meant, text: meant}
	if keywords[meant] {
		t.kind = keywordToken
	}
	s.emit(t, end)
}

// foreignText reads a text in quotation marks of another kind.
func (s *scanner) foreignText(open rune, closing string) bool {
	start := s.pos + utf8.RuneLen(open)
	length := strings.IndexAny(s.text[start:s.lineEnd(s.pos)], closing)
	if length < 0 {
		return false
	}
	_, size := utf8.DecodeRuneInString(s.text[start+length:])
	text, end := s.text[start:start+length], start+length+size
	s.report(end, fmt.Sprintf("texts stand in straight double quotes, not in %c", open), "write "+quote(text))
	s.emit(token{kind: textToken, text: text}, end)
	return true
}

// strange reports a run of equal characters that no rule contains.
func (s *scanner) strange(r rune, size int) {
	end := s.pos + size
	for end < len(s.text) && strings.HasPrefix(s.text[end:], s.text[s.pos:s.pos+size]) {
		end += size
	}
	hint := ""
	switch r {
	case '/', '+', '*':
		hint = "rules do not calculate; dates are written 2025-12-31"
	case '-':
		hint = "a minus sign stands directly before a number; a name with a hyphen stands in backquotes"
	case '€', '$', '£', '¥':
		hint = "amounts are plain numbers in the currency of the workspace"
	case ';':
		hint = `conditions are joined with "and" or "or"`
	case '\\', '@', '?', ':', '^', '~':
		hint = `texts stand in double quotes, unusual names in backquotes`
	}
	s.report(end, fmt.Sprintf("unexpected %q", string(r)), hint)
	if r == ';' || strings.ContainsRune("€$£¥", r) {
		s.pos = end // as if it were not there
		return
	}
	s.emit(token{kind: badToken}, end)
}
