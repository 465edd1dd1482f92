package naive

import (
	"cmp"
	"slices"

	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// Firm gives a company as a customer: with its own attributes, and with the events
// that its people had while they belonged to it.
func (w *World) Firm(c *Company) *Customer {
	firm := &Customer{ID: c.ID, Attributes: c.Attributes, Memberships: c.Memberships, Firm: c}
	for _, person := range w.Customers {
		for _, e := range person.Events {
			if join := person.belongs(e.Time); join != nil && join.Company == c {
				firm.Events = append(firm.Events, e)
			}
		}
	}
	slices.SortStableFunc(firm.Events, func(a, b Event) int { return int(a.Seq - b.Seq) })
	return firm
}

// Firms gives all companies as customers.
func (w *World) Firms() (firms []*Customer) {
	all := slices.Clone(w.Companies)
	for _, person := range w.Customers {
		for _, join := range person.Companies {
			if !slices.Contains(all, join.Company) {
				all = append(all, join.Company)
			}
		}
	}
	for _, c := range all {
		firms = append(firms, w.Firm(c))
	}
	return firms
}

// peers gives those among whom the customer is ranked.
func (m moment) peers() []*Customer {
	if m.customer.Firm == nil {
		return m.Customers
	}
	return m.Firms()
}

// people gives those who belong to the company now and of whom a rule is true, each
// as the customer of a moment.
func (m moment) people(n rule.Node) (found []moment) {
	for _, person := range m.Customers {
		if join := person.belongs(m.now); join == nil || join.Company != m.customer.Firm {
			continue
		}
		one := moment{World: m.World, customer: person, now: m.now, staff: true}
		if n == nil || one.holds(n) {
			found = append(found, one)
		}
	}
	return found
}

// ofPeople aggregates over the people of the company.
func (m moment) ofPeople(a *rule.Aggregate) any {
	found := m.people(a.Filter.Rule)
	if len(a.Property.Names) == 1 {
		return number.FromInt(int64(len(found)))
	}
	var values []any
	for _, person := range found {
		if v := person.path(&rule.Path{Names: a.Property.Names[1:]}); v != nil {
			values = append(values, v)
		}
	}
	return ofValues(a.Func, values)
}

func (m moment) quantifiedPeople(n *rule.Quantified) bool {
	all, matching := len(m.people(nil)), len(m.people(n.Rule))
	switch n.Quantifier {
	case rule.Any:
		return matching > 0
	case rule.Every:
		return matching == all
	}
	return matching == 0
}

// memberships gives the stays that count for a segment: of one of companies those of the
// company to which the customer belongs now.
func (m moment) memberships(segment string) []Membership {
	if m.customer.Firm != nil || !slices.Contains(m.Catalog.Firms, segment) {
		return m.customer.Memberships
	}
	if join := m.customer.belongs(m.now); join != nil {
		return join.Company.Memberships
	}
	return nil
}

// role is that in which the person belongs to the company now; where none was told,
// the person's attribute of that name.
func (m moment) role() any {
	if join := m.customer.belongs(m.now); join != nil {
		if told := m.customer.toldRole(join); told != "" {
			return told
		}
	}
	if role, ok := m.attribute(m.customer.Attributes, "role").(string); ok {
		return role
	}
	return nil
}

// toldRole is the role of a join, or the one that was told before for the same company.
func (c *Customer) toldRole(of *Join) string {
	var joins []*Join
	for i := range c.Companies {
		joins = append(joins, &c.Companies[i])
	}
	slices.SortStableFunc(joins, func(a, b *Join) int { return cmp.Compare(a.Time, b.Time) })
	for i := slices.Index(joins, of); i >= 0 && joins[i].Company == of.Company; i-- {
		if joins[i].Role != "" {
			return joins[i].Role
		}
	}
	return ""
}
