package code

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/rule"
)

// Problem is one thing that is wrong with files.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`   // from 1; 0 if it is about the whole file
	Column  int    `json:"column,omitempty"` // in characters, from 1
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Warning bool   `json:"warning"`

	text   string // for people
	offset int
}

// String writes the problem for people: its place, what is wrong, the line and a
// mark under it.
func (p Problem) String() string { return p.text }

// source is the text of a file.
type source struct {
	name  string
	text  string // with LF between lines and without a byte order mark
	lines []int  // where they begin
}

func newSource(name, text string) *source {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	f := &source{name: name, text: text, lines: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
	return f
}

// position gives line and column of an offset, from 1; columns count characters.
func (f *source) position(offset int) (line, column int) {
	offset = min(max(offset, 0), len(f.text))
	line, found := slices.BinarySearch(f.lines, offset)
	if !found {
		line--
	}
	return line + 1, 1 + utf8.RuneCountInString(f.text[f.lines[line]:offset])
}

func (f *source) place(offset int) string {
	line, column := f.position(offset)
	return fmt.Sprintf("%s:%d:%d", f.name, line, column)
}

// problem makes a problem of one whose span is in the file.
func (f *source) problem(p rule.Problem) Problem {
	made := Problem{File: f.name, Message: p.Message, Hint: p.Hint, Warning: p.Warning, offset: p.Start}
	if f.text != "" {
		made.Line, made.Column = f.position(p.Start)
	}
	made.text = rule.Problems{p}.Format(f.name, f.text)
	return made
}

// chunk is the text of one document of a file.
type chunk struct {
	*source
	start, end int
	lines      []int // where they begin, in the file
}

func (c *chunk) text() string { return c.source.text[c.start:c.end] }

// chunks divides a file at the lines that begin a document or end one. Such lines
// are markers wherever they stand, also in a text of several lines.
func (f *source) chunks() (list []*chunk) {
	current := &chunk{source: f}
	for i, from := range f.lines {
		to := len(f.text)
		if i+1 < len(f.lines) {
			to = f.lines[i+1]
		}
		if line := strings.TrimRight(f.text[from:to], " \t\n"); line == "---" || line == "..." || strings.HasPrefix(line, "--- #") {
			current.end = from
			list = append(list, current)
			current = &chunk{source: f, start: to}
			if at := strings.IndexByte(line, '#'); at > 0 {
				current.start = from + at // its comment belongs to the next document
				current.lines = []int{current.start}
			}
			continue
		}
		current.lines = append(current.lines, from)
	}
	current.end = len(f.text)
	return append(list, current)
}

// offset gives where a line and column of the document, from 1, stand in the file.
func (c *chunk) offset(line, column int) int {
	if line < 1 || line > len(c.lines) {
		return c.end
	}
	at := c.lines[line-1]
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(c.source.text[at:])
		at += size
	}
	return min(at, c.end)
}

// lineAt gives the span of what stands on a line of the document.
func (c *chunk) lineAt(line int) rule.Span {
	from := c.offset(line, 1)
	text, _, _ := strings.Cut(c.source.text[from:c.end], "\n")
	bare := strings.TrimLeft(text, " ")
	return rule.Span{Start: from + len(text) - len(bare), End: from + len(strings.TrimRight(text, " \t"))}
}
