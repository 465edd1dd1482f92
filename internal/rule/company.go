package rule

import (
	"github.com/kohorte/kohorte/internal/number"
)

// IsPeople tells whether an aggregate is one over the people of a company:
// count(company.people where …), sum(company.people.seats). Of gives what is
// aggregated of each person; nil of people as such.
func (a *Aggregate) IsPeople() bool {
	return a.Filter.Event.Text == company && a.Property != nil && a.Property.Names[0] == people
}

// Of gives the path of what an aggregate over people aggregates of each person; nil of people as such.
func (a *Aggregate) Of() *Path {
	if len(a.Property.Names) < 2 {
		return nil
	}
	return &Path{Span: a.Property.Span, Names: a.Property.Names[1:]}
}

const company, customer, people = "company", "customer", "people"

// ForCompanies gives a rule about companies the form in which everything is said in
// full, which is evaluated: plain paths and customer.x are attributes of the company,
// company.x; any, every and no company.people count them. What is asked of people
// stays as it is, since there the customer is the person.
func ForCompanies(n Node) Node { return full{}.node(n) }

// full rewrites the parts of a rule; inside an event or object, plain paths stay.
type full struct{ inside bool }

func (f full) nodes(parts []Node) []Node {
	made := make([]Node, len(parts))
	for i, n := range parts {
		made[i] = f.node(n)
	}
	return made
}

func (f full) node(n Node) Node {
	switch n := n.(type) {
	case *And:
		return &And{n.Span, f.nodes(n.Parts)}
	case *Or:
		return &Or{n.Span, f.nodes(n.Parts)}
	case *Not:
		return &Not{n.Span, f.node(n.Part)}
	case *Compare:
		return &Compare{n.Span, f.value(n.Left), n.Op, f.value(n.Right)}
	case *Quantified:
		return f.quantified(n)
	case *Sequence:
		return &Sequence{n.Span, f.filter(n.First), n.No, f.filter(n.Second), n.Within}
	case *IsTrue:
		return &IsTrue{n.Span, f.path(n.Path)}
	}
	return f.test(n)
}

// test rewrites a condition on one value.
func (f full) test(n Node) Node {
	switch n := n.(type) {
	case *In:
		made := *n
		made.Value = f.value(n.Value)
		return &made
	case *Between:
		made := *n
		made.Value = f.value(n.Value)
		return &made
	case *Match:
		made := *n
		made.Value = f.value(n.Value)
		return &made
	case *Known:
		made := *n
		made.Value = f.value(n.Value)
		return &made
	case *Moment:
		made := *n
		made.Value = f.value(n.Value)
		return &made
	case *Anniversary:
		made := *n
		made.Value = f.value(n.Value)
		return &made
	case *Top:
		made := *n
		made.By = f.value(n.By)
		return &made
	}
	return n // segments and consents
}

func (f full) value(v Value) Value {
	switch v := v.(type) {
	case *Path:
		return f.path(v)
	case *Aggregate:
		if v.IsPeople() {
			return v
		}
		return &Aggregate{v.Span, v.Func, f.filter(v.Filter), v.Property}
	case *Age:
		return &Age{v.Span, f.path(v.Path)}
	case *Distance:
		return &Distance{v.Span, f.path(v.Path), v.To}
	}
	return v
}

func (f full) path(p *Path) *Path {
	switch {
	case len(p.Names) > 1 && p.Names[0] == company:
		return p
	case len(p.Names) > 1 && p.Names[0] == customer:
		return &Path{p.Span, append([]string{company}, p.Names[1:]...)}
	case f.inside:
		return p
	}
	return &Path{p.Span, append([]string{company}, p.Names...)}
}

func (f full) filter(of *Filter) *Filter {
	made := *of
	if of.Rule != nil {
		made.Rule = full{inside: true}.node(of.Rule)
	}
	return &made
}

func (f full) quantified(n *Quantified) Node {
	if len(n.List.Names) != 2 || n.List.Names[0] != company || n.List.Names[1] != people {
		return &Quantified{n.Span, n.Quantifier, f.path(n.List), full{inside: true}.node(n.Rule)}
	}
	counted := n.Rule
	if n.Quantifier == Every {
		counted = &Not{n.Rule.Where(), n.Rule}
	}
	left := &Aggregate{n.Span, Count, &Filter{Span: n.Span, Event: Name{n.List.Span, company}, Rule: counted}, &Path{n.List.Span, []string{people}}}
	if n.Quantifier == Any {
		return &Compare{n.Span, left, GreaterEqual, &Literal{Span: n.Span, Kind: NumberLiteral, Number: number.FromInt(1)}}
	}
	return &Compare{n.Span, left, Equal, &Literal{Span: n.Span, Kind: NumberLiteral}}
}
