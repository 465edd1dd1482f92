package advise

import (
	"math"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/fold"
	"github.com/kohorte/kohorte/internal/rule"
)

// valueRange is what a condition lets a value be. It lets through no unknown value.
type valueRange struct {
	value  string           // as it is written
	kind   rule.LiteralKind // of what it is compared with
	low    int64            // of numbers and dates; both ends included
	high   int64
	points []int64  // of an `in` with numbers or dates; nil for all from low to high
	texts  []string // of texts, folded
	least  int64    // what the value can be at all: a count is 0 or more
}

// rangeOf finds what a condition lets a value be; false if it is of another form.
func rangeOf(n rule.Node, zone *calendar.Zone) (valueRange, bool) {
	switch n := n.(type) {
	case *rule.Compare:
		return compared(n, zone)
	case *rule.Between:
		if n.Negated || n.Low.Kind != n.High.Kind {
			return valueRange{}, false
		}
		low, okLow := single(n.Value, n.Low, zone)
		high, okHigh := single(n.Value, n.High, zone)
		low.high = high.high
		return low, okLow && okHigh && low.texts == nil
	case *rule.In:
		return listed(n, zone)
	case *rule.Moment:
		return moment(n, zone)
	}
	return valueRange{}, false
}

func compared(n *rule.Compare, zone *calendar.Zone) (valueRange, bool) {
	value, op, literal := n.Left, n.Op, n.Right
	l, ok := literal.(*rule.Literal)
	if !ok || op == rule.NotEqual {
		return valueRange{}, false
	}
	r, ok := single(value, l, zone)
	if !ok || r.texts != nil && op != rule.Equal {
		return valueRange{}, false
	}
	if l.Kind == rule.DateLiteral {
		r.high = r.low // a comparison is with the beginning of the day
	}
	switch op {
	case rule.Less:
		r.low, r.high = math.MinInt64, r.low-1
	case rule.LessEqual:
		r.low = math.MinInt64
	case rule.Greater:
		r.low, r.high = r.high+1, math.MaxInt64
	case rule.GreaterEqual:
		r.high = math.MaxInt64
	}
	r.low = max(r.low, r.least)
	return r, true
}

// single makes the range of one literal.
func single(value rule.Value, l *rule.Literal, zone *calendar.Zone) (valueRange, bool) {
	if _, fixed := value.(*rule.Literal); fixed {
		return valueRange{}, false
	}
	r := valueRange{value: rule.PrintValue(value), kind: l.Kind, least: math.MinInt64}
	if a, ok := value.(*rule.Aggregate); ok && (a.Func == rule.Count || a.Func == rule.Distinct) {
		r.least = 0
	}
	switch l.Kind {
	case rule.NumberLiteral:
		r.low, r.high = int64(l.Number), int64(l.Number)
	case rule.DateLiteral:
		r.low = zone.Resolve(l.Date)
		r.high = endOf(l, zone)
	case rule.TextLiteral:
		r.texts = []string{fold.String(l.Text)}
	default:
		return valueRange{}, false
	}
	return r, true
}

// endOf gives the last instant of a date.
func endOf(l *rule.Literal, zone *calendar.Zone) calendar.Instant {
	t := zone.Resolve(l.Date)
	if l.Date.HasTime {
		return t
	}
	return zone.DayStart(t, 1) - 1
}

func listed(n *rule.In, zone *calendar.Zone) (valueRange, bool) {
	if n.Negated {
		return valueRange{}, false
	}
	var all valueRange
	for i, l := range n.List {
		r, ok := single(n.Value, l, zone)
		if !ok || l.Kind == rule.DateLiteral {
			return valueRange{}, false
		}
		if i == 0 {
			all = r
		}
		all.low, all.high = min(all.low, r.low), max(all.high, r.high)
		if r.texts == nil {
			all.points = append(all.points, r.low)
		} else if i > 0 {
			all.texts = append(all.texts, r.texts...)
		}
	}
	return all, true
}

// moment makes the range of tests that compare with a date.
func moment(n *rule.Moment, zone *calendar.Zone) (valueRange, bool) {
	l := n.Date
	if n.Test == rule.InPeriod && (n.Window.Kind == rule.Since || n.Window.Kind == rule.Before) {
		l = n.Window.From
	}
	if l == nil {
		return valueRange{}, false
	}
	r, ok := single(n.Value, l, zone)
	switch {
	case n.Test == rule.After:
		r.low, r.high = r.high+1, math.MaxInt64
	case n.Test == rule.On:
	case n.Window.Kind == rule.Since:
		r.high = math.MaxInt64
	default:
		r.low, r.high = math.MinInt64, r.low-1
	}
	return r, ok
}

// empty tells whether no value is let through.
func (r *valueRange) empty() bool { return r.texts == nil && r.low > r.high }

// whole tells whether every value there can be is let through.
func (r *valueRange) whole() bool {
	return r.texts == nil && r.points == nil && r.least > math.MinInt64 && r.low <= r.least && r.high == math.MaxInt64
}

// meets tells whether some value passes both.
func (r *valueRange) meets(other *valueRange) bool {
	if r.kind != other.kind {
		return true // types that do not fit are told elsewhere
	}
	switch {
	case r.texts != nil:
		return slices.ContainsFunc(r.texts, func(t string) bool { return slices.Contains(other.texts, t) })
	case r.points != nil:
		return slices.ContainsFunc(r.points, other.has)
	case other.points != nil:
		return slices.ContainsFunc(other.points, r.has)
	}
	return max(r.low, other.low) <= min(r.high, other.high)
}

// within tells whether all values that pass one pass the other, too.
func (r *valueRange) within(outer *valueRange) bool {
	if r.kind != outer.kind {
		return false
	}
	switch {
	case r.texts != nil:
		return !slices.ContainsFunc(r.texts, func(t string) bool { return !slices.Contains(outer.texts, t) })
	case r.points != nil:
		return !slices.ContainsFunc(r.points, func(n int64) bool { return !outer.has(n) })
	case outer.points != nil:
		return false
	}
	return r.low >= outer.low && r.high <= outer.high
}

func (r *valueRange) has(n int64) bool {
	if r.points != nil {
		return slices.Contains(r.points, n)
	}
	return r.low <= n && n <= r.high
}
