package gen

import (
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
)

// Rule draws rules over a catalogue: any rules, and in between single
// comparisons over an aggregate or an age whose bound is likely to be met, which
// are too rare among all rules to be tried well.
func Rule(known *catalog.Catalog) *rapid.Generator[rule.Node] {
	all, ages := ruletest.Rule(known), paths(known.Attributes, catalog.Date, catalog.Time)
	return rapid.Custom(func(t *rapid.T) rule.Node {
		switch form := rapid.IntRange(0, 7).Draw(t, "form"); {
		case form == 7 && len(ages) > 0:
			path := rapid.SampledFrom(ages).Draw(t, "age of")
			return compare(t, &rule.Age{Path: path}, count(t, 30))
		case form >= 5 && len(known.Events) > 0:
			return aggregate(t, known)
		}
		return all.Draw(t, "rule")
	})
}

// aggregate draws a condition on one function of the events of one type.
func aggregate(t *rapid.T, known *catalog.Catalog) rule.Node {
	event := rapid.SampledFrom(slices.Sorted(maps.Keys(known.Events))).Draw(t, "event")
	choice := rapid.SampledFrom(choices(known.Events[event])).Draw(t, "function")
	a := &rule.Aggregate{Func: choice.function, Property: choice.property}
	a.Filter = &rule.Filter{Event: rule.Name{Text: event}, Window: window(t)}
	switch choice.gives {
	case catalog.Text:
		return compare(t, a, &rule.Literal{Text: rapid.SampledFrom(ruletest.Texts).Draw(t, "text")})
	case catalog.Time:
		return &rule.Moment{Value: a, Test: rapid.SampledFrom([]rule.MomentTest{rule.OlderThan, rule.InNext}).Draw(t, "test"), Duration: duration(t)}
	}
	if a.Func == rule.Count || a.Func == rule.Distinct {
		return compare(t, a, count(t, 4))
	}
	n := rapid.SampledFrom(ruletest.Numbers).Draw(t, "number")
	return compare(t, a, &rule.Literal{Kind: rule.NumberLiteral, Number: n})
}

// choice is a function of events or of one of their properties, and the kind of value it gives.
type choice struct {
	function rule.Func
	property *rule.Path
	gives    catalog.Kind
}

func choices(properties catalog.Fields) []choice {
	all := []choice{{rule.Count, nil, catalog.Number}, {rule.First, nil, catalog.Time}, {rule.Last, nil, catalog.Time}}
	add := func(gives catalog.Kind, kinds []catalog.Kind, functions ...rule.Func) {
		for _, property := range paths(properties, kinds...) {
			for _, f := range functions {
				all = append(all, choice{f, property, gives})
			}
		}
	}
	times := []catalog.Kind{catalog.Date, catalog.Time}
	add(catalog.Number, nil, rule.Count)
	add(catalog.Number, append(times, catalog.Text, catalog.Number), rule.Distinct)
	add(catalog.Number, []catalog.Kind{catalog.Number}, rule.Sum, rule.Avg, rule.Min, rule.Max, rule.First, rule.Last)
	add(catalog.Time, times, rule.Min, rule.Max, rule.First, rule.Last)
	add(catalog.Text, []catalog.Kind{catalog.Text}, rule.First, rule.Last)
	return all
}

func compare(t *rapid.T, left rule.Value, right *rule.Literal) rule.Node {
	ops := []rule.Op{rule.Equal, rule.NotEqual, rule.Less, rule.LessEqual, rule.Greater, rule.GreaterEqual}
	return &rule.Compare{Left: left, Op: rapid.SampledFrom(ops).Draw(t, "op"), Right: right}
}

func count(t *rapid.T, most int64) *rule.Literal {
	return &rule.Literal{Kind: rule.NumberLiteral, Number: number.FromInt(rapid.Int64Range(0, most).Draw(t, "bound"))}
}

func duration(t *rapid.T) calendar.Duration {
	return rapid.SampledFrom(ruletest.Durations).Draw(t, "duration")
}

func window(t *rapid.T) *rule.Window {
	switch rapid.IntRange(0, 3).Draw(t, "window") {
	case 1:
		return &rule.Window{Kind: rule.InLast, Duration: duration(t)}
	case 2:
		unit := rapid.SampledFrom([]calendar.Unit{calendar.Week, calendar.Month, calendar.Quarter, calendar.Year}).Draw(t, "unit")
		return &rule.Window{Kind: rapid.SampledFrom([]rule.WindowKind{rule.InThis, rule.InPrevious}).Draw(t, "which"), Unit: unit}
	case 3:
		return &rule.Window{Kind: rapid.SampledFrom([]rule.WindowKind{rule.Today, rule.Yesterday}).Draw(t, "day")}
	}
	return nil
}

// paths gives the fields of some kinds, without kinds all, in order.
func paths(fields catalog.Fields, kinds ...catalog.Kind) []*rule.Path {
	var found []*rule.Path
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if len(kinds) == 0 || slices.Contains(kinds, fields[name].Kind) {
			found = append(found, &rule.Path{Names: strings.Split(name, ".")})
		}
	}
	return found
}
