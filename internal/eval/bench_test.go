package eval

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/rule"
)

// benchBlocks makes customers with 50 events each.
func benchBlocks(b *testing.B, blocks int) (*columns.Schema, []*columns.Block) {
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	text, num := catalog.Type{Kind: catalog.Text}, catalog.Type{Kind: catalog.Number}
	known := &catalog.Catalog{
		Attributes: catalog.Fields{"country": text, "birthday": {Kind: catalog.Date}},
		Events: map[string]catalog.Fields{
			"order_completed": {"total": num, "currency": text},
			"product_viewed":  {"category": text, "price": num},
			"email_opened":    {},
		},
	}
	s := columns.NewSchema(known, zone)
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"product_viewed", "product_viewed", "product_viewed", "email_opened", "order_completed"}
	var all []*columns.Block
	country, _ := s.Attrs.ID("country")
	for range blocks {
		builder := columns.NewBuilder(s)
		for i := range 4096 {
			row := builder.Customer(int64(i), fmt.Sprint(i))
			_ = builder.Attribute(row, country, 0, []byte([]string{`"DE"`, `"AT"`, `"FR"`}[r.IntN(3)]))
		}
		for i := range 4096 * 50 {
			name := names[r.IntN(len(names))]
			id, _ := s.EventID(name)
			props := fmt.Sprintf(`{"total":%d.99,"price":%d.5,"category":"c%d","currency":"EUR"}`, r.IntN(300), r.IntN(90), r.IntN(40))
			_ = builder.Event(r.IntN(4096), id, int64(i), 1700000000000+r.Int64N(3*365*86400000), []byte(props))
		}
		all = append(all, builder.Finish(&columns.Companies{}))
	}
	return s, all
}

func BenchmarkSelect(b *testing.B) {
	s, blocks := benchBlocks(b, 12)
	now := int64(1700000000000 + 3*365*86400000)
	for _, text := range []string{
		`country in ("DE", "AT")`,
		`count(order_completed in last 12 months) >= 3`,
		`sum(order_completed.total in last 365 days) > 500`,
		`last(order_completed) older than 180 days`,
		`count(product_viewed in last 30 days where category = "c3") >= 2`,
		`product_viewed in last 7 days then no order_completed within 3 days`,
		`country in ("DE", "AT") and count(order_completed in last 12 months) >= 3 and last(order_completed) older than 30 days`,
	} {
		n, problems := rule.Parse(text)
		if problems.Fatal() {
			b.Fatal(problems.Format("rule", text))
		}
		p, err := Compile(n, s, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			m := p.Machine()
			members := 0
			for b.Loop() {
				for _, block := range blocks {
					members += len(m.Select(block, now))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(blocks)*4096), "ns/customer")
		})
	}
}

func BenchmarkVerdict(b *testing.B) {
	s, blocks := benchBlocks(b, 2)
	now := int64(1700000000000 + 3*365*86400000)
	n, _ := rule.Parse(`country in ("DE", "AT") and count(order_completed in last 12 months) >= 3 and last(order_completed) older than 30 days`)
	p, err := Compile(n, s, nil)
	if err != nil {
		b.Fatal(err)
	}
	m := p.Machine()
	row := 0
	for b.Loop() {
		m.Verdict(blocks[0], row, now)
		row = (row + 1) % 4096
	}
}
