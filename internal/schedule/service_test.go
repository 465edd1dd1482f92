package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/export"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// now is 2026-11-21T12:00:00Z, 13:00 in Berlin.
const now calendar.Instant = 1_795_262_400_000

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bench is a workspace with a segment and a service that exports it.
type bench struct {
	*Service
	t     testing.TB
	clock *clock.Manual
	made  chan string // the segment, each time that members are asked for

	mu    sync.Mutex
	fails error
}

// Table implements Members.
func (b *bench) Table(ctx context.Context, of live.Selection, columns []string) (*export.Table, calendar.Instant, error) {
	b.made <- of.Segment
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails != nil {
		return nil, 0, b.fails
	}
	return &export.Table{Columns: []export.Column{{Name: strings.Join(columns, "+"), Kind: export.Text}}, Rows: func(yield func([]export.Cell, error) bool) {
		_ = yield([]export.Cell{export.TextCell(calendar.Format(b.clock.Now()))}, ctx.Err())
	}}, b.clock.Now(), nil
}

func (b *bench) failWith(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails = err
}

func newBench(t testing.TB) *bench {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "schedule") // in memory, where there is one
	if err != nil {
		dir = t.TempDir()
	}
	s, err := store.Open(dir, "shop")
	must(t, err)
	t.Cleanup(func() {
		must(t, s.Close())
		must(t, os.RemoveAll(dir))
	})
	must(t, s.Update(t.Context(), now, func(tx *store.Tx) error {
		for _, name := range []string{"vip", "lifecycle.new"} {
			if _, err := tx.PutSegment(segment.Definition{Name: name, Rule: "true = true"}, "", ""); err != nil {
				return err
			}
		}
		return nil
	}))
	b := &bench{t: t, clock: clock.NewManual(now), made: make(chan string, 100)}
	b.Service = New(Options{
		Store: s, Members: b, Clock: b.clock, Zone: zone(t, "Europe/Berlin"), Dir: filepath.Join(dir, "exports"), Log: slog.New(slog.DiscardHandler), Poll: 1 << 62,
	})
	return b
}

func (b *bench) put(e store.Export) {
	b.t.Helper()
	must(b.t, Put(b.t.Context(), b.Store, e, store.AnyVersion, b.clock.Now()))
}

// begin runs the service; end stops it.
func (b *bench) begin() (end func()) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	return func() {
		stop()
		must(b.t, <-ended)
	}
}

// until moves the clock to an instant of the zone once the service waits for it.
func (b *bench) until(text string) {
	b.t.Helper()
	t := at(b.t, b.Zone, text)
	b.clock.WaitForDue(t)
	b.clock.Set(t)
}

func (b *bench) export(name string) (e store.Export, runs []store.ExportRun) {
	b.t.Helper()
	must(b.t, b.Store.Glance(b.t.Context(), func(v *store.View) (err error) {
		if e, err = v.Export(b.t.Context(), name); err == nil {
			runs, err = v.ExportRuns(b.t.Context(), e.ID, 0, 100)
		}
		return err
	}))
	return e, runs
}

// files lists what is in the directory of exports.
func (b *bench) files() string {
	var list []string
	_ = filepath.WalkDir(b.Dir, func(path string, entry os.DirEntry, err error) error { // it may not be there yet
		if err == nil && !entry.IsDir() {
			rest, _ := filepath.Rel(b.Dir, path)
			list = append(list, filepath.ToSlash(rest))
		}
		return nil
	})
	slices.Sort(list)
	return strings.Join(list, " ")
}

func (b *bench) want(files string) {
	b.t.Helper()
	if got := b.files(); got != files {
		b.t.Errorf("there is %q, not %q", got, files)
	}
}

// An export is made each time that it is due, under the name of that time, and the oldest files go.
func TestDue(t *testing.T) {
	b := newBench(t)
	b.put(store.Export{Name: "daily", Segment: "lifecycle.new", Columns: "customer, customer as x", File: "crm/{segment}-{date}-{time}.csv", When: "daily at 6:00", Keep: 2})
	if err := Put(t.Context(), b.Store, store.Export{Name: "x"}, 0, now); err == nil {
		t.Error("an export without anything is taken")
	}
	end := b.begin()
	defer end()
	for day := 22; day <= 25; day++ {
		b.until(fmt.Sprintf("2026-11-%dT06:00", day))
		if got := <-b.made; got != "lifecycle.new" {
			t.Fatal(got)
		}
	}
	b.clock.WaitForDue(at(t, b.Zone, "2026-11-26T06:00"))
	b.want("crm/lifecycle.new-2026-11-24-0600.csv crm/lifecycle.new-2026-11-25-0600.csv")
	e, runs := b.export("daily")
	if len(runs) != 4 || !runs[3].Dropped || runs[0].Dropped || runs[0].Rows != 1 || runs[0].Error != "" || e.Settled != runs[0].Due || e.Succeeded != runs[0].Ended {
		t.Errorf("%+v %+v", e, runs)
	}
	text, err := os.ReadFile(filepath.Join(b.Dir, "crm", "lifecycle.new-2026-11-25-0600.csv"))
	if err != nil || string(text) != "\"customer+customer as x\"\r\n2026-11-25T05:00:00.000Z\r\n" && string(text) != "customer+customer as x\r\n2026-11-25T05:00:00.000Z\r\n" {
		t.Errorf("%q %v", text, err)
	}
}

// What was missed while nobody was there is made once, under the name of the latest time.
func TestMissed(t *testing.T) {
	b := newBench(t)
	b.put(store.Export{Name: "h", Segment: "vip", File: "{name}-{date}-{time}.ndjson", When: "every 6 hours"})
	b.clock.Set(at(t, b.Zone, "2026-11-24T13:30"))
	end := b.begin()
	b.clock.WaitForDue(at(t, b.Zone, "2026-11-24T18:00"))
	end()
	b.want("h-2026-11-24-1200.ndjson")
	if _, runs := b.export("h"); len(runs) != 1 || len(b.made) != 1 {
		t.Errorf("%d runs", len(runs))
	}
	end = b.begin() // what is settled is not made again
	b.clock.WaitForDue(at(t, b.Zone, "2026-11-24T18:00"))
	end()
	if len(b.made) != 1 {
		t.Error("it is made again after a start")
	}
}

// Killed between the file and its record, an export is made again under the same name; what
// was half written is gone.
func TestKilled(t *testing.T) {
	b := newBench(t)
	b.put(store.Export{Name: "k", Segment: "vip", File: "{date}/{name}.csv", When: "daily at 06:00"})
	b.clock.Set(at(t, b.Zone, "2026-11-22T07:00"))
	must(t, os.MkdirAll(filepath.Join(b.Dir, "2026-11-22"), 0o700))
	for _, name := range []string{"2026-11-22/k.csv", "2026-11-22/.k.csv.123456.part", "2026-11-22/.other.csv.123456.part", "2026-11-22/mine.csv"} {
		must(t, os.WriteFile(filepath.Join(b.Dir, filepath.FromSlash(name)), []byte("half"), 0o600))
	}
	end := b.begin()
	b.clock.WaitForDue(at(t, b.Zone, "2026-11-23T06:00"))
	end()
	b.want("2026-11-22/.other.csv.123456.part 2026-11-22/k.csv 2026-11-22/mine.csv")
	if text, err := os.ReadFile(filepath.Join(b.Dir, "2026-11-22", "k.csv")); err != nil || string(text) == "half" {
		t.Errorf("%q %v", text, err)
	}
}

// What fails is told with its reason and tried again, later each time; success settles it.
func TestFailure(t *testing.T) {
	b := newBench(t)
	b.put(store.Export{Name: "f", Segment: "vip", File: "f-{date}.csv", When: "daily at 06:00"})
	b.failWith(errors.New("no such luck"))
	end := b.begin()
	defer end()
	for _, instant := range []string{"2026-11-22T06:00", "2026-11-22T06:01", "2026-11-22T06:03", "2026-11-22T06:07"} {
		b.until(instant)
		<-b.made
	}
	b.clock.WaitForDue(at(t, b.Zone, "2026-11-22T06:15"))
	b.want("")
	e, runs := b.export("f")
	if e.Failures != 4 || len(runs) != 4 || runs[0].Error != "no such luck" || runs[0].File != "" || e.Succeeded != 0 {
		t.Errorf("%+v %+v", e, runs)
	}
	b.failWith(nil)
	b.until("2026-11-22T06:15")
	b.clock.WaitForDue(at(t, b.Zone, "2026-11-23T06:00"))
	b.want("f-2026-11-22.csv")
	if e, _ := b.export("f"); e.Failures != 0 || e.Settled != at(t, b.Zone, "2026-11-22T06:00") {
		t.Errorf("%+v", e)
	}
}

// A paused export rests, and nothing is made up for when it goes on; it can be made by hand.
func TestPause(t *testing.T) {
	b := newBench(t)
	b.put(store.Export{Name: "p", Segment: "vip", File: "p-{date}-{time}.csv", When: "daily at 06:00", Paused: true})
	end := b.begin()
	defer end()
	b.clock.WaitFor(1)
	b.clock.Set(at(t, b.Zone, "2026-11-23T07:30"))
	run, err := b.Make(t.Context(), "p")
	if err != nil || !run.Manual || run.File != "p-2026-11-23-0730.csv" {
		t.Fatal(run, err)
	}
	must(t, b.Store.PauseExport(t.Context(), "p", false, b.clock.Now()))
	b.Changed()
	b.until("2026-11-24T06:00")
	b.clock.WaitForDue(at(t, b.Zone, "2026-11-25T06:00"))
	b.want("p-2026-11-23-0730.csv p-2026-11-24-0600.csv")
	if _, err := b.Make(t.Context(), "nothing"); !errors.Is(err, store.ErrNoExport) {
		t.Error(err)
	}
	must(t, b.Store.RemoveExport(t.Context(), "p", store.AnyVersion))
	if _, err := b.Make(t.Context(), "p"); !errors.Is(err, store.ErrNoExport) {
		t.Error(err)
	}
	b.want("p-2026-11-23-0730.csv p-2026-11-24-0600.csv")
}

// What the end interrupts did not happen, and is made after the next start.
func TestInterrupted(t *testing.T) {
	b := newBench(t)
	b.put(store.Export{Name: "i", Segment: "vip", File: "i.csv", When: "hourly"})
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := b.Make(ctx, "i"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	b.want("")
	if _, runs := b.export("i"); len(runs) != 0 {
		t.Errorf("%+v", runs)
	}
}

// Files stay below the directory of exports.
func TestNoEscape(t *testing.T) {
	b := newBench(t)
	for _, file := range []string{
		"", "a", "a.pdf", "/a.csv", "../a.csv", "a/../../b.csv", "a//b.csv", ".a.csv", "a/.b/c.csv", `a\b.csv`, "{user}.csv", "a b.csv", "a\x00.csv", "a:b.csv", "{.csv", "~/a.csv",
		strings.Repeat("a", 200) + ".csv",
	} {
		err := Put(t.Context(), b.Store, store.Export{Name: "a", Segment: "vip", File: file, When: "hourly"}, store.AnyVersion, now)
		if !errors.As(err, new(*Wrong)) {
			t.Errorf("%q: %v", file, err)
		}
	}
	outside := t.TempDir()
	must(t, os.MkdirAll(b.Dir, 0o700))
	must(t, os.Symlink(outside, filepath.Join(b.Dir, "away")))
	must(t, os.Symlink(filepath.Join(outside, "a.csv"), filepath.Join(b.Dir, "link.csv")))
	for name, file := range map[string]string{"a": "away/a.csv", "b": "link.csv"} {
		b.put(store.Export{Name: name, Segment: "vip", File: file, When: "hourly"})
		if run, err := b.Make(t.Context(), name); err != nil || run.Error == "" {
			t.Errorf("%+v %v", run, err)
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 0 {
		t.Error(entries, err)
	}
}

// What makes no sense is refused with a sentence.
func TestWrong(t *testing.T) {
	b := newBench(t)
	good := store.Export{Name: "a", Segment: "vip", File: "a.csv", When: "hourly"}
	for text, change := range map[string]func(*store.Export){
		"there is no segment": func(e *store.Export) { e.Segment = "vpi" }, "a schedule is": func(e *store.Export) { e.When = "yearly" },
		"name of an export": func(e *store.Export) { e.Name = "../a" }, "unknown attribute": func(e *store.Export) { e.Columns = "nmae" },
		"columns:1:7": func(e *store.Export) { e.Columns = "count(" }, "two columns": func(e *store.Export) { e.Columns = "customer,customer" },
		"raw is for CSV": func(e *store.Export) { e.Raw, e.File = true, "a.xlsx" }, "keeps": func(e *store.Export) { e.Keep = -1 },
	} {
		e := good
		change(&e)
		err := Put(t.Context(), b.Store, e, store.AnyVersion, now)
		if !errors.As(err, new(*Wrong)) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
	b.put(good)
	other := good
	other.Name = "b"
	if err := Put(t.Context(), b.Store, other, 0, now); err == nil || !strings.Contains(err.Error(), "another export") {
		t.Error(err)
	}
	if err := Put(t.Context(), b.Store, good, 0, now); !errors.Is(err, store.ErrOtherVersion) {
		t.Error(err)
	}
	must(t, Put(t.Context(), b.Store, good, 1, now))
	if err := Put(t.Context(), b.Store, good, 1, now); !errors.Is(err, store.ErrOtherVersion) {
		t.Error(err)
	}
}

// The columns of a segment of companies are about companies, those of one of people about people.
func TestColumnsOfCompanies(t *testing.T) {
	b := newBench(t)
	must(t, b.Store.Update(t.Context(), now, func(tx *store.Tx) error {
		for _, r := range []record.Record{
			{Kind: record.Identify, Customer: []record.Identity{{Namespace: record.UserID, Value: "u1"}}, Fields: []byte(`{"first_name":"Anna"}`)},
			{Kind: record.Group, Company: record.Identity{Namespace: record.CompanyID, Value: "acme"}, Fields: []byte(`{"name":"Acme"}`)},
		} {
			r.Time, r.HasTime = now, true
			if _, _, err := tx.Apply(&r); err != nil {
				return err
			}
		}
		_, err := tx.PutSegment(segment.Definition{Name: "large", Members: segment.Companies, Rule: "true = true"}, "", "")
		return err
	}))
	for _, c := range []struct{ segment, columns, wrong string }{
		{"large", "customer,name,count(company.people) as n", ""}, {"large", "customer,first_name", "first_name"},
		{"vip", "customer,first_name,company.name", ""}, {"vip", "customer,name", `"name"`}, {"vip", "count(company.people)", "company.people"},
	} {
		err := Put(t.Context(), b.Store, store.Export{Name: "a", Segment: c.segment, Columns: c.columns, File: "a.csv", When: "hourly"}, store.AnyVersion, now)
		if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s of %s: %v", c.columns, c.segment, err)
		}
	}
}
