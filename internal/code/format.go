package code

import (
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
	"gopkg.in/yaml.v3"
)

// Format gives the text of a file in its usual form: two spaces for each level, quotes
// only where they are needed, rules in canonical form, no spaces at the ends of lines.
// Comments, the order of keys and single blank lines stay. A rule with comments in it
// keeps its own lines. What cannot be read comes back as it is, with the problems.
func Format(name, text string) (string, []Problem) {
	f := newSource(name, text)
	if p := unreadable(f); p != nil {
		return text, []Problem{f.problem(*p)}
	}
	var parts []string
	var problems []Problem
	for _, c := range f.chunks() {
		part, wrong := c.format()
		problems = append(problems, wrong...)
		if part != "" {
			parts = append(parts, part)
		}
	}
	if problems != nil {
		return text, problems
	}
	return strings.Join(parts, "---\n"), nil
}

// format formats one document.
func (c *chunk) format() (string, []Problem) {
	root, problem := c.parse()
	if problem != nil {
		return "", []Problem{c.problem(*problem)}
	}
	if problems := c.rulesIn(root); problems != nil {
		return "", problems
	}
	e := &emitter{c: c, comments: c.comments(root)}
	before := len(e.comments)
	if root != nil {
		e.root(root)
	}
	e.before(c.end+1, "")
	made := e.out.String()
	if !e.kept(root, made, before) {
		at := rule.Span{Start: c.start, End: c.start}
		return "", []Problem{c.problem(rule.Problem{Span: at, Message: "this cannot be formatted without changing what it says", Hint: "write it in a simpler form"})}
	}
	return made, nil
}

// rulesIn says what is wrong with the rule of a document.
func (c *chunk) rulesIn(root *yaml.Node) (found []Problem) {
	n := ruleOf(root)
	if n == nil {
		return nil
	}
	_, problems := rule.Parse(n.Value)
	for _, p := range problems {
		p.Span = c.inFile(n, p.Span)
		found = append(found, c.problem(p))
	}
	return found
}

// ruleOf gives the text of a document's rule.
func ruleOf(root *yaml.Node) *yaml.Node {
	if root == nil || root.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if n := root.Content[i+1]; root.Content[i].Value == "rule" && n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
			return n
		}
	}
	return nil
}

// kept makes sure that what was written says the same, with all comments.
func (e *emitter) kept(root *yaml.Node, made string, comments int) bool {
	again := newSource(e.c.name, made).chunks()
	if len(again) != 1 || root == nil {
		return len(again) == 1
	}
	read, problem := again[0].parse()
	return problem == nil && read != nil && same(root, read, ruleOf(root)) && len(again[0].comments(read)) == comments
}

// same compares what two trees say; of the rule, what it means.
func same(a, b, rule *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	if a == rule {
		return printed(a.Value) == printed(b.Value)
	}
	if a.Kind == yaml.ScalarNode && (a.Value != b.Value || a.ShortTag() != b.ShortTag()) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i], rule) {
			return false
		}
	}
	return true
}

// printed writes a rule in canonical form, or as it is if it has comments, which
// that form has not.
func printed(text string) string {
	if n, problems := rule.Parse(text); !problems.Fatal() {
		if line := rule.PrintLine(n); strings.Count(line, "#") == strings.Count(text, "#") {
			return rule.Print(n)
		}
	}
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		lines = append(lines, strings.TrimRight(line, " \t\n"))
	}
	return strings.Join(lines, "\n")
}

// emitter writes a document anew.
type emitter struct {
	c        *chunk
	comments []comment // that are not written yet
	out      strings.Builder
	lead     string // what stands before the next line instead of its indentation: "  - "
}

func (e *emitter) line(indent, text string) {
	if e.lead != "" {
		indent, e.lead = e.lead, ""
	}
	e.out.WriteString(strings.TrimRight(indent+text, " ") + "\n")
}

// own writes a comment on a line of its own.
func (e *emitter) own(indent string, c comment) {
	if e.lead != "" {
		indent = strings.Repeat(" ", strings.IndexByte(e.lead, '-')) // above the dash that follows
	}
	e.out.WriteString(indent + c.text + "\n")
}

// before writes the comments before a place, and the blank line above it.
func (e *emitter) before(place int, indent string) {
	for len(e.comments) > 0 && e.comments[0].start < place {
		e.blank(e.comments[0].start)
		e.own(indent, e.comments[0])
		e.comments = e.comments[1:]
	}
	if place < e.c.end {
		e.blank(place)
	}
}

// blank writes a blank line if there is one above a place that begins its line.
func (e *emitter) blank(place int) {
	text := e.c.source.text[e.c.start:place]
	line := strings.LastIndexByte(text, '\n')
	if line < 0 || strings.Trim(text[line:], " \t\n-") != "" || e.out.Len() == 0 {
		return
	}
	above := text[strings.LastIndexByte(text[:line], '\n')+1 : line]
	if strings.TrimSpace(above) == "" && !strings.HasSuffix(e.out.String(), "\n\n") {
		e.out.WriteByte('\n')
	}
}

// within takes the comments up to the end of the line of a place; the last can
// stand at the end of a line, the others are written before it.
func (e *emitter) within(indent string, place int) string {
	end := e.lineEnd(place)
	n := 0
	for n < len(e.comments) && e.comments[n].start < end {
		n++
	}
	if n == 0 {
		return ""
	}
	for _, c := range e.comments[:n-1] {
		e.own(indent, c)
	}
	last := e.comments[n-1]
	e.comments = e.comments[n:]
	return " " + last.text
}

func (e *emitter) lineEnd(place int) int {
	if n := strings.IndexByte(e.c.source.text[min(place, e.c.end):e.c.end], '\n'); n >= 0 {
		return place + n
	}
	return e.c.end
}

// tail writes the comments at the end of an object or a list that stand deeper
// than what it belongs to.
func (e *emitter) tail(column int, indent string, limit int) {
	for len(e.comments) > 0 && e.comments[0].alone && e.comments[0].start < limit {
		if _, at := e.c.position(e.comments[0].start); at <= column {
			return
		}
		e.blank(e.comments[0].start)
		e.own(indent, e.comments[0])
		e.comments = e.comments[1:]
	}
}

// inside tells whether comments stand between two places.
func (e *emitter) inside(from, to int) bool {
	return slices.ContainsFunc(e.comments, func(c comment) bool { return from < c.start && c.start < to })
}
