package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

// verbs is what can be said of a person.
func verbs() map[string]func(*parser, *fact) {
	return map[string]func(*parser, *fact){
		"did":       (*parser).did,
		"consents":  (*parser).consents,
		"refuses":   (*parser).refuses,
		"withdraws": (*parser).refuses,
		"belongs":   (*parser).belongs,
		"is":        (*parser).isOther,
	}
}

// fact reads what is said of a person, or of a company that is known as such.
func (p *parser) fact(span rule.Span) {
	start := p.here()
	f := &fact{place: place{span}, who: person{name: p.name("a name")}}
	f.who.visitor = p.visitors[f.who.name]
	if p.companies[f.who.name] {
		f.company, f.who = f.who.name, person{}
		f.kind = companyAttributes
		p.values(f)
		return
	}
	p.said(f, start)
}

// said reads what follows the name of a person.
func (p *parser) said(f *fact, named rule.Span) {
	before := p.pos
	if verb := verbs()[p.word("")]; verb != nil {
		verb(p, f)
		p.add(f)
		return
	}
	p.pos = before
	p.space()
	if p.pos < p.end && p.text[p.pos] != ':' && !strings.HasPrefix(p.text[p.pos:p.end], "on ") {
		hint := ""
		if meant, ok := rule.Suggest(f.who.name, slices.Sorted(maps.Keys(readers()))); ok {
			hint = fmt.Sprintf("did you mean %s?", meant)
		}
		if meant, ok := rule.Suggest(p.text[p.pos:p.here().End], slices.Sorted(maps.Keys(verbs()))); ok {
			hint, named = fmt.Sprintf("did you mean %s?", meant), p.here()
		}
		p.cursor.fail(named, hint, `this is neither a statement nor a fact such as: anna did order_completed total = 10`)
		return
	}
	p.values(f)
}

// values reads `[on DATE]: path = value, …`.
func (p *parser) values(f *fact) {
	p.on(f)
	p.need(':', "the name")
	f.fields = p.fields(true)
	scope := catalog.OfCustomer
	if f.kind == companyAttributes {
		scope = catalog.OfCompany
	}
	p.learn(scope, "", f.fields)
	p.add(f)
}

func (p *parser) add(f *fact) {
	if !p.began && p.cursor.problem == nil {
		p.cursor.fail(f.Span, "", "say at which instant: at 2026-01-01T10:00")
	}
	p.steps = append(p.steps, f)
}

// on reads the time of a fact of its own.
func (p *parser) on(f *fact) {
	if p.accept("on") {
		t := p.zone.Resolve(p.date())
		f.on = &t
	}
}

func (p *parser) did(f *fact) {
	f.kind, f.event = event, p.name("the type of the event")
	for {
		switch {
		case f.label == "" && p.accept("as"):
			at := p.here()
			f.label = p.name("a name for the event")
			if p.labels[f.label] {
				p.cursor.fail(at, "", "another event is called %s", f.label)
			}
			p.labels[f.label] = true
		case f.on == nil && p.accept("on"):
			t := p.zone.Resolve(p.date())
			f.on = &t
		default:
			p.mark(':')
			f.fields = p.fields(false)
			p.learn(catalog.OfRecord, f.event, f.fields)
			return
		}
	}
}

func (p *parser) consents(f *fact) {
	if !p.accept("to") {
		p.cursor.fail(p.here(), "", "expected consents to CHANNEL PURPOSE")
	}
	f.granted = true
	p.decision(f)
}

func (p *parser) refuses(f *fact) { p.decision(f) }

func (p *parser) decision(f *fact) {
	f.kind, f.channel, f.purpose = consent, p.name("a channel"), p.name("a purpose")
	p.on(f)
	p.known.Consents = append(p.known.Consents, catalog.Consent{Channel: f.channel, Purpose: f.purpose})
}

func (p *parser) belongs(f *fact) {
	if !p.accept("to") {
		p.cursor.fail(p.here(), "", "expected belongs to COMPANY")
	}
	f.kind, f.company = join, p.name("a company")
	p.companies[f.company] = true
	if p.accept("as") {
		f.role = p.name("a role")
	}
	p.on(f)
}

func (p *parser) isOther(f *fact) {
	name := p.name("the name of a person")
	f.kind, f.other = alias, person{name, p.visitors[name]}
	if !f.who.visitor {
		p.cursor.fail(f.Span, "", "%s is no visitor; visitors turn out to be somebody: visitor a1 is anna", f.who.name)
	}
}

// visitor reads a fact about somebody who is known by a device only.
func (p *parser) visitor(span rule.Span) {
	named := p.here()
	f := &fact{place: place{span}, who: person{name: p.name("a name"), visitor: true}}
	p.visitors[f.who.name] = true
	p.said(f, named)
}

func (p *parser) company(span rule.Span) {
	f := &fact{place: place{span}, kind: companyAttributes, company: p.name("a company")}
	p.companies[f.company] = true
	p.values(f)
}

func (p *parser) correct(span rule.Span) {
	c := &correction{place: place{span}, label: p.label()}
	if p.accept("on") {
		t := p.zone.Resolve(p.date())
		c.on = &t
	}
	p.mark(':')
	c.fields = p.fields(false)
	p.learn(catalog.OfRecord, p.eventOf(c.label), c.fields)
	p.steps = append(p.steps, c)
}

func (p *parser) takeBack(span rule.Span) {
	if !p.accept("back") {
		p.cursor.fail(p.here(), "", "expected take back EVENT")
	}
	p.steps = append(p.steps, &correction{place: place{span}, label: p.label(), gone: true})
}

// label reads the name of an event.
func (p *parser) label() string {
	at := p.here()
	name := p.name("the name of an event")
	if !p.labels[name] {
		p.cursor.fail(at, "", "no event is called %s; name it where it happens: anna did order_completed as %s", name, name)
	}
	return name
}

func (p *parser) eventOf(label string) string {
	for _, s := range p.steps {
		if f, ok := s.(*fact); ok && f.label == label {
			return f.event
		}
	}
	return ""
}

// fields reads `path = value, …`; at least one if there must be some.
func (p *parser) fields(must bool) (list []field) {
	if !must && p.done() {
		return nil
	}
	for {
		at := p.here()
		path := p.word("")
		if path == "" {
			p.cursor.fail(at, "", "expected a name and its value, such as total = 10")
			return list
		}
		p.need('=', path)
		value := p.value()
		value.path, value.Span = path, rule.Span{Start: at.Start, End: p.pos}
		list = append(list, value)
		if p.cursor.problem != nil || !p.mark(',') {
			return list
		}
	}
}

// value reads a JSON value or a date.
func (p *parser) value() field {
	p.space()
	before := p.pos
	if word := p.word(":+"); len(word) >= len("2026-01-01") && word[4] == '-' {
		p.pos = before
		d := p.date()
		if !d.HasTime {
			return field{json: `"` + d.String() + `"`, kind: catalog.Type{Kind: catalog.Date}}
		}
		return field{json: `"` + calendar.Format(p.zone.Resolve(d)) + `"`, kind: catalog.Type{Kind: catalog.Time}}
	}
	p.pos = before
	text := p.cursor.json("a value: a text in quotes, a number, true, false, null, a date, a list or an object")
	return field{json: text, kind: typeOf([]byte(text))}
}
