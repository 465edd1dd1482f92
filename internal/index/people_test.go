package index

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/store"
)

// shop is a store with these records.
func shop(t *testing.T, records ...record.Record) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir(), "main")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Declare(context.Background(), known); err != nil {
		t.Fatal(err)
	}
	result, err := s.Apply(context.Background(), records, receipt)
	if err != nil || len(result.Rejections) > 0 {
		t.Fatalf("%+v, %v", result.Rejections, err)
	}
	return s
}

func build(t *testing.T, s *store.Store) *Index {
	t.Helper()
	var x *Index
	err := s.View(context.Background(), func(v *store.View) (err error) {
		x, err = Build(context.Background(), v, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// lettingIn names those whom a rule lets in, in the order of the index.
func lettingIn(t *testing.T, x *Index, text string, now calendar.Instant) string {
	t.Helper()
	n, problems := rule.Parse(text)
	if problems.Fatal() {
		t.Fatal(problems.Format("rule", text))
	}
	p, err := x.Compile(n)
	if err != nil {
		t.Fatal(err)
	}
	found, err := x.Members(context.Background(), p, now)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range found {
		names = append(names, m.Block.Names[m.Row])
	}
	return strings.Join(names, " ")
}

func user(id string) []record.Identity {
	return []record.Identity{{Namespace: record.UserID, Value: id}}
}

func firm(id string) record.Identity { return record.Identity{Namespace: "company", Value: id} }

func TestPersonsAndTheirCompanies(t *testing.T) {
	at := func(day int) calendar.Instant { return receipt + int64(day)*86_400_000 }
	group := func(person []record.Identity, company, industry string, day int) record.Record {
		fields := "{}"
		if industry != "" {
			fields = fmt.Sprintf(`{"industry":%q}`, industry)
		}
		return record.Record{Kind: record.Group, Customer: person, Company: firm(company), Time: at(day), HasTime: true, Fields: []byte(fields), Source: "test"}
	}
	x := build(t, shop(t,
		group(user("anna"), "g1", "Maschinenbau", 1),
		group(user("anna"), "g2", "Handel", 5),
		group(nil, "g2", "Logistik", 8),
		group(user("ben"), "g2", "", 2),
		record.Record{Kind: record.Identify, Customer: user("carla"), Time: at(1), HasTime: true, Fields: []byte(`{"credit":3}`), Source: "test"},
	))
	if x.Rows() != 3 || len(x.Companies.IDs) != 2 {
		t.Fatalf("%d persons and %d companies", x.Rows(), len(x.Companies.IDs))
	}
	for _, c := range []struct {
		rule string
		day  int
		want string
	}{
		{`company.industry = "Maschinenbau"`, 2, "anna"},
		{`company.industry = "Maschinenbau"`, 5, ""},
		{`company.industry = "Handel"`, 4, "ben"}, // before its first value a field has the first
		{`company.industry = "Handel"`, 6, "anna ben"},
		{`company.industry = "Handel"`, 8, ""},
		{`company.industry = "Logistik"`, 8, "anna ben"},
		{`company.industry is unknown`, 9, "carla"},
	} {
		if got := lettingIn(t, x, c.rule, at(c.day)); got != c.want {
			t.Errorf("%s on day %d lets in %q, want %q", c.rule, c.day, got, c.want)
		}
	}
}

func TestPlacesComeFromTheStore(t *testing.T) {
	s := shop(t, record.Record{Kind: record.Identify, Customer: user("anna"), HasTime: true, Fields: []byte(`{"country":"at-1010"}`), Source: "test"})
	for _, lon := range []float64{16.3705, 9.1829} {
		err := s.SetPostcodes(context.Background(), []store.Postcode{{Country: "AT", Code: "1010", Lat: 48.2077, Lon: lon}, {Country: "DE", Code: "70173", Lat: 48.7758, Lon: 9.1829}})
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if lon < 10 {
			want = "anna"
		}
		if got := lettingIn(t, build(t, s), `distance(country, "DE-70173") < 100`, receipt); got != want {
			t.Errorf("with Wien at %v degrees %q is near", lon, got)
		}
	}
}

// TestManyBlocks has more customers than a block holds.
func TestManyBlocks(t *testing.T) {
	const customers = 2*blockRows + 100
	var records []record.Record
	for i := range customers {
		records = append(records, record.Record{
			Kind: record.Track, Customer: user(fmt.Sprintf("c%05d", i)), Event: "order_completed", EventGiven: "Order Completed", Time: receipt - int64(i), HasTime: true,
			Fields: []byte(fmt.Sprintf(`{"total":%d}`, i)), Key: record.KeyOf("test", fmt.Sprint(i)), Source: "test",
		})
	}
	s := shop(t, records...)
	x := build(t, s)
	if x.Rows() != customers || len(x.Blocks) != 3 {
		t.Fatalf("%d customers in %d blocks", x.Rows(), len(x.Blocks))
	}
	if got := lettingIn(t, x, `max(order_completed.total) >= 8290`, receipt); got != "c08290 c08291" {
		t.Errorf("got %q", got)
	}
	if got := lettingIn(t, x, `top 0.01% by sum(order_completed.total)`, receipt); got != "c08291" {
		t.Errorf("got %q", got)
	}
	for _, name := range []string{"c00000", "c04095", "c04096", "c08291"} {
		c, err := s.Find(context.Background(), name)
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := x.Find(c.ID); !ok || p.Block.Names[p.Row] != name {
			t.Errorf("%s is found at %+v", name, p)
		}
	}
	if _, ok := x.Find(0); ok {
		t.Error("a customer is found who does not exist")
	}
	n, _ := rule.Parse(`max(order_completed.total) >= 100`)
	p, err := x.Compile(n)
	if err != nil {
		t.Fatal(err)
	}
	if counts, err := x.Count(context.Background(), []*eval.Program{p, p}, receipt); err != nil || counts[0] != customers-100 || counts[1] != counts[0] {
		t.Errorf("counts %v, %v", counts, err)
	}
}

func TestBuildTellsItsProgressAndCanBeInterrupted(t *testing.T) {
	var records []record.Record
	for i := range 2 * progressEvery {
		records = append(records, record.Record{
			Kind: record.Track, Customer: user("anna"), Event: "email_opened", EventGiven: "Email Opened", Time: int64(i), HasTime: true,
			Fields: []byte("{}"), Key: record.KeyOf("test", fmt.Sprint(i)), Source: "test",
		})
	}
	s := shop(t, records...)
	ctx, cancel := context.WithCancel(context.Background())
	told := 0
	err := s.View(ctx, func(v *store.View) error {
		_, err := Build(ctx, v, func(done, total int64) {
			told++
			if done != progressEvery || total != 2*progressEvery {
				t.Errorf("%d of %d", done, total)
			}
			cancel()
		})
		return err
	})
	if told != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("told %d times, %v", told, err)
	}
}
