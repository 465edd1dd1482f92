package benchdata

import (
	"encoding/json"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
)

// TestRulesDivideTheCustomers wants every rule to let somebody in and keep
// somebody out, and so to be worth measuring.
func TestRulesDivideTheCustomers(t *testing.T) {
	schema, block := populate(t, Options{Customers: 5_000, Events: 150_000, Seed: 1, Until: until})
	for _, text := range Rules() {
		node, _ := rule.Parse(text)
		program, err := eval.Compile(node, schema, nil)
		if err != nil {
			t.Fatal(err)
		}
		m, size := program.Machine(), 0
		if program.NeedsRanks() {
			m.UseRanks(program.Rank([]*columns.Block{block}, until))
		}
		for row := range block.Rows() {
			if m.Holds(block, row, until) {
				size++
			}
		}
		t.Logf("%4d %s", size, text)
		if size == 0 || size > block.Rows()*9/10 {
			t.Errorf("%d of %d customers: %s", size, block.Rows(), text)
		}
	}
}

// populate puts the records into columns.
func populate(t *testing.T, o Options) (*columns.Schema, *columns.Block) {
	t.Helper()
	zone, err := calendar.LoadZone(Zone)
	if err != nil {
		t.Fatal(err)
	}
	schema := columns.NewSchema(Catalog(), zone)
	b, rows := columns.NewBuilder(schema), map[string]int{}
	for r := range Generate(o) {
		id := r.Customer[0].Value
		row, known := rows[id]
		if !known {
			row = b.Customer(int64(len(rows)+1), id)
			rows[id] = row
		}
		switch r.Kind {
		case record.Identify:
			err = attributes(schema, b, row, "", r.Time, r.Fields)
		case record.Track:
			event, _ := schema.EventID(r.Event)
			err = b.Event(row, event, 1, r.Time, r.Fields)
		case record.Consent:
			consent, _ := schema.ConsentID(catalog.Consent{Channel: r.Channel, Purpose: r.Purpose})
			b.Consent(row, consent, r.Time, r.Granted)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return schema, b.Finish(columns.NewCompanyBuilder(schema).Finish())
}

func attributes(s *columns.Schema, b *columns.Builder, row int, prefix string, at calendar.Instant, object []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return err
	}
	for name, value := range members {
		id, known := s.Attrs.ID(prefix + name)
		var err error
		if known {
			err = b.Attribute(row, id, at, value)
		} else {
			err = attributes(s, b, row, prefix+name+".", at, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
