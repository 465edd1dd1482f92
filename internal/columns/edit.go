package columns

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/valyala/fastjson"
)

// Editor changes blocks in place, as data arrives. The base tables of a block stay
// as they are; what is known of a customer who changed stands in tails beside
// them until Compact takes it in. What was done since Keep can be undone. An
// editor belongs to one goroutine, and nobody may read a block meanwhile.
type Editor struct {
	schema *Schema
	fill   filler
	parser fastjson.Parser
	undo   []func()
}

// NewEditor makes an editor for the blocks of a schema.
func NewEditor(s *Schema) *Editor { return &Editor{schema: s, fill: filler{zone: s.Zone}} }

// Keep makes all edits so far final.
func (e *Editor) Keep() {
	clear(e.undo)
	e.undo = e.undo[:0]
}

// Undo takes back the edits since Keep.
func (e *Editor) Undo() {
	for _, undo := range slices.Backward(e.undo) {
		undo()
	}
	e.Keep()
}

// Take takes over the edits of another editor, as if they had been made now.
func (e *Editor) Take(from *Editor) {
	e.undo = append(e.undo, from.undo...)
	from.Keep()
}

// Undoing notes how something else that belongs to the edits is undone.
func (e *Editor) Undoing(undo func()) { e.undo = append(e.undo, undo) }

// AddCustomer adds a customer and gives the row.
func (e *Editor) AddCustomer(b *Block, id int64, name string) int {
	row := len(b.IDs)
	b.IDs, b.Names = append(b.IDs, id), append(b.Names, name)
	setFlag(&b.changed, row, true)
	e.Undoing(func() {
		b.IDs, b.Names = b.IDs[:row], b.Names[:row]
		b.changed = b.changed[:row]
	})
	for _, a := range b.Attrs {
		a.extend()
	}
	b.Joins.extend()
	b.Roles.extend()
	return row
}

// extend makes an attribute fit to be asked of rows that it does not have.
func (a *Attr) extend() {
	if a != nil && a.none == nil {
		a.none = unknownColumn(a.Latest.Kind, a.Latest.Dict)
	}
}

// Rename gives a customer another name, as when a visitor becomes a user.
func (e *Editor) Rename(b *Block, row int, name string) {
	before := b.Names[row]
	b.Names[row] = name
	e.Undoing(func() { b.Names[row] = before })
}

// Remove marks a customer as gone.
func (e *Editor) Remove(b *Block, row int) {
	setFlag(&b.gone, row, true)
	e.Undoing(func() { b.gone[row] = false })
}

// setTail gives a row of a table a tail.
func setTail[T any](e *Editor, b *Block, list *tails[T], row int, to *T) {
	before := list.set(row, to)
	e.changed(b, row)
	if before == nil {
		b.edits++
	}
	e.Undoing(func() {
		(*list)[row] = before
		if before == nil {
			b.edits--
		}
	})
}

func (e *Editor) changed(b *Block, row int) {
	if !flag(b.changed, row) {
		setFlag(&b.changed, row, true) // stays after Undo: it only costs the bulk way
	}
}

// AddEvent adds an event with its number in the store and its properties, a JSON object or nothing.
func (e *Editor) AddEvent(b *Block, row, event int, seq int64, at calendar.Instant, props []byte) error {
	var object *fastjson.Object
	if len(props) > 0 {
		v, err := e.parser.ParseBytes(props)
		if err == nil {
			object, err = v.Object()
		}
		if err != nil {
			return fmt.Errorf("properties of event %d: %w", seq, err)
		}
	}
	t := e.eventsOf(b, row, event)
	i := t.Rows
	if object == nil {
		t.Rows++
	} else {
		e.fill.addRow(&t.Table, e.schema.Events[event].Fields, object)
	}
	t.finish()
	t.Times, t.Seqs = append(t.Times, at), append(t.Seqs, uint32(seq))
	t.Off[1] = offset(t.Rows)
	t.Latest = max(t.Latest, at)
	e.Undoing(func() { e.dropEvent(b, row, event, seq) })
	if base := b.Events[event]; base.Latest < at {
		base.Latest = at
	}
	if i > 0 && (t.Times[i-1] > at || t.Times[i-1] == at && t.Seqs[i-1] > uint32(seq)) { // a corrected event keeps its number
		t.sort()
	}
	return nil
}

// eventsOf gives the tail in which the events of a type of a customer stand; it is
// made when they first change.
func (e *Editor) eventsOf(b *Block, row, event int) *EventTable {
	b.Events = grown(b.Events, len(e.schema.Events))
	base := b.Events[event]
	if base == nil {
		base = &EventTable{Off: make([]uint32, b.Rows()+1), Latest: calendar.Unset}
		b.Events[event] = base
	}
	if row < len(base.tails) && base.tails[row] != nil {
		return base.tails[row]
	}
	t := base.copyOf(row)
	setTail(e, b, &base.tails, row, t)
	return t
}

// copyOf gives the events of a row as a table of their own.
func (t *EventTable) copyOf(row int) *EventTable {
	from, row := t.Of(row)
	lo, hi := int(from.Off[row]), int(from.Off[row+1])
	made := &EventTable{
		Off: []uint32{0, offset(hi - lo)}, Times: slices.Clone(from.Times[lo:hi]), Latest: t.Latest,
	}
	if from.Seqs != nil {
		made.Seqs = slices.Clone(from.Seqs[lo:hi])
	}
	made.appendRows(&from.Table, lo, hi)
	return made
}

// sort brings the events of a tail in order of time and receipt.
func (t *EventTable) sort() {
	order := make([]int32, t.Rows)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(t.Times[a], t.Times[b]), cmp.Compare(t.Seqs[a], t.Seqs[b]))
	})
	t.pick(order)
}

// pick keeps some of the rows of a tail, in the given order.
func (t *EventTable) pick(order []int32) {
	t.Table = *t.gather(order)
	t.Times, t.Seqs = pick(t.Times, order), pick(t.Seqs, order)
	t.Off = []uint32{0, offset(t.Rows)}
}

// RemoveEvent removes an event by its number; false if the customer has none such.
func (e *Editor) RemoveEvent(b *Block, row, event int, seq int64) bool {
	if b.EventTable(event) == nil {
		return false
	}
	t := e.eventsOf(b, row, event)
	if !slices.Contains(t.Seqs, uint32(seq)) {
		return false
	}
	whole := t.copyOf(0)
	setTail(e, b, &b.Events[event].tails, row, whole)
	e.dropEvent(b, row, event, seq)
	return true
}

func (e *Editor) dropEvent(b *Block, row, event int, seq int64) {
	t := b.Events[event].tails[row]
	order := make([]int32, 0, t.Rows)
	for i, s := range t.Seqs {
		if s != uint32(seq) {
			order = append(order, int32(i))
		}
	}
	t.pick(order)
}

// Absorb gives the events of another customer to a customer; attributes, consents
// and stays are for the caller to set.
func (e *Editor) Absorb(b *Block, row int, from *Block, fromRow int) {
	for event := range from.Events {
		if from.Events[event] == nil {
			continue
		}
		theirs, i := from.Events[event].Of(fromRow)
		lo, hi := int(theirs.Off[i]), int(theirs.Off[i+1])
		if lo == hi {
			continue
		}
		mine := e.eventsOf(b, row, event)
		both := mine.copyOf(0)
		both.appendRows(&theirs.Table, lo, hi)
		both.Times, both.Seqs = append(both.Times, theirs.Times[lo:hi]...), append(both.Seqs, theirs.Seqs[lo:hi]...)
		both.Latest = max(both.Latest, theirs.Latest)
		both.sort()
		setTail(e, b, &b.Events[event].tails, row, both)
		b.Events[event].Latest = max(b.Events[event].Latest, both.Latest)
	}
}

// Value is a value (JSON) that an attribute has from a time on.
type Value struct {
	Time calendar.Instant
	JSON []byte
}

// SetAttribute sets the whole history of an attribute, by its id, in order of time
// and receipt. It tells whether that is another one than before.
func (e *Editor) SetAttribute(b *Block, row, attr int, history []Value) (different bool, err error) {
	b.Attrs = grown(b.Attrs, len(e.schema.Attrs.List))
	tail, err := e.history(&e.schema.Attrs.List[attr], history)
	if err != nil || b.Attrs[attr].same(row, tail) {
		return false, err
	}
	setAttr(e, b, b.Rows(), &b.Attrs[attr], row, tail)
	return true, nil
}

// SetCompanyAttribute does the same for a company.
func (e *Editor) SetCompanyAttribute(c *Companies, row, attr int, history []Value) (different bool, err error) {
	c.Attrs = grown(c.Attrs, len(e.schema.Company.List))
	tail, err := e.history(&e.schema.Company.List[attr], history)
	if err != nil || c.Attrs[attr].same(row, tail) {
		return false, err
	}
	setAttr(e, &c.edits, len(c.IDs), &c.Attrs[attr], row, tail)
	return true, nil
}

// AddCompany adds a company and gives its row.
func (e *Editor) AddCompany(c *Companies, id int64, name string) int {
	row := len(c.IDs)
	c.IDs, c.Names = append(c.IDs, id), append(c.Names, name)
	e.Undoing(func() { c.IDs, c.Names = c.IDs[:row], c.Names[:row] })
	for _, a := range c.Attrs {
		a.extend()
	}
	return row
}

func setAttr(e *Editor, b *Block, rows int, attr **Attr, row int, tail *Attr) {
	if *attr == nil {
		*attr = &Attr{Latest: tail.Latest.empty()}
		(*attr).Latest.pad(rows)
	}
	(*attr).extend()
	setTail(e, b, &(*attr).tails, row, tail)
}

func (e *Editor) history(field *Field, history []Value) (*Attr, error) {
	a := &attrBuilder{col: newColumn(field)}
	for _, h := range history {
		v, err := e.parser.ParseBytes(h.JSON)
		if err != nil {
			return nil, fmt.Errorf("value of %s: %w", field.Path, err)
		}
		a.add(field, &e.fill, 0, h.Time, v)
	}
	return a.finish(1), nil
}

// Membership is that a person belongs to a company, a row of Companies, from a time
// on, in a role that may be empty.
type Membership struct {
	Time    calendar.Instant
	Company int
	Role    string
}

// SetJoins sets the companies of a customer, in order of time and receipt.
func (e *Editor) SetJoins(b *Block, row int, joins []Membership) {
	a, roles := newJoins(e.schema)
	for _, j := range joins {
		a.join(roles, 0, j)
	}
	a.keepRoles(roles, 1)
	setAttr(e, b, b.Rows(), &b.Joins, row, a.finish(1))
	setAttr(e, b, b.Rows(), &b.Roles, row, roles.finish(1))
}

// Decision is a consent given or withdrawn.
type Decision struct {
	Time    calendar.Instant
	Granted bool
}

// SetConsents sets a customer's decisions about a channel and purpose, by its id, in order of time and receipt.
func (e *Editor) SetConsents(b *Block, row, consent int, decisions []Decision) {
	b.Consents = grown(b.Consents, len(e.schema.Consents))
	base := b.Consents[consent]
	if base == nil {
		base = &ConsentTable{Off: make([]uint32, b.Rows()+1)}
		b.Consents[consent] = base
	}
	tail := &ConsentTable{Off: []uint32{0, offset(len(decisions))}}
	for _, d := range decisions {
		tail.Times, tail.Granted = append(tail.Times, d.Time), append(tail.Granted, d.Granted)
	}
	setTail(e, b, &base.tails, row, tail)
}

// Stay is a stay in a segment: from, and to or calendar.Never.
type Stay struct{ From, To calendar.Instant }

// SetStays sets a customer's stays in a segment, by its id, in order.
func (e *Editor) SetStays(b *Block, row, segment int, stays []Stay) {
	b.Stays = grown(b.Stays, len(e.schema.Segments))
	base := b.Stays[segment]
	if base == nil {
		none := make([]uint32, b.Rows()+1)
		base = &StayTable{Off: none, Entry: &EventTable{Off: none, Latest: calendar.Unset}, Exit: &EventTable{Off: none, Latest: calendar.Unset}}
		b.Stays[segment] = base
	}
	made := NewStays(1, 1)
	made.entries[0] = &eventBuilder{}
	for _, s := range stays {
		made.Add(0, 0, s.From, s.To)
	}
	tail := made.Finish()[0]
	setTail(e, b, &base.tails, row, tail)
	setTail(e, b, &base.Entry.tails, row, tail.Entry)
	setTail(e, b, &base.Exit.tails, row, tail.Exit)
	base.Entry.Latest, base.Exit.Latest = max(base.Entry.Latest, tail.Entry.Latest), max(base.Exit.Latest, tail.Exit.Latest)
}

// StaysOf gives a customer's stays in a segment, in order.
func (b *Block) StaysOf(row, segment int) []Stay {
	t := b.StayTable(segment)
	if t == nil {
		return nil
	}
	t, row = t.Of(row)
	var stays []Stay
	for i := t.Off[row]; i < t.Off[row+1]; i++ {
		stays = append(stays, Stay{t.From[i], t.To[i]})
	}
	return stays
}
