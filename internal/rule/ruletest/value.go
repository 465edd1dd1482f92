package ruletest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

// bareDates are the dates without a time.
var bareDates = slices.DeleteFunc(slices.Clone(Dates), func(d calendar.Date) bool { return d.HasTime })

// value makes up a value of a kind; Date and Time are one kind here.
func (g maker) value(s catalog.Scope, kind catalog.Kind, depth int) rule.Value {
	kinds := []catalog.Kind{kind}
	if kind == catalog.Date || kind == catalog.Time {
		kinds = moments
	}
	forms := []func() rule.Value{
		func() rule.Value { return g.path(s, kinds) },
		func() rule.Value { return g.aggregate(kinds, depth) },
		func() rule.Value { return g.path(s, kinds) },
		func() rule.Value { return g.aggregate(kinds, depth) },
		func() rule.Value { return g.function(s, kind) },
		func() rule.Value { return g.path(s, kinds) },
	}
	for range 3 {
		if v := pick(g, forms)(); v != nil {
			return v
		}
	}
	return g.literal(kind)
}

func (g maker) path(s catalog.Scope, kinds []catalog.Kind) rule.Value {
	found := fields(s, kinds...)
	if len(found) == 0 {
		return nil
	}
	return pick(g, found).path
}

// function makes up a function of a path or name, or a literal.
func (g maker) function(s catalog.Scope, kind catalog.Kind) rule.Value {
	if kind != catalog.Number {
		if !g.once(4) {
			return nil
		}
		return g.literal(kind)
	}
	births, places := fields(s, moments...), fields(s, texts...)
	switch form := g.number(4); {
	case form == 0 && len(births) > 0:
		return &rule.Age{Path: pick(g, births).path}
	case form == 1 && len(g.schema.Scores) > 0:
		return &rule.Score{Name: rule.Name{Text: pick(g, g.schema.Scores)}}
	case form == 2 && len(places) > 0:
		return &rule.Distance{Path: pick(g, places).path, To: &rule.Literal{Text: pick(g, Postcodes)}}
	}
	return g.literal(kind)
}

// aggregate makes up an aggregate whose value is of one of some kinds.
func (g maker) aggregate(kinds []catalog.Kind, depth int) rule.Value {
	functions := []rule.Func{rule.First, rule.Last} // of a property, whatever its kind
	switch kinds[0] {
	case catalog.Number:
		functions = []rule.Func{rule.Count, rule.Sum, rule.Avg, rule.Min, rule.Max, rule.Distinct, rule.First, rule.Last}
	case catalog.Date:
		functions = []rule.Func{rule.First, rule.Last, rule.Min, rule.Max}
	}
	fn := pick(g, functions)
	ofEvents := fn == rule.Count || kinds[0] == catalog.Date && (fn == rule.First || fn == rule.Last)
	switch {
	case ofEvents && !g.once(4):
		return g.aggregateOf(fn, events(g.schema), false, depth)
	case fn == rule.Count:
		kinds = nil // any
	case fn == rule.Distinct:
		kinds = slices.Concat(texts, numbers, moments)
	}
	return g.aggregateOf(fn, withProperties(events(g.schema, kinds...)), true, depth)
}

func withProperties(list []event) []event {
	return slices.DeleteFunc(list, func(e event) bool { return len(e.properties) == 0 })
}

func (g maker) aggregateOf(fn rule.Func, candidates []event, property bool, depth int) rule.Value {
	if len(candidates) == 0 {
		return nil
	}
	e := pick(g, candidates)
	n := &rule.Aggregate{Func: fn, Filter: g.filter(e, depth)}
	if property {
		n.Property = pick(g, e.properties).path
	}
	return n
}

// filter makes up a window and a condition for an event.
func (g maker) filter(e event, depth int) *rule.Filter {
	f := &rule.Filter{Event: rule.Name{Text: e.name}}
	if g.once(2) {
		f.Window = g.window()
	}
	if depth > 0 && g.once(3) {
		s := catalog.Scope{Catalog: g.schema}.Within(g.schema.Events[e.name])
		f.Rule = g.rule(s, depth-1)
	}
	return f
}

// window makes up a window of events.
func (g maker) window() *rule.Window {
	if g.once(6) {
		w := &rule.Window{Kind: rule.BetweenDates}
		w.From, w.To = g.bounds(catalog.Date)
		return w
	}
	return g.period()
}

// period makes up a window that moments have as well.
func (g maker) period() *rule.Window {
	kinds := []rule.WindowKind{rule.InLast, rule.InLast, rule.InLast, rule.Today, rule.Yesterday, rule.InThis, rule.InPrevious, rule.Since, rule.Before}
	w := &rule.Window{Kind: pick(g, kinds)}
	switch w.Kind {
	case rule.InLast:
		w.Duration = pick(g, Durations)
	case rule.InThis, rule.InPrevious:
		w.Unit = pick(g, []calendar.Unit{calendar.Week, calendar.Month, calendar.Quarter, calendar.Year})
	case rule.Since, rule.Before:
		w.From = g.literal(catalog.Date)
	}
	return w
}

// bounds makes up a lower and an upper bound; only now and then nothing lies between them.
func (g maker) bounds(kind catalog.Kind) (low, high *rule.Literal) {
	low, high = g.literal(kind), g.literal(kind)
	if before(high, low) && !g.once(8) {
		return high, low
	}
	return low, high
}

// before compares two literals of one kind, dates by their day and time of day alone.
func before(a, b *rule.Literal) bool {
	if a.Kind == rule.TextLiteral {
		return strings.ToLower(a.Text) < strings.ToLower(b.Text)
	}
	return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Date.Year, b.Date.Year), cmp.Compare(a.Date.Month, b.Date.Month),
		cmp.Compare(a.Date.Day, b.Date.Day), cmp.Compare(a.Date.Milli, b.Date.Milli)) < 0
}

// literal makes up a literal of a kind.
func (g maker) literal(kind catalog.Kind) *rule.Literal {
	switch kind {
	case catalog.Text:
		return &rule.Literal{Text: pick(g, Texts)}
	case catalog.Number:
		return &rule.Literal{Kind: rule.NumberLiteral, Number: pick(g, Numbers)}
	case catalog.Boolean:
		return &rule.Literal{Kind: rule.BoolLiteral, Bool: g.once(2)}
	}
	return &rule.Literal{Kind: rule.DateLiteral, Date: pick(g, Dates)}
}
