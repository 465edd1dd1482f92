package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// ParseDeclaration reads a declaration of fields, which lets rules be written
// ahead of the data:
//
//	{"zone": "Europe/Berlin",
//	 "attributes": {"country": "text", "address.city": "text",
//	                "subscriptions": {"list of": {"sku": "text"}}},
//	 "company": {"industry": "text"},
//	 "events": {"order_completed": {"total": "number"}},
//	 "segments": ["win_back"], "scores": ["churn"],
//	 "consents": [{"channel": "email", "purpose": "newsletter"}],
//	 "dimensions": {"loyalty": "transactional", "company.mood": "psychographic"}}
//
// Types are text, number, boolean, date, time, "list of text" and
// {"list of": {member: type}}. Every part may be absent. The error names all
// that is wrong, each with its line.
func ParseDeclaration(data []byte) (*Catalog, error) {
	root, err := readTree(data)
	if err != nil {
		return nil, err
	}
	d := &declaration{catalog: &Catalog{}}
	d.read(root)
	if len(d.problems) > 0 {
		return nil, errors.Join(d.problems...)
	}
	return d.catalog, nil
}

// declaration turns a tree into a catalogue and collects what is wrong.
type declaration struct {
	catalog  *Catalog
	problems []error
}

func (d *declaration) wrong(at tree, place, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if place != "" {
		message = place + ": " + message
	}
	d.problems = append(d.problems, fmt.Errorf("line %d: %s", at.line, message))
}

func (d *declaration) read(root tree) {
	if root.kind != objectTree {
		d.wrong(root, "", `a declaration is an object: {"attributes": {"country": "text"}, …}`)
		return
	}
	for _, part := range root.members {
		d.part(part.name, part.value)
	}
}

func (d *declaration) part(name string, value tree) {
	switch name {
	case "zone":
		d.zone(value)
	case "attributes":
		d.catalog.Attributes = d.fields(name, value)
		d.refuseHidden(value)
	case "company":
		d.catalog.Company = d.fields(name, value)
	case "events":
		d.events(value)
	case "segments":
		d.catalog.Segments = d.names(name, value)
	case "scores":
		d.catalog.Scores = d.names(name, value)
	case "consents":
		d.consents(value)
	case "dimensions":
		d.dimensions(value)
	default:
		d.wrong(value, "", "unknown part %q; the parts are zone, attributes, company, events, segments, scores, consents and dimensions", name)
	}
}

func (d *declaration) zone(value tree) {
	if _, err := calendar.LoadZone(value.text); err != nil {
		d.wrong(value, "zone", "%v", err)
	}
	d.catalog.Zone = value.text
}

func (d *declaration) events(value tree) {
	if value.kind != objectTree {
		d.wrong(value, "events", `events are an object: {"order_completed": {"total": "number"}}`)
		return
	}
	d.catalog.Events = map[string]Fields{}
	for _, event := range value.members {
		d.name("events", event.name, event.value)
		d.catalog.Events[event.name] = d.fields("events."+event.name, event.value)
	}
}

func (d *declaration) fields(place string, value tree) Fields {
	if value.kind != objectTree {
		d.wrong(value, place, `fields are an object of names and types: {"country": "text"}`)
		return nil
	}
	fields := Fields{}
	for _, field := range value.members {
		d.name(place, field.name, field.value)
		fields[field.name] = d.fieldType(place+"."+field.name, field.value)
	}
	return fields
}

// refuseHidden refuses attributes that no rule could name, because the prefix
// means something else there.
func (d *declaration) refuseHidden(value tree) {
	for _, field := range value.members {
		switch prefix, _, dotted := strings.Cut(field.name, "."); {
		case dotted && prefix == "company":
			d.wrong(field.value, "attributes."+field.name, `in rules company.… means the company's attributes; declare it under "company"`)
		case dotted && prefix == "customer":
			d.wrong(field.value, "attributes."+field.name, `in rules customer.… means the attribute without this prefix; leave it out`)
		}
	}
}

// typeNames are the types that one word names.
var typeNames = map[string]Kind{
	"text": Text, "number": Number, "boolean": Boolean, "date": Date, "time": Time, "list of text": TextList,
}

// otherNames are names of other systems for the same types.
var otherNames = map[string]string{
	"string": "text", "varchar": "text", "integer": "number", "int": "number", "float": "number", "decimal": "number",
	"bool": "boolean", "datetime": "time", "timestamp": "time", "list": "list of text", "array": "list of text",
}

func (d *declaration) fieldType(place string, value tree) Type {
	switch {
	case value.kind == objectTree && len(value.members) == 1 && value.members[0].name == "list of":
		return Type{Kind: ObjectList, Fields: d.fields(place, value.members[0].value)}
	case value.kind != textTree:
		d.wrong(value, place, `a type is a text such as "number", or {"list of": {member: type}}`)
		return Type{}
	}
	kind, ok := typeNames[value.text]
	if !ok {
		d.wrong(value, place, "unknown type %q; %s", value.text, typeHint(value.text))
	}
	return Type{Kind: kind}
}

func typeHint(given string) string {
	word := strings.ToLower(strings.TrimSpace(given))
	if _, ok := typeNames[word]; ok {
		return fmt.Sprintf("did you mean %q?", word)
	}
	if meant, ok := otherNames[word]; ok {
		return fmt.Sprintf("did you mean %q?", meant)
	}
	return `the types are text, number, boolean, date, time, list of text and {"list of": {member: type}}`
}

func (d *declaration) name(place, name string, at tree) {
	if name == "" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") {
		d.wrong(at, place, "%q is not a name", name)
	}
}

func (d *declaration) names(place string, value tree) []string {
	if value.kind != listTree {
		d.wrong(value, place, `%s are a list of names: ["first", "second"]`, place)
		return nil
	}
	var names []string
	for _, item := range value.items {
		if item.kind != textTree {
			d.wrong(item, place, "a name is a text")
			continue
		}
		d.name(place, item.text, item)
		names = append(names, item.text)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (d *declaration) consents(value tree) {
	if value.kind != listTree {
		d.wrong(value, "consents", `consents are a list: [{"channel": "email", "purpose": "newsletter"}]`)
		return
	}
	for _, item := range value.items {
		if consent, ok := d.consent(item); ok {
			d.catalog.Consents = append(d.catalog.Consents, consent)
		}
	}
	d.catalog.Consents = SortConsents(d.catalog.Consents)
}

func (d *declaration) consent(item tree) (Consent, bool) {
	parts := map[string]string{}
	for _, part := range item.members {
		parts[part.name] = part.value.text
	}
	c := Consent{Channel: parts["channel"], Purpose: parts["purpose"]}
	if len(item.members) != 2 || c.Channel == "" || c.Purpose == "" {
		d.wrong(item, "consents", `a consent is {"channel": "email", "purpose": "newsletter"}`)
		return Consent{}, false
	}
	return c, true
}

func (d *declaration) dimensions(value tree) {
	if value.kind != objectTree {
		d.wrong(value, "dimensions", `dimensions are an object of names of fields or events: {"loyalty": "transactional"}`)
		return
	}
	d.catalog.Dimensions = map[string]Dimension{}
	for _, field := range value.members {
		d.name("dimensions", field.name, field.value)
		dimension := Dimension(field.value.text)
		if !slices.Contains(Dimensions, dimension) {
			d.wrong(field.value, "dimensions."+field.name, "unknown dimension %q; the dimensions are %v", field.value.text, Dimensions)
		}
		d.catalog.Dimensions[field.name] = dimension
	}
}
