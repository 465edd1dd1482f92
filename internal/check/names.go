package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

// path checks that a path names a known field and gives its type. If it names an
// event, asEvent is a format for what was likely meant.
func (c *checker) path(p *rule.Path, at place, asEvent string) catalog.Type {
	ref, ok := at.Resolve(p.Names)
	if ref.Base == catalog.OfRole && at.firm { // a company has none
		ref.Base, ok = catalog.OfCompany, false
	}
	if ok || ref.Base == catalog.OfRecord && at.silent {
		return ref.Type
	}
	hint := c.meant(ref, at, false)
	if hint == "" || c.isEvent(p, at) {
		hint = c.otherThing(p, at, asEvent, hint)
	}
	switch {
	case ref.Base == catalog.OfCompany:
		c.unknown(p.Span, hint, "unknown company attribute %q", ref.Path)
	case ref.Base == catalog.OfCustomer:
		c.unknown(p.Span, hint, "unknown attribute %q", dotted(p))
	case at.list:
		c.unknown(p.Span, hint, "unknown member %q of %s", ref.Path, at.owner)
	default:
		c.unknown(p.Span, hint, "unknown event property %q of %s", ref.Path, at.owner)
	}
	return catalog.Type{}
}

func (c *checker) isEvent(p *rule.Path, at place) bool {
	_, ok := c.catalog.Events[p.Names[0]]
	return ok && len(p.Names) == 1 && !at.Inside
}

// otherThing guesses that a name is one of an event or a segment.
func (c *checker) otherThing(p *rule.Path, at place, asEvent, otherwise string) string {
	switch name := p.Names[0]; {
	case c.isEvent(p, at) && asEvent != "":
		return fmt.Sprintf("%s is an event; "+asEvent, name, rule.PrintValue(p))
	case len(p.Names) == 1 && slices.Contains(c.catalog.Segments, name):
		return fmt.Sprintf("%s is a segment; did you mean in segment %s?", name, rule.PrintValue(p))
	}
	return otherwise
}

// meant guesses which field an unknown name means; the surest guess comes first.
// With property set it is the property of an aggregate, which reaches nothing else.
func (c *checker) meant(ref catalog.Ref, at place, property bool) string {
	fields := c.fieldsOf(ref.Base, at)
	if own, ok := strings.CutPrefix(ref.Path, at.owner+"."); ok && has(fields, own) {
		return fmt.Sprintf("did you mean %q?", own)
	}
	if !property {
		if hint := c.elsewhere(ref, at); hint != "" {
			return hint
		}
	}
	for _, guess := range []string{memberHint(ref, fields), objectHint(ref, fields), c.eventHint(ref, at)} {
		if guess != "" {
			return guess
		}
	}
	bases := []catalog.Base{ref.Base, catalog.OfCustomer, catalog.OfCompany}
	switch {
	case at.firm && !property:
		bases = []catalog.Base{ref.Base, catalog.OfCompany}
	case property:
		bases = bases[:1]
	}
	for _, base := range bases {
		if name, ok := rule.Suggest(ref.Path, keys(c.fieldsOf(base, at))); ok {
			return fmt.Sprintf("did you mean %q?", prefixed(base, name, at))
		}
	}
	return ""
}

// fieldsOf gives the fields among which a path was looked for.
func (c *checker) fieldsOf(base catalog.Base, at place) catalog.Fields {
	switch base {
	case catalog.OfCompany:
		return c.catalog.Company
	case catalog.OfRecord:
		return at.Record
	}
	return c.catalog.Attributes
}

// elsewhere finds the field among those of the customer and of the company.
func (c *checker) elsewhere(ref catalog.Ref, at place) string {
	company, isCompany := strings.CutPrefix(ref.Path, "company.")
	switch {
	case at.firm && has(c.catalog.Attributes, ref.Path):
		return fmt.Sprintf("it is an attribute of people: count(company.people where %s …)", ref.Path)
	case isCompany && has(c.catalog.Company, company):
		return fmt.Sprintf("did you mean %q?", prefixed(catalog.OfCompany, company, at))
	case ref.Base != catalog.OfCustomer && has(c.catalog.Attributes, ref.Path):
		return fmt.Sprintf("did you mean %q?", prefixed(catalog.OfCustomer, ref.Path, at))
	case ref.Base != catalog.OfCompany && has(c.catalog.Company, ref.Path):
		return fmt.Sprintf("did you mean %q?", prefixed(catalog.OfCompany, ref.Path, at))
	}
	return ""
}

// prefixed writes a field as a rule reaches it from a place.
func prefixed(base catalog.Base, path string, at place) string {
	switch {
	case base == catalog.OfCompany && at.firm && !at.Inside:
		return path // the rule is about the company
	case base == catalog.OfCompany:
		return "company." + path
	case base == catalog.OfCustomer && at.Inside:
		return "customer." + path
	}
	return path
}

// memberHint finds that a path leads into a list of objects.
func memberHint(ref catalog.Ref, fields catalog.Fields) string {
	for _, path := range keys(fields) {
		member, ok := strings.CutPrefix(ref.Path, path+".")
		if ok && fields[path].Kind == catalog.ObjectList {
			return fmt.Sprintf("%s is a list of objects: any %s (%s …)", path, path, member)
		}
	}
	return ""
}

// objectHint finds that a path stops before its last name.
func objectHint(ref catalog.Ref, fields catalog.Fields) string {
	var found []string
	for _, path := range keys(fields) {
		if strings.HasPrefix(path, ref.Path+".") {
			found = append(found, fmt.Sprintf("%q", path))
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(found[:min(3, len(found))], " or ") + "?"
}

// eventHint finds a path among the properties of events.
func (c *checker) eventHint(ref catalog.Ref, at place) string {
	if ref.Base == catalog.OfCompany || at.list {
		return ""
	}
	event, property, _ := strings.Cut(ref.Path, ".")
	owners := []string{event}
	if !has(c.catalog.Events[event], property) {
		property, owners = ref.Path, nil
		for _, e := range keys(c.catalog.Events) {
			if has(c.catalog.Events[e], property) {
				owners = append(owners, e)
			}
		}
	}
	switch {
	case len(owners) == 0:
		return ""
	case at.Inside || len(owners) > 1:
		return fmt.Sprintf("it is a property of %s", listed(owners))
	case c.catalog.Events[owners[0]][property].Kind == catalog.Number:
		return fmt.Sprintf("it is a property of %s; did you mean sum(%s.%s)?", owners[0], owners[0], property)
	}
	return fmt.Sprintf("it is a property of %s; did you mean last(%s.%s)?", owners[0], owners[0], property)
}

// listed joins names: a, b and c; of many only the first.
func listed(names []string) string {
	const most = 4
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) > most:
		return fmt.Sprintf("%s and %d more events", strings.Join(names[:most-1], ", "), len(names)-most+1)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func didYouMean(name string, candidates []string) string {
	if meant, ok := rule.Suggest(name, candidates); ok {
		return fmt.Sprintf("did you mean %q?", meant)
	}
	return ""
}

func has(fields catalog.Fields, path string) bool {
	_, ok := fields[path]
	return ok
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
