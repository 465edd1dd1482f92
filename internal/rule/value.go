package rule

import (
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

// value reads a path, a literal or a function of them.
func (p *parser) value() Value {
	t := p.peek()
	switch t.kind {
	case textToken, numberToken, dateToken:
		if l := p.literal("a value"); l != nil {
			return l
		}
		return nil
	case nameToken:
		if p.after(1).is("(") && !t.quoted {
			return p.unknownFunction()
		}
	case keywordToken:
		if v, ok := p.keywordValue(t); ok {
			return v
		}
	}
	if v := p.path("a value"); v != nil {
		return v
	}
	return nil
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
		p.next()
		n := &Age{}
		p.call(t, func() bool { n.Path = p.path("a date of birth"); return n.Path != nil })
		n.Span = p.from(t.Start)
		return n, true
	case "score":
		p.next()
		n := &Score{}
		p.call(t, func() (ok bool) { n.Name, ok = p.name("the name of a score"); return ok })
		n.Span = p.from(t.Start)
		return n, true
	case "distance":
		return p.distance(), true
	}
	if slices.Contains(funcWords[:], t.word) {
		return p.aggregate(), true
	}
	return nil, false
}

func (p *parser) distance() Value {
	t := p.next()
	n := &Distance{}
	p.call(t, func() bool {
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
	return n
}

func (p *parser) aggregate() Value {
	t := p.next()
	fn, _ := index[Func](funcWords[:], t.word)
	n := &Aggregate{Func: fn, Filter: &Filter{}}
	p.call(t, func() bool {
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
	return n
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
	open := p.peek()
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
	case len(*p.problems) == before && p.unclosedCall(open):
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
	case t.kind == textToken && what != "a value" && t.text != "":
		p.report(t.Span, "names stand without quotes", fmt.Sprintf("did you mean %s?", clip(name(t.text))))
	default:
		p.expected(what, "")
		return Name{}, false
	}
	p.next()
	return Name{t.Span, t.text}, true
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
