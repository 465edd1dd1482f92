// Package survey looks through a whole table once, before any of it is taken
// in: what the columns are is decided over all their values, not the first few.
package survey

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
)

// Survey is what a look through a table has found out.
type Survey struct {
	Columns  table.Columns
	Profiles []*value.Profile // of the columns
	Rows     int
	// Hints are what some columns tell about the others.
	Hints value.Hints
	// Texts is set if the cells of the table can be told from numbers by their quotes, as in JSON.
	Texts bool
}

// Progress is called now and then with how many bytes and rows were read.
type Progress func(bytes int64, rows int)

const (
	interval = 1024 // rows between two looks at the context
)

// Take surveys an input. Last says that it will not be read again.
func Take(ctx context.Context, in *table.Input, last bool, progress Progress) (*Survey, error) {
	rows, err := in.Rows(last)
	if err != nil {
		return nil, err
	}
	s := &Survey{Texts: in.Format != table.CSV}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", in.Name, err)
		}
		if s.Rows++; s.Rows%interval == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if progress != nil {
				progress(rows.Bytes(), s.Rows)
			}
		}
		if row.Fault == "" {
			s.add(rows.Columns(), row)
		}
	}
	s.profile(rows.Columns())
	s.Columns = rows.Columns()
	s.Hints = s.hints(in.Delimiter == ';')
	return s, nil
}

// profile begins the profiles of columns that are seen for the first time.
func (s *Survey) profile(columns table.Columns) {
	for len(s.Profiles) < len(columns) {
		s.Profiles = append(s.Profiles, &value.Profile{Name: columns[len(s.Profiles)]})
	}
}

func (s *Survey) add(columns table.Columns, row *table.Row) {
	s.profile(columns)
	for i, cell := range row.Cells {
		if len(cell.Text) > 0 {
			s.Profiles[i].Add(cell.Text, cell.JSON)
		}
	}
}

// hints gathers what is proven by columns, as long as no two contradict each other.
func (s *Survey) hints(semicolon bool) value.Hints {
	h := value.Hints{Semicolon: semicolon}
	var styles [value.Comma + 1]bool
	var orders [value.UnixMilli + 1]bool
	for _, p := range s.Profiles {
		style, order := p.Evidence()
		styles[style], orders[order] = true, true
	}
	if styles[value.Point] != styles[value.Comma] {
		h.Style = value.Point
		if styles[value.Comma] {
			h.Style = value.Comma
		}
	}
	proven := 0
	for _, o := range []value.Order{value.DayFirst, value.MonthFirst, value.YearFirst} {
		if orders[o] {
			h.Order = o
			proven++
		}
	}
	if proven > 1 {
		h.Order = value.AnyOrder
	}
	return h
}

// Type decides what a column is, by its values and its name, and the hints that hold for the file.
func (s *Survey) Type(i int, h value.Hints) (value.Type, value.Doubt) {
	t, doubt := s.Profiles[i].Decide(h)
	if s.Texts && (t.Kind == value.Number || t.Kind == value.Boolean) {
		return value.IsText, value.Sure // a number in quotes is meant to be text
	}
	return t, doubt
}
