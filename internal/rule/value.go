package rule

import (
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

// value reads a path, a literal or a function of them.
func (p *parser) value() Value { return p.valueOr("a value") }

// valueOr reads a value where what is described was expected.
func (p *parser) valueOr(what string) Value {
	t := p.peek()
	switch t.kind {
	case textToken, numberToken, dateToken:
		return orNil(p.literal(what))
	case nameToken:
		if p.after(1).is("(") && !t.quoted {
			return p.unknownFunction()
		}
	case keywordToken:
		if v, ok := p.keywordValue(t); ok {
			return v
		}
	}
	return orNil(p.path(what))
}

// keywordValue reads a value that begins with a keyword.
func (p *parser) keywordValue(t token) (v Value, ok bool) {
	if t.is("true") || t.is("false") {
		return p.literal("a value"), true
	}
	if !p.after(1).is("(") {
		return nil, false
	}
	switch t.word {
	case "age":
		v, ok = p.age()
	case "score":
		v, ok = p.score()
	case "distance":
		v, ok = p.distance()
	default:
		if !slices.Contains(funcWords[:], t.word) {
			return nil, false
		}
		v, ok = p.aggregate()
	}
	if !ok {
		return &broken{p.from(t.Start)}, true
	}
	return v, true
}

// broken stands for a value with a problem, so that what follows it is read as usual.
type broken struct{ Span }

func (*broken) value() {}

func (p *parser) age() (Value, bool) {
	t := p.next()
	n := &Age{}
	ok := p.call(t, func() bool { n.Path = p.path("a date of birth"); return n.Path != nil })
	n.Span = p.from(t.Start)
	return n, ok
}

func (p *parser) score() (Value, bool) {
	t := p.next()
	n := &Score{}
	ok := p.call(t, func() (ok bool) { n.Name, ok = p.name("the name of a score"); return ok })
	n.Span = p.from(t.Start)
	return n, ok
}

// orNil turns a nil pointer into a nil value.
func orNil[T any, P interface {
	*T
	Value
}](v P) Value {
	if v == nil {
		return nil
	}
	return v
}

func (p *parser) distance() (Value, bool) {
	t := p.next()
	n := &Distance{}
	ok := p.call(t, func() bool {
		if n.Path = p.path("an attribute with a postcode"); n.Path == nil {
			return false
		}
		if !p.accept(",") {
			p.expected(`"," and a postcode`, `for example distance(address.postal_code, "DE-70173")`)
			return false
		}
		n.To = p.text(`a postcode such as "DE-70173"`)
		return n.To != nil
	})
	n.Span = p.from(t.Start)
	return n, ok
}

func (p *parser) aggregate() (Value, bool) {
	t := p.next()
	fn, _ := index[Func](funcWords[:], t.word)
	n := &Aggregate{Func: fn, Filter: &Filter{}}
	ok := p.call(t, func() bool {
		start := p.peek().Start
		var ok bool
		if n.Filter.Event, ok = p.name("an event"); !ok {
			return false
		}
		if p.at(".") {
			if n.Property = p.property(); n.Property == nil {
				return false
			}
		}
		ok = p.filterTail(n.Filter)
		n.Filter.Span = p.from(start)
		return ok
	})
	n.Span = p.from(t.Start)
	return n, ok
}

// property reads the property after an event.
func (p *parser) property() *Path {
	var names []string
	start := p.after(1).Start
	for p.accept(".") {
		name, ok := p.member()
		if !ok {
			return nil
		}
		names = append(names, name)
	}
	return &Path{p.from(start), names}
}

// call reads parentheses and what args reads between them. After a problem it
// goes to the closing parenthesis, so that what follows is read as usual.
func (p *parser) call(fn token, args func() bool) bool {
	open, closed := p.peek(), p.closed[p.pos]
	if !open.is("(") {
		p.expected(fmt.Sprintf(`"(" after %s`, fn.word), "")
		return false
	}
	p.next()
	if !p.enter(open) {
		return false
	}
	defer p.leave(p.inWhere)
	p.inWhere = false
	before := len(*p.problems)
	ok := args()
	switch {
	case p.accept(")"):
		return ok
	case p.torn && p.peek().kind == endToken:
		return false
	case !closed && open.Start == open.End: // made up by pair
		return false
	case !closed:
		p.report(open.Span, "this parenthesis is not closed", `add ")" before `+p.peek().describe())
		return false
	case len(*p.problems) == before:
		p.argumentSlip(fn)
	}
	p.skipPast(1)
	return false
}

// path reads a name and the names after its dots.
func (p *parser) path(what string) *Path {
	start := p.peek().Start
	first, ok := p.name(what)
	if !ok {
		return nil
	}
	names := []string{first.Text}
	for p.accept(".") {
		name, ok := p.member()
		if !ok {
			return nil
		}
		names = append(names, name)
	}
	return &Path{p.from(start), names}
}

// member reads a name after a dot, where keywords are names.
func (p *parser) member() (string, bool) {
	t := p.peek()
	if t.kind != nameToken && t.kind != keywordToken {
		p.expected("a name after the dot", "")
		return "", false
	}
	return p.next().text, true
}

// name reads a name; a keyword or text in its place is a slip.
func (p *parser) name(what string) (Name, bool) {
	t := p.peek()
	switch {
	case t.kind == nameToken:
	case t.kind == keywordToken && nameLike(t.word):
		p.report(t.Span, fmt.Sprintf("%q is a keyword", t.text), fmt.Sprintf("as a name it stands in backquotes: `%s`", t.text))
	case t.kind == textToken && t.text != "":
		p.report(t.Span, "names stand without quotes", fmt.Sprintf("did you mean %s?", clip(name(t.text))))
	default:
		p.expected(what, "")
		return Name{}, false
	}
	p.next()
	return Name{t.Span, t.text}, true
}

// segment reads the name of a segment: a name, of a part of a segmentation several joined with dots.
func (p *parser) segment() (Name, bool) {
	const what = "the name of a segment"
	start := p.peek().Start
	if t := p.peek(); t.kind == keywordToken && !nameLike(t.word) {
		p.expected(what, fmt.Sprintf("a segment that is called so stands in backquotes: `%s`", t.text))
		return Name{}, false
	}
	first, ok := p.name(what)
	for ok && p.accept(".") {
		var part string
		part, ok = p.member()
		first.Text += "." + part
	}
	first.Span = p.from(start)
	return first, ok
}

// literal reads a text, number, boolean or date.
func (p *parser) literal(what string) *Literal {
	t := p.peek()
	l := &Literal{Span: t.Span}
	switch {
	case t.kind == textToken:
		l.Text = t.text
	case t.kind == numberToken:
		l.Kind, l.Number = NumberLiteral, p.number(t)
	case t.is("true"), t.is("false"):
		l.Kind, l.Bool = BoolLiteral, t.is("true")
	case t.kind == dateToken:
		l.Kind, l.Date = DateLiteral, t.date
	case t.kind == nameToken:
		p.report(t.Span, fmt.Sprintf("expected %s, found the name %s", what, clip(name(t.text))), "texts stand in double quotes: "+clip(quote(t.text)))
	default:
		p.expected(what, "")
		return nil
	}
	p.next()
	return l
}

func (p *parser) number(t token) number.Number {
	n, err := number.Parse(t.text)
	if err != nil {
		p.report(t.Span, err.Error(), "")
	}
	return n
}

// text reads a text literal.
func (p *parser) text(what string) *Literal {
	if t := p.peek(); t.kind != textToken && t.kind != nameToken {
		p.expected(what, "")
		return nil
	}
	return p.literal(what)
}

// date reads a date literal.
func (p *parser) date() *Literal {
	t := p.peek()
	if t.kind == textToken {
		if date, err := calendar.ParseDate(t.text); err == nil {
			p.report(p.next().Span, "dates stand without quotes", fmt.Sprintf("did you mean %s?", date))
			return &Literal{Span: t.Span, Kind: DateLiteral, Date: date}
		}
	}
	if t.kind != dateToken {
		p.expected("a date", "dates are written 2026-11-21 or 2026-11-21T14:30")
		return nil
	}
	p.next()
	return &Literal{Span: t.Span, Kind: DateLiteral, Date: t.date}
}
