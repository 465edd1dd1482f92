package rule

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

// value reads a value; in the first place of an operator a bare text is a path.
func (r *jsonReader) value(t tree, first bool) Value {
	switch {
	case t.kind == textTree && first:
		return orNil(r.path(t))
	case t.kind == textTree || t.kind == numberTree || t.kind == boolTree:
		return orNil(r.literal(t))
	case t.kind != objectTree || len(t.members) != 1:
		hint := ""
		if t.kind == nullTree {
			hint = `for what is not set use {"is_unknown": …}`
		}
		r.fail(t, "expected a value, found "+t.kind.String(), hint)
		return nil
	}
	m := t.members[0]
	switch m.name {
	case "path":
		return orNil(r.path(m.value))
	case "text", "date":
		return orNil(r.literal(t))
	case "age":
		if p := r.path(m.value); p != nil {
			return &Age{Path: p}
		}
		return nil
	case "score":
		if name, ok := r.name(m.value); ok {
			return &Score{Name: name}
		}
		return nil
	case "distance":
		return r.distance(m.value)
	}
	fn, ok := index[Func](funcWords[:], m.name)
	if !ok {
		r.fail(t, fmt.Sprintf("unknown value %q", clip(m.name)),
			didYouMean(m.name, append([]string{"path", "text", "date", "age", "score", "distance"}, funcWords[:]...)))
		return nil
	}
	return r.aggregate(m.value, fn)
}

func (r *jsonReader) distance(t tree) Value {
	if !r.places(t, 2, "[path, text]") {
		return nil
	}
	p := r.path(t.items[0])
	if !r.expect(textTree, t.items[1], "a text") || p == nil {
		return nil
	}
	return &Distance{Path: p, To: &Literal{Text: t.items[1].text}}
}

func (r *jsonReader) aggregate(t tree, fn Func) Value {
	f := r.filter(t, "property")
	if f == nil {
		return nil
	}
	n := &Aggregate{Func: fn, Filter: f}
	if property, ok := t.member("property"); ok {
		if n.Property = r.path(property); n.Property == nil {
			return nil
		}
	}
	return n
}

// literal reads a text, number, boolean or date.
func (r *jsonReader) literal(t tree) *Literal {
	switch t.kind {
	case textTree:
		return &Literal{Text: t.text}
	case boolTree:
		return &Literal{Kind: BoolLiteral, Bool: t.truth}
	case numberTree:
		n, err := number.Parse(t.text)
		if err != nil {
			r.fail(t, err.Error(), "")
			return nil
		}
		return &Literal{Kind: NumberLiteral, Number: n}
	case objectTree:
		if text, ok := t.member("text"); ok && len(t.members) == 1 && r.expect(textTree, text, "a text") {
			return &Literal{Text: text.text}
		} else if ok {
			return nil
		}
		if date, ok := t.member("date"); ok && len(t.members) == 1 {
			return r.date(date)
		}
	}
	r.fail(t, `expected a text, a number, true, false or {"date": …}, found `+t.kind.String(), "")
	return nil
}

// date reads the text of a date.
func (r *jsonReader) date(t tree) *Literal {
	if !r.expect(textTree, t, "a date") {
		return nil
	}
	date, err := calendar.ParseDate(t.text)
	if err != nil {
		r.fail(t, fmt.Sprintf("%s is not a date: %v", clip(quote(t.text)), err), "")
		return nil
	}
	return &Literal{Kind: DateLiteral, Date: date}
}

// name reads a name, which may be anything that can stand in backquotes.
func (r *jsonReader) name(t tree) (Name, bool) {
	if !r.expect(textTree, t, "a name") {
		return Name{}, false
	}
	if t.text == "" || strings.Contains(t.text, "`") {
		r.fail(t, "a name is not empty and contains no backquote", "")
		return Name{}, false
	}
	return Name{Text: t.text}, true
}

// path reads names joined with dots; one in backquotes may contain dots itself.
func (r *jsonReader) path(t tree) *Path {
	if !r.expect(textTree, t, "a path") {
		return nil
	}
	p := &Path{}
	for rest, more := t.text, true; more; {
		var name string
		if quoted, ok := strings.CutPrefix(rest, "`"); ok {
			var closed bool
			if name, rest, closed = strings.Cut(quoted, "`"); !closed || rest != "" && rest[0] != '.' {
				name = ""
			}
			rest, more = strings.CutPrefix(rest, ".")
		} else {
			name, rest, more = strings.Cut(rest, ".")
		}
		if name == "" || strings.Contains(name, "`") {
			r.fail(t, fmt.Sprintf("%s is not a path", clip(quote(t.text))), "a path is one name or several joined with dots, none of them empty")
			return nil
		}
		p.Names = append(p.Names, name)
	}
	return p
}
