package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/rule"
)

// Program is a rule made ready to be evaluated. It is immutable and may be used
// by many machines at once.
type Program struct {
	root       cond
	source     rule.Node
	schema     *columns.Schema
	windows    int // how many windows keep what they computed for a now
	memos      int // how many text conditions keep what they computed for a code
	remembered int // how many aggregates keep what they computed for a customer
	ranks      []*topCond
	people     int // how many machines of people there are
	companies  bool
	parts      parts
	influence  map[int]*influence // of one more event, by its type
}

// parts are what the parts of the rule were compiled to, for explanations.
type parts struct {
	conds   map[rule.Node]cond
	values  map[rule.Value]any
	filters map[*rule.Filter]*filter
}

// Verdict says whether a customer is in, and the earliest instant after now at
// which that can change although no data arrives; calendar.Never if it cannot.
type Verdict struct {
	In      bool
	Expires calendar.Instant
}

// Machine evaluates one program, customer by customer. It must not be shared
// between goroutines; a program may have many machines.
type Machine struct {
	program *Program
	zone    *calendar.Zone
	block   *columns.Block
	row     int
	now     calendar.Instant

	// The innermost event or object, inside `where`, `any`, `every` and `no`.
	table  *columns.Table
	record int

	hasty      bool  // expiries may be early; see Hasten
	effort     int64 // events looked at; see Effort
	marks      marks
	bounds     []bounds
	memos      [][]uint8
	remembered []memory
	ranks      []*Ranks   // one for each `top` of the program
	people     []*Machine // one for each aggregate over people, of a person

	// While everybody is asked at once:
	records  bool // the rows are events, not customers
	rows     scratch[int32]
	numbers  scratch[int64]
	yearDays yearDays
	ages     struct {
		now    calendar.Instant
		limits []calendar.Instant
	}
}

// Machine gives a new machine for the program.
func (p *Program) Machine() *Machine {
	return &Machine{
		program: p, zone: p.schema.Zone, bounds: make([]bounds, p.windows), memos: make([][]uint8, p.memos),
		remembered: make([]memory, p.remembered), people: make([]*Machine, p.people),
	}
}

// AsksCompanies tells whether a rule about people asks for segments of companies, which
// are read beside the block of the customer.
func (p *Program) AsksCompanies() bool { return p.companies }

// Hasten has the machine look for expiries with little effort: they may be earlier
// than the verdict's next flip, never later. Whoever asks again at the expiry
// spends the effort bit by bit, and only for those customers for whom nothing happened before.
func (m *Machine) Hasten() { m.hasty = true }

// Effort counts the events that the machine has looked at one by one, which is what
// makes a rule slow.
func (m *Machine) Effort() int64 { return m.effort }

// Holds tells whether the rule is true for a customer, a row of a block, at an instant.
func (m *Machine) Holds(block *columns.Block, row int, now calendar.Instant) bool {
	m.begin(block, now)
	m.row = row
	return m.program.root.holds(m)
}

// begin turns to a block at an instant. What is remembered of a customer is
// forgotten, since the block may have been edited.
func (m *Machine) begin(block *columns.Block, now calendar.Instant) {
	m.block, m.now = block, now
	clear(m.remembered)
}

// The expiry of a whole rule is tightened by evaluating again at each instant
// that might flip it. Rules that keep being re-examined without a change (a part
// that flips often under a part that decides) stop after so many instants; the
// expiry is then early, which is allowed.
const rootSteps = 400

// Verdict evaluates the rule and finds the expiry.
func (m *Machine) Verdict(block *columns.Block, row int, now calendar.Instant) Verdict {
	m.begin(block, now)
	m.row = row
	in, expires := m.until(m.program.root)
	for step := 0; expires < m.barrier(now) && step < m.steps(rootSteps); step++ {
		m.now = expires
		still, next := m.until(m.program.root)
		if still != in {
			break
		}
		expires = next
	}
	m.now = now
	return Verdict{In: in, Expires: expires}
}

// hastySteps is how many instants a hasty machine looks at.
const hastySteps = 2

func (m *Machine) steps(patient int) int {
	if m.hasty {
		return hastySteps
	}
	return patient
}

// barrier is the instant up to which the future can be computed: ranks are known
// only until they are computed again.
func (m *Machine) barrier(now calendar.Instant) calendar.Instant {
	if len(m.program.ranks) > 0 {
		return nextRanking(now)
	}
	return calendar.Never
}

// cond is a condition. holds gives its verdict at m.now; change gives an instant
// after m.now before which the verdict stays, as cheaply as it can.
type cond interface {
	holds(m *Machine) bool
	change(m *Machine) calendar.Instant
}

// leafSteps bounds the search for the flip of one condition.
const leafSteps = 2000

// until gives the verdict of a condition and the instant of its next flip. For
// all but `and` and `or` that is the true flip; for those an instant not later.
func (m *Machine) until(c cond) (bool, calendar.Instant) {
	switch c := c.(type) {
	case *andCond:
		return m.untilAll(c.parts, true)
	case *orCond:
		return m.untilAll(c.parts, false)
	case *notCond:
		in, expires := m.until(c.part)
		return !in, expires
	case *topCond:
		return c.holds(m), nextRanking(m.now)
	}
	if f, ok := c.(flipper); ok && m.hasty {
		if in, at, ok := f.flip(m); ok {
			return in, at
		}
	}
	now, in := m.now, c.holds(m)
	at := c.change(m)
	for step := 0; at != calendar.Never && step < m.steps(leafSteps); step++ {
		m.now = at
		if c.holds(m) != in {
			break
		}
		at = c.change(m)
	}
	m.now = now
	return in, at
}

// flipper is a condition that can name an instant before which its verdict stays
// without looking at the instants in between; false where this case is none of those.
type flipper interface {
	flip(m *Machine) (in bool, at calendar.Instant, ok bool)
}

// untilAll combines the parts of an `and` (all true) or an `or` (all false). If
// all parts agree with that, the first to flip decides; otherwise the verdict
// stays at least as long as the longest-lasting part that disagrees.
func (m *Machine) untilAll(parts []cond, all bool) (bool, calendar.Instant) {
	first, longest, decided := calendar.Never, calendar.Unset, false
	for _, part := range parts {
		in, expires := m.until(part)
		if in != all {
			decided, longest = true, max(longest, expires)
		} else {
			first = min(first, expires)
		}
	}
	if decided {
		return !all, longest
	}
	return all, first
}

// The logical conditions.
type (
	andCond struct {
		parts    []cond
		cheapest []cond // the same in the order in which Select asks them
	}
	orCond  struct{ parts []cond }
	notCond struct{ part cond }
)

func (c *andCond) holds(m *Machine) bool {
	for _, part := range c.parts {
		if !part.holds(m) {
			return false
		}
	}
	return true
}

func (c *orCond) holds(m *Machine) bool {
	for _, part := range c.parts {
		if part.holds(m) {
			return true
		}
	}
	return false
}

func (c *notCond) holds(m *Machine) bool { return !c.part.holds(m) }

func (c *andCond) change(m *Machine) calendar.Instant { return firstChange(m, c.parts) }
func (c *orCond) change(m *Machine) calendar.Instant  { return firstChange(m, c.parts) }
func (c *notCond) change(m *Machine) calendar.Instant { return c.part.change(m) }

func firstChange(m *Machine, parts []cond) calendar.Instant {
	first := calendar.Never
	for _, part := range parts {
		first = min(first, part.change(m))
	}
	return first
}

// enter makes an event or object the innermost one; leave puts back what was before.
type record struct {
	table *columns.Table
	row   int
}

func (m *Machine) enter(t *columns.Table, row int) record {
	outer := record{m.table, m.record}
	m.table, m.record = t, row
	return outer
}

func (m *Machine) leave(outer record) { m.table, m.record = outer.table, outer.row }
