package eval

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/naive"
)

// blockOf puts the customers of a naive world into columns.
func blockOf(t testing.TB, w *naive.World) (*columns.Schema, *columns.Block) {
	t.Helper()
	zone, err := calendar.LoadZone(w.Zone.String())
	if err != nil {
		t.Fatal(err)
	}
	known := *w.Catalog
	known.Consents, known.Segments = mentioned(w)
	f := feed{t: t, world: w, schema: columns.NewSchema(&known, zone)}
	f.companies()
	b := columns.NewBuilder(f.schema)
	for i, c := range w.Customers {
		f.customer(b, b.Customer(int64(i+1), c.ID), c)
	}
	block := b.Finish(f.firms)
	seatFirms(f.schema, block, w)
	return f.schema, block
}

// mentioned collects the consents and segments that the data or the catalogue name.
func mentioned(w *naive.World) ([]catalog.Consent, []string) {
	consents, segments := slices.Clone(w.Catalog.Consents), slices.Clone(w.Catalog.Segments)
	for _, c := range w.Customers {
		for _, d := range c.Consents {
			consents = append(consents, catalog.Consent{Channel: d.Channel, Purpose: d.Purpose})
		}
		for _, s := range c.Memberships {
			segments = append(segments, s.Segment)
		}
	}
	slices.SortFunc(consents, func(a, b catalog.Consent) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Purpose, b.Purpose))
	})
	slices.Sort(segments)
	return slices.Compact(consents), slices.Compact(segments)
}

// feed carries what building a block from a naive world needs.
type feed struct {
	t      testing.TB
	world  *naive.World
	schema *columns.Schema
	firms  *columns.Companies
	rows   map[*naive.Company]int
	seq    int64 // of the last event
}

func (f *feed) must(err error) {
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *feed) companies() {
	f.rows = map[*naive.Company]int{}
	b := columns.NewCompanyBuilder(f.schema)
	for _, c := range f.world.Customers {
		for _, join := range c.Companies {
			if _, seen := f.rows[join.Company]; seen {
				continue
			}
			row := b.Company(int64(len(f.rows)+1), join.Company.ID)
			f.rows[join.Company] = row
			for _, change := range join.Company.Attributes {
				if id, ok := f.schema.Company.ID(change.Path); ok {
					f.must(b.Attribute(row, id, change.Time, f.json(f.schema.Company.List[id].Type, change.Value)))
				}
			}
		}
	}
	f.firms = b.Finish()
}

func (f *feed) customer(b *columns.Builder, row int, c *naive.Customer) {
	for _, change := range c.Attributes {
		if id, ok := f.schema.Attrs.ID(change.Path); ok {
			f.must(b.Attribute(row, id, change.Time, f.json(f.schema.Attrs.List[id].Type, change.Value)))
		}
	}
	for _, join := range c.Companies {
		b.Join(row, f.rows[join.Company], join.Time, join.Role)
	}
	for _, e := range c.Events {
		id, ok := f.schema.EventID(e.Type)
		if !ok {
			f.t.Fatalf("event type %s is not in the catalogue", e.Type)
		}
		f.seq++
		f.must(b.Event(row, id, f.seq, e.Time, f.props(f.schema.Events[id].Fields, e.Props)))
	}
	for _, d := range c.Consents {
		id, _ := f.schema.ConsentID(catalog.Consent{Channel: d.Channel, Purpose: d.Purpose})
		b.Consent(row, id, d.Time, d.Granted)
	}
	for _, s := range c.Memberships {
		id, _ := f.schema.SegmentID(s.Segment)
		to := calendar.Never
		if s.To != nil {
			to = *s.To
		}
		b.Stay(row, id, s.From, to)
	}
}

func (f *feed) props(fields *columns.Fields, props map[string]any) []byte {
	object := map[string]json.RawMessage{}
	for path, value := range props {
		if id, ok := fields.ID(path); ok {
			object[path] = f.json(fields.List[id].Type, value)
		}
	}
	text, err := json.Marshal(object)
	f.must(err)
	return text
}

// json writes a naive value as the store would hold it.
func (f *feed) json(t catalog.Type, value any) []byte { return f.world.JSON(t, value) }

// placesOf finds the postcodes of a naive world.
type placesOf struct{ *naive.World }

func (p placesOf) Place(country, code string) (lat, lon float64, ok bool) {
	at, ok := p.Postcodes[country+"-"+code]
	return at.Latitude, at.Longitude, ok
}
