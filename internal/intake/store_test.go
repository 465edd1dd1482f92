package intake

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// into imports a text into a store.
func into(t testing.TB, s *store.Store, name, text, mapping string) Summary {
	t.Helper()
	in, err := Open(table.Source{Name: name, Reader: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{Zone: berlin, Now: now, Currency: "EUR"}
	if mapping != "" {
		opt.Mapping = mustMapping(t, mapping)
	}
	summary, err := Import(t.Context(), in, opt, s)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// TestIntoTheStore: files of all kinds come into a real store, and coming again they change nothing.
func TestIntoTheStore(t *testing.T) {
	s, err := store.Open(t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	files := []struct{ name, text, mapping string }{
		{"kunden.csv", "Kundennr;Vorname;Nachname;E-Mail;Geburtsdatum;Firma\n17;Anna;Groß;anna@example.de;31.12.1965;ACME\n18;Bert;Klein;bert@example.de;01.05.1970;\n", ""},
		{"firmen.csv", "id,name,industry,employees\nC1,ACME,Machinery,1200\n", ""},
		{"orders.csv", "order,date,customer,sku,qty,price,status,note\n1,01.03.2026,17,A,2,9.99,,\n1,01.03.2026,17,B,-1,5,,\n2,02.03.2026,18,A,1,9.99,,\n", lineItems},
		{"events.csv", "kunde,wann,was,wert\n17,01.03.2026,Klick,1\n17,01.03.2026,Klick,1\n", eventsMapping},
		{"calls.ndjson", `{"type":"track","userId":"17","event":"Page Left","timestamp":"2026-03-01T00:00:00Z"}` + "\n" +
			`{"type":"identify","userId":"19","traits":{"plan":"pro"},"timestamp":"2026-03-01T00:00:00Z","messageId":"m1"}` + "\n", ""},
		{"consents.ndjson", `{"userId": "17", "channel": "email", "purpose": "newsletter", "granted": true, "timestamp": "2026-08-30T23:11:46.240Z"}` + "\n", "kind: consents"},
	}
	var first, second store.Result
	for _, f := range files {
		first.Add(into(t, s, f.name, f.text, f.mapping).Result)
	}
	for _, f := range files {
		second.Add(into(t, s, f.name, f.text, f.mapping).Result)
	}
	if first.Customers.New != 3 || first.Companies.New != 2 || first.Events != 6 || first.Consents != 1 || first.Joins != 1 || first.Merges+first.Conflicts != 0 {
		t.Errorf("the files brought %+v", first)
	}
	if second.Customers.New+second.Customers.Changed+second.Companies.New+second.Companies.Changed+second.Events+second.Consents+second.Joins != 0 ||
		second.Duplicates != first.Events || second.Repeated != 1 {
		t.Errorf("importing them again brought %+v", second)
	}
}

// nothing is a sink that does nothing.
type nothing struct{}

func (nothing) Apply(context.Context, []record.Record, calendar.Instant) (store.Result, error) {
	return store.Result{}, nil
}

// BenchmarkTables measures the reading of CSV without the store.
func BenchmarkTables(b *testing.B) {
	const rows = 20_000
	for name, m := range map[string]string{
		"events": "kind: events\nevent: bought\ncolumns: {customer: customer, date: time d.m.y}",
		"orders": lineItems,
	} {
		var rowsText strings.Builder
		rowsText.WriteString("order,date,customer,sku,qty,price,status,note\n")
		for i := range rows {
			fmt.Fprintf(&rowsText, "O%d,%02d.03.2026,C%d,SKU-%d,%d,%d.99,shipped,some note here\n", i/3, i/3%28+1, i/3%1000, i%5000, i%5+1, i%300)
		}
		text := rowsText.String()
		b.Run(name, func(b *testing.B) {
			opt := Options{Mapping: mustMapping(b, m), Zone: berlin, Now: now}
			b.ReportAllocs()
			for b.Loop() {
				in, err := Open(tableSource(text))
				if err != nil {
					b.Fatal(err)
				}
				if s, err := Import(b.Context(), in, opt, nothing{}); err != nil || s.Read != rows || s.Rejected > 0 {
					b.Fatal(s, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
		})
	}
}

// BenchmarkIntoTheStore measures calls from the file to the disk.
func BenchmarkIntoTheStore(b *testing.B) {
	var text strings.Builder
	const calls = 100_000
	for i := range calls {
		fmt.Fprintf(&text, `{"type": "track", "userId": "c%05d", "timestamp": "2025-02-01T18:55:%02d.898Z", "messageId": "m%07d", "event": "Order Completed", `+
			`"properties": {"total": %d.9, "currency": "EUR", "products": [{"sku": "A-%d", "price": 49.95, "quantity": 2}, {"sku": "B-2", "price": 30, "quantity": 1}]}}`+"\n",
			i%10_000, i%60, i, i%500, i%100)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		s, err := store.Open(b.TempDir(), "bench")
		if err != nil {
			b.Fatal(err)
		}
		if got := into(b, s, "calls.ndjson", text.String(), ""); got.Result.Events != calls {
			b.Fatalf("%+v", got)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
