package ruletest

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

// TestCovers asks for every kind of condition, value, window, test and literal in 3,000 random rules.
func TestCovers(t *testing.T) {
	seen := make(map[string]int)
	note := func(format string, args ...any) { seen[fmt.Sprintf(format, args...)]++ }
	generator := Rule(Schema())
	for seed := range 3000 {
		rule.Walk(generator.Example(seed), func(n rule.Node) bool {
			noteNode(n, note)
			for _, v := range rule.Values(n) {
				noteValue(v, note)
			}
			for _, f := range rule.Filters(n) {
				if f.Window != nil {
					note("window %d", f.Window.Kind)
				}
				if f.Rule != nil {
					note("where in %T", n)
				}
			}
			return true
		})
	}
	for _, want := range everything() {
		if seen[want] < 3 {
			t.Errorf("%s came up %d times", want, seen[want])
		}
	}
}

func noteNode(n rule.Node, note func(string, ...any)) {
	note("%T", n)
	switch n := n.(type) {
	case *rule.Compare:
		note("%s", n.Op)
	case *rule.In:
		note("in negated %v", n.Negated)
	case *rule.Between:
		note("between negated %v", n.Negated)
	case *rule.Match:
		note("%s negated %v", n.How, n.Negated)
	case *rule.Known:
		note("unknown %v", n.Unknown)
	case *rule.Moment:
		note("moment %d", n.Test)
		if n.Window != nil {
			note("moment in window %d", n.Window.Kind)
		}
	case *rule.Anniversary:
		note("anniversary today %v", n.InNext == nil)
	case *rule.InSegment:
		note("in segment for %v", n.For != nil)
	case *rule.Crossed:
		note("left %v", n.Left)
		note("window %d", n.Window.Kind)
	case *rule.Sequence:
		note("sequence no %v", n.No)
	case *rule.Quantified:
		note("%s over %s", n.Quantifier, n.List.Names[0])
	}
}

func noteValue(v rule.Value, note func(string, ...any)) {
	note("%T", v)
	switch v := v.(type) {
	case *rule.Path:
		if len(v.Names) > 1 {
			note("path in %s", v.Names[0])
		}
	case *rule.Literal:
		note("literal %d", v.Kind)
	case *rule.Aggregate:
		note("%s with property %v", v.Func, v.Property != nil)
	}
}

func everything() []string {
	want := []string{
		"*rule.And", "*rule.Or", "*rule.Not", "*rule.Compare", "*rule.In", "*rule.Between", "*rule.Match", "*rule.Known",
		"*rule.Moment", "*rule.Anniversary", "*rule.InSegment", "*rule.Crossed", "*rule.Sequence", "*rule.Quantified",
		"*rule.Consent", "*rule.Top", "*rule.IsTrue",
		"*rule.Path", "*rule.Literal", "*rule.Aggregate", "*rule.Age", "*rule.Score", "*rule.Distance",
		"=", "!=", "<", "<=", ">", ">=", "in negated true", "in negated false", "between negated true", "between negated false",
		"unknown true", "unknown false", "anniversary today true", "anniversary today false", "in segment for true",
		"in segment for false", "left true", "left false", "sequence no true", "sequence no false",
		"any over subscriptions", "every over subscriptions", "no over subscriptions", "any over changes", "any over products",
		"any over customer", "path in customer", "path in company", "where in *rule.Sequence", "where in *rule.Compare",
		"count with property true", "count with property false", "sum with property true", "avg with property true",
		"min with property true", "max with property true", "distinct with property true", "first with property true",
		"first with property false", "last with property true", "last with property false",
		"literal 0", "literal 1", "literal 2", "literal 3",
	}
	for _, how := range []rule.Matching{rule.Contains, rule.StartsWith, rule.EndsWith, rule.Matches} {
		want = append(want, fmt.Sprintf("%s negated true", how), fmt.Sprintf("%s negated false", how))
	}
	for kind := rule.InLast; kind <= rule.BetweenDates; kind++ {
		want = append(want, fmt.Sprintf("window %d", kind))
		if kind != rule.BetweenDates {
			want = append(want, fmt.Sprintf("moment in window %d", kind))
		}
	}
	for test := rule.OlderThan; test <= rule.InPeriod; test++ {
		want = append(want, fmt.Sprintf("moment %d", test))
	}
	return want
}

// Paths name fields of the catalogue at their place; `top` stands outside only.
func TestRulesFitTheCatalogue(t *testing.T) {
	schema := Schema()
	generator := Rule(schema)
	rapid.Check(t, func(t *rapid.T) {
		checkPlace(t, generator.Draw(t, "rule"), catalog.Scope{Catalog: schema})
	})
}

func checkPlace(t *rapid.T, n rule.Node, s catalog.Scope) {
	rule.Walk(n, func(n rule.Node) bool {
		for _, v := range rule.Values(n) {
			if path, ok := v.(*rule.Path); ok {
				if _, known := s.Resolve(path.Names); !known {
					t.Fatalf("%s names no field at its place", rule.PrintValue(path))
				}
			}
		}
		filters := rule.Filters(n)
		for _, f := range filters {
			properties, known := s.Catalog.Events[f.Event.Text]
			if !known {
				t.Fatalf("%s is no event", f.Event.Text)
			}
			if f.Rule != nil {
				checkPlace(t, f.Rule, s.Within(properties))
			}
		}
		switch n := n.(type) {
		case *rule.Quantified:
			ref, known := s.Resolve(n.List.Names)
			if !known || ref.Type.Kind != catalog.ObjectList {
				t.Fatalf("%v is no list of objects", n.List.Names)
			}
			checkPlace(t, n.Rule, s.Within(ref.Type.Fields))
			return false
		case *rule.Top:
			if s.Inside {
				t.Fatal("a rank inside of an event")
			}
		}
		return len(filters) == 0
	})
}

// A catalogue that lacks nearly everything still gives rules, which use only what is there.
func TestPoorCatalogue(t *testing.T) {
	poor := &catalog.Catalog{Attributes: catalog.Fields{"plan": {Kind: catalog.Text}}}
	generator := Rule(poor)
	rapid.Check(t, func(t *rapid.T) {
		n := generator.Draw(t, "rule")
		checkPlace(t, n, catalog.Scope{Catalog: poor})
		if _, problems := rule.Parse(rule.Print(n)); len(problems) > 0 {
			t.Fatal(problems)
		}
	})
}

func TestPoolsAreUnique(t *testing.T) {
	for i, text := range Texts {
		if slices.Index(Texts, text) != i {
			t.Errorf("the text %q stands twice", text)
		}
	}
	for i, d := range Dates {
		if slices.Index(Dates, d) != i {
			t.Errorf("the date %s stands twice", d)
		}
	}
}
