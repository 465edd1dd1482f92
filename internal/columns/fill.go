package columns

import (
	"unsafe"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/valyala/fastjson"
)

// filler appends JSON values to columns, by the types of the fields. A value of
// another type than its field's is not known.
type filler struct {
	zone *calendar.Zone
	raw  []byte // scratch for the digits of numbers
}

func newColumn(f *Field) *Column {
	c := &Column{Kind: f.Type.Kind, Dict: f.Dict}
	if f.Type.Kind == catalog.TextList || f.Type.Kind == catalog.ObjectList {
		c.Off = []uint32{0}
	}
	if f.Type.Kind == catalog.ObjectList {
		c.Items = &Table{Cols: make([]*Column, len(f.Members.List))}
	}
	return c
}

func (c *Column) rows() int {
	switch c.Kind {
	case catalog.Text:
		return len(c.Codes)
	case catalog.Boolean:
		return len(c.Bools)
	case catalog.TextList, catalog.ObjectList:
		return len(c.Known)
	}
	return len(c.Nums)
}

// pad appends unknown values up to a number of rows.
func (c *Column) pad(rows int) {
	for n := c.rows(); n < rows; n++ {
		switch c.Kind {
		case catalog.Text:
			c.Codes = append(c.Codes, 0)
		case catalog.Boolean:
			c.Bools = append(c.Bools, BoolUnset)
		case catalog.TextList, catalog.ObjectList:
			c.Known = append(c.Known, false)
			c.Off = append(c.Off, c.Off[len(c.Off)-1])
		default:
			c.Nums = append(c.Nums, Unset)
		}
	}
}

// add appends one value.
func (f *filler) add(c *Column, field *Field, v *fastjson.Value) {
	switch c.Kind {
	case catalog.Text:
		c.Codes = append(c.Codes, textCode(c.Dict, v))
	case catalog.Boolean:
		c.Bools = append(c.Bools, boolOf(v))
	case catalog.TextList:
		f.addTexts(c, v)
	case catalog.ObjectList:
		f.addObjects(c, field, v)
	case catalog.Number:
		c.Nums = append(c.Nums, f.number(v))
	default:
		c.Nums = append(c.Nums, f.moment(c.Kind, v))
	}
}

func textCode(d *Dict, v *fastjson.Value) uint32 {
	text, err := v.StringBytes()
	if err != nil {
		return 0
	}
	return d.Code(text)
}

func boolOf(v *fastjson.Value) uint8 {
	switch v.Type() {
	case fastjson.TypeTrue:
		return True
	case fastjson.TypeFalse:
		return False
	}
	return BoolUnset
}

func (f *filler) number(v *fastjson.Value) int64 {
	if v.Type() != fastjson.TypeNumber {
		return Unset
	}
	f.raw = v.MarshalTo(f.raw[:0])
	n, err := number.Parse(unsafe.String(&f.raw[0], len(f.raw)))
	if err != nil {
		return Unset
	}
	return int64(n)
}

// moment reads a date as its midnight, a time as its instant; a field of times
// also takes bare dates.
func (f *filler) moment(kind catalog.Kind, v *fastjson.Value) int64 {
	text, err := v.StringBytes()
	if err != nil || len(text) == 0 {
		return Unset
	}
	d, err := calendar.ParseDate(unsafe.String(&text[0], len(text)))
	if err != nil || kind == catalog.Date && d.HasTime || kind == catalog.Unknown {
		return Unset
	}
	return f.zone.Resolve(d)
}

func (f *filler) addTexts(c *Column, v *fastjson.Value) {
	items, err := v.Array()
	for _, item := range items {
		if code := textCode(c.Dict, item); code != 0 {
			c.Codes = append(c.Codes, code)
		}
	}
	c.Known = append(c.Known, err == nil)
	c.Off = append(c.Off, offset(len(c.Codes)))
}

func (f *filler) addObjects(c *Column, field *Field, v *fastjson.Value) {
	items, err := v.Array()
	for _, item := range items {
		if object, err := item.Object(); err == nil {
			f.addRow(c.Items, field.Members, object)
		}
	}
	c.Known = append(c.Known, err == nil)
	c.Off = append(c.Off, offset(c.Items.Rows))
}

// offset converts a position; a block of customers stays far below four billion of anything.
func offset(n int) uint32 {
	if uint64(n) > 1<<32-1 {
		panic("columns: more than four billion values in one block")
	}
	return uint32(n)
}

// addRow appends an object as one row of a table; fields of nested objects have dotted paths.
func (f *filler) addRow(t *Table, fields *Fields, object *fastjson.Object) {
	row := t.Rows
	t.Rows++
	f.addMembers(t, fields, row, "", object)
}

func (f *filler) addMembers(t *Table, fields *Fields, row int, prefix string, object *fastjson.Object) {
	object.Visit(func(key []byte, v *fastjson.Value) {
		if v.Type() == fastjson.TypeObject {
			inner, _ := v.Object()
			f.addMembers(t, fields, row, prefix+string(key)+".", inner)
			return
		}
		id, ok := fields.ids[string(key)]
		if prefix != "" {
			id, ok = fields.ids[prefix+string(key)]
		}
		if !ok || v.Type() == fastjson.TypeNull || fields.List[id].Type.Kind == catalog.Unknown {
			return
		}
		field := &fields.List[id]
		t.Cols = grown(t.Cols, len(fields.List))
		if t.Cols[id] == nil {
			t.Cols[id] = newColumn(field)
		}
		if c := t.Cols[id]; c.rows() <= row { // a member given twice counts once
			c.pad(row)
			f.add(c, field, v)
		}
	})
}

// finish makes all columns of a table equally long.
func (t *Table) finish() {
	for _, c := range t.Cols {
		if c == nil {
			continue
		}
		c.pad(t.Rows)
		if c.Items != nil {
			c.Items.finish()
		}
	}
}

// gather gives the column with its rows in another order, or only some of them.
func (c *Column) gather(rows []int32) *Column {
	g := &Column{Kind: c.Kind, Dict: c.Dict}
	switch c.Kind {
	case catalog.Text:
		g.Codes = pick(c.Codes, rows)
	case catalog.Boolean:
		g.Bools = pick(c.Bools, rows)
	case catalog.TextList, catalog.ObjectList:
		g.Known = pick(c.Known, rows)
		g.gatherLists(c, rows)
	default:
		g.Nums = pick(c.Nums, rows)
	}
	return g
}

func (c *Column) gatherLists(from *Column, rows []int32) {
	c.Off = make([]uint32, 1, len(rows)+1)
	var items []int32
	for _, r := range rows {
		for i := from.Off[r]; i < from.Off[r+1]; i++ {
			items = append(items, int32(i))
		}
		c.Off = append(c.Off, offset(len(items)))
	}
	if from.Items != nil {
		c.Items = from.Items.gather(items)
		return
	}
	c.Codes = pick(from.Codes, items)
}

func (t *Table) gather(rows []int32) *Table {
	g := &Table{Rows: len(rows), Cols: make([]*Column, len(t.Cols))}
	for i, c := range t.Cols {
		if c != nil {
			g.Cols[i] = c.gather(rows)
		}
	}
	return g
}

func pick[T any](from []T, rows []int32) []T {
	to := make([]T, len(rows))
	for i, r := range rows {
		to[i] = from[r]
	}
	return to
}
