package eval

import (
	"slices"
	"sort"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// separate tells whether the filter's condition looks at nothing but the event.
func (f *filter) separate() bool { return f.where == nil || !f.timed }

// gather gives the events of the customers that the filter keeps, in order, in
// memory to be given back.
func (f *filter) gather(m *Machine, rows []int32, t *columns.EventTable) []int32 {
	b := f.window.at(m)
	kept := m.rows.take(len(rows))
	if b.certain(t) {
		kept = eventsSince(t, rows, b.from, kept)
	} else {
		kept = b.events(t, rows, kept)
	}
	if f.where == nil {
		return kept
	}
	outer, wasRecords := m.enter(&t.Table, 0), m.records
	m.records = true
	sieved := m.sieve(f.where, kept)
	m.records = wasRecords
	m.leave(outer)
	return sieved
}

// certain tells whether the window is the usual case: no event lies after it, and
// none is in doubt.
func (b *bounds) certain(t *columns.EventTable) bool { return b.to > t.Latest && b.sure == b.from }

// eventsSince appends the events of the customers from an instant on.
func eventsSince(t *columns.EventTable, rows []int32, from calendar.Instant, kept []int32) []int32 {
	off, times := t.Off, t.Times
	for _, row := range rows {
		lo, hi := off[row], off[row+1]
		if lo == hi || times[hi-1] < from {
			continue
		}
		k := hi - 1
		for k > lo && times[k-1] >= from {
			k--
		}
		for ; k < hi; k++ {
			kept = append(kept, int32(k))
		}
	}
	return kept
}

// events appends the events of the customers that lie in the window.
func (b *bounds) events(t *columns.EventTable, rows, kept []int32) []int32 {
	for _, row := range rows {
		lo, hi := b.tail(t, int(row))
		k, doubt := b.since(t.Times, lo, hi)
		for ; doubt < k; doubt++ {
			if b.trail.Within(t.Times[doubt]) {
				kept = append(kept, int32(doubt))
			}
		}
		for ; k < hi; k++ {
			kept = append(kept, int32(k))
		}
	}
	return kept
}

// tail gives the rows of a customer's events without those after the window.
func (b *bounds) tail(t *columns.EventTable, row int) (lo, hi int) {
	lo, hi = int(t.Off[row]), int(t.Off[row+1])
	if b.to > t.Latest {
		return lo, hi
	}
	for hi > lo && t.Times[hi-1] >= b.to {
		hi--
	}
	return lo, hi
}

// since gives where the events begin that surely lie in the window, going back
// from hi, and where those begin that may.
func (b *bounds) since(times []calendar.Instant, lo, hi int) (sure, maybe int) {
	sureFrom, maybeFrom := b.sure, b.from
	sure = hi
	for sure > lo && times[sure-1] >= sureFrom {
		sure--
	}
	maybe = sure
	for maybe > lo && times[maybe-1] >= maybeFrom {
		maybe--
	}
	return sure, maybe
}

// split cuts a list of events where those of the next customer begin.
func split(events []int32, end uint32) (mine, others []int32) {
	n := 0
	for n < len(events) && uint32(events[n]) < end {
		n++
	}
	return events[:n], events[n:]
}

// owners keeps the customers that have one of the events.
func owners(rows []int32, t *columns.EventTable, events []int32) []int32 {
	kept := rows[:0]
	for _, row := range rows {
		var mine []int32
		if mine, events = split(events, t.Off[row+1]); len(mine) > 0 {
			kept = append(kept, row)
		}
	}
	return kept
}

// perCustomer computes a value of each customer from the events that the filter
// keeps; one by one where the condition looks beyond the event.
func (f *filter) perCustomer(m *Machine, rows []int32, out []int64, single scalar, of func(t *columns.EventTable, events []int32) int64) {
	t := f.source(m)
	if t == nil || m.records || !f.separate() {
		for i, row := range rows {
			m.at(row)
			out[i] = single.scalar(m)
		}
		return
	}
	if f.where == nil {
		f.unfiltered(m, rows, out, t, of)
		return
	}
	events := f.gather(m, rows, t)
	rest := events
	for i, row := range rows {
		var mine []int32
		mine, rest = split(rest, t.Off[row+1])
		out[i] = of(t, mine)
	}
	m.rows.give(events)
}

// unfiltered computes a value of each customer from the events in the window.
// They stand side by side, so they are named by a part of the list of all
// numbers; only where some are in doubt a list of their own is made.
func (f *filter) unfiltered(m *Machine, rows []int32, out []int64, t *columns.EventTable, of func(t *columns.EventTable, events []int32) int64) {
	b, all := f.window.at(m), upTo(t.Rows)
	if b.certain(t) {
		off, times, from := t.Off, t.Times, b.from
		for i, row := range rows {
			lo, hi := off[row], off[row+1]
			k := hi
			for k > lo && times[k-1] >= from {
				k--
			}
			out[i] = of(t, all[k:hi])
		}
		return
	}
	var doubtful []int32
	for i, row := range rows {
		lo, hi := b.tail(t, int(row))
		k, first := lo, lo
		if f.window.kind != allTime {
			k, first = b.since(t.Times, lo, hi)
		}
		if k == first {
			out[i] = of(t, all[k:hi])
			continue
		}
		doubtful = doubtful[:0]
		for ; first < k; first++ {
			if b.trail.Within(t.Times[first]) {
				doubtful = append(doubtful, int32(first))
			}
		}
		out[i] = of(t, append(doubtful, all[k:hi]...))
	}
}

// numbers are 0, 1, 2, …; all machines read them.
var numbers atomic.Pointer[[]int32]

// upTo gives the first n numbers.
func upTo(n int) []int32 {
	if known := numbers.Load(); known != nil && len(*known) >= n {
		return (*known)[:n]
	}
	more := make([]int32, n+n/2)
	for i := range more {
		more[i] = int32(i)
	}
	numbers.Store(&more)
	return more[:n]
}

func (c constant) scalars(_ *Machine, _ []int32, out []int64) {
	for i := range out {
		out[i] = int64(c)
	}
}

func (l located) scalars(m *Machine, rows []int32, out []int64) {
	if e, ok := l.locator.(*edgeProperty); ok {
		e.scalars(m, rows, out, l)
		return
	}
	column, direct := m.column(l.locator)
	for i, row := range rows {
		switch {
		case !direct:
			m.at(row)
			out[i] = l.scalar(m)
		case column == nil:
			out[i] = unset
		default:
			out[i] = column.Nums[row]
		}
	}
}

func (c *count) scalars(m *Machine, rows []int32, out []int64) {
	if c.where == nil && c.property < 0 && !m.records {
		if t := c.source(m); t != nil {
			c.countAll(m, t, rows, out)
			return
		}
	}
	c.perCustomer(m, rows, out, c, func(t *columns.EventTable, events []int32) int64 {
		n := len(events)
		if c.property >= 0 {
			n = countKnown(t.Col(c.property), events)
		}
		return int64(n) * number.Scale
	})
}

// countAll counts events in a window without looking at them.
func (c *count) countAll(m *Machine, t *columns.EventTable, rows []int32, out []int64) {
	b := c.window.at(m)
	if b.certain(t) {
		countSince(t, rows, out, b.from)
		return
	}
	for i, row := range rows {
		lo, hi := b.tail(t, int(row))
		k, doubt := lo, lo
		if c.window.kind != allTime {
			k, doubt = b.since(t.Times, lo, hi)
		}
		n := hi - k
		for ; doubt < k; doubt++ {
			if b.trail.Within(t.Times[doubt]) {
				n++
			}
		}
		out[i] = int64(n) * number.Scale
	}
}

// countSince counts the events from an instant on.
func countSince(t *columns.EventTable, rows []int32, out []int64, from calendar.Instant) {
	off, times := t.Off, t.Times
	for i, row := range rows {
		mine := times[off[row]:off[row+1]]
		n := 0
		for k := len(mine) - 1; k >= 0 && mine[k] >= from; k-- {
			n++
		}
		out[i] = int64(n) * number.Scale
	}
}

func countKnown(c *columns.Column, events []int32) int {
	n := 0
	for _, i := range events {
		if c != nil && c.IsKnown(int(i)) {
			n++
		}
	}
	return n
}

func (f *foldValues) scalars(m *Machine, rows []int32, out []int64) {
	f.perCustomer(m, rows, out, f, func(t *columns.EventTable, events []int32) int64 {
		var all folded
		if c := t.Col(f.property); c != nil {
			for _, i := range events {
				if v := c.Nums[i]; v != unset {
					all.add(f.fn, v)
				}
			}
		}
		return all.result(f.fn)
	})
}

func (d *distinct) scalars(m *Machine, rows []int32, out []int64) {
	var seen []int64
	d.perCustomer(m, rows, out, d, func(t *columns.EventTable, events []int32) int64 {
		c := t.Col(d.property)
		if c == nil {
			return 0
		}
		folds := foldsOf(c)
		seen = seen[:0]
		for _, i := range events {
			if !c.IsKnown(int(i)) {
				continue
			}
			if v := comparable(c, int(i), folds); len(seen) > 40 || !slices.Contains(seen, v) {
				seen = append(seen, v) // a long list is made distinct at the end
			}
		}
		slices.Sort(seen)
		return int64(len(slices.Compact(seen))) * number.Scale
	})
}

func foldsOf(c *columns.Column) []uint32 {
	if c.Kind == catalog.Text {
		return c.Dict.FoldCodes()
	}
	return nil
}

// newest finds the last event of all time; most questions about the last event are this one.
func (e *edge) newest(m *Machine, t *columns.EventTable, row int32) (int, bool) {
	lo, hi := e.window.at(m).tail(t, int(row))
	return hi - 1, hi > lo
}

// plain tells whether the event is simply the last of all.
func (e *edge) plain(m *Machine) bool {
	return e.last && e.where == nil && e.window.kind == allTime && !m.records
}

func (e *edge) scalars(m *Machine, rows []int32, out []int64) {
	t := e.source(m)
	if t != nil && e.plain(m) {
		for i, row := range rows {
			out[i] = unset
			if k, ok := e.newest(m, t, row); ok {
				out[i] = t.Times[k]
			}
		}
		return
	}
	e.perCustomer(m, rows, out, e, func(t *columns.EventTable, events []int32) int64 {
		if len(events) == 0 {
			return unset
		}
		return t.Times[e.choose(events)]
	})
}

func (e *edge) choose(events []int32) int32 {
	if e.last {
		return events[len(events)-1]
	}
	return events[0]
}

func (e *edgeProperty) scalars(m *Machine, rows []int32, out []int64, single scalar) {
	e.perCustomer(m, rows, out, single, func(t *columns.EventTable, events []int32) int64 {
		c := t.Col(e.property)
		if len(events) == 0 || c == nil {
			return unset
		}
		return c.Nums[e.choose(events)]
	})
}

// folded is a sum, least or greatest value in the making.
type folded struct {
	sum             number.Sum
	lowest, highest int64
	any             bool
}

func (f *folded) add(fn rule.Func, v int64) {
	if fn == rule.Sum || fn == rule.Avg {
		f.sum.Add(number.Number(v))
		return
	}
	if !f.any {
		f.lowest, f.highest, f.any = v, v, true
		return
	}
	f.lowest, f.highest = min(f.lowest, v), max(f.highest, v)
}

func (f *folded) result(fn rule.Func) int64 {
	switch {
	case fn == rule.Sum:
		return int64(f.sum.Total())
	case fn == rule.Avg:
		if mean, ok := f.sum.Mean(); ok {
			return int64(mean)
		}
		return unset
	case !f.any:
		return unset
	case fn == rule.Min:
		return f.lowest
	}
	return f.highest
}

// scalars computes ages from the instants between which births have an age at
// now, which are the same for everybody.
func (a *age) scalars(m *Machine, rows []int32, out []int64) {
	births := m.values(a.of, rows)
	if m.ages.limits == nil || m.ages.now != m.now {
		m.ages.now, m.ages.limits = m.now, m.zone.AgeLimits(m.now)
	}
	limits := m.ages.limits
	for i, birth := range births {
		switch {
		case birth == unset || birth > m.now:
			out[i] = unset
		case birth < limits[len(limits)-1]:
			out[i] = int64(number.FromInt(int64(m.zone.Age(birth, m.now))))
		default:
			younger := sort.Search(len(limits), func(n int) bool { return birth >= limits[n] })
			out[i] = int64(younger-1) * number.Scale
		}
	}
	m.numbers.give(births)
}

// sieve keeps the customers whose last decision was yes.
func (c *consent) sieve(m *Machine, rows []int32) []int32 {
	t := m.block.ConsentTable(c.id)
	if t == nil {
		return rows[:0]
	}
	kept := rows[:0]
	for _, row := range rows {
		lo, hi := t.Off[row], t.Off[row+1]
		for hi > lo && t.Times[hi-1] > m.now {
			hi--
		}
		if hi > lo && t.Granted[hi-1] {
			kept = append(kept, row)
		}
	}
	return kept
}
