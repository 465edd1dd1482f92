package scenario

import (
	"cmp"
	"slices"
)

// customer is somebody whom facts are about, in the run against the evaluator.
type customer struct {
	row    int    // in the block; customers come in the order in which they became known
	name   string // as the live engine names customers
	user   bool
	into   *customer // who the customer turned out to be; nil for nobody else
	united bool      // others were merged into the customer
}

// people finds out who is who, as the store does but for the least that scenarios need.
type people struct {
	all  []*customer
	byID map[person]*customer
}

// anonymous is the namespace by which visitors are known.
const anonymous = "anonymous"

// alive gives the customers who were not merged into others.
func (p *people) alive() (list []*customer) {
	for _, c := range p.all {
		if c.into == nil {
			list = append(list, c)
		}
	}
	return list
}

// find finds or makes the customer of a person.
func (p *people) find(who person) *customer {
	if c := p.known(who); c != nil {
		return c
	}
	c := &customer{row: len(p.all), name: who.name, user: !who.visitor}
	if who.visitor {
		c.name = anonymous + ":" + who.name
	}
	p.all = append(p.all, c)
	p.byID[who] = c
	return c
}

// known gives the customer of a person, after merges; nil if there is none.
func (p *people) known(who person) *customer {
	c := p.byID[who]
	for c != nil && c.into != nil {
		c = c.into
	}
	return c
}

// identify notes that a visitor turned out to be somebody. If both were known, one
// is merged into the other: that one is given with the one who remains.
func (p *people) identify(visitor, other person) (remains, gone *customer) {
	v, o := p.known(visitor), p.known(other)
	switch {
	case v == nil && o == nil:
		p.byID[visitor] = p.find(other)
	case v == nil:
		p.byID[visitor] = o
	case o == nil && other.visitor:
		p.byID[other] = v
	case o == nil:
		p.byID[other] = v
		v.name, v.user = other.name, true
	case v == o:
	case v.user:
		return p.merge(v, o)
	default:
		return p.merge(o, v)
	}
	return nil, nil
}

func (p *people) merge(remains, gone *customer) (*customer, *customer) {
	gone.into, remains.united = remains, true
	return remains, gone
}

// stay is a stay in a segment: from, and to or calendar.Never.
type stay struct{ from, to int64 }

// unite puts the stays of customers who turned out to be one together: those that
// overlap or touch are one.
func unite(stays []stay) []stay {
	slices.SortFunc(stays, func(a, b stay) int { return cmp.Compare(a.from, b.from) })
	var made []stay
	for _, s := range stays {
		if last := len(made) - 1; last >= 0 && s.from <= made[last].to {
			made[last].to = max(made[last].to, s.to)
			continue
		}
		made = append(made, s)
	}
	return made
}
