package check

import (
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/language"
	"github.com/kohorte/kohorte/internal/rule"
)

// ofPeople checks an aggregate over the people of a company: what is asked of each
// of them is a rule about a person, who has a role.
func (c *checker) ofPeople(a *rule.Aggregate, at place) catalog.Kind {
	span := rule.Span{Start: a.Filter.Event.Start, End: a.Property.End}
	of := a.Of()
	switch {
	case !at.firm:
		c.wrong(span, "", "only a rule whose members are companies can ask about company.people")
	case a.Func == rule.First || a.Func == rule.Last:
		c.wrong(span, "", "people have no order in which one is %s", a.Func)
	case a.Filter.Window != nil:
		c.wrong(a.Filter.Window.Span, "", "company.people are those who belong to the company now; they take no window")
	case of == nil && a.Func != rule.Count:
		c.wrong(a.Span, "", "%q needs an attribute of the people, for example %s(company.people.…)", a.Func.String(), a.Func)
	}
	person := place{Scope: catalog.Scope{Catalog: c.catalog, Staff: true}, staff: true}
	if a.Filter.Rule != nil {
		c.node(a.Filter.Rule, person)
	}
	if of == nil {
		return catalog.Number
	}
	kind := c.path(of, person, "").Kind
	if declared := language.Find(a.Func.String()); !declared.Accepts(kind) {
		c.wrong(span, "", "%q needs %s, but %s is %s", a.Func.String(), declared.Needs(), rule.PrintValue(of), language.AKind(kind))
	}
	return aggregateKind(a, func() catalog.Kind { return kind })
}
