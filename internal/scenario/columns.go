package scenario

import (
	"encoding/json"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/record"
)

// arrived is a fact that was received, with the time that counts for it.
type arrived struct {
	*fact
	time   calendar.Instant
	fields []field // as they are now, after corrections
	gone   bool    // taken back
}

// block builds the columns from all that was received. Rows of customers who are
// gone stay, without a customer.
func (w *world) block() (*columns.Block, error) {
	companies, rows, err := w.companies()
	if err != nil {
		return nil, err
	}
	b := columns.NewBuilder(w.schema)
	for _, c := range w.people.all {
		id := int64(c.row + 1)
		if c.into != nil {
			id = 0
		}
		b.Customer(id, c.name)
	}
	if err := w.replaceObjects(b); err != nil {
		return nil, err
	}
	for i, f := range w.facts {
		if f.gone || f.kind == companyAttributes || f.kind == alias {
			continue
		}
		if err := w.put(b, w.people.known(f.who).row, int64(i+1), f, rows); err != nil {
			return nil, err
		}
	}
	made := b.Finish(companies)
	made.Read()
	return made, nil
}

func (w *world) put(b *columns.Builder, row int, seq int64, f *arrived, companies map[string]int) error {
	switch f.kind {
	case event:
		id, _ := w.schema.EventID(f.event)
		return b.Event(row, id, seq, f.time, object(f.fields))
	case consent:
		id, _ := w.schema.ConsentID(catalog.Consent{Channel: f.channel, Purpose: f.purpose})
		b.Consent(row, id, f.time, f.granted)
	case join:
		b.Join(row, companies[f.company], f.time, f.role)
	case attributes:
		return set(w.schema.Attrs, f, func(id int, value []byte) error { return b.Attribute(row, id, f.time, value) })
	}
	return nil
}

// companies builds the companies and gives their rows by name.
func (w *world) companies() (*columns.Companies, map[string]int, error) {
	b, rows := columns.NewCompanyBuilder(w.schema), map[string]int{}
	for _, f := range w.facts {
		if _, known := rows[f.company]; f.company == "" || known {
			continue
		}
		row := b.Company(int64(len(rows)+1), f.company)
		if rows[f.company] = row; row == len(w.firms) {
			w.firms = append(w.firms, &customer{row: row, name: record.CompanyID + ":" + f.company})
		}
	}
	for _, f := range w.facts {
		if f.kind == companyAttributes {
			put := func(id int, value []byte) error { return b.Attribute(rows[f.company], id, f.time, value) }
			if err := set(w.schema.Company, f, put); err != nil {
				return nil, nil, err
			}
		}
	}
	return b.Finish(), rows, nil
}

// set hands on the values of a fact, those of objects by their dotted paths.
func set(fields *columns.Fields, f *arrived, put func(id int, value []byte) error) (err error) {
	for _, value := range f.fields {
		eachValue(value.path, []byte(value.json), func(path string, value []byte) {
			if id, ok := fields.ID(path); ok && err == nil {
				err = put(id, value)
			}
		})
	}
	return err
}

// eachValue calls f for a value, or for each member of an object.
func eachValue(path string, value []byte, f func(path string, value []byte)) {
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil || object == nil {
		f(path, value)
		return
	}
	for name, member := range object {
		eachValue(path+"."+name, member, f)
	}
}

// replaceObjects unsets what objects had before they were set as a whole. At equal
// times these come first, so that what is said at the same time holds.
func (w *world) replaceObjects(b *columns.Builder) error {
	for _, f := range w.facts {
		for _, value := range f.fields {
			if f.kind != attributes || !strings.HasPrefix(value.json, "{") {
				continue
			}
			row := w.people.known(f.who).row
			for id, known := range w.schema.Attrs.List {
				if strings.HasPrefix(known.Path, value.path+".") {
					if err := b.Attribute(row, id, f.time, []byte("null")); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// object writes fields as one JSON object.
func object(fields []field) []byte {
	b := []byte("{")
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		name, _ := json.Marshal(f.path)
		b = append(append(append(b, name...), ':'), f.json...)
	}
	return append(b, '}')
}

// remember puts into the blocks who was when in which segment.
func (w *world) remember() {
	w.data.Stays = w.stays(w.data.Rows(), w.people.alive())
	w.firm.Stays = w.stays(w.firm.Rows(), w.firms)
}

// stays makes the tables of who was when in which segment.
func (w *world) stays(rows int, whose []*customer) []*columns.StayTable {
	all := columns.NewStays(rows, len(w.schema.Segments))
	for id, name := range w.schema.Segments {
		for _, c := range whose {
			for _, s := range w.past[membership{name, c}] {
				all.Add(c.row, id, s.from, s.to)
			}
		}
	}
	return all.Finish()
}
