package intake

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/store"
)

// TestOrdersAsLinesOfJSON: rows that lack keys, grouped and skipped like those of a table.
func TestOrdersAsLinesOfJSON(t *testing.T) {
	j := job{name: "x.ndjson", mapping: `
kind: orders
columns: {order: order_id, at: time, who: customer, item.sku: product.sku, item.n: product.quantity, item.price: product.price}
skip: {state: draft}
refunds: {state: void}
`, text: `{"order": 1, "at": "2026-01-01T00:00:00Z", "item": {"sku": "A", "n": 2, "price": "1.50"}}
{"order": 2, "at": "2026-01-01T00:00:00Z", "who": "b", "item": {"sku": "B", "price": 3}}
{"order": 1, "who": "a", "item": {"sku": "C", "n": 1, "price": 0.25}, "gift": true}
{"order": 3, "state": "draft"}
{"order": 4, "at": "2026-01-01T00:00:00Z", "who": "b", "item": {"sku": "B", "price": 3}, "state": "VOID"}
`}
	s := j.must(t)
	if s.Skipped != 1 || s.Rejected != 0 {
		t.Errorf("%+v", s)
	}
	const at = " at 2026-01-01T00:00:00.000Z "
	want(t, j.sink.records,
		`user:b order_completed`+at+`{"order_id":"2","total":3,"currency":"EUR","products":[{"sku":"B","price":3}]}`,
		`user:a order_completed`+at+`{"gift":true,"order_id":"1","total":3.25,"currency":"EUR","products":[{"sku":"A","quantity":2,"price":1.50},{"sku":"C","quantity":1,"price":0.25}]}`,
		`user:b order_refunded`+at+`{"state":"VOID","order_id":"4","total":3,"currency":"EUR","products":[{"sku":"B","price":3}]}`)
}

func TestLookups(t *testing.T) {
	prices := "Nr;Preis;Name\nA;\"1.234,50\";Alpha\nB;0,99;Beta\nB;5;Doppelt\n;7;Nichts\n"
	j := job{
		text: "order,date,customer,item,qty\n1,2026-01-01,a,A,2\n1,2026-01-01,a,B,1\n2,2026-01-01,b,X,1\n3,2026-01-01,c,,1\n",
		mapping: `
kind: orders
columns: {order: order_id, date: time, customer: customer, item: product.sku, qty: product.quantity}
lookup: {file: prices.csv, on: item=Nr, columns: {Preis: product.price, Name: product.name}}
`,
		options: Options{Lookup: func(name string) (io.ReadCloser, error) {
			if name != "prices.csv" {
				return nil, os.ErrNotExist
			}
			return io.NopCloser(strings.NewReader(prices)), nil
		}},
	}
	s := j.must(t)
	const at = " at 2025-12-31T23:00:00.000Z "
	want(t, j.sink.records,
		`user:a order_completed`+at+`{"order_id":"1","total":2469.99,"currency":"EUR","products":[{"sku":"A","quantity":2,"price":1234.50,"name":"Alpha"},{"sku":"B","quantity":1,"price":0.99,"name":"Beta"}]}`,
		`user:c order_completed`+at+`{"order_id":"3","currency":"EUR","products":[{"quantity":1}]}`)
	if s.Rejected != 1 || s.Reasons[0].Text != `item "X" is not in prices.csv` {
		t.Errorf("%+v", s.Reasons)
	}
	for _, wrong := range []struct{ mapping, want string }{
		{"{file: none.csv, on: item, columns: {Preis: product.price}}", "looking up in none.csv: file does not exist"},
		{"{file: prices.csv, on: item, columns: {Preis: product.price}}", `looking up in prices.csv: it has no column "item"`},
		{"{file: prices.csv, on: item=Nr, columns: {Kosten: product.price}}", `looking up in prices.csv: it has no column "Kosten"`},
	} {
		bad := job{text: j.text, options: j.options, mapping: "kind: orders\ncolumns: {order: order_id, date: time, customer: customer}\nlookup: " + wrong.mapping}
		if _, err := bad.run(t); err == nil || !strings.Contains(err.Error(), wrong.want) {
			t.Errorf("%s: %v", wrong.mapping, err)
		}
	}
}

// TestRejectedRowsOfAFileWithoutHeader get one, which is known again.
func TestRejectedRowsOfAFileWithoutHeader(t *testing.T) {
	const mapping = "kind: customers\nheader: [id, ort, seit]\ncolumns: {id: customer, seit: seit date}"
	j := job{text: "17;Ulm;01.02.2025\n18;Bonn;01.02.2025\n;Köln;02.02.2025\n", mapping: mapping}
	if s := j.must(t); s.Read != 3 || s.Rejected != 1 {
		t.Errorf("%+v", s)
	}
	rejected := j.rejects.String()
	if rejected != "\ufeffkohorte_reason;id;ort;seit\nno customer: id is empty;;Köln;02.02.2025\n" {
		t.Errorf("%q", rejected)
	}
	mended := job{text: strings.Replace(rejected, "empty;;", "empty;19;", 1), mapping: mapping}
	mended.must(t)
	want(t, mended.sink.records, `user:19 is {"seit":"2025-02-02","ort":"Köln"}`)
}

func TestPostcodes(t *testing.T) {
	for name, c := range map[string]struct {
		text, country string
		want          []store.Postcode
		rejected      int
		err           string
	}{
		"GeoNames": {text: "DE\t01067\tDresden\tSachsen\tSN\t\t00\tDresden\t14612\t51.06\t13.72\t4\nDE\t70173\tStuttgart\tBW\t08\t\t\t\t\t48.77\t9.17\t\n",
			want: []store.Postcode{{Country: "DE", Code: "01067", Lat: 51.06, Lon: 13.72}, {Country: "DE", Code: "70173", Lat: 48.77, Lon: 9.17}}},
		"German": {text: "Land;PLZ;Ort;Breitengrad;Längengrad\nde;01067;Dresden;51,06;13,72\nde;;Nirgends;1;1\nde;1;Zu weit;91;0\nde;2;Kein;x;0\n",
			want: []store.Postcode{{Country: "DE", Code: "01067", Lat: 51.06, Lon: 13.72}}, rejected: 3},
		"without a country": {text: "zip,lat,lng\n1010,48.2,16.37\n", country: "at", want: []store.Postcode{{Country: "AT", Code: "1010", Lat: 48.2, Lon: 16.37}}},
		"nobody says where": {text: "zip,lat,lng\n1010,48.2,16.37\n", err: "no column is called countrycode or country or land"},
		"JSON":              {text: `{"zip":1}`, err: "postcodes are read from CSV or the text files of GeoNames"},
	} {
		in, err := Open(tableSource(c.text))
		if err != nil {
			t.Fatal(err)
		}
		list, s, err := Postcodes(t.Context(), in, c.country, Options{})
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || s.Rejected != c.rejected || len(list) != len(c.want) {
			t.Errorf("%s: %v, %+v, %v", name, list, s, err)
			continue
		}
		for i := range list {
			if list[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", name, list[i], c.want[i])
			}
		}
	}
}

// TestAFileThatIsCutOffIsRefused before anything of it comes in.
func TestAFileThatIsCutOffIsRefused(t *testing.T) {
	var text strings.Builder
	text.WriteString("kunde,wann,was,wert\n")
	for i := range 50_000 {
		text.WriteString(csvText(",", "k", "01.03.2026", strings.Repeat("x", i%50), "1"))
	}
	whole := zip([]byte(text.String()))
	j := job{reader: strings.NewReader(string(whole[:len(whole)/2])), mapping: eventsMapping}
	if _, err := j.run(t); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "reading test.csv") || len(j.sink.records) > 0 {
		t.Errorf("%d records and %v", len(j.sink.records), err)
	}
}
