package intake

import (
	"fmt"

	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
	"github.com/kohorte/kohorte/internal/number"
)

// column is one column of the file, ready to be read.
type column struct {
	index    int // among the cells of a row
	name     string
	kind     value.Type
	declared bool // the type, by the mapping
	unset    bool
	fallback []byte
	values   map[string]string
}

func newColumn(index int, c mapping.Column) *column {
	return &column{
		index: index, name: c.Name, kind: c.Type, declared: c.Type.Kind != value.Unknown,
		unset: c.Unset, fallback: []byte(c.Default), values: c.Values,
	}
}

// cell gives the cell of a row, with what the mapping puts in its place.
func (c *column) cell(cells []table.Cell) table.Cell {
	cell := cells[c.index]
	if c.values != nil {
		if v, ok := c.values[string(cell.Text)]; ok {
			cell = table.Cell{Text: []byte(v)}
		}
	}
	if len(cell.Text) == 0 && c.fallback != nil {
		cell.Text = c.fallback
	}
	return cell
}

// text gives the cell as a text, for names and identities. A JSON null is empty.
func (c *column) text(cells []table.Cell) []byte {
	cell := c.cell(cells)
	if isNull(cell) {
		return nil
	}
	return value.Plain(cell.Text, c.kind)
}

func isNull(c table.Cell) bool { return c.JSON && string(c.Text) == "null" }

// isEmpty tells whether a cell says nothing: where a value of a kind is
// expected, n/a and the like say nothing either.
func (c *column) isEmpty(cell table.Cell) bool {
	if len(cell.Text) == 0 {
		return true
	}
	typed := c.kind.Kind != value.Text && c.kind.Kind != value.Unknown && c.kind.Kind != value.List
	return typed && !cell.JSON && value.IsMissing(cell.Text)
}

// appendJSON appends the value of a cell that says something.
func (c *column) appendJSON(dst []byte, cell table.Cell, r *value.Reader) ([]byte, error) {
	if !cell.JSON {
		out, err := r.Append(dst, cell.Text, c.kind)
		return out, c.blame(err)
	}
	if !c.declared && c.kind.Kind != value.Time || isNull(cell) || c.fits(cell.Text) {
		return append(dst, cell.Text...), nil
	}
	if c.kind.Kind == value.Text || c.kind.Kind == value.Date || c.kind.Kind == value.Time {
		out, err := r.Append(dst, cell.Text, c.kind)
		return out, c.blame(err)
	}
	return dst, c.blame(fmt.Errorf("%s is not %s", cell.Text, c.kind.Kind))
}

// fits tells whether a JSON literal already is what the mapping declares.
func (c *column) fits(literal []byte) bool {
	switch c.kind.Kind {
	case value.Number:
		_, err := number.Parse(string(literal))
		return err == nil
	case value.Boolean:
		return literal[0] == 't' || literal[0] == 'f'
	case value.List:
		return literal[0] == '['
	}
	return c.kind.Kind == value.JSON
}

// blame says which column an error is about.
func (c *column) blame(err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	return nil
}

// number reads the cell as a number; false if it says nothing.
func (c *column) number(cells []table.Cell, r *value.Reader) (n number.Number, ok bool, err error) {
	cell := c.cell(cells)
	if c.isEmpty(cell) || isNull(cell) {
		return 0, false, nil
	}
	text := cell.Text
	if !cell.JSON {
		var buffer [64]byte
		if text, err = r.Append(buffer[:0], cell.Text, c.kind); err != nil {
			return 0, false, c.blame(err)
		}
	}
	if n, err = number.Parse(string(text)); err != nil {
		return 0, false, c.blame(fmt.Errorf("%q is no number", text))
	}
	return n, true, nil
}
