package columns

import (
	"cmp"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
)

// Companies can be evaluated as customers are: a block of companies has a row for
// each, which belongs to itself, so that company.x is its own attribute, and which
// has the events that its people had while they belonged to it.

// FirmRows is how many companies a block of companies holds.
const FirmRows = 4096

// Seat is where one of a company's people stands.
type Seat struct {
	Block *Block
	Row   int
}

// Belongs tells whether the person belongs to a company, by its row, at an instant.
func (s Seat) Belongs(company int, now calendar.Instant) bool {
	if s.Block.Gone(s.Row) {
		return false
	}
	at, ok := s.Block.Company(s.Row, now)
	return ok && at == company
}

// HasEvents tells whether anything is known that the person did.
func (s Seat) HasEvents() bool {
	for _, t := range s.Block.Events {
		if t == nil {
			continue
		}
		if t, row := t.Of(s.Row); t.Off[row] < t.Off[row+1] {
			return true
		}
	}
	return false
}

// Employers gives the companies that a person ever belonged to, by their rows, in order.
func (b *Block) Employers(row int) []int {
	if b.Joins == nil {
		return nil
	}
	a := b.Joins
	if row < len(a.tails) && a.tails[row] != nil {
		a, row = a.tails[row], 0
	} else if row >= a.Latest.rows() {
		return nil
	}
	var found []int
	add := func(company int64) {
		if company != Unset {
			found = append(found, int(company))
		}
	}
	add(a.Latest.Nums[row])
	for lo, hi := a.past(row); lo < hi; lo++ {
		add(a.Past.Nums[lo])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// SeatPeople notes with each company who ever belonged to it.
func (c *Companies) SeatPeople(blocks []*Block) {
	c.People = make([][]Seat, len(c.IDs))
	for _, b := range blocks {
		for row := range b.IDs {
			if b.Gone(row) {
				continue
			}
			for _, company := range b.Employers(row) {
				c.People[company] = append(c.People[company], Seat{b, row})
			}
		}
	}
}

// FirmBlocks makes the blocks of the companies, whose people must be seated, and notes them there.
func FirmBlocks(s *Schema, c *Companies) []*Block {
	var made []*Block
	for first := 0; first < len(c.IDs); first += FirmRows {
		last := min(first+FirmRows, len(c.IDs))
		b := &Block{IDs: slices.Clone(c.IDs[first:last]), Names: slices.Clone(c.Names[first:last]), Companies: c, OfFirms: true}
		self := &Column{Kind: catalog.Number}
		for row := first; row < last; row++ {
			self.Nums = append(self.Nums, int64(row))
		}
		b.Joins = &Attr{Latest: self}
		for event := range s.Events {
			b.Events = append(b.Events, firmEvents(c, event, first, last))
		}
		made = append(made, b)
	}
	c.Firms = made
	return made
}

// Firm finds where a company stands as a customer; false if it stands nowhere.
func (c *Companies) Firm(company int) (*Block, int, bool) {
	n, row := company/FirmRows, company%FirmRows
	if n >= len(c.Firms) || row >= c.Firms[n].Rows() {
		return nil, 0, false
	}
	return c.Firms[n], row, true
}

// firmEvents makes the table of the events of a type of some companies; nil if there are none.
func firmEvents(c *Companies, event, first, last int) *EventTable {
	e := &eventBuilder{}
	for company := first; company < last; company++ {
		c.gather(e, event, company, company-first)
	}
	if len(e.rows) == 0 {
		return nil
	}
	return e.inOrder(last - first)
}

// gather adds the events of a type that the people of a company had while they belonged to it.
func (c *Companies) gather(e *eventBuilder, event, company, as int) {
	for _, seat := range c.People[company] {
		theirs := seat.Block.EventTable(event)
		if theirs == nil || seat.Block.Gone(seat.Row) {
			continue
		}
		theirs, row := theirs.Of(seat.Row)
		for i, end := int(theirs.Off[row]), int(theirs.Off[row+1]); i < end; {
			from := i
			for i < end && seat.Belongs(company, theirs.Times[i]) {
				i++
			}
			e.take(as, theirs, from, i)
			i = max(i, from+1)
		}
	}
}

// take adds events of another table as those of a row.
func (e *eventBuilder) take(row int, from *EventTable, lo, hi int) {
	if lo == hi {
		return
	}
	e.table.appendRows(&from.Table, lo, hi)
	e.times, e.seqs = append(e.times, from.Times[lo:hi]...), append(e.seqs, from.Seqs[lo:hi]...)
	for range hi - lo {
		e.rows = append(e.rows, int32(row))
	}
}

// inOrder makes the table, in order of row, time and number.
func (e *eventBuilder) inOrder(n int) *EventTable {
	order := make([]int32, len(e.rows))
	t := &EventTable{Off: make([]uint32, n+1), Latest: calendar.Unset}
	for i, row := range e.rows {
		order[i] = int32(i)
		t.Off[row+1]++
		t.Latest = max(t.Latest, e.times[i])
	}
	for row := range n {
		t.Off[row+1] += t.Off[row]
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(e.rows[a], e.rows[b]), cmp.Compare(e.times[a], e.times[b]), cmp.Compare(e.seqs[a], e.seqs[b]))
	})
	t.Table, t.Times, t.Seqs = *e.table.gather(order), pick(e.times, order), pick(e.seqs, order)
	return t
}

// AddFirm adds a company, by its row in Companies, to a block of companies.
func (e *Editor) AddFirm(b *Block, c *Companies, company int) {
	row := e.AddCustomer(b, c.IDs[company], c.Names[company])
	a := &attrBuilder{col: &Column{Kind: catalog.Number, Nums: []int64{int64(company)}}, rows: []int32{0}, times: []calendar.Instant{0}}
	setAttr(e, b, b.Rows(), &b.Joins, row, a.finish(1))
	e.seats(c, company, nil)
}

// Gather gives a company, a row of a block of companies, the events of its people anew.
func (e *Editor) Gather(b *Block, row, company int) {
	b.Events = grown(b.Events, len(e.schema.Events))
	for event := range e.schema.Events {
		made := &eventBuilder{}
		b.Companies.gather(made, event, company, 0)
		if len(made.rows) == 0 && b.Events[event] == nil {
			continue
		}
		e.eventsOf(b, row, event)
		tail := made.inOrder(1)
		setTail(e, b, &b.Events[event].tails, row, tail)
		b.Events[event].Latest = max(b.Events[event].Latest, tail.Latest)
	}
}

// Seat notes that a person belongs, or belonged once, to a company.
func (e *Editor) Seat(c *Companies, company int, who Seat) {
	if !slices.Contains(c.People[company], who) {
		e.seats(c, company, append(c.People[company], who))
	}
}

func (e *Editor) seats(c *Companies, company int, seats []Seat) {
	for len(c.People) <= company {
		c.People = append(c.People, nil)
	}
	before := c.People[company]
	c.People[company] = seats
	e.Undoing(func() { c.People[company] = before })
}
