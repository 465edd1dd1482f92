package index

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
)

// Stay is a stay of a customer in a segment: from, and to or calendar.Never.
type Stay struct {
	Segment  string
	Customer Position
	From, To calendar.Instant
}

// WithStays gives the index with these past memberships instead of its own. The
// segments that they name become known. Everything else is shared.
func (x *Index) WithStays(stays []Stay) *Index {
	schema := *x.Schema
	known := *schema.Catalog
	schema.Catalog = &known
	known.Segments = slices.Clone(known.Segments)
	for _, s := range stays {
		known.Segments = append(known.Segments, s.Segment)
	}
	slices.Sort(known.Segments)
	known.Segments = slices.Compact(known.Segments)
	schema.Segments = known.Segments

	made := &Index{Schema: &schema, Companies: x.Companies, Places: x.Places, Revision: x.Revision}
	byBlock := map[*columns.Block]*columns.Stays{}
	for _, b := range x.Blocks {
		byBlock[b] = columns.NewStays(b.Rows(), len(schema.Segments))
	}
	for _, s := range stays {
		segment, _ := schema.SegmentID(s.Segment)
		byBlock[s.Customer.Block].Add(s.Customer.Row, segment, s.From, s.To)
	}
	for _, b := range x.Blocks {
		block := *b
		block.Stays = byBlock[b].Finish()
		made.Blocks = append(made.Blocks, &block)
	}
	return made
}
