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
	Segments   []string // those that are asked of the people among them
	Consents   []catalog.Consent
	Scores     []string
	Ranks      bool // the rule ranks customers with `top`
	Distances  bool // the rule measures distances between postcodes
	Joins      bool // it matters to which company a person belongs, apart from that company's attributes

	People *Mentioned // what is read of the people of a company; nil if they are not asked about
}

// MentionedEvent is an event type that a rule reads, with the properties that it
// reads of it. The members of lists of objects are not told apart from the list.
type MentionedEvent struct {
	Type       string
	Properties []string // dotted
}

// Mentions lists what a rule reads: what can change its verdict, apart from time.
func Mentions(n rule.Node) Mentioned {
	m := newMentions()
	m.node(n, m.attributes)
	return m.found()
}

func newMentions() *mentions {
	return &mentions{events: map[string]names{}, attributes: names{}, company: names{}, segments: names{}, scores: names{}}
}

func (m *mentions) found() Mentioned {
	found := Mentioned{
		Attributes: m.attributes.sorted(), Company: m.company.sorted(), Segments: m.segments.sorted(), Scores: m.scores.sorted(),
		Consents: catalog.SortConsents(m.consents), Ranks: m.ranks, Distances: m.distances, Joins: m.role,
	}
	if m.people != nil {
		people := m.people.found()
		found.People = &people
		found.Segments = slices.Compact(slices.Sorted(slices.Values(slices.Concat(found.Segments, people.Segments))))
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
	ranks, distances, role                bool
	people                                *mentions
	staff                                 bool // the customer is one of a company's people
	inside                                int  // how many events and lists deep the walk stands
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
		m.within(n.Rule, names{}) // the members belong to the list
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
		m.within(f.Rule, properties)
	}
}

func (m *mentions) within(n rule.Node, plain names) {
	m.inside++
	m.node(n, plain)
	m.inside--
}

func (m *mentions) value(v rule.Value, plain names) {
	switch v := v.(type) {
	case *rule.Path:
		m.path(v, plain)
	case *rule.Aggregate:
		if v.IsPeople() {
			m.ofPeople(v)
			return
		}
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

// ofPeople notes what an aggregate over people reads of them.
func (m *mentions) ofPeople(a *rule.Aggregate) {
	if m.people == nil {
		m.people = newMentions()
		m.people.staff = true
	}
	p := m.people
	if of := a.Of(); of != nil {
		p.path(of, p.attributes)
	}
	if a.Filter.Rule != nil {
		p.node(a.Filter.Rule, p.attributes)
	}
}

// path notes a path as catalog.Scope resolves it.
func (m *mentions) path(p *rule.Path, plain names) {
	scope := catalog.Scope{Catalog: &catalog.Catalog{}, Inside: m.inside > 0, Staff: m.staff}
	switch ref, _ := scope.Resolve(p.Names); {
	case ref.Base == catalog.OfRole: // where none is told it is the person's attribute, or the company's where that has one
		m.role = true
		m.attributes[catalog.Role] = true
		if len(p.Names) > 1 {
			m.company[catalog.Role] = true
		}
	case ref.Base == catalog.OfCompany:
		m.company[ref.Path] = true
	case ref.Base == catalog.OfCustomer:
		m.attributes[ref.Path] = true
	default:
		plain[strings.Join(p.Names, ".")] = true
	}
}
