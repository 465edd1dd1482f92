// Package jsontext takes JSON objects apart without copying them, and says in
// plain words where a text is not JSON.
package jsontext

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MaxDepth is how deep objects and lists may be nested.
const MaxDepth = 64

// Members checks that a text is a JSON object and calls visit for each of its
// members, with its key and the JSON text of its value. Both point into the
// text. Where there is an error, members before it may have been visited.
func Members(text []byte, visit func(key, value []byte)) error {
	s := scanner{text: text}
	s.blanks()
	if s.at == len(text) || text[s.at] != '{' {
		if s.value(0); s.fault != "" {
			return s.err()
		}
		return fmt.Errorf("it is not a JSON object but a %s", kind(text))
	}
	s.object(0, visit)
	s.blanks()
	if s.fault == "" && s.at < len(text) {
		s.fail("there is something behind the closing brace")
	}
	return s.err()
}

func kind(text []byte) string {
	switch text[0] {
	case '[':
		return "list"
	case '"':
		return "text"
	case 't', 'f':
		return "truth value"
	case 'n':
		return "null"
	}
	return "number"
}

// Is names the kind of a JSON value by its first byte.
type Is byte

// The kinds of values.
const (
	Missing Is = iota // no value, or null
	Text
	Number
	Boolean
	List
	Object
)

// String names the kind with its article.
func (i Is) String() string {
	return [...]string{"nothing", "text", "a number", "true or false", "a list", "an object"}[i]
}

// Kind tells what a JSON value is.
func Kind(value []byte) Is {
	if len(value) == 0 {
		return Missing
	}
	switch value[0] {
	case 'n':
		return Missing
	case '"':
		return Text
	case 't', 'f':
		return Boolean
	case '[':
		return List
	case '{':
		return Object
	}
	return Number
}

// Unquote gives the text that a JSON text stands for. It points into the value if nothing is escaped.
func Unquote(value []byte) []byte {
	inner := value[1 : len(value)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	var s string
	if err := json.Unmarshal(value, &s); err != nil {
		panic(fmt.Sprintf("%s was checked and is no JSON text", value))
	}
	return []byte(s)
}

// scanner goes through a text once; the first fault ends it.
type scanner struct {
	text  []byte
	at    int
	fault string
}

func (s *scanner) err() error {
	if s.fault == "" {
		return nil
	}
	return fmt.Errorf("it is not JSON: %s (at byte %d)", s.fault, s.at+1)
}

func (s *scanner) fail(fault string) {
	if s.fault == "" {
		s.fault = fault
	}
}

func (s *scanner) blanks() {
	if s.at < len(s.text) && s.text[s.at] <= ' ' {
		s.skipBlanks()
	}
}

func (s *scanner) skipBlanks() {
	for s.at < len(s.text) {
		if b := s.text[s.at]; b != ' ' && b != '\t' && b != '\n' && b != '\r' {
			return
		}
		s.at++
	}
}

// take goes over one byte if it stands there.
func (s *scanner) take(b byte) bool {
	if s.fault == "" && s.at < len(s.text) && s.text[s.at] == b {
		s.at++
		return true
	}
	return false
}

func (s *scanner) value(depth int) {
	s.blanks()
	if s.at == len(s.text) {
		s.fail("it ends where a value should stand")
		return
	}
	switch s.text[s.at] {
	case '{':
		s.object(depth, nil)
	case '[':
		s.list(depth)
	case '"':
		s.quoted()
	case 't':
		s.word("true")
	case 'f':
		s.word("false")
	case 'n':
		s.word("null")
	default:
		s.number()
	}
}

func (s *scanner) object(depth int, visit func(key, value []byte)) {
	if depth++; depth > MaxDepth {
		s.fail("it is nested too deep")
		return
	}
	s.take('{')
	s.blanks()
	if s.take('}') {
		return
	}
	for s.fault == "" {
		s.blanks()
		start := s.at
		if s.at == len(s.text) || s.text[s.at] != '"' {
			s.fail("a key in double quotes is missing")
			return
		}
		s.quoted()
		key := s.text[start:s.at]
		s.blanks()
		if !s.take(':') {
			s.fail("a colon is missing behind a key")
			return
		}
		s.blanks()
		start = s.at
		s.value(depth)
		if visit != nil && s.fault == "" {
			visit(Unquote(key), s.text[start:s.at])
		}
		s.blanks()
		if !s.take(',') {
			break
		}
	}
	if !s.take('}') {
		s.fail("a comma or a closing brace is missing")
	}
}

func (s *scanner) list(depth int) {
	if depth++; depth > MaxDepth {
		s.fail("it is nested too deep")
		return
	}
	s.take('[')
	s.blanks()
	if s.take(']') {
		return
	}
	for s.fault == "" {
		s.value(depth)
		s.blanks()
		if !s.take(',') {
			break
		}
	}
	if !s.take(']') {
		s.fail("a comma or a closing bracket is missing")
	}
}

func (s *scanner) word(w string) {
	if end := s.at + len(w); end <= len(s.text) && string(s.text[s.at:end]) == w {
		s.at = end
		return
	}
	s.fail("there is a word without quotes")
}

// plain are the bytes that stand in a text for themselves.
var plain = func() (is [256]bool) {
	for b := range is {
		is[b] = b >= ' ' && b != '"' && b != '\\'
	}
	return is
}()

// quoted goes over a text in double quotes.
func (s *scanner) quoted() {
	text := s.text
	i := s.at + 1
	for ; i < len(text); i++ {
		if plain[text[i]] {
			continue
		}
		if text[i] == '"' {
			s.at = i + 1
			return
		}
		n := escape(text[i:])
		if n == 0 {
			s.at = i
			s.fail(badText(text[i]))
			return
		}
		i += n
	}
	s.fail("a text is not closed")
}

func badText(b byte) string {
	if b == '\\' {
		return "a backslash stands before something that cannot be escaped"
	}
	return "there is a control character in a text"
}

// escape gives the length of what follows the backslash at the beginning; 0 if
// there is none, or something that must not follow one.
func escape(text []byte) int {
	if len(text) < 2 || text[0] != '\\' {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if len(text) >= 6 && isHex(text[2]) && isHex(text[3]) && isHex(text[4]) && isHex(text[5]) {
			return 5
		}
	}
	return 0
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

func (s *scanner) number() {
	s.take('-')
	whole := s.at
	if s.digits(); s.at == whole {
		s.fail("there is something that is no value")
		return
	}
	if s.text[whole] == '0' && s.at > whole+1 {
		s.fail("a number has zeros before it")
		return
	}
	if s.take('.') {
		if start := s.at; s.digitsFrom(start) == 0 {
			s.fail("a number ends in a point")
			return
		}
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		if start := s.at; s.digitsFrom(start) == 0 {
			s.fail("the exponent of a number is missing")
		}
	}
}

func (s *scanner) digits() {
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		s.at++
	}
}

func (s *scanner) digitsFrom(start int) int {
	s.digits()
	return s.at - start
}
