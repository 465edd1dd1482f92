package code

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
	"gopkg.in/yaml.v3"
)

// start gives where a node begins in the file.
func (c *chunk) at(n *yaml.Node) int { return c.offset(n.Line, n.Column) }

// span gives the stretch of a node in the file: of a text of several lines, its
// first line.
func (c *chunk) span(n *yaml.Node) rule.Span {
	from := c.at(n)
	to := from + 1
	if n.Kind == yaml.ScalarNode {
		to = c.scalarEnd(n)
	}
	if first := strings.IndexByte(c.source.text[from:max(from, to)], '\n'); first >= 0 {
		to = from + first
	}
	return rule.Span{Start: from, End: max(to, from)}
}

// content gives where the text of a scalar begins.
func (c *chunk) content(n *yaml.Node) int {
	from := c.at(n)
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		if end := strings.IndexByte(c.source.text[from:c.end], '\n'); end >= 0 {
			return from + end + 1
		}
		return c.end
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		return min(from+1, c.end)
	}
	return from
}

// scalarEnd gives where a scalar ends in the file.
func (c *chunk) scalarEnd(n *yaml.Node) int {
	from := c.content(n)
	text := c.source.text[:c.end]
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for from < len(text) && text[from] != '"' {
			if text[from] == '\\' {
				from++
			}
			from++
		}
		return min(from+1, len(text))
	case n.Style&yaml.SingleQuotedStyle != 0:
		for from < len(text) && (text[from] != '\'' || from+1 < len(text) && text[from+1] == '\'') {
			if text[from] == '\'' {
				from++
			}
			from++
		}
		return min(from+1, len(text))
	}
	places := c.align(n)
	if len(places) == 0 {
		return c.content(n)
	}
	return places[len(places)-1] + 1
}

// align gives where each byte of a scalar's value stands in the file. Indentation and
// the ends of lines differ between value and file, what is no space is the same and
// in the same order; where that is not so, since it has escapes, the answer is empty.
func (c *chunk) align(n *yaml.Node) []int {
	places := make([]int, len(n.Value))
	at := c.content(n)
	text := c.source.text[:c.end]
	last := -1
	for i := range len(n.Value) {
		b := n.Value[i]
		if blank(b) {
			places[i] = min(at, len(text)) // corrected below for what follows it
			continue
		}
		for at < len(text) && blank(text[at]) {
			at++
		}
		if at >= len(text) || text[at] != b {
			return nil
		}
		places[i] = at
		at++
		if b == '\'' && n.Style&yaml.SingleQuotedStyle != 0 {
			at++
		}
		last = i
	}
	return places[:last+1]
}

func blank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' }

// inFile moves a span of a scalar's value to where it stands in the file.
func (c *chunk) inFile(n *yaml.Node, span rule.Span) rule.Span {
	places := c.align(n)
	if len(places) == 0 {
		return c.span(n)
	}
	where := func(i int) int {
		if i < len(places) {
			return places[max(i, 0)]
		}
		return places[len(places)-1] + 1
	}
	moved := rule.Span{Start: where(span.Start), End: where(span.End)}
	if span.End > span.Start {
		moved.End = where(span.End-1) + 1
	}
	return moved
}

// comment is a comment of a file.
type comment struct {
	start int
	text  string // with its #
	alone bool   // on its line
}

// comments finds the comments of a document: what follows a # that begins a line or
// stands after a space and is in no scalar.
func (c *chunk) comments(root *yaml.Node) (found []comment) {
	var scalars []*yaml.Node
	walk(root, func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			scalars = append(scalars, n)
		}
	})
	slices.SortStableFunc(scalars, func(a, b *yaml.Node) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	at := c.start
	for _, n := range scalars {
		found = c.commentsIn(found, at, c.at(n))
		at = c.scalarEnd(n)
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			found = c.commentsIn(found, c.at(n), c.content(n))
		}
	}
	return c.commentsIn(found, at, c.end)
}

// commentsIn finds the comments in a stretch without scalars.
func (c *chunk) commentsIn(found []comment, from, to int) []comment {
	text := c.source.text
	for i := from; i < to; i++ {
		if text[i] != '#' || i > c.start && !blank(text[i-1]) {
			continue
		}
		end := strings.IndexByte(text[i:c.end], '\n')
		if end < 0 {
			end = c.end - i
		}
		line := strings.LastIndexByte(text[:i], '\n') + 1
		found = append(found, comment{i, strings.TrimRight(text[i:i+end], " \t"), strings.TrimLeft(text[max(line, c.start):i], " \t") == ""})
		i += end
	}
	return found
}

// walk calls f for a node and all below it.
func walk(n *yaml.Node, f func(*yaml.Node)) {
	if n == nil {
		return
	}
	f(n)
	for _, child := range n.Content {
		walk(child, f)
	}
}
