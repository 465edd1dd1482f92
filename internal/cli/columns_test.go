package cli

import (
	"context"
	"os"
	"strings"
	"testing"
)

func TestExportedFilesAreWholeOrNotThere(t *testing.T) {
	p := newPlace(t)
	p.write("calls.ndjson",
		`{"type": "identify", "userId": "anna", "messageId": "1", "timestamp": "2025-01-10T08:00:00Z", "traits": {"plz": "01067", "note": "=1+1"}}`)
	p.ok("import", "calls.ndjson")
	p.ok("export", "plz is known", "--to", "a.csv", "--columns", "plz,note")
	if got := p.read("a.csv"); got != "plz,note\r\n01067,'=1+1\r\n" {
		t.Errorf("%q", got)
	}
	p.ok("export", "plz is known", "--to", "a.csv", "--columns", "plz,note", "--raw")
	if got := p.read("a.csv"); got != "plz,note\r\n01067,=1+1\r\n" {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"a.xlsx", "a.parquet"} {
		p.ok("export", "plz is known", "--to", name)
		if head := p.read(name)[:2]; head != "PK" && head != "PA" {
			t.Errorf("%s begins with %q", name, head)
		}
	}
	ctx, cancel := context.WithCancel(p.ctx)
	cancel()
	p.ctx = ctx
	p.fails(130, "interrupted", "export", "plz is known", "--to", "b.csv")
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "b.csv" || strings.HasSuffix(e.Name(), ".part") {
			t.Errorf("%s is left over", e.Name())
		}
	}
}

// What is made by hand is in its place and among the runs; what fails is told.
func TestScheduleRun(t *testing.T) {
	p := newPlace(t)
	p.people()
	p.ok("segment", "put", "german", `country = "DE"`)
	p.ok("export", "schedule", "add", "crm", "--segment", "german", "--file", "{name}/{segment}.csv", "--when", "hourly", "--columns", "customer,country")
	if out := p.ok("export", "schedule", "run", "crm"); out != "crm/german.csv: 2 rows\n" {
		t.Errorf("%q", out)
	}
	if got := p.read("data/exports/main/crm/german.csv"); got != "customer,country\r\nanna,DE\r\ncarla,DE\r\n" {
		t.Errorf("%q", got)
	}
	if err := os.RemoveAll("data/exports/main/crm"); err != nil {
		t.Fatal(err)
	}
	p.write("data/exports/main/crm", "in the way")
	p.fails(1, "not a directory", "export", "schedule", "run", "crm")
	if out := p.ok("export", "schedule", "runs", "crm"); !strings.Contains(out, "by hand  crm/german.csv  2 rows at") || !strings.Contains(out, "failed at") {
		t.Errorf("%q", out)
	}
}
