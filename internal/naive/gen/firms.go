package gen

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
)

// FirmRule draws rules about companies: any rules over their attributes and events,
// and in between such that ask about their people.
func FirmRule(known *catalog.Catalog) *rapid.Generator[rule.Node] {
	firms := *known
	firms.Attributes, firms.Consents = known.Company, nil
	own, persons := ruletest.Rule(&firms), ruletest.Rule(withRole(known))
	return rapid.Custom(func(t *rapid.T) rule.Node {
		switch rapid.IntRange(0, 5).Draw(t, "about") {
		case 0:
			return own.Draw(t, "own")
		case 1:
			return &rule.And{Parts: []rule.Node{&rule.Not{Part: own.Filter(isNoAnd).Draw(t, "own")}, people(t, known, persons)}}
		case 2:
			return &rule.Or{Parts: []rule.Node{own.Filter(isNoOr).Draw(t, "own"), people(t, known, persons)}}
		}
		return people(t, known, persons)
	})
}

func isNoAnd(n rule.Node) bool { _, and := n.(*rule.And); return !and }
func isNoOr(n rule.Node) bool  { _, or := n.(*rule.Or); return !or }

// withRole adds the role that people have to the attributes of persons.
func withRole(known *catalog.Catalog) *catalog.Catalog {
	made := *known
	made.Attributes = maps.Clone(known.Attributes)
	made.Attributes[catalog.Role] = catalog.Type{Kind: catalog.Text}
	return &made
}

// ofOne tells whether a rule can be asked of the people of one company: it does not
// compare them with each other, and reads no attribute that is only a role.
func ofOne(n rule.Node, known *catalog.Catalog) bool {
	parts := naive.PartsOf(n)
	_, own := known.Attributes[catalog.Role]
	return !parts.Ranks && (own || !slices.Contains(parts.Paths, "customer.role"))
}

// people draws a condition on the people of a company.
func people(t *rapid.T, known *catalog.Catalog, persons *rapid.Generator[rule.Node]) rule.Node {
	var where rule.Node
	switch rapid.IntRange(0, 3).Draw(t, "where") {
	case 0:
	case 1:
		where = &rule.Compare{Left: path("role"), Right: &rule.Literal{Text: "decision_maker"}}
	default:
		where = persons.Filter(func(n rule.Node) bool { return ofOne(n, known) }).Draw(t, "person")
	}
	if where != nil && rapid.IntRange(0, 3).Draw(t, "quantified") == 0 {
		quantifier := rapid.SampledFrom([]rule.Quantifier{rule.Any, rule.Every, rule.No}).Draw(t, "quantifier")
		return &rule.Quantified{Quantifier: quantifier, List: path("company", "people"), Rule: where}
	}
	a := &rule.Aggregate{Filter: &rule.Filter{Event: rule.Name{Text: "company"}, Rule: where}, Property: path("people")}
	numbers := paths(known.Attributes, catalog.Number)
	texts := paths(known.Attributes, catalog.Text, catalog.Number, catalog.Date)
	of := func(list []*rule.Path) *rule.Path {
		return path(append([]string{"people"}, rapid.SampledFrom(list).Draw(t, "of").Names...)...)
	}
	switch a.Func = rapid.SampledFrom([]rule.Func{rule.Count, rule.Count, rule.Sum, rule.Avg, rule.Min, rule.Max, rule.Distinct}).Draw(t, "function"); a.Func {
	case rule.Count:
		if rapid.IntRange(0, 3).Draw(t, "of something") == 0 {
			a.Property = of(texts)
		}
		return compare(t, a, count(t, 3))
	case rule.Distinct:
		a.Property = of(append(slices.Clone(texts), path("role")))
		return compare(t, a, count(t, 3))
	}
	a.Property = of(numbers)
	n := rapid.SampledFrom(ruletest.Numbers).Draw(t, "number")
	return compare(t, a, &rule.Literal{Kind: rule.NumberLiteral, Number: n})
}

func path(names ...string) *rule.Path { return &rule.Path{Names: names} }
