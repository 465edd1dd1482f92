package columns

import (
	"iter"

	"github.com/kohorte/kohorte/internal/catalog"
)

// tails are the rows of a table that changed since it was built, each as a table
// of its own that has only that row.
type tails[T any] []*T

// set puts a tail in the place of a row's former tail, which it gives.
func (t *tails[T]) set(row int, to *T) (before *T) {
	for len(*t) <= row {
		*t = append(*t, nil)
	}
	before, (*t)[row] = (*t)[row], to
	return before
}

// Settled appends the rows that the base tables answer for, in order.
func (b *Block) Settled(rows []int32) []int32 {
	for row := range b.IDs {
		if !flag(b.changed, row) && !flag(b.gone, row) {
			rows = append(rows, int32(row))
		}
	}
	return rows
}

// Changed gives the rows that must be asked one by one, in order.
func (b *Block) Changed() iter.Seq[int] {
	return func(yield func(int) bool) {
		for row, is := range b.changed {
			if is && !b.Gone(row) && !yield(row) {
				return
			}
		}
	}
}

// Gone tells whether the customer of a row is no longer there.
func (b *Block) Gone(row int) bool { return flag(b.gone, row) }

// Edits counts the tails, which Editor.Compact takes into the base tables.
func (b *Block) Edits() int { return b.edits }

func flag(flags []bool, row int) bool { return row < len(flags) && flags[row] }

func setFlag(flags *[]bool, row int, to bool) {
	for len(*flags) <= row {
		*flags = append(*flags, false)
	}
	(*flags)[row] = to
}

// grown gives a list with at least n places.
func grown[T any](list []*T, n int) []*T {
	for len(list) < n {
		list = append(list, nil)
	}
	return list
}

// unknownColumn gives a column of one unknown value.
func unknownColumn(kind catalog.Kind, dict *Dict) *Column {
	c := &Column{Kind: kind, Dict: dict}
	if kind == catalog.TextList || kind == catalog.ObjectList {
		c.Off = []uint32{0}
	}
	if kind == catalog.ObjectList {
		c.Items = &Table{}
	}
	c.pad(1)
	return c
}

// appendRows appends the rows lo to hi of a column of the same field.
func (c *Column) appendRows(from *Column, lo, hi int) {
	switch c.Kind {
	case catalog.Text:
		c.Codes = append(c.Codes, from.Codes[lo:hi]...)
	case catalog.Boolean:
		c.Bools = append(c.Bools, from.Bools[lo:hi]...)
	case catalog.TextList, catalog.ObjectList:
		c.Known = append(c.Known, from.Known[lo:hi]...)
		c.appendLists(from, lo, hi)
	default:
		c.Nums = append(c.Nums, from.Nums[lo:hi]...)
	}
}

func (c *Column) appendLists(from *Column, lo, hi int) {
	base, first := c.Off[len(c.Off)-1], from.Off[lo]
	for _, end := range from.Off[lo+1 : hi+1] {
		c.Off = append(c.Off, base+end-first)
	}
	if c.Kind == catalog.ObjectList {
		c.Items.appendRows(from.Items, int(first), int(from.Off[hi]))
		return
	}
	c.Codes = append(c.Codes, from.Codes[first:from.Off[hi]]...)
}

// appendRows appends the rows lo to hi of a table of the same fields.
func (t *Table) appendRows(from *Table, lo, hi int) {
	t.Cols = grown(t.Cols, len(from.Cols))
	for id, c := range t.Cols {
		source := from.Col(id)
		if source == nil {
			if c != nil {
				c.pad(t.Rows + hi - lo)
			}
			continue
		}
		if c == nil {
			c = source.empty()
			c.pad(t.Rows)
			t.Cols[id] = c
		}
		c.appendRows(source, lo, hi)
	}
	t.Rows += hi - lo
}

// empty gives a column of the same field without rows.
func (c *Column) empty() *Column {
	made := &Column{Kind: c.Kind, Dict: c.Dict}
	if c.Off != nil {
		made.Off = []uint32{0}
	}
	if c.Items != nil {
		made.Items = &Table{}
	}
	return made
}
