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
// Off[i] to Off[i+1], in order of time and, at equal times, of receipt.
type EventTable struct {
	Table
	Off    []uint32
	Times  []calendar.Instant
	Latest calendar.Instant // the greatest of all times
}

// ConsentTable holds the decisions about one channel and purpose, as an EventTable holds events.
type ConsentTable struct {
	Off     []uint32
	Times   []calendar.Instant
	Granted []bool
}

// StayTable holds the stays in one segment: from, and to or Never. Exits are the ends that came.
type StayTable struct {
	Off   []uint32
	From  []calendar.Instant
	To    []calendar.Instant
	Entry *EventTable
	Exit  *EventTable
}

// Attr holds an attribute: the latest value of each row, and the history of the
// rows that had more than one.
type Attr struct {
	Latest  *Column
	HistOff []uint32 // nil if no row has a history
	Times   []calendar.Instant
	Past    *Column
	Newest  calendar.Instant // the greatest of Times; from then on the latest values hold for all rows
}

// At finds the value that held for a row at an instant: the one set last up to
// then, before the first one the first.
func (a *Attr) At(row int, now calendar.Instant) (*Column, int) {
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
	if a.HistOff == nil {
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
}

// Block holds a run of customers with all that is known of them.
type Block struct {
	IDs       []int64  // the store's ids
	Names     []string // the names that lists print
	Attrs     []*Attr  // by the schema's attribute ids; nil where nothing is known
	Joins     *Attr    // Nums: the row of the company in Companies; nil if nobody has one
	Companies *Companies
	Events    []*EventTable   // by the schema's event ids
	Consents  []*ConsentTable // by the schema's consent ids
	Stays     []*StayTable    // by the schema's segment ids
}

// Rows gives the number of customers.
func (b *Block) Rows() int { return len(b.IDs) }

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
