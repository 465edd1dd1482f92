package intake

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/record"
)

const lineItems = `
kind: orders
source: shop
columns:
  order: order_id
  date: time date d.m.y
  customer: customer
  sku: product.sku
  qty: product.quantity
  price: product.price
refunds:
  status: [storniert]
charges:
  sku: [PORTO]
`

func ordersOf(t *testing.T, rows string) ([]record.Record, Summary, string) {
	t.Helper()
	j := job{text: "order,date,customer,sku,qty,price,status,note\n" + rows, mapping: lineItems}
	s := j.must(t)
	return j.sink.records, s, j.rejects.String()
}

func TestLinesOfAnOrderBecomeOneEvent(t *testing.T) {
	records, s, _ := ordersOf(t, `1,01.03.2026,anna,A,2,"9.99",neu,schnell
2,02.03.2026,bert,B,1,5,neu,
1,01.03.2026,anna,PORTO,1,3.5,neu,
1,28.02.2026,,C,0.5,1.00005,,
`)
	want(t, records,
		`user:bert order_completed at 2026-03-01T23:00:00.000Z {"status":"neu","order_id":"2","total":5,"currency":"EUR","products":[{"sku":"B","quantity":1,"price":5}]}`,
		`user:anna order_completed at 2026-02-27T23:00:00.000Z {"status":"neu","note":"schnell","order_id":"1","total":23.9801,"currency":"EUR",`+
			`"products":[{"sku":"A","quantity":2,"price":9.99},{"sku":"C","quantity":0.5,"price":1.00005}]}`)
	if s.Read != 4 || s.Records != 2 || records[1].Row != 2 {
		t.Errorf("%+v, in row %d", s, records[1].Row)
	}
}

func TestWhatIsReturnedBecomesARefund(t *testing.T) {
	records, _, _ := ordersOf(t, `1,01.03.2026,a,A,3,10,,
1,01.03.2026,a,B,-2,4,,
2,01.03.2026,a,A,-1,10,,
3,01.03.2026,a,A,1,10,storniert,
4,01.03.2026,a,GUTSCHEIN,1,-5,,
5,01.03.2026,a,A,1,10,,
5,01.03.2026,a,RABATT,1,-2.5,,
6,01.03.2026,a,A,1,0,,
`)
	const at = " at 2026-02-28T23:00:00.000Z "
	want(t, records,
		`user:a order_completed`+at+`{"order_id":"1","total":30,"currency":"EUR","products":[{"sku":"A","quantity":3,"price":10}]}`,
		`user:a order_refunded`+at+`{"order_id":"1","total":8,"currency":"EUR","products":[{"sku":"B","quantity":2,"price":4}]}`,
		`user:a order_refunded`+at+`{"order_id":"2","total":10,"currency":"EUR","products":[{"sku":"A","quantity":1,"price":10}]}`,
		`user:a order_refunded`+at+`{"status":"storniert","order_id":"3","total":10,"currency":"EUR","products":[{"sku":"A","quantity":1,"price":10}]}`,
		`user:a order_refunded`+at+`{"order_id":"4","total":5,"currency":"EUR","products":[{"sku":"GUTSCHEIN","quantity":1,"price":-5}]}`,
		`user:a order_completed`+at+`{"order_id":"5","total":7.5,"currency":"EUR","products":[{"sku":"A","quantity":1,"price":10},{"sku":"RABATT","quantity":1,"price":-2.5}]}`,
		`user:a order_completed`+at+`{"order_id":"6","total":0,"currency":"EUR","products":[{"sku":"A","quantity":1,"price":0}]}`)
	if records[0].Key == records[1].Key {
		t.Error("an order and its refund have the same key")
	}
}

func TestABadLineKeepsItsWholeOrderOut(t *testing.T) {
	records, s, rejects := ordersOf(t, `1,01.03.2026,a,A,1,1,,
1,30.02.2026,a,B,1,1,,
2,01.03.2026,a,A,1,1,,
2,01.03.2026,b,B,1,1,,
3,01.03.2026,a,A,1,1,,
3,01.03.2026,a,B,1,,,
4,01.03.2026,,A,1,1,,
,01.03.2026,a,A,1,1,,
5,01.03.2026,a,A,1,1,,,,
6,01.03.2026,a,A,1,1,,,zu viel
6,01.03.2026,a,B,1,1,,
7,,a,A,1,1,,
8,01.03.2026,a,A,eins,1,,
`)
	want(t, records, `user:a order_completed at 2026-02-28T23:00:00.000Z {"order_id":"5","total":1,"currency":"EUR","products":[{"sku":"A","quantity":1,"price":1}]}`)
	const expected = `kohorte_reason,order,date,customer,sku,qty,price,status,note
"line 3 of the same order is rejected: date: ""30.02.2026"" is no day of the calendar",1,01.03.2026,a,A,1,1,,
"date: ""30.02.2026"" is no day of the calendar",1,30.02.2026,a,B,1,1,,
"the lines of the order name different customers: customer is ""a"" and ""b""",2,01.03.2026,a,A,1,1,,
"the lines of the order name different customers: customer is ""a"" and ""b""",2,01.03.2026,b,B,1,1,,
no price in line 7: price is empty,3,01.03.2026,a,A,1,1,,
no price in line 7: price is empty,3,01.03.2026,a,B,1,,,
no customer: customer is empty,4,01.03.2026,,A,1,1,,
no order id: order is empty,,01.03.2026,a,A,1,1,,
"the row has 9 cells, the header has 8",6,01.03.2026,a,A,1,1,,,zu viel
"line 11 of the same order is rejected: the row has 9 cells, the header has 8",6,01.03.2026,a,B,1,1,,
no time: date is empty,7,,a,A,1,1,,
"qty: ""eins"" is no number",8,01.03.2026,a,A,eins,1,,
`
	if rejects != expected {
		t.Errorf("rejected\n%s\nwant\n%s", rejects, expected)
	}
	if s.Read != 13 || s.Rejected != 12 {
		t.Errorf("%+v", s)
	}
}

// TestOrdersInOneRow: a row an order, with a total; with and without an id.
func TestOrdersInOneRow(t *testing.T) {
	j := job{
		text: "id;kunde;wann;betrag;währung\n1;a;2026-01-02 03:04;1.234,50 €;chf\n2;a;2026-01-02;-10;\n",
		mapping: `
kind: orders
columns: {id: order_id, kunde: customer, wann: time, betrag: total, währung: currency}
`}
	j.must(t)
	want(t, j.sink.records,
		`user:a order_completed at 2026-01-02T02:04:00.000Z {"order_id":"1","total":1234.5,"currency":"CHF"}`,
		`user:a order_refunded at 2026-01-01T23:00:00.000Z {"order_id":"2","total":10,"currency":"EUR"}`)
	j = job{
		text:    "kunde,wann,stück,preis\na,2026-01-02,2,3\na,2026-01-02,2,3\n",
		mapping: "kind: orders\ncolumns: {kunde: customer, wann: time, stück: product.quantity, preis: product.price}",
	}
	j.must(t)
	const one = `user:a order_completed at 2026-01-01T23:00:00.000Z {"total":6,"currency":"EUR","products":[{"quantity":2,"price":3}]}`
	want(t, j.sink.records, one, one)
}

// item is a line of a random order.
type item struct {
	order, customer, sku string
	quantity, cents      int
}

func (i item) row() string {
	return fmt.Sprintf("%s,01.03.2026,%s,%s,%d,%d.%02d,,\n", i.order, i.customer, i.sku, i.quantity, i.cents/100, i.cents%100)
}

func randomItems(t *rapid.T) []item {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) item {
		order := rapid.IntRange(1, 8).Draw(t, "order")
		return item{
			order: fmt.Sprint("o", order), customer: fmt.Sprint("c", order%3), sku: rapid.SampledFrom([]string{"A", "B", "PORTO"}).Draw(t, "sku"),
			quantity: rapid.IntRange(-3, 5).Draw(t, "quantity"), cents: rapid.IntRange(0, 1000).Draw(t, "cents"),
		}
	}), 1, 40).Draw(t, "items")
}

func importItems(t *rapid.T, items []item, memory int) []string {
	text := "order,date,customer,sku,qty,price,status,note\n"
	for _, i := range items {
		text += i.row()
	}
	j := job{text: text, mapping: lineItems, options: Options{Memory: memory}}
	if _, err := j.run(quiet{}); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range j.sink.records {
		o := orderOf(quiet{}, r)
		products := []string{}
		for _, p := range o.Products {
			products = append(products, fmt.Sprint(p.SKU, p.Quantity, p.Price))
		}
		slices.Sort(products)
		out = append(out, fmt.Sprint(r.Event, o.OrderID, o.Total, products, fmt.Sprintf("%x", r.Key)))
	}
	slices.Sort(out)
	return out
}

// quiet is a test that only fails by panic, inside of properties.
type quiet struct{ testing.TB }

func (quiet) Helper()                      {}
func (quiet) Fatal(args ...any)            { panic(fmt.Sprint(args...)) }
func (quiet) Fatalf(f string, args ...any) { panic(fmt.Sprintf(f, args...)) }
func (quiet) Error(args ...any)            { panic(fmt.Sprint(args...)) }

// TestTheOrderOfLinesDoesNotMatter, nor does how much memory there is.
func TestTheOrderOfLinesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := randomItems(t)
		first := importItems(t, items, 0)
		shuffled := importItems(t, rapid.Permutation(items).Draw(t, "shuffled"), rapid.SampledFrom([]int{0, 1, 200, 1000}).Draw(t, "memory"))
		if !slices.Equal(first, shuffled) {
			t.Fatalf("got\n  %s\nand of the shuffled lines\n  %s", strings.Join(first, "\n  "), strings.Join(shuffled, "\n  "))
		}
	})
}

// TestTotalsAreThoseOfTheLines: over an order and its refund, they add up.
func TestTotalsAreThoseOfTheLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := randomItems(t)
		exact := map[string]number.Number{}
		text := "order,date,customer,sku,qty,price,status,note\n"
		for _, i := range items {
			exact[i.order] += number.Number(i.quantity*i.cents) * (number.Scale / 100)
			text += i.row()
		}
		j := job{text: text, mapping: lineItems}
		if _, err := j.run(quiet{}); err != nil {
			t.Fatal(err)
		}
		for _, r := range j.sink.records {
			o := orderOf(quiet{}, r)
			if o.Total < 0 {
				t.Fatalf("a negative total: %s", r.Fields)
			}
			if r.Event == OrderRefunded {
				o.Total = -o.Total
			}
			exact[o.OrderID] -= o.Total
		}
		for id, rest := range exact {
			if rest != 0 {
				t.Fatalf("order %s lacks %v", id, rest)
			}
		}
	})
}

func TestSumsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOf(rapid.Int64Range(-1<<40, 1<<40)).Draw(t, "numbers")
		var s, doubled sum
		var exact int64
		for _, n := range numbers {
			s.add(number.Number(n), number.FromInt(1))
			doubled.add(number.FromInt(-2), number.Number(n))
			exact += n
		}
		if got, ok := s.total(); !ok || got != number.Number(exact) {
			t.Fatalf("%v, want %v", got, number.Number(exact))
		}
		s.merge(s)
		s.merge(doubled)
		if got, ok := s.total(); !ok || got != 0 {
			t.Fatalf("%v is left", got)
		}
	})
	var s sum
	s.add(5, 1000) // 0.0005 times 0.1
	if got, _ := s.total(); got != 1 {
		t.Errorf("0.00005 rounds to %v", got)
	}
	s.add(-10, 1000)
	if got, _ := s.total(); got != -1 {
		t.Errorf("-0.00005 rounds to %v", got)
	}
	s.add(number.Max, number.Max)
	if _, ok := s.total(); ok {
		t.Error("a total beyond the range was taken")
	}
}
