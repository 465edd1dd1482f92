package code

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// widest is how many characters a list or an object in brackets can have.
const widest = 110

func (e *emitter) root(n *yaml.Node) {
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
		e.mapping(n, "", e.c.end+1, true)
		return
	}
	e.before(e.c.at(n), "")
	text, _ := e.brackets(n)
	e.line("", text+e.within("", e.end(n)))
}

func (e *emitter) mapping(n *yaml.Node, indent string, limit int, top bool) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value, next := n.Content[i], n.Content[i+1], limit
		if i+2 < len(n.Content) {
			next = e.c.at(n.Content[i+2])
		}
		e.before(e.c.at(name), indent)
		head := inline(name) + ":"
		if top && value == ruleOf(n) {
			comment := e.within(indent, e.header(value))
			e.literal(indent, head, "|", printed(value.Value), comment)
			continue
		}
		_, column := e.c.position(e.c.at(name))
		e.value(head, name, value, indent, column, next)
	}
}

// header is a place on the line on which a scalar ends that can bear a comment.
func (e *emitter) header(n *yaml.Node) int {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return e.c.at(n)
	}
	return e.end(n)
}

func (e *emitter) sequence(n *yaml.Node, indent string, limit int) {
	for i, item := range n.Content {
		next := limit
		if i+1 < len(n.Content) {
			next = e.c.at(n.Content[i+1])
		}
		e.before(e.c.at(item), indent)
		if e.lead == "" {
			e.lead = indent
		}
		e.lead += "- "
		_, column := e.c.position(e.c.at(item))
		e.value("", nil, item, indent, column-len("- "), next)
	}
}

// value writes a value behind its key, or behind the dash of an entry.
func (e *emitter) value(head string, name, n *yaml.Node, indent string, column, limit int) {
	space := ""
	if head != "" {
		space = " "
	}
	deeper := indent + "  "
	switch text, ok := e.brackets(n); {
	case n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "\n") && literal(n.Value):
		chomping, body := "|-", n.Value
		if strings.HasSuffix(body, "\n") {
			chomping, body = "|", strings.TrimSuffix(body, "\n")
		}
		e.literal(indent, head, chomping, body, e.within(indent, e.header(n)))
	case n.Kind == yaml.ScalarNode:
		place := e.header(n)
		if n.Value == "" && n.Style == 0 && name != nil {
			place = e.c.scalarEnd(name)
		}
		comment := e.within(indent, place)
		if text := inline(n); text != "" {
			head += space + text
		}
		e.line(indent, head+comment)
	case ok && e.fits(indent+head+space+text) && !e.inside(e.c.at(n), e.end(n)):
		comment := e.within(indent, e.end(n))
		e.line(indent, head+space+text+comment)
	default:
		if head != "" {
			e.line(indent, head+e.beside(n))
		}
		if n.Kind == yaml.MappingNode {
			e.mapping(n, deeper, limit, false)
		} else {
			e.sequence(n, deeper, limit)
		}
		e.tail(column, deeper, limit)
	}
}

// beside takes the comment on the line of a key, before its entries.
func (e *emitter) beside(n *yaml.Node) string {
	if len(e.comments) > 0 && !e.comments[0].alone && e.comments[0].start < e.c.at(n.Content[0]) {
		text := e.comments[0].text
		e.comments = e.comments[1:]
		return " " + text
	}
	return ""
}

func (e *emitter) fits(text string) bool { return utf8.RuneCountInString(text) <= widest }

// literal writes a text of several lines.
func (e *emitter) literal(indent, head, chomping, body, comment string) {
	if head != "" {
		head += " "
	}
	e.line(indent, head+chomping+comment)
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" {
			line = indent + "  " + line
		}
		e.out.WriteString(line + "\n")
	}
}

// literal tells whether a text of several lines can stand as it is.
func literal(text string) bool {
	if text == "" || blank(text[0]) || strings.HasSuffix(text, "\n\n") {
		return false
	}
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" && line != "\n" {
			return false
		}
	}
	return strings.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }) < 0
}

// brackets writes what stands in brackets, on one line; false for what does not.
func (e *emitter) brackets(n *yaml.Node) (string, bool) {
	if n.Kind == yaml.ScalarNode {
		return inline(n), true
	}
	if n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 {
		return "", false
	}
	var parts []string
	for i, child := range n.Content {
		text, _ := e.brackets(child)
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			parts[len(parts)-1] += strings.TrimRight(": "+text, " ")
			continue
		}
		parts = append(parts, text)
	}
	if n.Kind == yaml.MappingNode {
		return "{" + strings.Join(parts, ", ") + "}", true
	}
	return "[" + strings.Join(parts, ", ") + "]", true
}

// end gives where a value ends that stands in brackets or is a scalar.
func (e *emitter) end(n *yaml.Node) int {
	if n.Kind == yaml.ScalarNode {
		return e.c.scalarEnd(n)
	}
	at := e.c.at(n) + 1
	for _, child := range n.Content {
		at = max(at, e.end(child))
	}
	text := e.c.source.text
	for at < e.c.end && text[at] != ']' && text[at] != '}' {
		if text[at] == '#' {
			at = e.lineEnd(at)
			continue
		}
		at++
	}
	return min(at+1, e.c.end)
}

// inline writes a scalar on one line. What was plain stays as it is.
func inline(n *yaml.Node) string {
	plain := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	if plain && !strings.ContainsAny(n.Value, "\n,[]{}") || isPlain(n.Value) {
		return n.Value
	}
	if plain && n.ShortTag() != "!!str" {
		return n.Value
	}
	return quote(n.Value)
}

// isPlain tells whether a text needs no quotes anywhere.
func isPlain(text string) bool {
	switch strings.ToLower(text) {
	case "", "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return false
	}
	for i, r := range text {
		letter := unicode.IsLetter(r) || r == '_'
		if i == 0 && !letter || !letter && !unicode.IsDigit(r) && !strings.ContainsRune(" ./@+-()%!?&;=’–€", r) && (r < 0xa1 || !unicode.IsPrint(r)) {
			return false
		}
	}
	return strings.TrimSpace(text) == text
}

// quote writes a text in double quotes, with escapes for what nobody would see.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	return b.String() + `"`
}
