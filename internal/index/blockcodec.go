package index

import (
	"math"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
)

func floatBits(f float64) int64 { return int64(math.Float64bits(f)) }
func bitsFloat(b int64) float64 { return math.Float64frombits(uint64(b)) }

// block reads or writes a block. Every length that another part relies on is
// checked, so that a damaged file is noticed before it is used.
func (c *codec) block(s *columns.Schema, b *columns.Block) {
	raw(c, &b.IDs)
	c.strings(&b.Names)
	rows := len(b.IDs)
	b.Read()
	c.expect(len(b.Names) == rows)
	c.attrs(s.Attrs, &b.Attrs, rows)
	c.attr(&columns.Field{Type: catalog.Type{Kind: catalog.Number}}, &b.Joins, rows)
	c.attr(&s.Roles.List[0], &b.Roles, rows)
	many(c, &b.Events, len(s.Events), func(i int, t *columns.EventTable) { c.events(s.Events[i].Fields, t, rows) })
	many(c, &b.Consents, len(s.Consents), func(_ int, t *columns.ConsentTable) {
		raw(c, &t.Off)
		raw(c, &t.Times)
		raw(c, &t.Granted)
		c.offsets(t.Off, rows, len(t.Times))
		c.expect(len(t.Granted) == len(t.Times))
	})
	if c.reading() {
		b.Stays = make([]*columns.StayTable, len(s.Segments)) // given with each question, never stored
	}
}

func (c *codec) expect(ok bool) {
	if !ok && c.reading() {
		c.fail(errDamaged)
	}
}

// offsets checks that offsets rise from 0 to the number of values.
func (c *codec) offsets(off []uint32, rows, values int) {
	if !c.reading() || c.err != nil {
		return
	}
	c.expect(len(off) == rows+1)
	for i := 1; i < len(off); i++ {
		c.expect(off[i] >= off[i-1])
	}
	c.expect(c.err != nil || off[0] == 0 && int(off[rows]) == values)
}

// many reads or writes a list of n parts, any of which may be absent.
func many[T any](c *codec, list *[]*T, n int, each func(i int, part *T)) {
	if c.reading() {
		*list = make([]*T, n)
	}
	for i := range n {
		if c.present(i < len(*list) && (*list)[i] != nil) { // parts that nobody has seen yet may lack their places
			if c.reading() {
				(*list)[i] = new(T)
			}
			each(i, (*list)[i])
		}
		if c.err != nil {
			return
		}
	}
}

func (c *codec) attrs(fields *columns.Fields, attrs *[]*columns.Attr, rows int) {
	many(c, attrs, len(fields.List), func(i int, a *columns.Attr) { c.values(&fields.List[i], a, rows) })
}

func (c *codec) attr(f *columns.Field, a **columns.Attr, rows int) {
	list := []*columns.Attr{*a}
	many(c, &list, 1, func(_ int, part *columns.Attr) { c.values(f, part, rows) })
	*a = list[0]
}

func (c *codec) values(f *columns.Field, a *columns.Attr, rows int) {
	if c.reading() {
		a.Latest = &columns.Column{}
	}
	c.column(f, a.Latest, rows)
	if !c.present(a.HistOff != nil) {
		return
	}
	if c.reading() {
		a.Past = &columns.Column{}
	}
	c.int(&a.Newest)
	raw(c, &a.HistOff)
	raw(c, &a.Times)
	c.offsets(a.HistOff, rows, len(a.Times))
	c.column(f, a.Past, len(a.Times))
}

func (c *codec) events(fields *columns.Fields, t *columns.EventTable, rows int) {
	raw(c, &t.Off)
	raw(c, &t.Times)
	c.int(&t.Latest)
	raw(c, &t.Seqs)
	c.expect(len(t.Seqs) == len(t.Times))
	c.offsets(t.Off, rows, len(t.Times))
	c.table(fields, &t.Table, len(t.Times))
}

func (c *codec) table(fields *columns.Fields, t *columns.Table, rows int) {
	t.Rows = rows
	many(c, &t.Cols, len(fields.List), func(i int, col *columns.Column) { c.column(&fields.List[i], col, rows) })
}

func (c *codec) column(f *columns.Field, col *columns.Column, rows int) {
	col.Kind, col.Dict = f.Type.Kind, f.Dict
	switch col.Kind {
	case catalog.Text:
		raw(c, &col.Codes)
		c.expect(len(col.Codes) == rows)
		c.codes(col)
	case catalog.Boolean:
		raw(c, &col.Bools)
		c.expect(len(col.Bools) == rows)
	case catalog.TextList, catalog.ObjectList:
		c.lists(f, col, rows)
	default:
		raw(c, &col.Nums)
		c.expect(len(col.Nums) == rows)
	}
}

// codes checks that every code is in the dictionary.
func (c *codec) codes(col *columns.Column) {
	if !c.reading() {
		return
	}
	n := uint32(col.Dict.Len())
	for _, code := range col.Codes {
		if code >= n {
			c.fail(errDamaged)
			return
		}
	}
}

func (c *codec) lists(f *columns.Field, col *columns.Column, rows int) {
	raw(c, &col.Known)
	raw(c, &col.Off)
	c.expect(len(col.Known) == rows && len(col.Off) == rows+1)
	if c.err != nil {
		return
	}
	n := int(col.Off[rows])
	c.offsets(col.Off, rows, n)
	if col.Kind == catalog.TextList {
		raw(c, &col.Codes)
		c.expect(len(col.Codes) == n)
		c.codes(col)
		return
	}
	if c.reading() {
		col.Items = &columns.Table{}
	}
	c.table(f.Members, col.Items, n)
}
