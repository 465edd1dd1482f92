package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// memory is a sink that keeps what it gets, each key once.
type memory struct {
	records []record.Record
	seen    map[[16]byte]bool
	batches []int
	refuse  func(*record.Record) string
}

func (m *memory) Apply(_ context.Context, records []record.Record, _ calendar.Instant) (store.Result, error) {
	var result store.Result
	if m.seen == nil {
		m.seen = map[[16]byte]bool{}
	}
	m.batches = append(m.batches, len(records))
	for i, r := range records {
		if m.refuse != nil {
			if reason := m.refuse(&r); reason != "" {
				result.Rejections = append(result.Rejections, store.Rejection{Index: i, Reason: reason})
				continue
			}
		}
		if r.Key != [16]byte{} && m.seen[r.Key] {
			result.Duplicates++
			continue
		}
		m.seen[r.Key] = true
		r.Fields, r.Customer = bytes.Clone(r.Fields), slices.Clone(r.Customer) // they are only lent
		m.records = append(m.records, r)
		result.Events++
	}
	return result, nil
}

// line writes a record in one line, for comparisons.
func line1(r record.Record) string {
	var out strings.Builder
	for _, id := range r.Customer {
		out.WriteString(id.Namespace + ":" + id.Value + " ")
	}
	switch r.Kind {
	case record.Identify:
		out.WriteString("is")
	case record.Track:
		out.WriteString(r.Event)
	case record.Group:
		out.WriteString("of " + r.Company.Namespace + ":" + r.Company.Value)
		if r.Role != "" {
			out.WriteString(" as " + r.Role)
		}
	case record.Alias:
		out.WriteString("was " + r.Previous.Namespace + ":" + r.Previous.Value)
	case record.Consent:
		out.WriteString(map[bool]string{true: "grants ", false: "refuses "}[r.Granted] + r.Channel + " " + r.Purpose)
	}
	if r.HasTime {
		out.WriteString(" at " + calendar.Format(r.Time))
	}
	return out.String() + " " + string(r.Fields)
}

func lines(records []record.Record) []string {
	out := []string{}
	for _, r := range records {
		out = append(out, strings.TrimSpace(line1(r)))
	}
	return out
}

// berlin is the zone of the workspace in tests.
var berlin = func() *calendar.Zone {
	z, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return z
}()

// now is the time of import in tests: 2026-11-21T12:00:00Z.
const now calendar.Instant = 1_795_262_400_000

// job is an import in a test.
type job struct {
	name    string
	text    string
	mapping string // YAML; empty to guess
	kind    mapping.Kind
	options Options
	sink    *memory
	reader  io.Reader // in place of text
	rejects bytes.Buffer
}

type noClose struct{ io.Writer }

func (noClose) Close() error { return nil }

// run imports. The error is the import's.
func (j *job) run(t testing.TB) (Summary, error) {
	t.Helper()
	if j.name == "" {
		j.name = "test.csv"
	}
	if j.reader == nil {
		j.reader = strings.NewReader(j.text)
	}
	if j.sink == nil {
		j.sink = &memory{}
	}
	in, err := Open(table.Source{Name: j.name, Reader: j.reader})
	if err != nil {
		return Summary{}, err
	}
	defer func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}()
	o := j.options
	o.Zone, o.Now, o.Kind = berlin, now, j.kind
	if o.Currency == "" {
		o.Currency = "EUR"
	}
	if o.Rejects == nil {
		o.Rejects = func(string) (io.WriteCloser, error) { return noClose{&j.rejects}, nil }
	}
	if j.mapping != "" {
		if o.Mapping, err = mapping.Parse("mapping.yaml", []byte(j.mapping)); err != nil {
			t.Fatal(err)
		}
	}
	return Import(context.Background(), in, o, j.sink)
}

// must imports and fails on an error.
func (j *job) must(t testing.TB) Summary {
	t.Helper()
	s, err := j.run(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range j.sink.records {
		if r.Fields != nil && !json.Valid(r.Fields) {
			t.Fatalf("the fields are no JSON: %s", r.Fields)
		}
	}
	return s
}

// want compares records with lines.
func want(t *testing.T, records []record.Record, expected ...string) {
	t.Helper()
	if got := lines(records); !slices.Equal(got, expected) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(expected, "\n  "))
	}
}

// realData opens a file of the real data, and skips the test where it is absent.
func realData(t testing.TB, path string) *os.File {
	t.Helper()
	dir := os.Getenv("KOHORTE_TEST_DATA")
	if dir == "" {
		dir = filepath.Join(moduleRoot(t), "..", "shared", "data")
	}
	file, err := os.Open(filepath.Join(dir, filepath.FromSlash(path)))
	if err != nil {
		t.Skipf("the real data is not there: %v", err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return file
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = parent
	}
}

// example reads a mapping that is kept as an example.
func example(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(moduleRoot(t), "examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func sourceOf(f *os.File) table.Source { return table.Source{Name: filepath.Base(f.Name()), Reader: f} }

func tableSource(text string) table.Source {
	return table.Source{Name: "test.csv", Reader: strings.NewReader(text), Size: int64(len(text))}
}

func mustMapping(t testing.TB, text string) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Parse("mapping.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
