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
	byBlock := map[*columns.Block][]Stay{}
	for _, s := range stays {
		byBlock[s.Customer.Block] = append(byBlock[s.Customer.Block], s)
	}
	for _, b := range x.Blocks {
		block := *b
		block.Stays = staysOf(&schema, b.Rows(), byBlock[b])
		made.Blocks = append(made.Blocks, &block)
		delete(byBlock, b)
	}
	if len(byBlock) == 0 {
		return made
	}
	companies := *x.Companies
	made.Companies = &companies
	for _, b := range made.Blocks {
		b.Companies = made.Companies
	}
	for n, b := range x.OfCompanies().Blocks { // those that are left are stays of companies
		firm := made.OfCompanies().Blocks[n]
		firm.Stays = staysOf(&schema, b.Rows(), byBlock[b])
	}
	companies.Firms = made.OfCompanies().Blocks // for rules about people that ask for them
	return made
}

func staysOf(schema *columns.Schema, rows int, stays []Stay) []*columns.StayTable {
	made := columns.NewStays(rows, len(schema.Segments))
	for _, s := range stays {
		segment, _ := schema.SegmentID(s.Segment)
		made.Add(s.Customer.Row, segment, s.From, s.To)
	}
	return made.Finish()
}
