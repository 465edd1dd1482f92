package rule

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Format writes the problems for people: each with its name (of a file, or
// "rule"), line and column, the line itself and a mark under the place. Columns
// count Unicode characters from 1. Problems of the JSON form bear their pointer
// instead. The text is that of the rule; it may be empty for JSON.
func (ps Problems) Format(name, text string) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(name + ":")
		switch {
		case p.Pointer != "":
			b.WriteString(p.Pointer + ":")
		case text != "":
			line, column, _ := locate(text, p.Start)
			fmt.Fprintf(&b, "%d:%d:", line, column)
		}
		b.WriteString(" " + p.sentence() + "\n")
		if p.Pointer == "" && text != "" {
			p.snippet(&b, text)
		}
	}
	return b.String()
}

// sentence joins message and hint.
func (p Problem) sentence() string {
	s := p.Message
	if p.Warning {
		s = "warning: " + s
	}
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// locate gives the line and column of a position, from 1, and where the line begins.
func locate(text string, at int) (line, column, start int) {
	before := text[:min(max(at, 0), len(text))]
	start = strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:]), start
}

// Of long lines only the neighbourhood of a problem is shown.
const (
	snippetWidth  = 100 // characters
	snippetBefore = 30  // characters before the problem
)

// snippet writes the line of a problem with a mark under it.
func (p Problem) snippet(b *strings.Builder, text string) {
	line, column, start := locate(text, p.Start)
	rest, _, _ := strings.Cut(text[start:], "\n")
	shown := []rune(strings.TrimRight(rest, "\r"))
	mark := column - 1
	width := utf8.RuneCountInString(text[min(p.Start, len(text)):min(max(p.End, p.Start), start+len(rest), len(text))])
	if len(shown) > snippetWidth {
		from := min(max(mark-snippetBefore, 0), len(shown)-1)
		to := min(from+snippetWidth, len(shown))
		cut := shown[from:to]
		mark -= from
		if to < len(shown) {
			cut = append(cut[:len(cut):len(cut)], '…')
		}
		if from > 0 {
			cut = append([]rune{'…'}, cut...)
			mark++
		}
		shown = cut
	}
	width = max(1, min(width, len(shown)-mark))
	number := strconv.Itoa(line)
	fmt.Fprintf(b, "  %s | %s\n", number, visible(shown))
	fmt.Fprintf(b, "  %s | %s^%s\n", strings.Repeat(" ", len(number)), strings.Repeat(" ", mark), strings.Repeat("~", width-1))
}

// visible replaces what would move the mark away from its place or upset a terminal.
func visible(line []rune) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || invisible(r):
			return unicode.ReplacementChar
		}
		return r
	}, string(line))
}
