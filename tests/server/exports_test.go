package server

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/store"
)

// exported is how many customers the export has.
const exported = 5_000

// newExporter makes a program with a segment of many, and a function that defines an export
// which has been due for a while.
func newExporter(t *testing.T) (p *program, due func(name, file string)) {
	p = newProgram(t)
	var people strings.Builder
	people.WriteString("id,note\n")
	for i := range exported {
		fmt.Fprintf(&people, "u%05d,%s\n", i, strings.Repeat("x", 40))
	}
	file := filepath.Join(t.TempDir(), "people.csv")
	must(t, os.WriteFile(file, []byte(people.String()), 0o600))
	p.run("import", file, "--yes")
	p.run("segment", "put", "everybody", "note is known")
	return p, func(name, file string) {
		s, err := store.Open(p.data, "main")
		must(t, err)
		e := store.Export{Name: name, Segment: "everybody", Columns: "customer,note", File: file, When: "hourly"}
		must(t, errors.Join(s.PutExport(context.Background(), e, 0, now()-3*time.Hour.Milliseconds()), s.Close()))
	}
}

// whole tells whether a file of an export is there, and fails if it is there in part.
func (p *program) whole(file string) bool {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.data, "exports", "main", file))
	if errors.Is(err, os.ErrNotExist) {
		return false
	}
	must(p.t, err)
	if lines := strings.Count(string(text), "\r\n"); lines != exported+1 {
		p.t.Fatalf("%s has %d lines", file, lines)
	}
	return true
}

func (p *program) runs(name string) (runs []store.ExportRun) {
	p.view(func(v *store.View) error {
		e, err := v.Export(context.Background(), name)
		if err != nil {
			return err
		}
		runs, err = v.ExportRuns(context.Background(), e.ID, 0, 100)
		return err
	})
	return runs
}

// What was missed is made once at the start; commands see it and make others while it is served.
func TestMissedExport(t *testing.T) {
	t.Parallel()
	p, due := newExporter(t)
	due("crm", "crm.csv")
	p.start()
	eventually(t, time.Minute, "the export is made", func() bool { return len(p.runs("crm")) > 0 })
	if !p.whole("crm.csv") {
		t.Fatal("it is recorded and not there")
	}
	if out := p.run("export", "schedule", "list"); !strings.Contains(out, "000 rows at") {
		t.Errorf("it is listed as\n%s", out)
	}
	p.run("export", "schedule", "add", "more", "--segment", "everybody", "--file", "more/{name}.csv", "--when", "daily at 00:00", "--columns", "customer,note")
	if out := p.run("export", "schedule", "run", "more"); !strings.HasPrefix(out, "more/more.csv: 5") || !p.whole("more/more.csv") {
		t.Errorf("it is made with %q", out)
	}
	p.kill()
	p.start()
	p.run("export", "schedule", "run", "more") // by then the others were looked at
	if n := len(p.runs("crm")); n != 1 {
		t.Errorf("what was missed was made %d times", n)
	}
	if _, err := p.stop(); err != nil {
		t.Error(err)
	}
}

// Killed at any moment, the server leaves no half file, and makes the export after the next start.
func TestKilledExport(t *testing.T) {
	t.Parallel()
	p, due := newExporter(t)
	random := rand.New(rand.NewPCG(7, 7))
	for round := range 6 {
		name := fmt.Sprintf("crm%d", round)
		due(name, name+".csv")
		p.start()
		<-after(time.Duration(random.IntN(60)) * time.Millisecond)
		p.kill()
		p.whole(name + ".csv")
	}
	p.start()
	for round := range 6 {
		name := fmt.Sprintf("crm%d", round)
		eventually(t, time.Minute, name+" is made", func() bool { return len(p.runs(name)) > 0 })
		if runs := p.runs(name); !p.whole(name+".csv") || len(runs) != 1 || runs[0].Error != "" {
			t.Errorf("%s: %+v", name, runs)
		}
	}
	p.kill()
	left, err := filepath.Glob(filepath.Join(p.data, "exports", "main", ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("%v is left over, %v", left, err)
	}
}
