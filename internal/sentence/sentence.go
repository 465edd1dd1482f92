// Package sentence says rules in words: in German and in English, for people
// who do not write rules.
package sentence

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/rule"
)

// Lang is a language that rules are said in.
type Lang uint8

// The languages.
const (
	German Lang = iota
	English
)

// Sentence says a rule as one sentence. It succeeds for every rule, also for one
// with names that nobody knows. What belongs together of `and` and `or` stands
// in parentheses, so that rules that are grouped differently are said differently.
func Sentence(n rule.Node, lang Lang) string {
	said := ""
	if lang == English {
		said = englishText(n, false, false)
	} else {
		said = germanText(n, false, mainClause, false)
	}
	return finish(said)
}

// open marks the end of a relative clause: where more words follow it, a comma
// stands there. No name or text contains it, see visible.
const open = "\x1f"

// finish closes the open relative clauses, begins with a capital letter and ends with a full stop.
func finish(said string) string {
	var b strings.Builder
	parts := strings.Split(said, open)
	for i, part := range parts {
		if i > 0 && part != "" && !strings.ContainsRune(",.;)", rune(part[0])) {
			b.WriteByte(',')
		}
		b.WriteString(part)
	}
	text := b.String()
	at := strings.IndexFunc(text, func(r rune) bool { return r != '(' })
	first, size := utf8.DecodeRuneInString(text[max(at, 0):])
	return text[:max(at, 0)] + string(unicode.ToUpper(first)) + text[max(at, 0)+size:] + "."
}

// visible replaces control characters, which nobody would see in a sentence.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// readable turns a name into words: order_completed becomes "order completed".
func readable(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '.' || unicode.IsSpace(r) })
	if len(words) == 0 {
		return visible(name)
	}
	return visible(strings.Join(words, " "))
}

// partOf takes the name of a part of a segmentation apart: lifecycle.at_risk is the part
// "at risk" of "lifecycle".
func partOf(n rule.Name) (segmentation, part string, ok bool) {
	segmentation, part, ok = strings.Cut(n.Text, ".")
	return readable(segmentation), readable(part), ok && segmentation != "" && part != ""
}

// join joins words, the last one with a word of its own: a, b or c.
func join(words []string, between, last string) string {
	end := len(words) - 1
	if end == 0 {
		return words[0]
	}
	return strings.Join(words[:end], between) + last + words[end]
}

// strip takes the negations off a condition and tells whether they negate it.
func strip(n rule.Node, negated bool) (rule.Node, bool) {
	for {
		not, ok := n.(*rule.Not)
		if !ok {
			return n, negated
		}
		n, negated = not.Part, !negated
	}
}

// sides gives a comparison with a literal, if it has one, on its right side.
func sides(n *rule.Compare) (left rule.Value, op rule.Op, right rule.Value) {
	_, leftFixed := n.Left.(*rule.Literal)
	_, rightFixed := n.Right.(*rule.Literal)
	if leftFixed && !rightFixed {
		return n.Right, mirrored[n.Op], n.Left
	}
	return n.Left, n.Op, n.Right
}

var (
	// mirrored are the operators as they read from the right side.
	mirrored = [...]rule.Op{
		rule.Equal: rule.Equal, rule.NotEqual: rule.NotEqual, rule.Less: rule.Greater, rule.LessEqual: rule.GreaterEqual,
		rule.Greater: rule.Less, rule.GreaterEqual: rule.LessEqual,
	}
	// opposite are the operators that hold where another one does not, for what is always known.
	opposite = [...]rule.Op{
		rule.Equal: rule.NotEqual, rule.NotEqual: rule.Equal, rule.Less: rule.GreaterEqual, rule.LessEqual: rule.Greater,
		rule.Greater: rule.LessEqual, rule.GreaterEqual: rule.Less,
	}
)

// counted gives an aggregate that counts and the number it is compared with. A
// count is never unknown, so that a negation turns its operator round.
func counted(left rule.Value, op rule.Op, right rule.Value, negated bool) (*rule.Aggregate, rule.Op, *rule.Literal, bool) {
	a, isCount := left.(*rule.Aggregate)
	l, isNumber := right.(*rule.Literal)
	if !isCount || !isNumber || a.Func != rule.Count || l.Kind != rule.NumberLiteral {
		return nil, op, nil, false
	}
	if negated {
		op = opposite[op]
	}
	return a, op, l, true
}

// kind is what a value seems to be; there is no catalogue to ask.
type kind uint8

const (
	anyKind kind = iota
	textKind
	numberKind
	boolKind
	momentKind
)

// kindOf guesses the kind of a value, which only decides about the words for comparing it.
func kindOf(v rule.Value) kind {
	switch v := v.(type) {
	case *rule.Literal:
		return [...]kind{rule.TextLiteral: textKind, rule.NumberLiteral: numberKind, rule.BoolLiteral: boolKind, rule.DateLiteral: momentKind}[v.Kind]
	case *rule.Aggregate:
		switch v.Func {
		case rule.Count, rule.Sum, rule.Avg, rule.Distinct:
			return numberKind
		case rule.First, rule.Last:
			if v.Property == nil {
				return momentKind
			}
		}
		if a := propertyOf(v); a != nil && namesMoment(dotted(a)) {
			return momentKind
		}
		return anyKind
	case *rule.Path:
		if _, path := split(v); namesMoment(path) {
			return momentKind
		}
		return anyKind
	}
	return numberKind
}

// commonKind is what is known of two values that are compared.
func commonKind(a, b rule.Value) kind {
	if k := kindOf(a); k != anyKind {
		return k
	}
	return kindOf(b)
}

// eventTime gives the aggregate whose value is an event's time: `first(e)`, `last(e)`.
func eventTime(v rule.Value) (*rule.Aggregate, bool) {
	a, ok := v.(*rule.Aggregate)
	return a, ok && a.Property == nil && (a.Func == rule.First || a.Func == rule.Last)
}

// propertyOf gives what an aggregate reads of each event, or of each person; nil if it reads nothing.
func propertyOf(a *rule.Aggregate) *rule.Path {
	if a.IsPeople() {
		return a.Of()
	}
	return a.Property
}

// ofPeople tells whether a condition is about the people of a company.
func ofPeople(n *rule.Quantified) bool { return dotted(n.List) == "company.people" }

// people gives the count that says how many people of a company there are who
// satisfy a condition.
func people(n *rule.Quantified) *rule.Aggregate {
	return &rule.Aggregate{
		Func: rule.Count, Filter: &rule.Filter{Event: rule.Name{Text: "company"}, Rule: n.Rule}, Property: &rule.Path{Names: []string{"people"}},
	}
}

// split takes the prefix that says whose field a path is off it.
func split(p *rule.Path) (owner, path string) {
	if len(p.Names) > 1 && (p.Names[0] == "customer" || p.Names[0] == "company") {
		return p.Names[0], strings.Join(p.Names[1:], ".")
	}
	return "", dotted(p)
}

func dotted(p *rule.Path) string { return strings.Join(p.Names, ".") }
