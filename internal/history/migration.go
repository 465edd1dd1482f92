package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/overlap"
	"github.com/kohorte/kohorte/internal/store"
)

// Sets gives the members of segments at an instant, in their order.
func (p *Past) Sets(ctx context.Context, segments []store.FollowedSegment, at calendar.Instant) ([]overlap.Set, error) {
	sets := make([]overlap.Set, len(segments))
	for i, s := range segments {
		members, err := p.Members(ctx, s.ID, at)
		if err != nil {
			return nil, err
		}
		sets[i] = overlap.Set{Name: s.Name, Members: members}
	}
	return sets, nil
}

// Names of the rows and columns that are no segment.
const (
	None = "(none)" // of the customers who were there, in no segment of the side
	New  = "(new)"  // of the customers who came after the first instant
)

// Matrix counts who went from where to where. Segments may overlap: who was in
// two of them stands in both rows, so rows need not add up to anything. Only who was in
// none on both sides was never in any segment asked for, at either instant.
type Matrix struct {
	From, To calendar.Instant
	Rows     []string // the segments of the first instant, None, New
	Columns  []string // the segments of the second instant, None
	Counts   [][]int

	rows, columns []overlap.Set // all but the rows and columns of None
	fromAny       *roaring.Bitmap
	toAny         *roaring.Bitmap
	newcomers     *roaring.Bitmap
}

// Migration counts who went from one of the rows, as they were at an instant, to one
// of the columns, as they were at a later one.
func (p *Past) Migration(ctx context.Context, from, to calendar.Instant, rows, columns []store.FollowedSegment) (*Matrix, error) {
	m := &Matrix{From: from, To: to}
	of, err := kindOf(slices.Concat(rows, columns))
	if err != nil {
		return nil, err
	}
	if m.rows, err = p.Sets(ctx, rows, from); err != nil {
		return nil, err
	}
	if m.columns, err = p.Sets(ctx, columns, to); err != nil {
		return nil, err
	}
	before, newcomers, err := p.view.Newcomers(ctx, of, from, to)
	if err != nil {
		return nil, err
	}
	m.fromAny, m.toAny = union(m.rows), union(m.columns)
	// The log is what people were told, a date of creation only what is known of
	// them: who was in a segment is not new.
	m.newcomers = roaring.AndNot(newcomers, m.fromAny)
	before += int(newcomers.AndCardinality(m.fromAny))
	m.count(before)
	return m, nil
}

// ErrMixed is the error for segments of people and of companies together.
var ErrMixed = errors.New("segments of people and segments of companies have no members in common")

// kindOf gives who the members of segments are.
func kindOf(segments []store.FollowedSegment) (store.Kind, error) {
	firms := slices.ContainsFunc(segments, func(s store.FollowedSegment) bool { return s.Firms })
	switch {
	case !firms:
		return store.Person, nil
	case slices.ContainsFunc(segments, func(s store.FollowedSegment) bool { return !s.Firms }):
		return store.Person, ErrMixed
	}
	return store.Company, nil
}

func union(groups []overlap.Set) *roaring.Bitmap {
	all := make([]*roaring.Bitmap, len(groups))
	for i, g := range groups {
		all[i] = g.Members
	}
	return roaring.FastOr(all...)
}

// count fills the cells; before is how many customers were there at the first instant.
func (m *Matrix) count(before int) {
	for _, row := range m.rows {
		m.addRow(row.Name, row.Members, int(row.Members.GetCardinality()))
	}
	m.Rows = append(m.Rows, None)
	cells := make([]int, 0, len(m.columns)+1)
	for _, c := range m.columns {
		cells = append(cells, int(c.Members.GetCardinality()-c.Members.AndCardinality(m.fromAny)-c.Members.AndCardinality(m.newcomers)))
	}
	stayedOut := before - int(m.fromAny.OrCardinality(m.toAny)-m.toAny.AndCardinality(m.newcomers))
	m.Counts = append(m.Counts, append(cells, max(0, stayedOut)))
	m.addRow(New, m.newcomers, int(m.newcomers.GetCardinality()))
	for _, c := range m.columns {
		m.Columns = append(m.Columns, c.Name)
	}
	m.Columns = append(m.Columns, None)
}

func (m *Matrix) addRow(name string, who *roaring.Bitmap, size int) {
	cells := make([]int, 0, len(m.columns)+1)
	for _, c := range m.columns {
		cells = append(cells, int(who.AndCardinality(c.Members)))
	}
	m.Rows = append(m.Rows, name)
	m.Counts = append(m.Counts, append(cells, size-int(who.AndCardinality(m.toAny))))
}

// NoSide is the error for a row or column that is not there.
type NoSide struct {
	what, name string
	there      []string
}

func (e *NoSide) Error() string {
	return fmt.Sprintf("there is no %s %q; there is %s", e.what, e.name, strings.Join(e.there, ", "))
}

// ErrUncounted is the error for those who were in no segment at both instants.
var ErrUncounted = errors.New("those in none of the segments at both instants are counted, not listed: the log does not know them")

// Cell gives who is counted in a cell, by the names of its row and column; None and
// New may be written without brackets. Those who were in no segment at both instants
// cannot be told: the log does not know them.
func (m *Matrix) Cell(row, column string) (*roaring.Bitmap, error) {
	row, ok := sideName(m.Rows, row)
	if !ok {
		return nil, &NoSide{"row", row, m.Rows}
	}
	column, ok = sideName(m.Columns, column)
	if !ok {
		return nil, &NoSide{"column", column, m.Columns}
	}
	from, to := m.side(m.rows, row), m.side(m.columns, column)
	switch {
	case from == nil && to == nil:
		return nil, ErrUncounted
	case from == nil:
		return roaring.AndNot(roaring.AndNot(to, m.fromAny), m.newcomers), nil
	case to == nil:
		return roaring.AndNot(from, m.toAny), nil
	}
	return roaring.And(from, to), nil
}

// sideName finds a row or column.
func sideName(there []string, name string) (string, bool) {
	for _, known := range []string{name, "(" + name + ")"} {
		if slices.Contains(there, known) {
			return known, true
		}
	}
	return name, false
}

// side gives who is in a row or column; nil for None.
func (m *Matrix) side(groups []overlap.Set, name string) *roaring.Bitmap {
	for _, g := range groups {
		if g.Name == name {
			return g.Members
		}
	}
	if name == New {
		return m.newcomers
	}
	return nil
}
