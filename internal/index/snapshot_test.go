package index

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
	"pgregory.net/rapid"
)

var (
	berlin, _ = calendar.LoadZone("Europe/Berlin")
	text      = catalog.Type{Kind: catalog.Text}
	num       = catalog.Type{Kind: catalog.Number}
	known     = &catalog.Catalog{
		Zone: "Europe/Berlin",
		Attributes: catalog.Fields{
			"country": text, "credit": num, "vip": {Kind: catalog.Boolean}, "tags": {Kind: catalog.TextList}, "birthday": {Kind: catalog.Date},
			"machines": {Kind: catalog.ObjectList, Fields: catalog.Fields{"kind": text, "price": num}},
		},
		Company: catalog.Fields{"industry": text},
		Events: map[string]catalog.Fields{
			"order_completed": {"total": num, "products": {Kind: catalog.ObjectList, Fields: catalog.Fields{"sku": text}}},
			"email_opened":    {},
		},
		Consents: []catalog.Consent{{Channel: "email", Purpose: "newsletter"}},
		Segments: []string{"win_back"},
	}
)

// invent makes an index of so many customers.
func invent(seed uint64, customers int) *Index {
	r := rand.New(rand.NewPCG(seed, 1))
	x := &Index{Schema: columns.NewSchema(known, berlin), Revision: int64(seed), Places: Places{{"DE", "70173"}: {48.77, 9.18}}}
	companies := columns.NewCompanyBuilder(x.Schema)
	_ = companies.Attribute(companies.Company(1, "g1"), 0, 5, []byte(`"Maschinenbau"`))
	x.Companies = companies.Finish()
	for begin := 0; begin < customers; begin += 64 {
		b := columns.NewBuilder(x.Schema)
		for i := begin; i < min(begin+64, customers); i++ {
			inventCustomer(x.Schema, b, r, i)
		}
		x.Blocks = append(x.Blocks, b.Finish(x.Companies))
	}
	return x
}

func inventCustomer(s *columns.Schema, b *columns.Builder, r *rand.Rand, i int) {
	row := b.Customer(int64(i+10), fmt.Sprintf("c%05d", i))
	set := func(path, value string) {
		id, _ := s.Attrs.ID(path)
		_ = b.Attribute(row, id, r.Int64N(1000), []byte(value))
	}
	for range r.IntN(3) {
		set("country", []string{`"DE"`, `"AT"`, `null`}[r.IntN(3)])
	}
	set("credit", fmt.Sprint(r.IntN(100)))
	set("tags", `["Größe L", "neu"]`)
	set("machines", fmt.Sprintf(`[{"kind":"Fräse","price":%d},{"kind":null}]`, r.IntN(9)))
	if r.IntN(2) == 0 {
		b.Join(row, 0, r.Int64N(1000), []string{"", "decision_maker"}[r.IntN(2)])
	}
	orders, _ := s.EventID("order_completed")
	for i := range r.IntN(5) {
		_ = b.Event(row, orders, int64(i), r.Int64N(2000), []byte(fmt.Sprintf(`{"total":%d.5,"products":[{"sku":"A-%d"}]}`, r.IntN(50), r.IntN(5))))
	}
	b.Consent(row, 0, r.Int64N(1000), r.IntN(2) == 0)
}

func encode(t testing.TB, x *Index) []byte {
	var b bytes.Buffer
	c := &codec{w: bufio.NewWriter(&b)}
	c.index(x)
	if c.err != nil {
		t.Fatal(c.err)
	}
	if err := c.w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestASnapshotReadsBackAsItWas(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x := invent(rapid.Uint64Range(0, 1<<40).Draw(rt, "seed"), rapid.IntRange(0, 200).Draw(rt, "customers"))
		first := encode(t, x)
		back, err := read(bytes.NewReader(first), known, berlin, x.Revision)
		if err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(first, encode(t, back)) {
			rt.Fatal("what was read back is written otherwise")
		}
		for _, text := range []string{
			`sum(order_completed.total) > 40 or country = "de"`, `tags contains "größe l" and any machines (price > 4)`,
			`company.industry = "maschinenbau" and consent(email, newsletter)`, `top 10% by credit`,
			`count(order_completed where any products (sku = "a-3")) > 0`,
		} {
			if before, after := members(t, x, text), members(t, back, text); !reflect.DeepEqual(before, after) {
				rt.Fatalf("%s: %v before, %v after", text, before, after)
			}
		}
	})
}

func members(t testing.TB, x *Index, text string) []string {
	n, problems := rule.Parse(text)
	if problems.Fatal() {
		t.Fatal(problems.Format("rule", text))
	}
	p, err := x.Compile(n)
	if err != nil {
		t.Fatal(err)
	}
	found, err := x.Members(context.Background(), p, 3000)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range found {
		names = append(names, m.Block.Names[m.Row])
	}
	counts, err := x.Count(context.Background(), []*eval.Program{p}, 3000)
	if err != nil || counts[0] != len(names) {
		t.Fatalf("%s: %d counted, %d listed, %v", text, counts[0], len(names), err)
	}
	return names
}

func TestADamagedSnapshotIsRefused(t *testing.T) {
	whole := encode(t, invent(7, 100))
	refused := func(damaged []byte) bool {
		_, err := read(bytes.NewReader(damaged), known, berlin, 7)
		return err != nil
	}
	for n := 0; n < len(whole); n += 1 + n/20 {
		if !refused(whole[:n]) {
			t.Fatalf("cut to %d of %d bytes it was read", n, len(whole))
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		damaged := bytes.Clone(whole)
		i := rapid.IntRange(0, len(whole)-1).Draw(rt, "byte")
		damaged[i] ^= byte(rapid.IntRange(1, 255).Draw(rt, "change"))
		if !refused(damaged) {
			rt.Fatalf("with byte %d changed it was read", i)
		}
	})
}

func TestASnapshotOfAnotherStateIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "main.index")
	if err := invent(7, 10).Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path, known, berlin, 7); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path, known, berlin, 8); err == nil {
		t.Error("a snapshot of another revision was read")
	}
	other := *known
	other.Attributes = catalog.Fields{"country": num}
	if _, err := Load(path, &other, berlin, 7); err == nil {
		t.Error("a snapshot of another catalogue was read")
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	_ = os.Remove(path)
}

func TestAnswersDoNotDependOnThreads(t *testing.T) {
	x := invent(3, 500)
	p := func() []string { return members(t, x, `top 33% by sum(order_completed.total) and credit > 20`) }
	want := p()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for range 5 {
		if got := p(); !reflect.DeepEqual(got, want) {
			t.Fatalf("%v, then %v", want, got)
		}
	}
	if len(want) == 0 {
		t.Fatal("nobody is in, the test says nothing")
	}
}

func TestStaysBelongToTheQuestion(t *testing.T) {
	x := invent(3, 100)
	at := Position{x.Blocks[1], 2}
	with := x.WithStays([]Stay{{Segment: "complaint", Customer: at, From: 100, To: calendar.Never}})
	if got := members(t, with, "in segment complaint"); len(got) != 1 || got[0] != at.Block.Names[2] {
		t.Errorf("members %v", got)
	}
	if _, ok := x.Schema.SegmentID("complaint"); ok {
		t.Error("the index itself has changed")
	}
}
