package naive

import (
	"maps"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
)

// NextFlip finds the first instant after now, up to the horizon, at which the
// verdict differs from that of now by time alone; false if there is none.
func (w *World) NextFlip(n rule.Node, c *Customer, now, horizon int64) (int64, bool) {
	verdict := w.Holds(n, c, now)
	for _, at := range w.Candidates(n, c, now+1, horizon) {
		if w.Holds(n, c, at) != verdict {
			return at, true
		}
	}
	return 0, false
}

// Flips gives, in order, all instants after one and up to another at which the
// verdict changes by time alone.
func (w *World) Flips(n rule.Node, c *Customer, from, to int64) []int64 {
	var flips []int64
	verdict := w.Holds(n, c, from)
	for _, at := range w.Candidates(n, c, from, to) {
		if w.Holds(n, c, at) != verdict {
			flips, verdict = append(flips, at), !verdict
		}
	}
	return flips
}

// Candidates gives, in order, the instants from one to another, both included,
// at which a verdict could change by time alone, with the millisecond before
// and after each. It asks for no more than that some moment of the customer or
// the rule, moved by some duration of the rule or to the boundary of some day,
// week, month, quarter or year around it, makes the difference; so it gives far too many.
func (w *World) Candidates(n rule.Node, c *Customer, from, to int64) []int64 {
	b := boundaries{w, PartsOf(n), from, to, map[int64]bool{from: true, to: true}}
	for _, d := range b.Dates {
		b.around(w.InstantOf(d))
	}
	customers := []*Customer{c}
	if b.Ranks {
		customers = w.Customers
	}
	if c.Firm != nil {
		customers = append(w.Firms(), w.Customers...)
	}
	for _, c := range customers {
		for _, m := range w.momentsOf(c, b.Parts) {
			b.around(m)
		}
	}
	return slices.Sorted(maps.Keys(b.found))
}

// boundaries collects instants between two others.
type boundaries struct {
	*World
	*Parts
	from, to int64
	found    map[int64]bool
}

func (b boundaries) add(at int64) {
	if at == never || at == always {
		return
	}
	for _, t := range []int64{at - 1, at, at + 1} {
		if b.from <= t && t <= b.to {
			b.found[t] = true
		}
	}
}

// around adds all that may happen because of one moment.
func (b boundaries) around(m int64) {
	b.add(m)
	for _, d := range b.Durations {
		b.add(b.Later(m, d))
		b.add(b.Earlier(m, d))
	}
	for _, unit := range b.Units {
		for plus := -2; plus <= 3; plus++ {
			b.add(b.instantOf(period(b.day(m), unit, plus)))
		}
	}
	if b.Yearly {
		b.returns(m)
	}
}

// returns adds the returns of day and month, each with its end and the durations before it.
func (b boundaries) returns(m int64) {
	_, month, day := b.wallOf(m).Date()
	first := b.wallOf(b.from).Year() - 1
	for year := first; year <= b.wallOf(b.to).Year()+1; year++ {
		b.add(b.midnight(year, month, day))
		b.add(b.midnight(year, month, day+1))
	}
	for _, d := range b.Durations {
		last := min(b.Later(b.to, d), b.midnight(calendar.MaxYear-1, 1, 1))
		for year := first; year <= b.wallOf(last).Year()+1; year++ {
			b.add(b.Earlier(b.midnight(year, month, day), d))
		}
	}
}
