// Package columns holds customers, companies and events in memory as columns:
// blocks of customers, and for each type of event the events of a customer side
// by side in time order. It is the form that package eval reads. A block is
// immutable once built.
package columns

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
)

// Unset is the value of a number, date or time that is not known.
const Unset = int64(calendar.Unset)

// The values of a boolean column.
const (
	BoolUnset uint8 = iota
	False
	True
)

// Column holds the values of one field for the rows of a table. Which slice is
// used follows from the kind. Dates and times are instants in milliseconds (of a
// date: its midnight in the workspace's zone), numbers are number.Number.
type Column struct {
	Kind  catalog.Kind
	Nums  []int64  // Number, Date, Time: Unset where not known
	Codes []uint32 // Text: codes of the dictionary, 0 where not known; TextList: the elements of all rows
	Bools []uint8  // Boolean
	Dict  *Dict    // Text, TextList

	// Off and Known serve the lists: row i has the elements Off[i] to Off[i+1], and is known if Known[i].
	Off   []uint32
	Known []bool
	Items *Table // ObjectList: the objects of all rows
}

// Table holds rows of one kind of record; a nil column is unknown for all rows.
type Table struct {
	Rows int
	Cols []*Column
}

// Col gives the column of a field; nil if it is unknown for all rows. Tables that
// were built before the field was first seen have fewer columns.
func (t *Table) Col(id int) *Column {
	if id < len(t.Cols) {
		return t.Cols[id]
	}
	return nil
}

// IsKnown tells whether row i has a value.
func (c *Column) IsKnown(i int) bool {
	switch c.Kind {
	case catalog.Number, catalog.Date, catalog.Time:
		return c.Nums[i] != Unset
	case catalog.Text:
		return c.Codes[i] != 0
	case catalog.Boolean:
		return c.Bools[i] != BoolUnset
	case catalog.TextList, catalog.ObjectList:
		return c.Known[i]
	}
	return false
}

// Text gives the text of row i as it was received; false where not known.
func (c *Column) Text(i int) (string, bool) {
	code := c.Codes[i]
	return c.Dict.Text(code), code != 0
}

// EventTable holds the events of one type: those of customer i are the rows
// Off[i] to Off[i+1], in order of time and, at equal times, of receipt. The events
// of customers who changed since then stand in tables of their own; see Of.
type EventTable struct {
	Table
	Off    []uint32
	Times  []calendar.Instant
	Seqs   []uint32         // the store's numbers of the events; nil for entries and exits
	Latest calendar.Instant // the greatest of all times

	tails tails[EventTable]
}

// Of gives the table and the row in it where the events of a customer stand.
func (t *EventTable) Of(row int) (*EventTable, int) {
	if row < len(t.tails) && t.tails[row] != nil {
		return t.tails[row], 0
	}
	if row+1 >= len(t.Off) {
		return noEvents, 0
	}
	return t, row
}

// noEvents is where customers stand of whom nothing is known.
var noEvents = &EventTable{Off: []uint32{0, 0}, Latest: calendar.Unset}

// ConsentTable holds the decisions about one channel and purpose, as an EventTable holds events.
type ConsentTable struct {
	Off     []uint32
	Times   []calendar.Instant
	Granted []bool

	tails tails[ConsentTable]
}

// Of gives the table and the row in it where the decisions of a customer stand.
func (t *ConsentTable) Of(row int) (*ConsentTable, int) {
	if row < len(t.tails) && t.tails[row] != nil {
		return t.tails[row], 0
	}
	if row+1 >= len(t.Off) {
		return noConsents, 0
	}
	return t, row
}

var noConsents = &ConsentTable{Off: []uint32{0, 0}}

// StayTable holds the stays in one segment: from, and to or Never. Exits are the ends that came.
type StayTable struct {
	Off   []uint32
	From  []calendar.Instant
	To    []calendar.Instant
	Entry *EventTable
	Exit  *EventTable

	tails tails[StayTable]
}

// Of gives the table and the row in it where the stays of a customer stand.
func (t *StayTable) Of(row int) (*StayTable, int) {
	if row < len(t.tails) && t.tails[row] != nil {
		return t.tails[row], 0
	}
	if row+1 >= len(t.Off) {
		return noStays, 0
	}
	return t, row
}

var noStays = &StayTable{Off: []uint32{0, 0}}

// Attr holds an attribute: the latest value of each row, and the history of the
// rows that had more than one.
type Attr struct {
	Latest  *Column
	HistOff []uint32 // nil if no row has a history
	Times   []calendar.Instant
	Past    *Column
	Newest  calendar.Instant // the greatest of Times; from then on the latest values hold for all rows

	tails tails[Attr]
	none  *Column // one unknown value, for rows that Latest does not have yet
}

// At finds the value that held for a row at an instant: the one set last up to
// then, before the first one the first.
func (a *Attr) At(row int, now calendar.Instant) (*Column, int) {
	if row < len(a.tails) && a.tails[row] != nil {
		a, row = a.tails[row], 0
	} else if a.none != nil && row >= a.Latest.rows() {
		return a.none, 0
	}
	if a.HistOff == nil {
		return a.Latest, row
	}
	lo, hi := int(a.HistOff[row]), int(a.HistOff[row+1])
	if lo == hi || now >= a.Times[hi-1] {
		return a.Latest, row
	}
	i := hi - 1
	for i > lo && a.Times[i] > now {
		i--
	}
	return a.Past, i
}

// Change gives the next instant after now at which the value of a row changes, or Never.
func (a *Attr) Change(row int, now calendar.Instant) calendar.Instant {
	if row < len(a.tails) && a.tails[row] != nil {
		a, row = a.tails[row], 0
	}
	if a.HistOff == nil || row+1 >= len(a.HistOff) {
		return calendar.Never
	}
	lo, hi := int(a.HistOff[row]), int(a.HistOff[row+1])
	if lo == hi || now >= a.Times[hi-1] {
		return calendar.Never
	}
	for i := lo + 1; i < hi; i++ {
		if a.Times[i] > now {
			return a.Times[i]
		}
	}
	return calendar.Never
}

// Companies holds the companies of a workspace; all blocks share it.
type Companies struct {
	IDs   []int64
	Names []string
	Attrs []*Attr

	People [][]Seat // by row: who ever belonged to the company; nil until SeatPeople
	Firms  []*Block // the companies as customers, FirmRows in each; nil until FirmBlocks

	edits Block // counts the tails
}

// Block holds a run of customers with all that is known of them.
type Block struct {
	IDs       []int64  // the store's ids
	Names     []string // the names that lists print
	Attrs     []*Attr  // by the schema's attribute ids; nil where nothing is known
	Joins     *Attr    // Nums: the row of the company in Companies; nil if nobody has one
	Roles     *Attr    // Codes: the role there, of the same times
	Companies *Companies
	OfFirms   bool            // the customers are the companies themselves
	Events    []*EventTable   // by the schema's event ids
	Consents  []*ConsentTable // by the schema's consent ids
	Stays     []*StayTable    // by the schema's segment ids

	changed []bool // the rows that have tails; see Editor
	gone    []bool // the rows of customers who are no longer there
	edits   int    // how many tails there are
}

// Rows gives the number of rows: of customers, and of those that are gone.
func (b *Block) Rows() int { return len(b.IDs) }

// Attr gives an attribute; nil if it is unknown for all rows. Blocks that were
// built before a field was first seen know fewer, likewise below.
func (b *Block) Attr(id int) *Attr { return at(b.Attrs, id) }

// EventTable gives the events of a type; nil if there are none.
func (b *Block) EventTable(id int) *EventTable { return at(b.Events, id) }

// ConsentTable gives the decisions about a channel and purpose; nil if there are none.
func (b *Block) ConsentTable(id int) *ConsentTable { return at(b.Consents, id) }

// StayTable gives the stays in a segment; nil if there are none.
func (b *Block) StayTable(id int) *StayTable { return at(b.Stays, id) }

func at[T any](list []*T, i int) *T {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// Attr gives an attribute of companies; nil if it is unknown for all.
func (c *Companies) Attr(id int) *Attr { return at(c.Attrs, id) }

// Company finds the row of the company that a customer belongs to at an instant.
func (b *Block) Company(row int, now calendar.Instant) (int, bool) {
	if b.Joins == nil || b.Companies == nil {
		return 0, false
	}
	c, i := b.Joins.At(row, now)
	if c.Nums[i] == Unset {
		return 0, false
	}
	return int(c.Nums[i]), true
}
