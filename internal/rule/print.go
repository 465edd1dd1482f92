package rule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/calendar"
)

// lineLength is from how many characters on a rule is broken into lines.
const lineLength = 100

// Print writes a rule in its canonical form: on one line, or, from 100
// characters on, with one line for each part of an outer `and` or `or`.
func Print(n Node) string {
	line := PrintLine(n)
	if utf8.RuneCountInString(line) < lineLength {
		return line
	}
	var p printer
	switch n := n.(type) {
	case *And:
		p.join(n.Parts, "\nand ", inAnd)
	case *Or:
		p.join(n.Parts, "\nor ", inOr)
	default:
		return line
	}
	return p.String()
}

// PrintLine writes a condition in its canonical form on one line.
func PrintLine(n Node) string {
	var p printer
	p.node(n, outside)
	return p.String()
}

// PrintValue writes a value in its canonical form.
func PrintValue(v Value) string {
	var p printer
	p.value(v)
	return p.String()
}

// place is where a condition stands, which decides about its parentheses.
type place uint8

const (
	outside place = iota
	inOr
	inAnd
	inNot
	inSequence // flag: in the `where` of a sequence, not inside parentheses there
	mask       = inSequence - 1
)

type printer struct{ strings.Builder }

func (p *printer) write(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
}

// join writes the parts of an `and` or `or`.
func (p *printer) join(parts []Node, word string, at place) {
	for i, n := range parts {
		if i > 0 {
			p.write(word)
		}
		p.node(n, at)
	}
}

// node writes a condition, in parentheses where its place demands them.
func (p *printer) node(n Node, at place) {
	binds := at & mask
	needs := false
	switch n.(type) {
	case *Or:
		needs = binds > inOr
	case *And:
		needs = binds > inAnd
	case *Not:
		needs = binds == inNot
	case *Sequence:
		needs = at >= inSequence
	}
	if needs {
		p.write("(")
		p.bare(n, outside)
		p.write(")")
		return
	}
	p.bare(n, at-binds)
}

// bare writes a condition without parentheses; in is inSequence or outside.
func (p *printer) bare(n Node, in place) {
	switch n := n.(type) {
	case *And:
		p.join(n.Parts, " and ", in|inAnd)
	case *Or:
		p.join(n.Parts, " or ", in|inOr)
	case *Not:
		p.write("not ")
		p.node(n.Part, in|inNot)
	case *Compare:
		p.value(n.Left)
		p.write(" ", n.Op.String(), " ")
		p.value(n.Right)
	case *In:
		p.tested(n.Value, n.Negated, "in (")
		p.literals(n.List, ", ")
		p.write(")")
	case *Between:
		p.tested(n.Value, n.Negated, "between ")
		p.literals([]*Literal{n.Low, n.High}, " and ")
	case *Match:
		p.tested(n.Value, n.Negated, n.How.String()+" ")
		p.value(n.Text)
	case *Known:
		p.tested(n.Value, false, "is "+map[bool]string{false: "known", true: "unknown"}[n.Unknown])
	case *IsTrue:
		p.value(n.Path)
	default:
		p.special(n)
	}
}

// tested writes a value and the words of its test.
func (p *printer) tested(v Value, negated bool, words string) {
	p.value(v)
	if negated {
		p.write(" not")
	}
	p.write(" ", words)
}

// special writes the conditions that begin with a keyword or speak of time or events.
func (p *printer) special(n Node) {
	switch n := n.(type) {
	case *Moment:
		p.moment(n)
	case *Anniversary:
		p.write("anniversary of ")
		p.value(n.Value)
		if n.InNext == nil {
			p.write(" today")
		} else {
			p.write(" in next ", duration(*n.InNext))
		}
	case *InSegment:
		p.write("in segment ", PrintName(n.Segment.Text))
		if n.For != nil {
			p.write(" for ", duration(*n.For))
		}
	case *Crossed:
		p.write(map[bool]string{false: "entered", true: "left"}[n.Left], " segment ", PrintName(n.Segment.Text))
		p.window(n.Window)
	case *Sequence:
		p.filter(n.First, "", inSequence)
		p.write(" then ")
		if n.No {
			p.write("no ")
		}
		p.filter(n.Second, "", inSequence)
		p.write(" within ", duration(n.Within))
	case *Quantified:
		p.write(n.Quantifier.String(), " ", path(n.List), " (")
		p.node(n.Rule, outside)
		p.write(")")
	case *Consent:
		p.write("consent(", name(n.Channel.Text), ", ", name(n.Purpose.Text), ")")
	case *Top:
		p.write("top ", n.Percent.String(), "% by ")
		p.value(n.By)
	default:
		panic(fmt.Sprintf("rule: unknown condition %T", n))
	}
}

func (p *printer) moment(n *Moment) {
	p.value(n.Value)
	switch n.Test {
	case OlderThan:
		p.write(" older than ", duration(n.Duration))
	case InNext:
		p.write(" in next ", duration(n.Duration))
	case After:
		p.write(" after ", n.Date.Date.String())
	case On:
		p.write(" on ", n.Date.Date.String())
	case InPeriod:
		p.window(n.Window)
	}
}

func (p *printer) value(v Value) {
	switch v := v.(type) {
	case *Path:
		p.write(path(v))
	case *Literal:
		p.write(literal(v))
	case *Aggregate:
		p.write(v.Func.String(), "(")
		property := ""
		if v.Property != nil {
			property = names(v.Property.Names, ".")
		}
		p.filter(v.Filter, property, outside)
		p.write(")")
	case *Age:
		p.write("age(", path(v.Path), ")")
	case *Score:
		p.write("score(", name(v.Name.Text), ")")
	case *Distance:
		p.write("distance(", path(v.Path), ", ", literal(v.To), ")")
	default:
		panic(fmt.Sprintf("rule: unknown value %T", v))
	}
}

func (p *printer) literals(list []*Literal, separator string) {
	for i, l := range list {
		if i > 0 {
			p.write(separator)
		}
		p.value(l)
	}
}

// filter writes an event with its property, window and condition.
func (p *printer) filter(f *Filter, property string, in place) {
	p.write(name(f.Event.Text), property)
	if f.Window != nil {
		p.window(f.Window)
	}
	if f.Rule != nil {
		p.write(" where ")
		p.node(f.Rule, in)
	}
}

// window writes a window with a space before it.
func (p *printer) window(w *Window) {
	switch w.Kind {
	case InLast:
		p.write(" in last ", duration(w.Duration))
	case Today:
		p.write(" today")
	case Yesterday:
		p.write(" yesterday")
	case InThis:
		p.write(" in this ", unitWords[w.Unit])
	case InPrevious:
		p.write(" in previous ", unitWords[w.Unit])
	case Since:
		p.write(" since ", w.From.Date.String())
	case Before:
		p.write(" before ", w.From.Date.String())
	case BetweenDates:
		p.write(" between ", w.From.Date.String(), " and ", w.To.Date.String())
	}
}

// duration writes a duration: 1 day, 2 days.
func duration(d calendar.Duration) string {
	s := strconv.Itoa(d.N) + " " + unitWords[d.Unit]
	if d.N != 1 {
		s += "s"
	}
	return s
}

func literal(l *Literal) string {
	switch l.Kind {
	case TextLiteral:
		return quote(l.Text)
	case NumberLiteral:
		return l.Number.String()
	case BoolLiteral:
		return strconv.FormatBool(l.Bool)
	}
	return l.Date.String()
}

// path writes a path; keywords need backquotes only in the first place.
func path(v *Path) string { return name(v.Names[0]) + names(v.Names[1:], ".") }

// names writes names that stand after dots.
func names(list []string, before string) string {
	var b strings.Builder
	for _, n := range list {
		b.WriteString(before)
		if plain(n) {
			b.WriteString(n)
		} else {
			b.WriteString("`" + n + "`")
		}
	}
	return b.String()
}

// name writes a name that stands by itself.
func name(s string) string {
	if _, reserved := keyword(s); plain(s) && !reserved {
		return s
	}
	return "`" + s + "`"
}

// PrintName writes the name of a segment as it stands in a rule: of a part of a
// segmentation, names with dots between them.
func PrintName(s string) string {
	parts := strings.Split(s, ".")
	if slices.Contains(parts, "") { // the dots are part of a name
		return name(s)
	}
	return name(parts[0]) + names(parts[1:], ".")
}

// IsName tells whether a text can be the name of something without backquotes, or
// needs them only for being a keyword too.
func IsName(text string) bool { return plain(text) }

// plain tells whether a name has the form of a name without backquotes.
func plain(s string) bool {
	for i, r := range s {
		if i == 0 && !nameStart(r) || !namePart(r) {
			return false
		}
	}
	return s != ""
}

// quote writes a text as a literal. Characters that nobody would see, or that
// change the order of what follows, are written as escapes.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsControl(r) || invisible(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func invisible(r rune) bool {
	return r == 0xFEFF || r == 0x2028 || r == 0x2029 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}
