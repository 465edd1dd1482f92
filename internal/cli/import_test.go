package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// customers is a file as a German spreadsheet writes it, with rows that are no good.
var customers = []string{
	"Kundennummer;Vorname;Nachname;Land;PLZ;Geburtstag;Umsatz;Newsletter",
	"1001;Anna;Müller;DE;50667;29.02.1992;1.234,50;ja",
	"1002;Jörg;Groß;AT;1010;01.12.1980;99,90;nein",
	";Ohne;Nummer;DE;70173;02.03.1970;1,00;ja",
	"1003;Zoë;Weiß;CH;8001;31.12.1985;0;ja",
}

// summaryOf reads what import says with --json.
func (p *place) summaryOf(args ...string) summaryView {
	p.t.Helper()
	var s summaryView
	decode(p.t, p.ok(append([]string{"import", "--json"}, args...)...), &s)
	return s
}

func TestImportRejectMendImportAgain(t *testing.T) {
	p := newPlace(t)
	file := p.write("kunden.csv", customers...)
	first := p.summaryOf(file, "--yes")
	if want := (summaryView{File: file, Read: 4, New: 3, Rejected: 1, Rejects: "kunden.csv.rejected.csv"}); first != want {
		t.Errorf("got %+v\nwant %+v", first, want)
	}
	rejected := p.read(first.Rejects)
	if !strings.Contains(rejected, ";Ohne;Nummer;DE;70173") || strings.Contains(rejected, "Anna") {
		t.Errorf("rejected rows:\n%s", rejected)
	}
	mended := p.write("mended.csv", strings.Replace(rejected, ";;Ohne", ";1004;Ohne", 1))
	if s := p.summaryOf(mended, "--yes"); s.New != 1 || s.Rejected != 0 {
		t.Errorf("the mended rows: %+v", s)
	}
	again := p.summaryOf(file, "--yes")
	if again.New != 0 || again.Changed != 0 || again.Unchanged != 3 || again.Rejected != 1 {
		t.Errorf("imported again: %+v", again)
	}
	if got := p.ok("list", `umsatz > 50 and newsletter`, "--columns", "last_name,birthday", "--format", "csv"); got != "customer,last_name,birthday\n1001,Müller,1992-02-29\n" {
		t.Errorf("got %q", got)
	}
}

func TestImportTwiceChangesNothing(t *testing.T) {
	p := newPlace(t)
	calls := p.write("calls.ndjson",
		`{"type": "identify", "userId": "anna", "messageId": "1", "timestamp": "2025-01-10T08:00:00Z", "traits": {"plan": "free"}}`,
		`{"type": "track", "userId": "anna", "event": "Order Completed", "messageId": "2", "timestamp": "2026-10-25T00:30:00Z", "properties": {"total": 80}}`)
	before := p.summaryOf(calls)
	answer := p.ok("customer", "anna", "--json")
	p.now += 1000
	if s := p.summaryOf(calls); s.New+s.Changed != 0 || s.Unchanged != 1 || s.Duplicate != 1 || before.New != 2 {
		t.Errorf("first %+v, again %+v", before, s)
	}
	p.now -= 1000
	if again := p.ok("customer", "anna", "--json"); again != answer {
		t.Errorf("was %s\n is %s", answer, again)
	}
}

func TestImportAsks(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		status      int
		imports     bool
		says        string
	}{
		{"yes", "y\n", 0, true, "Import it so?"},
		{"German yes", "Ja\n", 0, true, "Import it so?"},
		{"no", "n\n", 1, false, "kunden.csv was not imported"},
		{"only return", "\n", 1, false, "kunden.csv was not imported"},
		{"nobody there", "", 2, false, "--yes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			p.stdin = strings.NewReader(c.typed)
			p.write("kunden.csv", customers...)
			_, stderr, status := p.run("import", "kunden.csv")
			if status != c.status || !strings.Contains(stderr, c.says) || !strings.Contains(stderr, "Kundennummer: customer") {
				t.Errorf("status %d\n%s", status, stderr)
			}
			if p.exists("data/main.db") != c.imports {
				t.Errorf("imported: %v, want %v", !c.imports, c.imports)
			}
		})
	}
}

func TestImportAsksForEachFile(t *testing.T) {
	p := newPlace(t)
	p.stdin = strings.NewReader("y\nj\n")
	p.write("a.csv", customers...)
	p.write("b.csv", "Kundennummer;Stadt", "1001;Köln", "1005;Ulm")
	stdout, stderr, status := p.run("import", "a.csv", "b.csv")
	if status != 0 || strings.Count(stderr, "Import it so?") != 2 || !strings.Contains(stdout, "b.csv: 2 rows read, 1 new, 1 changed") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// TestInterruptedQuestion waits for no answer after Ctrl-C.
func TestInterruptedQuestion(t *testing.T) {
	p := newPlace(t)
	ctx, cancel := context.WithCancel(context.Background())
	typing, typed := io.Pipe()
	defer func() { _ = typed.Close() }()
	p.ctx, p.stdin = ctx, typing
	p.write("kunden.csv", customers...)
	asked := cancelAt(cancel, "Import it so?")
	stderr := &asked
	status := Run(p.ctx, Env{Args: []string{"import", "kunden.csv"}, Stdin: p.stdin, Stdout: io.Discard, Stderr: stderr, Now: func() int64 { return noon }})
	if status != 130 || p.exists("data/main.db") || !strings.Contains(stderr.text.String(), "interrupted") {
		t.Errorf("status %d\n%s", status, stderr.text.String())
	}
}

// canceller cancels when a text was written to it.
type canceller struct {
	cancel func()
	when   string
	text   strings.Builder
}

func cancelAt(cancel func(), when string) canceller { return canceller{cancel: cancel, when: when} }

func (c *canceller) Write(b []byte) (int, error) {
	n, err := c.text.Write(b)
	if strings.Contains(c.text.String(), c.when) {
		c.cancel()
	}
	return n, err
}

// dripping gives a stream whose reader is interrupted after so many bytes.
type dripping struct {
	io.Reader
	left   atomic.Int64
	cancel func()
}

func (d *dripping) Read(b []byte) (int, error) {
	n, err := d.Reader.Read(b)
	if d.left.Add(int64(-n)) <= 0 {
		d.cancel()
	}
	return n, err
}

// TestInterruptedImport leaves whole batches; importing again completes it.
func TestInterruptedImport(t *testing.T) {
	p := newPlace(t)
	const rows = 20_000
	var calls strings.Builder
	for i := range rows {
		fmt.Fprintf(&calls, `{"type": "track", "userId": "c%d", "event": "Page Viewed", "messageId": "m%d", "timestamp": "2026-10-25T00:30:00Z", "properties": {}}`+"\n", i%100, i)
	}
	ctx, cancel := context.WithCancel(context.Background())
	drip := &dripping{Reader: strings.NewReader(calls.String()), cancel: cancel}
	drip.left.Store(int64(calls.Len() * 7 / 10))
	p.ctx, p.stdin = ctx, drip
	stdout, stderr, status := p.run("import", "--as", "calls", "-")
	if status != 130 || !strings.Contains(stderr, "importing the file again completes it") || !strings.Contains(stderr, "kohorte: interrupted") {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	p.ctx = context.Background()
	kept := p.events()
	if kept == 0 || kept >= rows || kept%5000 != 0 || !strings.Contains(stdout, thousands(int64(kept))+"  event") {
		t.Errorf("%d of %d events were kept\n%s", kept, rows, stdout)
	}
	p.stdin = strings.NewReader(calls.String())
	if s := p.summaryOf("--as", "calls", "-"); s.New != rows-kept || s.Duplicate != kept || p.events() != rows {
		t.Errorf("completed: %+v, %d events", s, p.events())
	}
}

// events counts the page views in the workspace.
func (p *place) events() int {
	p.t.Helper()
	var fields []fieldView
	decode(p.t, p.ok("fields", "--json"), &fields)
	for _, f := range fields {
		if f.Of == "page_viewed" && f.Type == "event" {
			return int(f.Owners)
		}
	}
	return 0
}

func TestImportWithMapping(t *testing.T) {
	p := newPlace(t)
	p.write("kunden.csv", "Nr;Ort;Stufe", "7;Köln;G", "8;Wien;S")
	p.write("kunden.yaml", "kind: customers", "columns:", "  Nr: customer", "  Ort: address.city", "  Stufe: {to: plan, values: {G: Gold, S: Silber}}")
	stdout, stderr, status := p.run("import", "--map", "kunden.yaml", "kunden.csv")
	if status != 0 || strings.Contains(stderr, "Import it so?") || !strings.Contains(stdout, "2  new customers") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if got := p.ok("list", `address.city = "köln"`, "--columns", "plan", "--format", "csv"); got != "customer,plan\n7,Gold\n" {
		t.Errorf("got %q", got)
	}
	p.write("kunden.yaml", "kind: customers", "colums:", "  Nr: customer")
	p.fails(1, "kunden.yaml", "import", "--map", "kunden.yaml", "kunden.csv")
	p.fails(2, "column=target", "import", "--set", "Nr", "kunden.csv")
	p.fails(1, "no column \"Nummer\"", "import", "--as", "customers", "--set", "Nummer=customer", "--yes", "kunden.csv")
}

// TestImportWithLookup finds the other file beside the imported one or beside the mapping.
func TestImportWithLookup(t *testing.T) {
	p := newPlace(t)
	for _, dir := range []string{"orders", "maps"} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p.write("orders/orders.csv", "Nr;Kunde;Datum;Artikel;Menge;Preis", "1;7;01.03.2026;A-1;2;9,50")
	p.write("maps/shop.yaml", "kind: orders", "columns:", "  Nr: order_id", "  Kunde: customer", "  Datum: time", "  Artikel: product.sku", "  Menge: product.quantity", "  Preis: product.price",
		"lookup:", "  - {file: artikel.csv, on: Artikel, columns: {Warengruppe: product.category}}")
	p.fails(1, "there is no file orders/artikel.csv or maps/artikel.csv", "import", "--map", "maps/shop.yaml", "orders/orders.csv")
	for _, dir := range []string{"maps", "orders"} {
		p.write(dir+"/artikel.csv", "Artikel;Warengruppe", "A-1;Gürtel aus "+dir)
		workspace := []string{"--workspace", dir}
		p.ok(append(workspace, "import", "--map", "maps/shop.yaml", "orders/orders.csv")...)
		question := `count(order_completed where any products (category = "gürtel aus ` + dir + `")) = 1 and sum(order_completed.total) = 19`
		if got := p.ok(append(workspace, "count", question)...); !strings.HasPrefix(got, "1 of 1") {
			t.Errorf("got %s", got)
		}
	}
}

func TestImportFromStandardInput(t *testing.T) {
	p := newPlace(t)
	text := strings.Join(customers, "\n") + "\n"
	p.stdin = strings.NewReader(text)
	p.fails(2, "--yes", "import", "-")
	p.stdin = strings.NewReader(text)
	if s := p.summaryOf("-", "--yes"); s.New != 3 || s.Rejects != "stdin.rejected.csv" || !p.exists(s.Rejects) {
		t.Errorf("got %+v", s)
	}
}

func TestImportOfDamagedFiles(t *testing.T) {
	p := newPlace(t)
	p.write("calls.ndjson.gz", "\x1f\x8bnot really")
	p.fails(1, "calls.ndjson.gz", "import", "--as", "calls", "calls.ndjson.gz")
	p.write("empty.csv")
	p.fails(1, "empty.csv", "import", "empty.csv", "--yes")
	p.write("locked.csv", customers...)
	if err := os.Chmod("locked.csv", 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open("locked.csv"); err == nil {
		_ = f.Close() // root may read everything
	} else {
		p.fails(1, "this user may not", "import", "locked.csv", "--yes")
	}
	if p.exists("data/main.db") {
		t.Error("a workspace was made of nothing")
	}
}
