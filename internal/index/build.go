package index

import (
	"context"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/store"
)

// Source is what the index is built from: one consistent view of a store. All
// lists come in order of receipt.
type Source interface {
	Revision(context.Context) (revision, lastEvent int64, err error)
	Catalog(context.Context) (*catalog.Catalog, error)
	Customers(context.Context, func(store.Customer) error) error
	Attributes(context.Context, func(*store.Attribute) error) error
	Joins(context.Context, func(store.Join) error) error
	Consents(context.Context, func(store.Consent) error) error
	Events(ctx context.Context, afterSeq int64, fn func(*store.Event) error) error
	Postcodes(context.Context, func(store.Postcode) error) error
}

// Progress tells how many of the events were read.
type Progress func(done, total int64)

// Build reads everything into memory.
func Build(ctx context.Context, source Source, progress Progress) (*Index, error) {
	known, err := source.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := calendar.LoadZone(known.Zone)
	if err != nil {
		return nil, err
	}
	b := builder{source: source, schema: columns.NewSchema(known, zone), progress: progress}
	b.companies = columns.NewCompanyBuilder(b.schema)
	for _, step := range []func(context.Context) error{b.customers, b.attributes, b.joins, b.consents, b.events, b.postcodes} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return b.finish(), nil
}

// builder fills the blocks.
type builder struct {
	source    Source
	schema    *columns.Schema
	progress  Progress
	companies *columns.CompanyBuilder
	blocks    []*columns.Builder
	places    Places
	revision  int64

	// Where a customer of the store stands: the row of a person counted over all
	// blocks, of a company ^row; by id, which the store gives without large gaps.
	rows    []int32
	persons int
}

// absent marks ids that the store does not have.
const absent = int32(-1 << 31)

func (b *builder) customers(ctx context.Context) error {
	return b.source.Customers(ctx, func(c store.Customer) error {
		for int64(len(b.rows)) <= c.ID {
			b.rows = append(b.rows, absent)
		}
		if c.Kind == store.Company {
			b.rows[c.ID] = ^int32(b.companies.Company(c.ID, c.Name))
			return nil
		}
		if b.persons%blockRows == 0 {
			b.blocks = append(b.blocks, columns.NewBuilder(b.schema))
		}
		b.blocks[len(b.blocks)-1].Customer(c.ID, c.Name)
		b.rows[c.ID] = int32(b.persons)
		b.persons++
		return nil
	})
}

// person finds the block and row of a person.
func (b *builder) person(id int64) (*columns.Builder, int, bool) {
	if id >= int64(len(b.rows)) || b.rows[id] < 0 {
		return nil, 0, false
	}
	row := int(b.rows[id])
	return b.blocks[row/blockRows], row % blockRows, true
}

// company finds the row of a company.
func (b *builder) company(id int64) (int, bool) {
	if id >= int64(len(b.rows)) || b.rows[id] >= 0 || b.rows[id] == absent {
		return 0, false
	}
	return int(^b.rows[id]), true
}

func (b *builder) attributes(ctx context.Context) error {
	return b.source.Attributes(ctx, func(a *store.Attribute) error {
		if a.Kind == store.Company {
			if id, ok := b.schema.Company.ID(a.Path); ok {
				if row, ok := b.company(a.Customer); ok {
					return b.companies.Attribute(row, id, a.Time, a.Value)
				}
			}
			return nil
		}
		if id, ok := b.schema.Attrs.ID(a.Path); ok {
			if block, row, ok := b.person(a.Customer); ok {
				return block.Attribute(row, id, a.Time, a.Value)
			}
		}
		return nil
	})
}

func (b *builder) joins(ctx context.Context) error {
	return b.source.Joins(ctx, func(j store.Join) error {
		block, row, isPerson := b.person(j.Person)
		if company, ok := b.company(j.Company); ok && isPerson {
			block.Join(row, company, j.Time, j.Role)
		}
		return nil
	})
}

func (b *builder) consents(ctx context.Context) error {
	return b.source.Consents(ctx, func(c store.Consent) error {
		id, known := b.schema.ConsentID(catalog.Consent{Channel: c.Channel, Purpose: c.Purpose})
		if block, row, ok := b.person(c.Customer); ok && known {
			block.Consent(row, id, c.Time, c.Granted)
		}
		return nil
	})
}

// progressEvery is how many events are read between two reports of progress.
const progressEvery = 1 << 14

func (b *builder) events(ctx context.Context) error {
	revision, total, err := b.source.Revision(ctx)
	if err != nil {
		return err
	}
	b.revision = revision
	return b.source.Events(ctx, 0, func(e *store.Event) error {
		if b.progress != nil && e.Seq%progressEvery == 0 {
			b.progress(e.Seq, total)
		}
		id, known := b.schema.EventID(e.Type)
		block, row, ok := b.person(e.Customer)
		if !known || !ok {
			return nil
		}
		return block.Event(row, id, e.Seq, e.Time, e.Props)
	})
}

func (b *builder) postcodes(ctx context.Context) error {
	b.places = Places{}
	return b.source.Postcodes(ctx, func(p store.Postcode) error {
		b.places[[2]string{strings.ToUpper(p.Country), strings.ToUpper(p.Code)}] = [2]float64{p.Lat, p.Lon}
		return nil
	})
}

func (b *builder) finish() *Index {
	x := &Index{Schema: b.schema, Companies: b.companies.Finish(), Places: b.places, Revision: b.revision}
	for i, block := range b.blocks {
		x.Blocks = append(x.Blocks, block.Finish(x.Companies))
		b.blocks[i] = nil // its memory can go before the next is built
	}
	return x
}
