package columns

import (
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/valyala/fastjson"
)

// Builder collects what is known of a run of customers, in order of receipt, and
// makes a Block of it.
type Builder struct {
	schema   *Schema
	fill     filler
	parser   fastjson.Parser
	ids      []int64
	names    []string
	attrs    []*attrBuilder
	joins    *attrBuilder
	roles    *attrBuilder
	events   []*eventBuilder
	consents []*eventBuilder
	granted  [][]bool
	stays    *Stays
}

// eventBuilder collects timed rows of customers.
type eventBuilder struct {
	rows  []int32
	times []calendar.Instant
	seqs  []uint32
	table Table
}

// attrBuilder collects the values of one attribute.
type attrBuilder struct {
	rows  []int32
	times []calendar.Instant
	col   *Column
}

// NewBuilder begins a block.
func NewBuilder(s *Schema) *Builder {
	return &Builder{
		schema: s, fill: filler{zone: s.Zone}, attrs: make([]*attrBuilder, len(s.Attrs.List)),
		events: make([]*eventBuilder, len(s.Events)), consents: make([]*eventBuilder, len(s.Consents)),
		granted: make([][]bool, len(s.Consents)), stays: NewStays(0, len(s.Segments)),
	}
}

// Customer adds a customer and gives its row. The name is what lists print.
func (b *Builder) Customer(id int64, name string) int {
	b.ids = append(b.ids, id)
	b.names = append(b.names, name)
	return len(b.ids) - 1
}

// Attribute adds a value (JSON) that an attribute, by its id, has from a time on.
func (b *Builder) Attribute(row, attr int, at calendar.Instant, value []byte) error {
	v, err := b.parser.ParseBytes(value)
	if err != nil {
		return fmt.Errorf("value of attribute %s of %s: %w", b.schema.Attrs.List[attr].Path, b.names[row], err)
	}
	b.attrs[attr] = b.attrs[attr].add(&b.schema.Attrs.List[attr], &b.fill, row, at, v)
	return nil
}

func (a *attrBuilder) add(field *Field, fill *filler, row int, at calendar.Instant, v *fastjson.Value) *attrBuilder {
	if a == nil {
		a = &attrBuilder{col: newColumn(field)}
	}
	a.rows = append(a.rows, int32(row))
	a.times = append(a.times, at)
	fill.add(a.col, field, v)
	return a
}

// Join adds that a customer belongs to a company, a row of Companies, from a time
// on, in a role that may be empty.
func (b *Builder) Join(row, company int, at calendar.Instant, role string) {
	if b.joins == nil {
		b.joins, b.roles = newJoins(b.schema)
	}
	b.joins.join(b.roles, row, Membership{at, company, role})
}

func newJoins(s *Schema) (joins, roles *attrBuilder) {
	return &attrBuilder{col: &Column{Kind: catalog.Number}}, &attrBuilder{col: newColumn(&s.Roles.List[0])}
}

func (a *attrBuilder) join(roles *attrBuilder, row int, m Membership) {
	a.rows, a.times = append(a.rows, int32(row)), append(a.times, m.Time)
	a.col.Nums = append(a.col.Nums, int64(m.Company))
	roles.rows, roles.times = append(roles.rows, int32(row)), append(roles.times, m.Time)
	code := uint32(0)
	if m.Role != "" {
		code = roles.col.Dict.Code([]byte(m.Role))
	}
	roles.col.Codes = append(roles.col.Codes, code)
}

// keepRoles has a join that tells no role keep the one that was told before for the same
// company; a join to another company in between ends it.
func (a *attrBuilder) keepRoles(roles *attrBuilder, n int) {
	if a == nil {
		return
	}
	codes := roles.col.Codes
	off, order := byRowAndTime(a.rows, a.times, n)
	for r := range n {
		for i := off[r] + 1; i < off[r+1]; i++ {
			if at, before := order[i], order[i-1]; codes[at] == 0 && a.col.Nums[at] == a.col.Nums[before] {
				codes[at] = codes[before]
			}
		}
	}
}

// Event adds an event with its number in the store and its properties, a JSON
// object or nothing. With an error nothing is added.
func (b *Builder) Event(row, event int, seq int64, at calendar.Instant, props []byte) error {
	object, err := b.object(props)
	if err != nil {
		return fmt.Errorf("properties of an event %s of %s: %w", b.schema.Events[event].Name, b.names[row], err)
	}
	e := b.events[event]
	if e == nil {
		e = &eventBuilder{table: Table{Cols: make([]*Column, len(b.schema.Events[event].Fields.List))}}
		b.events[event] = e
	}
	e.rows = append(e.rows, int32(row))
	e.times = append(e.times, at)
	e.seqs = append(e.seqs, uint32(seq))
	if object == nil {
		e.table.Rows++
		return nil
	}
	b.fill.addRow(&e.table, b.schema.Events[event].Fields, object)
	return nil
}

// object reads properties; nil if there are none.
func (b *Builder) object(props []byte) (*fastjson.Object, error) {
	if len(props) == 0 {
		return nil, nil
	}
	v, err := b.parser.ParseBytes(props)
	if err != nil {
		return nil, err
	}
	return v.Object()
}

// Consent adds a decision about a channel and purpose, by its id.
func (b *Builder) Consent(row, consent int, at calendar.Instant, granted bool) {
	b.consents[consent] = b.consents[consent].add(row, at)
	b.granted[consent] = append(b.granted[consent], granted)
}

// Stay adds a stay in a segment, by its id: from, and to or calendar.Never.
func (b *Builder) Stay(row, segment int, from, to calendar.Instant) {
	b.stays.Add(row, segment, from, to)
}

func (e *eventBuilder) add(row int, at calendar.Instant) *eventBuilder {
	if e == nil {
		e = &eventBuilder{}
	}
	e.rows = append(e.rows, int32(row))
	e.times = append(e.times, at)
	e.table.Rows++
	return e
}

// Finish makes the block. The builder must not be used afterwards.
func (b *Builder) Finish(companies *Companies) *Block {
	n := len(b.ids)
	b.joins.keepRoles(b.roles, n)
	block := &Block{
		IDs: b.ids, Names: b.names, Companies: companies, Attrs: finishAttrs(b.attrs, n), Joins: b.joins.finish(n), Roles: b.roles.finish(n),
		Events: make([]*EventTable, len(b.events)), Consents: make([]*ConsentTable, len(b.consents)),
	}
	b.stays.rows = n
	block.Stays = b.stays.Finish()
	for i, e := range b.events {
		block.Events[i], _ = e.finish(n)
		b.events[i] = nil // lets the memory of each type go before the next is built
	}
	for i, e := range b.consents {
		if t, order := e.finish(n); t != nil {
			block.Consents[i] = &ConsentTable{Off: t.Off, Times: t.Times, Granted: pick(b.granted[i], order)}
		}
	}
	return block
}

func finishAttrs(attrs []*attrBuilder, n int) []*Attr {
	done := make([]*Attr, len(attrs))
	for i, a := range attrs {
		done[i] = a.finish(n)
		attrs[i] = nil
	}
	return done
}

// finish orders the events by customer, time and receipt; the order is also returned.
func (e *eventBuilder) finish(n int) (*EventTable, []int32) {
	if e == nil {
		return nil, nil
	}
	e.table.finish()
	off, order := byRowAndTime(e.rows, e.times, n)
	t := &EventTable{Table: *e.table.gather(order), Off: off, Times: pick(e.times, order), Latest: calendar.Unset}
	if e.seqs != nil {
		t.Seqs = pick(e.seqs, order)
	}
	for _, at := range t.Times {
		t.Latest = max(t.Latest, at)
	}
	return t, order
}

// byRowAndTime sorts positions by row, then time, then position, and gives where each row begins.
func byRowAndTime(rows []int32, times []calendar.Instant, n int) ([]uint32, []int32) {
	off := make([]uint32, n+1)
	for _, r := range rows {
		off[r+1]++
	}
	for i := range n {
		off[i+1] += off[i]
	}
	order := make([]int32, len(rows))
	next := slices.Clone(off[:n])
	for i, r := range rows {
		order[next[r]] = int32(i)
		next[r]++
	}
	for r := range n {
		run := order[off[r]:off[r+1]]
		for i := 1; i < len(run); i++ {
			if times[run[i]] < times[run[i-1]] {
				slices.SortStableFunc(run, func(a, b int32) int { return cmpInstant(times[a], times[b]) })
				break
			}
		}
	}
	return off, order
}

func cmpInstant(a, b calendar.Instant) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// finish separates the latest value of each row from the history of those that had several.
func (a *attrBuilder) finish(n int) *Attr {
	if a == nil {
		return nil
	}
	off, order := byRowAndTime(a.rows, a.times, n)
	latest := make([]int32, n)
	var past []int32
	hist := make([]uint32, n+1)
	a.col.pad(len(a.rows) + 1) // one more, unknown, for the rows without a value
	if a.col.Items != nil {
		a.col.Items.finish()
	}
	for r := range n {
		lo, hi := off[r], off[r+1]
		latest[r] = int32(len(a.rows))
		if hi > lo {
			latest[r] = order[hi-1]
		}
		if begin := len(past); hi > lo+1 {
			past = a.inForce(past, order[lo:hi])
			if len(past) == begin+1 {
				past = past[:begin]
			}
		}
		hist[r+1] = offset(len(past))
	}
	attr := &Attr{Latest: a.col.gather(latest)}
	if len(past) > 0 {
		attr.HistOff, attr.Times, attr.Past = hist, pick(a.times, past), a.col.gather(past)
		attr.Newest = slices.Max(attr.Times)
	}
	return attr
}

// inForce appends the values that ever held: of several set at one time only the last did.
func (a *attrBuilder) inForce(past, order []int32) []int32 {
	for i, at := range order {
		if i+1 == len(order) || a.times[order[i+1]] != a.times[at] {
			past = append(past, at)
		}
	}
	return past
}

// CompanyBuilder collects the companies of a workspace.
type CompanyBuilder struct {
	schema *Schema
	fill   filler
	parser fastjson.Parser
	done   Companies
	attrs  []*attrBuilder
}

// NewCompanyBuilder begins the companies.
func NewCompanyBuilder(s *Schema) *CompanyBuilder {
	return &CompanyBuilder{schema: s, fill: filler{zone: s.Zone}, attrs: make([]*attrBuilder, len(s.Company.List))}
}

// Company adds a company and gives its row.
func (b *CompanyBuilder) Company(id int64, name string) int {
	b.done.IDs = append(b.done.IDs, id)
	b.done.Names = append(b.done.Names, name)
	return len(b.done.IDs) - 1
}

// Attribute adds a value (JSON) that an attribute, by its id, has from a time on.
func (b *CompanyBuilder) Attribute(row, attr int, at calendar.Instant, value []byte) error {
	v, err := b.parser.ParseBytes(value)
	if err != nil {
		return fmt.Errorf("value of attribute %s of company %s: %w", b.schema.Company.List[attr].Path, b.done.Names[row], err)
	}
	b.attrs[attr] = b.attrs[attr].add(&b.schema.Company.List[attr], &b.fill, row, at, v)
	return nil
}

// Finish makes the companies. The builder must not be used afterwards.
func (b *CompanyBuilder) Finish() *Companies {
	b.done.Attrs = finishAttrs(b.attrs, len(b.done.IDs))
	return &b.done
}
