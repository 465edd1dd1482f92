package mapping

import (
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/intake/value"
)

const full = `kind: orders
source: shop
currency: EUR
zone: Europe/Berlin
encoding: iso-8859-15
delimiter: tab
header: [Nr, "2019", Datum]
numbers: 1.234,56
dates: d/m/y
columns:
  Nr: order_id
  Datum: time d/m/y # the only date
  Betrag: total number 1,234.56
  E-Mail: [email, 'customer:email']
  Notiz: ignore
  # several things
  Status: {to: status, type: text, empty: unset, default: neu, values: {A: offen, B: "1"}}
others: ignore
constants:
  channel: "web"
  shop: 7
  test: true
  plz: "01234"
lookup:
  - file: products.csv
    on: Artikel=SKU
    columns:
      Preis: product.price
skip:
  Status: [draft, ""]
refunds:
  Nr: C*
charges:
  Artikel: POST
`

func TestParseAndPrint(t *testing.T) {
	m, err := Parse("m.yaml", []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Columns[1]; got.Type.Kind != value.Date || got.Type.Order != value.DayFirst || got.Targets[0].Role != Time {
		t.Errorf("Datum was read as %+v", got)
	}
	if got := string(m.Constants[3].JSON); got != `"01234"` {
		t.Errorf("a quoted constant became %s", got)
	}
	m.Columns[1].Comment = "the only date"
	m.Columns[5].Comment = "several things"
	if got := m.String(); got != full {
		t.Errorf("printed\n%s\nwant\n%s", got, full)
	}
}

func TestTheFormatMayStandByItself(t *testing.T) {
	for text, want := range map[string]string{
		"{to: a, type: date, format: d/m/y}": "a date d/m/y",
		"{to: a, format: m/d/y}":             "a date m/d/y",
		"{format: '1.234,56', to: a}":        "a number 1.234,56",
		"{to: a, type: list, format: '|'}":   "a list |",
		"a d.m.y":                            "a date d/m/y",
	} {
		m, err := Parse("m", []byte("kind: customers\ncolumns:\n  id: customer\n  x: "+text))
		if err != nil || !strings.Contains(m.String(), "  x: "+want+"\n") {
			t.Errorf("%s: %v, %v, want %s", text, m, err, want)
		}
	}
}

func TestProblemsAreToldAllAtOnceWithTheirLines(t *testing.T) {
	const bad = `kind: order
colums: {}
columns:
  A: customer date d.m.q
  A: total
  B: {type: number, too: x}
  C: a..b
  D: time:zone
others: perhaps
delimiter: semicolon
lookup: {file: x.csv}
`
	_, err := Parse("bad.yaml", []byte(bad))
	if err == nil {
		t.Fatal("no problem was found")
	}
	want := strings.TrimSpace(`
bad.yaml:1: unknown kind "order"; did you mean "orders"?: it is one of customers, companies, orders, events, calls, consents, postcodes
bad.yaml:2: unknown key "colums"; did you mean "columns"?
bad.yaml:4: column A: unknown form of dates "d.m.q": write d.m.y, d/m/y, m/d/y, y-m-d, unix or unix_ms
bad.yaml:5: "A" stands here twice
bad.yaml:6: unknown key "too"; did you mean "to"?
bad.yaml:6: column B: ` + "`to`" + ` is missing, which says what the column is
bad.yaml:7: column C: "a..b" is no name of a field: write a name or a dotted path, such as address.city
bad.yaml:8: column D: "time:zone": only customer and company take a namespace, as in customer:email
bad.yaml:9: "perhaps": it is ignore or keep
bad.yaml:10: a delimiter is one character or the word tab, not "semicolon"
bad.yaml:11: a lookup needs a file, the column that it is looked up ` + "`on`" + `, and the columns that it brings`)
	if got := err.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWhatAKindNeeds(t *testing.T) {
	for text, want := range map[string]string{
		"columns: {A: x}":                                            "the kind is missing",
		"kind: customers\ncolumns: {A: x}":                           `customers need a column that is "customer"`,
		"kind: orders\ncolumns: {A: customer}":                       `orders need a column that is "time"`,
		"kind: events\ncolumns: {A: customer, B: time}":              `events need a column that is "event", or`,
		"kind: consents\ncolumns: {A: customer, B: x}":               "consents have no fields",
		"kind: events\nevent: x\nrefunds: {A: x}":                    "only orders have refunds",
		"kind: events\nevent: x\nzone: Berlin":                       `unknown time zone "Berlin"`,
		"kind: events\nevent: x\ncolumns: {A: customer, B: time}":    "",
		"kind: customers\ncolumns: {A: customer, B: event, C: time}": "",
	} {
		_, err := Parse("m", []byte(text))
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestFlags(t *testing.T) {
	m := &Mapping{Kind: Customers}
	for _, flag := range []string{"Id = customer", "Geboren=birthday date d.m.y", "ID=customer:crm", "x=ignore"} {
		if err := m.Set(flag); err != nil {
			t.Errorf("%s: %v", flag, err)
		}
	}
	want := "kind: customers\ncolumns:\n  ID: customer:crm\n  Geboren: birthday date d/m/y\n  x: ignore\n"
	if got := m.String(); got != want {
		t.Errorf("got\n%s", got)
	}
	for _, flag := range []string{"customer", "=x", "a=b blue", "a=email:x"} {
		if err := m.Set(flag); err == nil {
			t.Errorf("%q was taken", flag)
		}
	}
}

func TestWordsThatAKindHasNoUseForAreFields(t *testing.T) {
	for text, want := range map[string]Target{
		"event":          {Field, "event"},
		"product.sku":    {Field, "product.sku"},
		"company.name":   {CompanyField, "name"},
		"field:customer": {Field, "customer"},
		"customer":       {Customer, "user"},
		"company:name":   {Company, "name"},
	} {
		got, err := parseTarget(text)
		if err != nil || got.For(Customers) != want {
			t.Errorf("%s: %+v, %v, want %+v", text, got.For(Customers), err, want)
		}
	}
	if got := (Target{CompanyField, "name"}).For(Consents); got != (Target{Field, "company.name"}) {
		t.Errorf("company.name in consents is %+v", got)
	}
}

func TestConditions(t *testing.T) {
	c := Condition{Patterns: []string{"C*", "*-x", "*mid*", "", "Exact"}}
	for cell, want := range map[string]bool{
		"C1": true, "c": true, "a-X": true, "a-xb": false, "amidb": true, "": true, "exact": true, "exactly": false, "AC": false,
	} {
		if got := c.Fits(cell); got != want {
			t.Errorf("%q: %v", cell, got)
		}
	}
}

func TestTargetsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Kind{Customers, Companies, Orders, Events, Consents}).Draw(t, "kind")
		role := rapid.SampledFrom(roles[kind]).Draw(t, "role")
		name := rapid.SampledFrom([]string{"a", "user", "customer", "company.x", "time", "product.a", "ignore", "x.y"}).Draw(t, "name")
		target := Target{role, name}
		switch role {
		case Customer, Company, Field, Product, CompanyField:
		default:
			target.Name = ""
		}
		if rapid.Bool().Draw(t, "field") {
			target = Target{Field, name}
		}
		back, err := parseTarget(target.String())
		if err != nil || back.For(kind) != target {
			t.Fatalf("%+v is written %s and read as %+v, %v", target, target, back, err)
		}
	})
}

// FuzzParse: what is read prints to what reads the same, and nothing panics.
func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add("kind: events\ncolumns: {A: {to: [x, customer], type: list ;}}")
	if seeds, err := os.ReadDir("../../../examples"); err == nil {
		for _, s := range seeds {
			if text, err := os.ReadFile("../../../examples/" + s.Name()); err == nil {
				f.Add(string(text))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse("fuzz", []byte(text))
		if err != nil {
			return
		}
		printed := m.String()
		again, err := Parse("printed", []byte(printed))
		if err != nil {
			t.Fatalf("%q prints to\n%s\nwhich does not read: %v", text, printed, err)
		}
		if second := again.String(); second != printed {
			t.Fatalf("%q prints to\n%s\nand then to\n%s", text, printed, second)
		}
	})
}
