package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

// Mentioned is what a rule reads. Every list is sorted and has no doubles.
type Mentioned struct {
	Events     []MentionedEvent
	Attributes []string // of the customer, dotted
	Company    []string // attributes of the company, dotted
	Segments   []string
	Consents   []catalog.Consent
	Scores     []string
	Ranks      bool // the rule ranks customers with `top`
	Distances  bool // the rule measures distances between postcodes
}

// MentionedEvent is an event type that a rule reads, with the properties that it
// reads of it. The members of lists of objects are not told apart from the list.
type MentionedEvent struct {
	Type       string
	Properties []string // dotted
}

// Mentions lists what a rule reads: what can change its verdict, apart from time.
func Mentions(n rule.Node) Mentioned {
	m := mentions{events: map[string]names{}, attributes: names{}, company: names{}, segments: names{}, scores: names{}}
	m.node(n, m.attributes)
	found := Mentioned{
		Attributes: m.attributes.sorted(), Company: m.company.sorted(), Segments: m.segments.sorted(), Scores: m.scores.sorted(),
		Consents: catalog.SortConsents(m.consents), Ranks: m.ranks, Distances: m.distances,
	}
	for _, event := range keys(m.events) {
		found.Events = append(found.Events, MentionedEvent{event, m.events[event].sorted()})
	}
	return found
}

// names is a set of names.
type names map[string]bool

func (s names) sorted() []string { return slices.Sorted(maps.Keys(s)) }

type mentions struct {
	events                                map[string]names
	attributes, company, segments, scores names
	consents                              []catalog.Consent
	ranks, distances                      bool
}

// event gives the set of an event's properties.
func (m *mentions) event(name string) names {
	if m.events[name] == nil {
		m.events[name] = names{}
	}
	return m.events[name]
}

// node collects what a condition reads; plain is where a path without a prefix belongs.
func (m *mentions) node(n rule.Node, plain names) {
	for _, v := range rule.Values(n) {
		m.value(v, plain)
	}
	switch n := n.(type) {
	case *rule.And:
		m.nodes(n.Parts, plain)
	case *rule.Or:
		m.nodes(n.Parts, plain)
	case *rule.Not:
		m.node(n.Part, plain)
	case *rule.Quantified:
		m.path(n.List, plain)
		m.node(n.Rule, names{}) // the members belong to the list
	case *rule.Sequence:
		m.filter(n.First)
		m.filter(n.Second)
	case *rule.InSegment:
		m.segments[n.Segment.Text] = true
	case *rule.Crossed:
		m.segments[n.Segment.Text] = true
	case *rule.Consent:
		m.consents = append(m.consents, catalog.Consent{Channel: n.Channel.Text, Purpose: n.Purpose.Text})
	case *rule.Top:
		m.ranks = true
	}
}

func (m *mentions) nodes(parts []rule.Node, plain names) {
	for _, n := range parts {
		m.node(n, plain)
	}
}

func (m *mentions) filter(f *rule.Filter) {
	properties := m.event(f.Event.Text)
	if f.Rule != nil {
		m.node(f.Rule, properties)
	}
}

func (m *mentions) value(v rule.Value, plain names) {
	switch v := v.(type) {
	case *rule.Path:
		m.path(v, plain)
	case *rule.Aggregate:
		m.filter(v.Filter)
		if v.Property != nil {
			m.event(v.Filter.Event.Text)[dotted(v.Property)] = true
		}
	case *rule.Age:
		m.path(v.Path, plain)
	case *rule.Score:
		m.scores[v.Name.Text] = true
	case *rule.Distance:
		m.distances = true
		m.path(v.Path, plain)
	}
}

// path notes a path as catalog.Scope resolves it.
func (m *mentions) path(p *rule.Path, plain names) {
	scope := catalog.Scope{Catalog: &catalog.Catalog{}, Inside: true}
	switch ref, _ := scope.Resolve(p.Names); {
	case ref.Base == catalog.OfCompany:
		m.company[ref.Path] = true
	case ref.Base == catalog.OfCustomer:
		m.attributes[ref.Path] = true
	default:
		plain[strings.Join(p.Names, ".")] = true
	}
}
