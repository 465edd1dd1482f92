package ruletest

import (
	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// Rule makes up rules that are well-typed for a catalogue. Each kind of
// condition, value and window comes up for which the catalogue has names; `top`
// only outside of `where`, `any`, `every` and `no`, where it has a meaning.
func Rule(schema *catalog.Catalog) *rapid.Generator[rule.Node] {
	return rapid.Custom(func(t *rapid.T) rule.Node {
		g := maker{t, schema}
		return g.rule(catalog.Scope{Catalog: schema}, 3)
	})
}

// maker makes up parts of a rule. Its depth arguments say how much deeper a part may grow.
type maker struct {
	t      *rapid.T
	schema *catalog.Catalog
}

// number draws a number from 0 up to, not including, n.
func (g maker) number(n int) int { return rapid.IntRange(0, n-1).Draw(g.t, "choice") }

// once tells in one of n cases yes; no is the simpler answer.
func (g maker) once(n int) bool { return g.number(n) == n-1 }

func pick[T any](g maker, list []T) T { return list[g.number(len(list))] }

// The kinds of conditions that join others.
const (
	single = iota
	conjunction
	disjunction
	negation
)

func (g maker) rule(s catalog.Scope, depth int) rule.Node { return g.joined(s, depth, -1) }

// joined makes up a condition that is not of the kind given, for an `and` does not directly contain an `and`.
func (g maker) joined(s catalog.Scope, depth, not int) rule.Node {
	kind := single
	if depth > 0 {
		kind = pick(g, []int{single, single, single, single, negation, conjunction, disjunction})
	}
	if kind == not {
		kind = single
	}
	switch kind {
	case conjunction:
		return &rule.And{Parts: g.parts(s, depth, kind)}
	case disjunction:
		return &rule.Or{Parts: g.parts(s, depth, kind)}
	case negation:
		return &rule.Not{Part: g.rule(s, depth-1)}
	}
	return g.condition(s, depth)
}

func (g maker) parts(s catalog.Scope, depth, kind int) []rule.Node {
	parts := []rule.Node{g.joined(s, depth-1, kind), g.joined(s, depth-1, kind)}
	for g.once(3) && len(parts) < 5 {
		parts = append(parts, g.joined(s, depth-1, kind))
	}
	return parts
}

// condition makes up a single condition; of those whose names the catalogue lacks it makes none.
func (g maker) condition(s catalog.Scope, depth int) rule.Node {
	forms := []func(catalog.Scope, int) rule.Node{
		g.compare, g.isTrue, g.known, g.in, g.between, g.match, g.moment, g.anniversary, g.inSegment, g.crossed,
		g.sequence, g.quantified, g.consent, g.top,
		g.compare, g.moment, g.compare, g.moment, g.sequence, g.quantified, // the richest ones more often
	}
	if n := pick(g, forms)(s, depth); n != nil {
		return n
	}
	return g.compare(s, depth)
}

func (g maker) compare(s catalog.Scope, depth int) rule.Node {
	kind := pick(g, []catalog.Kind{catalog.Number, catalog.Text, catalog.Time, catalog.Boolean, catalog.Number})
	ops := []rule.Op{rule.Equal, rule.NotEqual, rule.Less, rule.LessEqual, rule.Greater, rule.GreaterEqual}
	if kind == catalog.Boolean {
		ops = ops[:2]
	}
	n := &rule.Compare{Left: g.value(s, kind, depth), Op: pick(g, ops), Right: g.literal(kind)}
	if g.once(5) {
		n.Right = g.value(s, kind, depth)
	}
	return n
}

func (g maker) isTrue(s catalog.Scope, _ int) rule.Node {
	found := fields(s, catalog.Boolean)
	if len(found) == 0 {
		return nil
	}
	return &rule.IsTrue{Path: pick(g, found).path}
}

func (g maker) known(s catalog.Scope, depth int) rule.Node {
	n := &rule.Known{Unknown: g.once(2)}
	if found := fields(s); len(found) > 0 && !g.once(3) {
		n.Value = pick(g, found).path
		return n
	}
	n.Value = g.value(s, pick(g, scalars), depth)
	return n
}

func (g maker) in(s catalog.Scope, depth int) rule.Node {
	kind := pick(g, scalars)
	n := &rule.In{Value: g.value(s, kind, depth), Negated: g.once(2), List: []*rule.Literal{g.literal(kind)}}
	for g.once(2) && len(n.List) < 6 {
		n.List = append(n.List, g.literal(kind))
	}
	return n
}

func (g maker) between(s catalog.Scope, depth int) rule.Node {
	kind := pick(g, []catalog.Kind{catalog.Number, catalog.Text, catalog.Time})
	n := &rule.Between{Value: g.value(s, kind, depth), Negated: g.once(2)}
	n.Low, n.High = g.bounds(kind)
	return n
}

func (g maker) match(s catalog.Scope, depth int) rule.Node {
	n := &rule.Match{Negated: g.once(2), Text: g.literal(catalog.Text)}
	if lists := fields(s, catalog.TextList); len(lists) > 0 && g.once(3) {
		n.Value = pick(g, lists).path // of which only `contains` asks
		return n
	}
	n.Value = g.value(s, catalog.Text, depth)
	n.How = pick(g, []rule.Matching{rule.Contains, rule.StartsWith, rule.EndsWith, rule.Matches})
	if n.How == rule.Matches {
		n.Text = &rule.Literal{Text: pick(g, Patterns)}
	}
	return n
}

func (g maker) moment(s catalog.Scope, depth int) rule.Node {
	n := &rule.Moment{Value: g.value(s, catalog.Time, depth)}
	n.Test = pick(g, []rule.MomentTest{rule.OlderThan, rule.InNext, rule.After, rule.On, rule.InPeriod, rule.InPeriod})
	switch n.Test {
	case rule.OlderThan, rule.InNext:
		n.Duration = pick(g, Durations)
	case rule.After:
		n.Date = g.literal(catalog.Time)
	case rule.On:
		n.Date = &rule.Literal{Kind: rule.DateLiteral, Date: pick(g, bareDates)}
	case rule.InPeriod:
		n.Window = g.period()
	}
	return n
}

func (g maker) anniversary(s catalog.Scope, depth int) rule.Node {
	n := &rule.Anniversary{Value: g.value(s, catalog.Time, depth)}
	if !g.once(3) {
		d := pick(g, Durations)
		n.InNext = &d
	}
	return n
}

func (g maker) inSegment(catalog.Scope, int) rule.Node {
	if len(g.schema.Segments) == 0 {
		return nil
	}
	n := &rule.InSegment{Segment: g.segment()}
	if g.once(2) {
		d := pick(g, Durations)
		n.For = &d
	}
	return n
}

func (g maker) segment() rule.Name { return rule.Name{Text: pick(g, g.schema.Segments)} }

func (g maker) crossed(catalog.Scope, int) rule.Node {
	if len(g.schema.Segments) == 0 {
		return nil
	}
	return &rule.Crossed{Left: g.once(2), Segment: g.segment(), Window: g.window()}
}

func (g maker) sequence(_ catalog.Scope, depth int) rule.Node {
	found := events(g.schema)
	if len(found) == 0 {
		return nil
	}
	return &rule.Sequence{
		First: g.filter(pick(g, found), depth), No: g.once(2),
		Second: g.filter(pick(g, found), depth), Within: pick(g, Durations),
	}
}

func (g maker) quantified(s catalog.Scope, depth int) rule.Node {
	found := fields(s, catalog.ObjectList)
	if len(found) == 0 {
		return nil
	}
	list := pick(g, found)
	quantifier := pick(g, []rule.Quantifier{rule.Any, rule.Every, rule.No})
	return &rule.Quantified{Quantifier: quantifier, List: list.path, Rule: g.rule(s.Within(list.typ.Fields), depth-1)}
}

func (g maker) consent(catalog.Scope, int) rule.Node {
	if len(g.schema.Consents) == 0 {
		return nil
	}
	c := pick(g, g.schema.Consents)
	return &rule.Consent{Channel: rule.Name{Text: c.Channel}, Purpose: rule.Name{Text: c.Purpose}}
}

func (g maker) top(s catalog.Scope, depth int) rule.Node {
	if s.Inside {
		return nil
	}
	percent := pick(g, []number.Number{number.FromInt(20), number.FromInt(1), number.FromInt(100), number.FromInt(50), 333_333, 1})
	return &rule.Top{Percent: percent, By: g.value(s, catalog.Number, depth)}
}
