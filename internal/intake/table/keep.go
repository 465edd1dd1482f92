package table

import (
	"encoding/binary"
	"fmt"
)

// Keep appends a row in a form that Kept reads back, for rows that are needed
// longer than until the next one is read.
func (r *Rows) Keep(dst []byte, row *Row) []byte {
	dst = binary.AppendUvarint(dst, uint64(row.Line))
	if r.csv == nil {
		return append(dst, row.raw...)
	}
	dst = appendText(dst, []byte(row.Fault))
	for _, cell := range row.found {
		dst = appendText(dst, cell)
	}
	return dst
}

func appendText(dst, text []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// Kept gives a row back that was kept. It is valid until the next row is read or given back.
func (r *Rows) Kept(kept []byte) *Row {
	line, n := binary.Uvarint(kept)
	kept = kept[n:]
	if r.csv == nil {
		r.row = Row{Line: int(line), Cells: r.row.Cells[:0], raw: kept}
		if len(kept) >= MaxRow {
			r.row.Fault = tooLong
		} else {
			r.spread(&r.row)
		}
		return &r.row
	}
	fault, kept := cutText(kept)
	found := r.csv.cells[:0]
	for len(kept) > 0 {
		var cell []byte
		cell, kept = cutText(kept)
		found = append(found, cell)
	}
	r.csv.cells = found
	return r.lineUp(found, int(line), string(fault))
}

func cutText(from []byte) (text, rest []byte) {
	size, n := binary.Uvarint(from)
	if n <= 0 || size > uint64(len(from)-n) {
		panic(fmt.Sprintf("a kept row of %d bytes is broken", len(from)))
	}
	return from[n : n+int(size)], from[n+int(size):]
}
