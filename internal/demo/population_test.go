package demo

import (
	"bytes"
	"encoding/json"
	"sync"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/record"

	"github.com/kohorte/kohorte/internal/catalog"
)

// until is the end of the tests' three years.
var until = berlin.Instant(calendar.Civil{Year: 2026, Month: 11, Day: 21})

// few are worlds small enough for tests.
func few(c Company) Options {
	if c == OnlineShop {
		return Options{Customers: 3000, Seed: 7, Until: until}
	}
	return Options{Seed: 7, Until: until}
}

// collect gives the records of a small world, made once.
var collect = map[Company]func() []record.Record{
	OnlineShop:     sync.OnceValue(func() []record.Record { return all(OnlineShop) }),
	MachineBuilder: sync.OnceValue(func() []record.Record { return all(MachineBuilder) }),
}

func all(c Company) (records []record.Record) {
	for r := range Records(c, few(c)) {
		records = append(records, r)
	}
	return records
}

// population is a world in columns, as the index will hold it: identities of one
// person are one row, and what came twice counts once.
type population struct {
	t         *testing.T
	schema    *columns.Schema
	block     *columns.Block
	rows      map[record.Identity]int
	firms     map[string]int
	customers *columns.Builder
	companies *columns.CompanyBuilder
	seen      map[[16]byte]bool
}

func populate(t *testing.T, c Company) *population {
	t.Helper()
	p := &population{
		t: t, schema: columns.NewSchema(Catalog(c), berlin), rows: map[record.Identity]int{}, firms: map[string]int{}, seen: map[[16]byte]bool{},
	}
	p.customers, p.companies = columns.NewBuilder(p.schema), columns.NewCompanyBuilder(p.schema)
	records := collect[c]()
	for _, r := range records {
		if r.Kind == record.Alias {
			p.rows[r.Previous] = p.row(r.Customer)
		}
	}
	for i := range records {
		p.add(&records[i])
	}
	p.block = p.customers.Finish(p.companies.Finish())
	return p
}

func (p *population) row(who []record.Identity) int {
	row, known := p.rows[who[0]]
	if !known {
		row = p.customers.Customer(int64(len(p.rows)+1), who[0].Value)
	}
	for _, id := range who {
		p.rows[id] = row
	}
	return row
}

func (p *population) add(r *record.Record) {
	switch r.Kind {
	case record.Identify:
		row := p.row(r.Customer)
		for path, value := range flat(p.t, r.Fields) {
			id, ok := p.schema.Attrs.ID(path)
			p.must(ok, "attribute "+path)
			p.mustNot(p.customers.Attribute(row, id, r.Time, value))
		}
	case record.Group:
		p.addGroup(r)
	case record.Track:
		id, ok := p.schema.EventID(r.Event)
		p.must(ok, "event "+r.Event)
		if !p.seen[r.Key] {
			p.mustNot(p.customers.Event(p.row(r.Customer), id, int64(len(p.seen))+1, r.Time, r.Fields))
		}
		p.seen[r.Key] = true
	case record.Consent:
		id, ok := p.schema.ConsentID(catalog.Consent{Channel: r.Channel, Purpose: r.Purpose})
		p.must(ok, "consent "+r.Channel+" "+r.Purpose)
		p.customers.Consent(p.row(r.Customer), id, r.Time, r.Granted)
	}
}

func (p *population) addGroup(r *record.Record) {
	firm, known := p.firms[r.Company.Value]
	if !known {
		firm = p.companies.Company(int64(len(p.firms)+1), r.Company.Value)
		p.firms[r.Company.Value] = firm
	}
	for path, value := range flat(p.t, r.Fields) {
		id, ok := p.schema.Company.ID(path)
		p.must(ok, "attribute of companies "+path)
		p.mustNot(p.companies.Attribute(firm, id, r.Time, value))
	}
	if len(r.Customer) > 0 {
		p.customers.Join(p.row(r.Customer), firm, r.Time, r.Role)
	}
}

func (p *population) must(ok bool, what string) {
	if !ok {
		p.t.Helper()
		p.t.Fatalf("%s is not in the catalogue", what)
	}
}

func (p *population) mustNot(err error) {
	if err != nil {
		p.t.Helper()
		p.t.Fatal(err)
	}
}

// flat gives the members of an object by dotted path.
func flat(t *testing.T, object []byte) map[string]json.RawMessage {
	t.Helper()
	var members, all = map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if err := json.Unmarshal(object, &members); err != nil {
		t.Fatalf("%v: %s", err, object)
	}
	for name, value := range members {
		if !bytes.HasPrefix(value, []byte("{")) {
			all[name] = value
			continue
		}
		for path, inner := range flat(t, value) {
			all[name+"."+path] = inner
		}
	}
	return all
}
