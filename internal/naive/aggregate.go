package naive

import (
	"math/big"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// events gives the events of a filter that exist at now, in order of time; of
// one time, in order of receipt.
func (m moment) events(f *rule.Filter) []Event {
	var found []Event
	for _, e := range m.customer.Events {
		if e.Type != f.Event.Text || e.Time > m.now || !m.inWindow(e.Time, f.Window) {
			continue
		}
		if f.Rule == nil || m.within(e.Props).holds(f.Rule) {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b Event) int {
		order, _ := order(a.Time, b.Time)
		return order
	})
	return found
}

func (m moment) aggregate(a *rule.Aggregate) any {
	if a.IsPeople() {
		return m.ofPeople(a)
	}
	events := m.events(a.Filter)
	if a.Property == nil {
		return ofEvents(a.Func, events)
	}
	var values []any // of the events that have the property
	for _, e := range events {
		if v := e.Props[strings.Join(a.Property.Names, ".")]; v != nil {
			values = append(values, v)
		} else if a.Func == rule.First || a.Func == rule.Last {
			values = append(values, nil)
		}
	}
	return ofValues(a.Func, values)
}

func ofEvents(f rule.Func, events []Event) any {
	switch {
	case f == rule.Count:
		return number.FromInt(int64(len(events)))
	case len(events) == 0:
		return nil
	case f == rule.First:
		return events[0].Time
	case f == rule.Last:
		return events[len(events)-1].Time
	}
	return nil // the others need a property
}

func ofValues(f rule.Func, values []any) any {
	switch f {
	case rule.Count:
		return number.FromInt(int64(len(values)))
	case rule.Distinct:
		return number.FromInt(distinct(values))
	case rule.Sum:
		total, _ := sum(values)
		return clamp(total)
	case rule.Avg:
		return average(values)
	case rule.Min, rule.Max:
		return extreme(values, f == rule.Max)
	}
	switch {
	case len(values) == 0:
		return nil
	case f == rule.First:
		return values[0]
	}
	return values[len(values)-1]
}

// distinct counts the values that are not equal to an earlier one; a list is equal to nothing.
func distinct(values []any) int64 {
	var seen []any
	for _, v := range values {
		if equal(v, v) && !slices.ContainsFunc(seen, func(s any) bool { return equal(s, v) }) {
			seen = append(seen, v)
		}
	}
	return int64(len(seen))
}

// sum adds the numbers, in ten-thousandths, and counts them.
func sum(values []any) (*big.Int, int64) {
	total, count := new(big.Int), int64(0)
	for _, v := range values {
		if n, ok := v.(number.Number); ok {
			total.Add(total, big.NewInt(int64(n)))
			count++
		}
	}
	return total, count
}

// average rounds to four places, half away from zero.
func average(values []any) any {
	total, count := sum(values)
	if count == 0 {
		return nil
	}
	mean := new(big.Rat).SetFrac(total, big.NewInt(count))
	units, _ := new(big.Int).SetString(mean.FloatString(0), 10)
	return clamp(units)
}

// clamp holds a sum to the range of numbers.
func clamp(units *big.Int) number.Number {
	switch {
	case units.Cmp(big.NewInt(int64(number.Max))) > 0:
		return number.Max
	case units.Cmp(big.NewInt(int64(number.Min))) < 0:
		return number.Min
	}
	return number.Number(units.Int64())
}

// extreme gives the largest or smallest of the numbers, dates and times.
func extreme(values []any, largest bool) any {
	var best any
	for _, v := range values {
		switch v.(type) {
		case number.Number, int64:
			order, ok := order(v, best)
			if best == nil || ok && order != 0 && (order > 0) == largest {
				best = v
			}
		}
	}
	return best
}
