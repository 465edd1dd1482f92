package intake

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/record"
)

// naive reads a real file with the standard library, rows by the names of their columns.
func naive(t *testing.T, file string) []map[string]string {
	t.Helper()
	f := realData(t, file)
	var in io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		unpacked, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		in = unpacked
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\ufeff")
	var named []map[string]string
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, name := range rows[0] {
			cells[name] = row[i]
		}
		named = append(named, cells)
	}
	return named
}

// thousandths reads a number with at most three decimals, the slow way.
func thousandths(t *testing.T, s string) int64 {
	t.Helper()
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole+(fraction + "000")[:3], 10, 64)
	if err != nil || len(fraction) > 3 {
		t.Fatalf("%q: %v", s, err)
	}
	return n
}

// order is what a test wants to know of the event of an order.
type order struct {
	OrderID  string        `json:"order_id"`
	Total    number.Number `json:"total"`
	Currency string        `json:"currency"`
	Country  string        `json:"country"`
	Products []struct {
		SKU      string        `json:"sku"`
		Quantity number.Number `json:"quantity"`
		Price    number.Number `json:"price"`
	} `json:"products"`
}

func orderOf(t testing.TB, r record.Record) (o order) {
	t.Helper()
	if err := json.Unmarshal(r.Fields, &o); err != nil {
		t.Fatalf("%s: %v", r.Fields, err)
	}
	return o
}

// TestOnlineRetail imports half a year of orders of a shop. The counts, found by
// a naive pass over the same file:
//
//   - 209,029 lines are read.
//   - 59,976 of them have no customer: sales to nobody in particular and notes
//     about the stock. Nobody has them, so they are rejected. All 651 negative
//     quantities outside of cancellations and all but 13 lines without a price are
//     among them: what is left needs no rule for stray descriptions.
//   - 149,053 lines of 2,767 customers make 8,998 invoices: 7,410 orders and
//     1,588 cancellations, whose numbers begin with C; all lines of these, and no
//     others, have negative quantities. None of the invoices has both.
//   - The 13 lines without a price are gifts: they belong to their order and cost
//     nothing. One order is only a gift; its total is 0.
//   - 1,747 lines equal another one: the same article twice in an order. They count twice.
//   - 459 lines of postage and 274 of corrections, discounts and the like count
//     in the totals, as the customer paid them, and are not among the products.
func TestOnlineRetail(t *testing.T) {
	const file = "online_retail/online_retail_2010-12_2011-05.csv.gz"
	totals, products, customers := map[string]int64{}, map[string]int{}, map[string]string{}
	read, nobody := 0, 0
	for _, row := range naive(t, file) {
		read++
		if row["CustomerID"] == "" {
			nobody++
			continue
		}
		quantity, err := strconv.ParseInt(row["Quantity"], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		invoice := row["InvoiceNo"]
		totals[invoice] += quantity * thousandths(t, row["UnitPrice"])
		customers[invoice] = row["CustomerID"]
		if !slices.Contains([]string{"POST", "M", "C2", "D", "BANK CHARGES", "PADS"}, row["StockCode"]) {
			products[invoice]++
		}
	}
	j := job{name: path.Base(file), reader: realData(t, file), mapping: example(t, "online-retail-orders.yaml")}
	s := j.must(t)
	if s.Read != read || s.Read != 209_029 || s.Rejected != nobody || s.Rejected != 59_976 || s.Skipped != 0 || s.Records != len(totals) || s.Records != 8_998 {
		t.Errorf("read %d, rejected %d, records %d; a naive pass reads %d rows, %d of nobody, %d invoices", s.Read, s.Rejected, s.Records, read, nobody, len(totals))
	}
	if len(s.Reasons) != 1 || s.Reasons[0].Text != "no customer: CustomerID is empty" {
		t.Errorf("rows are rejected because %+v", s.Reasons)
	}
	events, distinct := map[string]int{}, map[string]bool{}
	for _, r := range j.sink.records {
		o := orderOf(t, r)
		events[r.Event]++
		distinct[r.Customer[0].Value] = true
		sign := int64(1)
		if r.Event == OrderRefunded {
			sign = -1
		}
		if exact := totals[o.OrderID]; int64(o.Total)*sign != exact*(number.Scale/1000) {
			t.Errorf("%s %s: the total is %v, the lines are worth %d thousandths", r.Event, o.OrderID, o.Total, exact)
		}
		if len(o.Products) != products[o.OrderID] || r.Customer[0].Value != customers[o.OrderID] || o.Currency != "GBP" || o.Country == "" {
			t.Errorf("%s has %d products, the file %d: %.200s", o.OrderID, len(o.Products), products[o.OrderID], r.Fields)
		}
		if strings.HasPrefix(o.OrderID, "C") != (r.Event == OrderRefunded) {
			t.Errorf("%s is %s", o.OrderID, r.Event)
		}
	}
	if events[OrderCompleted] != 7_410 || events[OrderRefunded] != 1_588 || len(distinct) != 2_767 {
		t.Errorf("%v of %d customers", events, len(distinct))
	}
}

// TestOnlineRetailByGuess needs no mapping: only the currency and the zone are not in the file.
func TestOnlineRetailByGuess(t *testing.T) {
	file := realData(t, "online_retail/online_retail_2010-12_2011-05.csv.gz")
	j := job{name: "online_retail.csv.gz", reader: file}
	if s := j.must(t); s.Records != 8_998 || s.Rejected != 59_976 {
		t.Errorf("%+v", s)
	}
}

// TestAdventureWorksOrders imports three years. Two orders of 2019 have lines of
// two customers each (3 and 6 lines): to whom they belong nobody can say, so they are rejected.
func TestAdventureWorksOrders(t *testing.T) {
	prices := map[string]number.Number{}
	for _, row := range naive(t, "adventureworks/AdventureWorks_Products.csv") {
		price, err := number.Parse(row["ProductPrice"])
		if err != nil {
			t.Fatal(err)
		}
		prices[row["ProductKey"]] = price
	}
	for file, want := range map[string]struct{ read, orders, rejected int }{
		"AdventureWorks_Sales_2017.csv":    {2_630, 2_630, 0},
		"AdventureWorks_Sales_2018.csv.gz": {23_935, 10_695, 0},
		"AdventureWorks_Sales_2019.csv.gz": {29_481, 11_835, 9},
	} {
		t.Run(file, func(t *testing.T) {
			totals := map[string]number.Number{}
			for _, row := range naive(t, "adventureworks/"+file) {
				quantity, err := strconv.Atoi(row["OrderQuantity"])
				if err != nil {
					t.Fatal(err)
				}
				totals[row["OrderNumber"]] += prices[row["ProductKey"]] * number.Number(quantity)
			}
			j := job{name: file, reader: realData(t, "adventureworks/"+file), mapping: example(t, "adventure-works-orders.yaml")}
			j.options.Lookup = func(name string) (io.ReadCloser, error) {
				return io.NopCloser(realData(t, "adventureworks/"+name)), nil
			}
			s := j.must(t)
			if s.Read != want.read || s.Records != want.orders || s.Rejected != want.rejected {
				t.Errorf("read %d, records %d, rejected %d; want %+v: %+v", s.Read, s.Records, s.Rejected, want, s.Reasons)
			}
			for _, r := range j.sink.records {
				if o := orderOf(t, r); o.Total != totals[o.OrderID] || o.Total == 0 || o.Currency != "USD" {
					t.Errorf("order %s costs %v %s, the naive pass says %v", o.OrderID, o.Total, o.Currency, totals[o.OrderID])
				}
			}
		})
	}
}

func TestAdventureWorksCustomers(t *testing.T) {
	const file = "adventureworks/AdventureWorks_Customers.csv.gz"
	j := job{name: path.Base(file), reader: realData(t, file), mapping: example(t, "adventure-works-customers.yaml")}
	if s := j.must(t); s.Read != 18_148 || s.Records != 18_148 || s.Rejected != 0 {
		t.Errorf("%+v", s)
	}
	got := lines(j.sink.records[:1])[0]
	want := `user:11000 is {"salutation":"MR.","first_name":"JON","last_name":"YANG","birthday":"1966-04-08","email":"jon24@adventure-works.com",` +
		`"annual_income":90000,"home_owner":true,"gender":"M","marital_status":"M","total_children":2,"education_level":"Bachelors","occupation":"Professional"}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for i, row := range naive(t, file) {
		month, rest, _ := strings.Cut(row["BirthDate"], "/")
		day, year, _ := strings.Cut(rest, "/")
		pad := func(s string) string { return ("0" + s)[len(s)-1:] }
		birthday := `"birthday":"` + year + "-" + pad(month) + "-" + pad(day) + `"`
		income := `"annual_income":` + strings.NewReplacer("$", "", ",", "", " ", "").Replace(row["AnnualIncome"]) + ","
		if fields := string(j.sink.records[i].Fields); !strings.Contains(fields, birthday) || !strings.Contains(fields, income) {
			t.Fatalf("row %d: %s lacks %s or %s", i+1, fields, birthday, income)
		}
	}
}

// TestHubSpot imports contacts and companies. One of the 22 contacts names a
// company, and joins it; nothing in either file is deleted.
func TestHubSpot(t *testing.T) {
	contacts := job{reader: realData(t, "crm/crm_hubspot_seeds/contact_data.csv"), mapping: example(t, "hubspot-contacts.yaml")}
	if s := contacts.must(t); s.Read != 22 || s.Records != 23 || s.Rejected+s.Skipped != 0 {
		t.Errorf("%+v", s)
	}
	want(t, contacts.sink.records[:2],
		`user:78971951 is {"email":"fcb67ef339b691956cc85fa12be6490c","email_2":"261d3936e165a33b3f31e5fdd0e3121d","first_name":"db320f93ead463e1a2faee198cd9a122",`+
			`"last_name":"22370ea245fce0b355938327d41bd1e4","annual_revenue":111111,"created_at":"2021-04-01T15:32:47.000Z","first_conversion_at":"2021-04-01T15:32:47.000Z",`+
			`"merged_ids":["76340251","46897301","76226001"]}`,
		`user:78971951 of name:SampleCompany {"name":"SampleCompany"}`)
	companies := job{reader: realData(t, "crm/crm_hubspot_seeds/company_data.csv"), mapping: example(t, "hubspot-companies.yaml")}
	if s := companies.must(t); s.Read != 24 || s.Records != 24 || s.Rejected+s.Skipped != 0 {
		t.Errorf("%+v", s)
	}
	want(t, companies.sink.records[:1],
		`of company:2182162682 {"name":"4b2c13cca3eb58ee49bbddcf00417130","description":"0f478ed365082ae132c370744c96790e","industry":"37a6259cc0c1dae299a7866489dff0bd",`+
			`"street":"6cb5c4eeb3599d4201118f569157c95b","address_2":"37a6259cc0c1dae299a7866489dff0bd","state":"XX","country":"United States","annual_revenue":10000000,"created_at":"2019-07-05T18:35:26.000Z"}`)
}

// TestOpportunities imports the accounts of a CRM and what they were offered. Of
// 8,800 opportunities 500 never began (no date, skipped), and 1,088 of those
// that go on have no account yet (rejected); 4,238 were won and 2,473 lost.
func TestOpportunities(t *testing.T) {
	accounts := job{reader: realData(t, "crm/crm_sales_opps/accounts.csv"), mapping: example(t, "crm-accounts.yaml")}
	if s := accounts.must(t); s.Read != 85 || s.Records != 85 {
		t.Errorf("%+v", s)
	}
	known := map[string]bool{}
	for _, r := range accounts.sink.records {
		known[r.Customer[0].Value] = true
	}
	const file = "crm/crm_sales_opps/sales_pipeline.csv.gz"
	j := job{reader: realData(t, file), mapping: example(t, "crm-opportunities.yaml")}
	s := j.must(t)
	events := map[string]int{}
	var won number.Number
	for _, r := range j.sink.records {
		events[r.Event]++
		if !known[r.Customer[0].Value] {
			t.Fatalf("the account %q of an opportunity is not among the accounts", r.Customer[0].Value)
		}
		if r.Event == OrderCompleted {
			won += orderOf(t, r).Total
		}
	}
	if s.Read != 8_800 || s.Skipped != 500 || s.Rejected != 1_088 || events["order_completed"] != 4_238 || events["opportunity_lost"] != 2_473 || events["opportunity_engaged"] != 501 {
		t.Errorf("%+v %v", s, events)
	}
	var expected int
	for _, row := range naive(t, file) {
		if row["deal_stage"] == "Won" {
			value, err := strconv.Atoi(row["close_value"])
			if err != nil {
				t.Fatal(err)
			}
			expected += value
		}
	}
	if won != number.FromInt(int64(expected)) {
		t.Errorf("%v was won, a naive pass says %d", won, expected)
	}
	want(t, j.sink.records[:1], `user:Cancity order_completed at 2017-02-28T23:00:00.000Z {"order_id":"1C1I7A6R","engaged_on":"2016-10-20","total":1054,"agent":"Moses Frase","product":"GTX Plus Basic"}`)
}

// TestCompleteJourney imports baskets of a grocery by the guess alone: the lines
// have no unit price but what they cost, and some a quantity of 0.
func TestCompleteJourney(t *testing.T) {
	const file = "complete_journey/transactions_sample.csv.gz"
	totals := map[string]number.Number{}
	for _, row := range naive(t, file) {
		value, err := number.Parse(row["sales_value"])
		if err != nil {
			t.Fatal(err)
		}
		totals[row["basket_id"]] += value
	}
	j := job{name: "transactions.csv.gz", reader: realData(t, file)}
	s := j.must(t)
	if s.Read != 75_000 || s.Rejected != 0 || s.Records != len(totals) {
		t.Errorf("%+v, want %d orders", s, len(totals))
	}
	for _, r := range j.sink.records {
		if o := orderOf(t, r); o.Total != totals[o.OrderID] {
			t.Errorf("basket %s costs %v, want %v", o.OrderID, o.Total, totals[o.OrderID])
		}
	}
}

func TestSampleOfCalls(t *testing.T) {
	j := job{name: "calls.ndjson.gz", reader: realData(t, "rules/calls.ndjson.gz")}
	if s := j.must(t); s.Read != 1606 || s.Records != 1606 || s.Rejected != 0 {
		t.Errorf("%+v", s)
	}
	want(t, j.sink.records[1:2], `user:c00001 of company:g0006 at 2026-04-22T02:51:17.027Z {"industry": "Software", "employees": 250, "premium": true}`)
	consents := job{name: "consents.ndjson.gz", reader: realData(t, "rules/consents.ndjson.gz")}
	s := consents.must(t)
	if s.Read == 0 || s.Records != s.Read {
		t.Errorf("%+v", s)
	}
	want(t, consents.sink.records[:1], `user:c00001 grants email newsletter at 2026-08-30T23:11:46.240Z`)
}

func TestRealPostcodes(t *testing.T) {
	for file, country := range map[string]string{"zipcodes.de.csv.gz": "DE", "zipcodes.at.csv.gz": "AT", "zipcodes.ch.csv.gz": "CH"} {
		f := realData(t, "geo/"+file)
		in := openReal(t, f)
		list, s, err := Postcodes(t.Context(), in, "", Options{})
		if err != nil || s.Rejected != 0 || len(list) != s.Read || s.Read < 1000 || list[0].Country != country {
			t.Errorf("%s: %d postcodes, %+v, %v", file, len(list), s, err)
		}
	}
}

func openReal(t *testing.T, f *os.File) *Input {
	t.Helper()
	in, err := Open(sourceOf(f))
	if err != nil {
		t.Fatal(err)
	}
	return in
}
