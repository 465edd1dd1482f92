package demo

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
	"golang.org/x/text/encoding/charmap"
)

// shelf of files in memory.
type memory map[string]*bytes.Buffer

type memoryFile struct{ *bytes.Buffer }

func (memoryFile) Close() error { return nil }

func (m memory) create(name string) (io.WriteCloser, error) {
	m[name] = new(bytes.Buffer)
	return memoryFile{m[name]}, nil
}

func export(t *testing.T, c Company, o Options) memory {
	t.Helper()
	files := memory{}
	if err := Export(c, o, files.create); err != nil {
		t.Fatal(err)
	}
	return files
}

func (m memory) rows(t *testing.T, name string, in io.Reader) []map[string]string {
	t.Helper()
	r := csv.NewReader(in)
	r.Comma = ';'
	all, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var rows []map[string]string
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[all[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func (m memory) lines(t *testing.T, name string) (objects []map[string]any) {
	t.Helper()
	for line := range bytes.Lines(m[name].Bytes()) {
		var object map[string]any
		if err := json.Unmarshal(line, &object); err != nil {
			t.Fatalf("%s: %v: %s", name, err, line)
		}
		objects = append(objects, object)
	}
	return objects
}

// TestExportHoldsEverything compares the files with the records that they were made of.
func TestExportHoldsEverything(t *testing.T) {
	for _, c := range Companies {
		o := Options{Customers: 300, Seed: 5, Until: until}
		files := export(t, c, o)
		users, firms, items, calls, consents := map[string]bool{}, map[string]bool{}, 0, 0, 0
		keys := map[[16]byte]bool{}
		for r := range Records(c, o) {
			ordered := r.Event == "order_completed" || r.Event == "order_refunded"
			switch {
			case r.Kind == record.Identify:
				users[r.Customer[0].Value] = true
			case r.Kind == record.Group:
				firms[r.Company.Value] = true
			case r.Kind == record.Consent:
				consents++
			case ordered && !keys[r.Key]:
				items += strings.Count(string(r.Fields), `"sku"`)
				keys[r.Key] = true
			case !ordered:
				calls++
			}
		}
		p := plans[c]
		people := files.rows(t, p.people.file, charmap.Windows1252.NewDecoder().Reader(files[p.people.file]))
		orders := files.rows(t, p.orders.file, bytes.NewReader(bytes.TrimPrefix(files[p.orders.file].Bytes(), []byte("\ufeff"))))
		groups := 0
		for _, call := range files.lines(t, p.calls) {
			if call["type"] == "group" {
				groups++
			}
		}
		if len(people) != len(users) || len(orders) != items || len(files.lines(t, p.consents)) != consents || len(files.lines(t, p.calls))-groups != calls {
			t.Errorf("%s: %d people of %d, %d items of %d, %d lines of %d calls", c, len(people), len(users), len(orders), items, len(files.lines(t, p.calls))-groups, calls)
		}
		if c == MachineBuilder {
			if rows := files.rows(t, p.firms.file, charmap.Windows1252.NewDecoder().Reader(files[p.firms.file])); len(rows) != len(firms) || groups < len(firms) {
				t.Errorf("%d firms of %d, %d calls about their machines", len(rows), len(firms), groups)
			}
		}
		anna := map[Company]string{OnlineShop: "Müller", MachineBuilder: "Häberle"}[c]
		if people[0]["Nachname"] == "" || !anyRow(people, "Nachname", anna) {
			t.Errorf("%s: nobody is called %s", c, anna)
		}
	}
}

func anyRow(rows []map[string]string, header, value string) bool {
	for _, row := range rows {
		if row[header] == value {
			return true
		}
	}
	return false
}

// TestExportLooksGerman looks at the formats of one customer and one order.
func TestExportLooksGerman(t *testing.T) {
	files := export(t, OnlineShop, Options{Customers: 2, Seed: 5, Until: until})
	if !bytes.Contains(files["kunden.csv"].Bytes(), []byte("Anna;M\xfcller;anna.mueller@post.example;0711/4892213;12.04.1987;")) {
		t.Errorf("kunden.csv is\n%q", files["kunden.csv"])
	}
	for _, line := range []string{
		"\ufeffBestellnummer;Datum;Kundennummer;", // the header, after the mark
		";20.12.2024 ", // nobody orders then
		"Spätzlepresse;1;29,95;73,57;EUR;Küche;WILLKOMMEN10;",
		"Kinder-Regenjacke Tropf;-1;49,95;49,95;EUR;",
	} {
		if found := strings.Contains(files["bestellungen.csv"].String(), line); found == strings.HasPrefix(line, ";20") {
			t.Errorf("bestellungen.csv contains %q: %v\n%s", line, found, files["bestellungen.csv"])
		}
	}
}

type brokenFile struct{ after int }

func (b *brokenFile) Write(p []byte) (int, error) {
	if b.after -= len(p); b.after < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(p), nil
}

func (b *brokenFile) Close() error { return nil }

// TestExportTellsOfFullDisks wants the error whichever file it comes from.
func TestExportTellsOfFullDisks(t *testing.T) {
	for _, c := range Companies {
		for name := range export(t, c, Options{Customers: 20, Until: until}) {
			err := Export(c, Options{Customers: 20, Until: until}, func(created string) (io.WriteCloser, error) {
				if created == name {
					return &brokenFile{}, nil
				}
				return memoryFile{new(bytes.Buffer)}, nil
			})
			if err == nil || !strings.Contains(err.Error(), "the disk is full") {
				t.Errorf("%s, %s: %v", c, name, err)
			}
		}
	}
}
