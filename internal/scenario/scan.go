package scenario

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
)

// statement is a line with the lines that continue it, as a stretch of the text.
type statement struct{ start, end, indent int }

// statements splits a text: a line begins a statement unless it stands deeper
// than the statement before it. After `scenario`, `at` and `expect` deeper lines
// are statements too, but for an `expect` that ends with a comma; and so is an
// `expect` wherever it stands.
func statements(text string) []statement {
	var list []statement
	from := 0
	for line := range strings.Lines(text) {
		start, end := from, from+len(strings.TrimRight(line, " \t\r\n"))
		from += len(line)
		content := strings.TrimLeft(text[start:max(start, end)], " \t\ufeff")
		if content == "" || content[0] == '#' {
			continue
		}
		indent := end - start - len(content)
		if last := len(list) - 1; last >= 0 && indent > list[last].indent && !isExpectation(content) && !opensBlock(text[list[last].start:list[last].end]) {
			list[last].end = end
			continue
		}
		list = append(list, statement{end - len(content), end, indent})
	}
	return list
}

// opensBlock tells whether deeper lines after a line are statements of their own.
func opensBlock(line string) bool {
	word := strings.Fields(line)[0]
	return word == "scenario" || word == "at" || word == "expect" && !strings.HasSuffix(line, ",")
}

// isExpectation tells whether a line begins with expect.
func isExpectation(line string) bool { return strings.HasPrefix(line, "expect ") }

// cursor reads a statement. After the first problem it reads nothing more.
type cursor struct {
	text     string // of the file
	pos, end int
	problem  *rule.Problem
}

func (c *cursor) fail(span rule.Span, hint, format string, args ...any) {
	if c.problem == nil {
		c.problem = &rule.Problem{Span: span, Message: fmt.Sprintf(format, args...), Hint: hint}
	}
	c.pos = c.end
}

// here is the next word, for messages.
func (c *cursor) here() rule.Span {
	c.space()
	if c.pos >= c.end {
		return rule.Span{Start: c.end, End: c.end}
	}
	rest := c.text[c.pos:c.end]
	n := strings.IndexFunc(rest, unicode.IsSpace)
	if n <= 0 {
		n = len(rest)
	}
	return rule.Span{Start: c.pos, End: c.pos + n}
}

// space skips white space and comments.
func (c *cursor) space() {
	for c.pos < c.end {
		r, size := utf8.DecodeRuneInString(c.text[c.pos:c.end])
		switch {
		case unicode.IsSpace(r):
			c.pos += size
		case r == '#':
			n := strings.IndexByte(c.text[c.pos:c.end], '\n')
			if n < 0 {
				n = c.end - c.pos
			}
			c.pos += n
		default:
			return
		}
	}
}

// done tells whether nothing is left.
func (c *cursor) done() bool {
	c.space()
	return c.pos >= c.end
}

// word reads letters, digits and what names and dates consist of; "" if there are none.
func (c *cursor) word(also string) string {
	c.space()
	start := c.pos
	for c.pos < c.end {
		r, size := utf8.DecodeRuneInString(c.text[c.pos:c.end])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.@"+also, r) {
			break
		}
		c.pos += size
	}
	return c.text[start:c.pos]
}

// accept reads a word if it comes next.
func (c *cursor) accept(word string) bool {
	before := c.pos
	if c.word("") == word {
		return true
	}
	c.pos = before
	return false
}

// mark reads a punctuation mark if it comes next.
func (c *cursor) mark(m byte) bool {
	if c.done() || c.text[c.pos] != m {
		return false
	}
	c.pos++
	return true
}

func (c *cursor) need(m byte, after string) {
	if !c.mark(m) {
		c.fail(c.here(), "", "expected %q after %s", string(m), after)
	}
}

// name reads a name: a word, or anything in double quotes.
func (c *cursor) name(what string) string {
	if !c.done() && c.text[c.pos] == '"' {
		return c.quoted(what)
	}
	at := c.here()
	name := c.word("")
	if name == "" {
		c.fail(at, "", "expected %s", what)
	}
	return name
}

// quoted reads a text in double quotes.
func (c *cursor) quoted(what string) (text string) {
	at := c.here()
	if c.done() || c.text[c.pos] != '"' || json.Unmarshal([]byte(c.json(what)), &text) != nil {
		c.fail(at, "", "expected %s in double quotes", what)
	}
	return text
}

// json reads one JSON value and gives its text.
func (c *cursor) json(what string) string {
	c.space()
	d := json.NewDecoder(strings.NewReader(c.text[c.pos:c.end]))
	d.UseNumber()
	var value json.RawMessage
	if err := d.Decode(&value); err != nil {
		c.fail(c.here(), "", "expected %s; this is no JSON value", what)
		return "null"
	}
	c.pos += int(d.InputOffset())
	return string(value)
}

// date reads a date as rules write them.
func (c *cursor) date() (d calendar.Date) {
	c.space()
	at := c.here()
	text := strings.TrimRight(c.word(":+"), ":")
	c.pos = at.Start + len(text)
	d, err := calendar.ParseDate(text)
	switch {
	case text == "":
		c.fail(at, "", "expected a date, such as 2026-11-21T14:30")
	case err != nil:
		c.fail(at, "", "%q is no date: %v", text, err)
	}
	return d
}
