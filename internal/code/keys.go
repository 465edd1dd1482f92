package code

import (
	"gopkg.in/yaml.v3"

	"github.com/kohorte/kohorte/internal/segment"
)

// form is what stands behind a key.
type form uint8

const (
	aName       form = iota
	aText            // a single value
	aRule            // a rule as text
	aDate            // 2027-01-01 or 2027-01-01T12:00
	aNumber          // a whole number from 0
	aFile            // the name of a file beside
	someTexts        // a list
	someObject       // keys of its own
	someObjects      // a list of them
)

// key is a key that files can have. The reader, the writer, the formatter and the
// schema for editors all stand on these tables.
type key struct {
	name, doc string
	form      form
	of        []string // the values that it can have
	most      int      // characters of a text, entries of a list
	required  bool
	keys      []key  // of an object
	short     string // the key of an object that may stand alone instead of it
	take      func(r *reader, n *yaml.Node, s *Segment)
}

// The bounds of texts are those of segment.Definition.Check.
const (
	maxText = 2_000
	maxTags = 50
)

var textKeys = []key{
	{name: "de", form: aText, most: maxText, doc: "In German."},
	{name: "en", form: aText, most: maxText, doc: "In English."},
}

var sizeKeys = []key{
	{name: "min", form: aNumber, doc: "Fewer members are worth a warning."},
	{name: "max", form: aNumber, doc: "More members are worth a warning."},
}

var overrideKeys = []key{
	{name: "customer", form: aText, most: maxText, required: true, doc: "A user id, or an identity as namespace:value, such as email:anna@example.de."},
	{name: "reason", form: aText, most: maxText, doc: "Why."},
	{name: "until", form: aDate, doc: "When it ends: a day (when it begins) or an instant. Without it, never."},
}

// keys are those of a segment, in the order in which they are written.
var keys = []key{
	{name: "segment", form: aName, required: true, doc: "The name by which rules and programs know the segment: letters, digits and _.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Name, s.at = r.value(n), r.span(n) }},
	{name: "title", form: someObject, keys: textKeys, doc: "The name that people read.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Title = r.texts(n, s, "title") }},
	{name: "description", form: someObject, keys: textKeys, doc: "What the segment is, for people.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Description = r.texts(n, s, "description") }},
	{name: "kind", form: aText, of: kindNames(), doc: "rule: its rule says who is in (what it is if nothing is said). list: who is included by hand, nobody else. segmentation: it divides everybody by its parts.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Kind = segment.Kind(r.value(n)) }},
	{name: "members", form: aText, of: []string{string(segment.People), string(segment.Companies)}, doc: "people (if nothing is said) or companies: a rule about companies reads their attributes and their people's events, and may ask about company.people.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Members = segment.Members(r.value(n)) }},
	{name: "rule", form: aRule, doc: "Who is in. docs/rules.md describes the language.",
		take: func(r *reader, n *yaml.Node, s *Segment) { r.rule(n, s) }},
	{name: "parts", form: someTexts, most: segment.MaxParts, doc: "With kind: segmentation, the names of segments in order: the first that somebody is in wins.",
		take: func(r *reader, n *yaml.Node, s *Segment) { r.parts(n, s) }},
	{name: "rest", form: aName, doc: "With kind: segmentation, the name of the part of those who are in none of the parts.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Rest = r.value(n) }},
	{name: "restTitle", form: someObject, keys: textKeys, doc: "What people read for the rest.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.RestTitle = r.texts(n, s, "restTitle") }},
	{name: "owner", form: aText, most: maxText, doc: "Who answers for the segment.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Owner = r.value(n) }},
	{name: "purpose", form: aText, most: maxText, doc: "What the segment is used for.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Purpose = r.value(n) }},
	{name: "tags", form: someTexts, most: maxTags, doc: "Words by which segments are found together.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Tags = r.list(n) }},
	{name: "size", form: someObject, keys: sizeKeys, doc: "How many members make sense.",
		take: func(r *reader, n *yaml.Node, s *Segment) { r.size(n, s) }},
	{name: "list", form: aFile, doc: "With kind: list, a file beside this one with one customer a line.",
		take: func(r *reader, n *yaml.Node, s *Segment) { r.file(n, s) }},
	{name: "include", form: someObjects, keys: overrideKeys, short: "customer", doc: "Customers who are in by hand, whatever the rule says.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Include = append(s.Include, r.overrides(n, "include")...) }},
	{name: "exclude", form: someObjects, keys: overrideKeys, short: "customer", doc: "Customers who are out by hand. It counts before include.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.Exclude = r.overrides(n, "exclude") }},
	{name: "state", form: aText, of: states(), doc: "active if nothing is said. A draft has no members, a paused segment keeps those it has, a retired one has lost them.",
		take: func(r *reader, n *yaml.Node, s *Segment) { s.State = segment.State(r.value(n)) }},
}

// kindNames names the kinds that a file can define.
func kindNames() []string {
	return []string{string(segment.ByRule), string(segment.List), string(segment.Segmentation)}
}

func states() (list []string) {
	for _, s := range segment.States {
		list = append(list, string(s))
	}
	return list
}

// find gives a key of a table, nil if it is none.
func find(table []key, name string) *key {
	for i := range table {
		if table[i].name == name {
			return &table[i]
		}
	}
	return nil
}

func namesOf(table []key) (names []string) {
	for i := range table {
		names = append(names, table[i].name)
	}
	return names
}
