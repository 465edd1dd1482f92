package columns

import (
	"iter"
	"slices"

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

// Read takes over the rows of a block that was written to a file: those without a
// customer are of customers who were gone.
func (b *Block) Read() {
	for row, id := range b.IDs {
		if id == 0 {
			setFlag(&b.gone, row, true)
		}
	}
}

// Customers counts the customers, without those who are gone.
func (b *Block) Customers() int {
	n := len(b.IDs)
	for _, gone := range b.gone {
		if gone {
			n--
		}
	}
	return n
}

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

// same tells whether a row has the same history as the row of a tail.
func (a *Attr) same(row int, tail *Attr) bool {
	if a == nil {
		return false
	}
	if row < len(a.tails) && a.tails[row] != nil {
		a, row = a.tails[row], 0
	}
	if row >= a.Latest.rows() || !a.Latest.equal(row, tail.Latest, 0) {
		return false
	}
	lo, hi := a.past(row)
	from, to := tail.past(0)
	if hi-lo != to-from {
		return false
	}
	for i := range hi - lo {
		if a.Times[lo+i] != tail.Times[from+i] || !a.Past.equal(lo+i, tail.Past, from+i) {
			return false
		}
	}
	return true
}

// past gives the rows of Past that are the history of a row.
func (a *Attr) past(row int) (lo, hi int) {
	if row+1 >= len(a.HistOff) {
		return 0, 0
	}
	return int(a.HistOff[row]), int(a.HistOff[row+1])
}

// equal tells whether two rows of columns of the same field have the same value.
func (c *Column) equal(i int, other *Column, j int) bool {
	switch c.Kind {
	case catalog.Text:
		return c.Codes[i] == other.Codes[j]
	case catalog.Boolean:
		return c.Bools[i] == other.Bools[j]
	case catalog.TextList:
		return c.Known[i] == other.Known[j] && slices.Equal(c.Codes[c.Off[i]:c.Off[i+1]], other.Codes[other.Off[j]:other.Off[j+1]])
	case catalog.ObjectList:
		return false // rare, and not worth comparing
	}
	return c.Nums[i] == other.Nums[j]
}
