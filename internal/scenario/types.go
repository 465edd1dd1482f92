package scenario

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

// types collects the types of fields: those that are declared, else those of the
// first values.
type types struct {
	known    *catalog.Catalog
	declared map[string]bool // by place in the catalogue
}

// learn takes in the fields of a fact. Of events also the type becomes known.
func (p *parser) learn(base catalog.Base, event string, fields []field) {
	into := p.types.fields(base, event)
	for _, f := range fields {
		eachLeaf(f.path, []byte(f.json), f.kind, func(path string, kind catalog.Type) {
			place := fmt.Sprint(base, " ", event, " ", path)
			before, seen := into[path]
			switch {
			case p.types.declared[place] || kind.Kind == catalog.Unknown:
			case !seen:
				into[path] = kind
			case before.Kind != kind.Kind:
				p.cursor.fail(f.Span, "declare its type if that is meant", "%s is %s here and %s above", path, kind.Kind, before.Kind)
			default:
				into[path] = merged(before, kind)
			}
		})
	}
}

// fields gives the fields of customers, of companies or of a type of events.
func (t *types) fields(base catalog.Base, event string) catalog.Fields {
	switch base {
	case catalog.OfCustomer:
		if t.known.Attributes == nil {
			t.known.Attributes = catalog.Fields{}
		}
		return t.known.Attributes
	case catalog.OfCompany:
		if t.known.Company == nil {
			t.known.Company = catalog.Fields{}
		}
		return t.known.Company
	}
	if t.known.Events == nil {
		t.known.Events = map[string]catalog.Fields{}
	}
	if t.known.Events[event] == nil {
		t.known.Events[event] = catalog.Fields{}
	}
	return t.known.Events[event]
}

func (t *types) declare(base catalog.Base, event, path string, kind catalog.Type) {
	if t.declared == nil {
		t.declared = map[string]bool{}
	}
	t.fields(base, event)[path] = kind
	t.declared[fmt.Sprint(base, " ", event, " ", path)] = true
}

// eachLeaf calls f for each field of a value; the members of an object have dotted paths.
func eachLeaf(path string, value []byte, kind catalog.Type, f func(path string, kind catalog.Type)) {
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil || object == nil {
		f(path, kind)
		return
	}
	for name, member := range object {
		eachLeaf(path+"."+name, member, typeOf(member), f)
	}
}

// typeOf gives the type that a JSON value has; Unknown for null and objects.
func typeOf(value []byte) catalog.Type {
	var v any
	_ = json.Unmarshal(value, &v)
	switch v := v.(type) {
	case string:
		return catalog.Type{Kind: catalog.Text}
	case float64:
		return catalog.Type{Kind: catalog.Number}
	case bool:
		return catalog.Type{Kind: catalog.Boolean}
	case []any:
		return listType(v)
	}
	return catalog.Type{}
}

func listType(items []any) catalog.Type {
	if len(items) == 0 {
		return catalog.Type{} // of what, others must say
	}
	t := catalog.Type{Kind: catalog.TextList}
	for _, item := range items {
		object, ok := item.(map[string]any)
		if !ok {
			continue
		}
		if t.Kind != catalog.ObjectList {
			t = catalog.Type{Kind: catalog.ObjectList, Fields: catalog.Fields{}}
		}
		text, _ := json.Marshal(object)
		eachMember(text, t.Fields)
	}
	return t
}

// eachMember notes the members of an object, those of inner objects with dotted paths.
func eachMember(object []byte, into catalog.Fields) {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(object, &members)
	for name, member := range members {
		eachLeaf(name, member, typeOf(member), func(path string, kind catalog.Type) {
			if _, seen := into[path]; !seen && kind.Kind != catalog.Unknown {
				into[path] = kind
			}
		})
	}
}

// merged adds the members that a later list of objects has.
func merged(a, b catalog.Type) catalog.Type {
	for path, kind := range b.Fields {
		if _, seen := a.Fields[path]; !seen {
			a.Fields[path] = kind
		}
	}
	return a
}

// attribute reads `PATH: TYPE`; company.PATH is one of companies.
func (p *parser) attribute(rule.Span) {
	path := p.name("the name of an attribute")
	base := catalog.OfCustomer
	if rest, ok := strings.CutPrefix(path, "company."); ok {
		base, path = catalog.OfCompany, rest
	}
	p.types.declare(base, "", path, p.readType())
}

// property reads `EVENT.PATH: TYPE`.
func (p *parser) property(span rule.Span) {
	event, path, ok := strings.Cut(p.name("an event and its property"), ".")
	if !ok {
		p.cursor.fail(span, "", "expected EVENT.PROPERTY: TYPE")
		return
	}
	p.types.declare(catalog.OfRecord, event, path, p.readType())
}

// readType reads a type as declarations of fields have it.
func (p *parser) readType() catalog.Type {
	p.need(':', "the name")
	p.space()
	at := rule.Span{Start: p.pos, End: p.end}
	text := p.text[p.pos:p.end]
	p.pos = p.end
	if !strings.HasPrefix(text, "{") {
		text = `"` + text + `"`
	}
	c, err := catalog.ParseDeclaration([]byte(`{"attributes": {"x": ` + text + `}}`))
	if err != nil {
		p.cursor.fail(at, "", `types are text, number, boolean, date, time, list of text and {"list of": {"member": "type"}}`)
		return catalog.Type{}
	}
	return c.Attributes["x"]
}

// declare reads a declaration as `kohorte fields --declare` does, for all that facts do not show.
func (p *parser) declare(rule.Span) {
	p.space()
	at := rule.Span{Start: p.pos, End: p.end}
	c, err := catalog.ParseDeclaration([]byte(p.cursor.json("a declaration of fields")))
	if err != nil {
		p.cursor.fail(at, "", "%v", err)
		return
	}
	for path, kind := range c.Attributes {
		p.types.declare(catalog.OfCustomer, "", path, kind)
	}
	for path, kind := range c.Company {
		p.types.declare(catalog.OfCompany, "", path, kind)
	}
	for event, fields := range c.Events {
		p.types.fields(catalog.OfRecord, event)
		for path, kind := range fields {
			p.types.declare(catalog.OfRecord, event, path, kind)
		}
	}
	p.known.Scores = append(p.known.Scores, c.Scores...)
	p.known.Consents = append(p.known.Consents, c.Consents...)
}

// postcode reads `COUNTRY-CODE: LATITUDE, LONGITUDE`.
func (p *parser) postcode(span rule.Span) {
	country, code, ok := strings.Cut(p.name("a postcode"), "-")
	p.need(':', "the postcode")
	var at postcode
	lat := json.Unmarshal([]byte(p.cursor.json("a latitude")), &at.lat)
	p.need(',', "the latitude")
	lon := json.Unmarshal([]byte(p.cursor.json("a longitude")), &at.lon)
	if !ok || lat != nil || lon != nil {
		p.cursor.fail(span, "", "expected postcode DE-70173: 48.7758, 9.1829")
	}
	at.country, at.code = country, code
	p.postcodes = append(p.postcodes, at)
}
