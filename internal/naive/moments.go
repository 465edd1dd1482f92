package naive

import (
	"slices"
	"strings"
)

// momentsOf gives every time that is known of a customer in what a rule
// mentions, whether or not it can matter to the rule.
func (w *World) momentsOf(c *Customer, p *Parts) []int64 {
	found := p.changes(nil, c.Attributes, "")
	if c.Firm != nil {
		found = p.changes(found, c.Attributes, "company.")
	}
	for _, j := range c.Companies {
		found = append(found, j.Time)
		found = p.changes(found, j.Company.Attributes, "company.")
		found = append(found, stays(j.Company.Memberships)...)
	}
	for _, e := range c.Events {
		if slices.Contains(p.Events, e.Type) {
			found = append(found, e.Time)
			found = p.times(found, e.Props)
		}
	}
	for _, consent := range c.Consents {
		found = append(found, consent.Time)
	}
	return append(found, stays(c.Memberships)...)
}

// stays gives the ends of stays.
func stays(list []Membership) (found []int64) {
	for _, stay := range list {
		found = append(found, stay.From)
		if stay.To != nil {
			found = append(found, *stay.To)
		}
	}
	return found
}

func (p *Parts) changes(found []int64, history []Change, prefix string) []int64 {
	for _, change := range history {
		if p.reads(prefix + change.Path) {
			found = append(found, change.Time)
			found = p.times(found, change.Value)
		}
	}
	return found
}

// times adds the times in a value, however deep.
func (p *Parts) times(found []int64, value any) []int64 {
	switch v := value.(type) {
	case int64:
		return append(found, v)
	case map[string]any:
		for path, member := range v {
			if p.reads(path) {
				found = p.times(found, member)
			}
		}
	case []map[string]any:
		for _, object := range v {
			found = p.times(found, object)
		}
	}
	return found
}

// reads tells whether a rule mentions a path, whatever it belongs to.
func (p *Parts) reads(path string) bool {
	return slices.ContainsFunc(p.Paths, func(read string) bool { return strings.TrimPrefix(read, "customer.") == path })
}
