package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

const eventsMapping = "kind: events\ncolumns: {kunde: customer, wann: time d.m.y, was: event, wert: value number}"

// sorted gives records without what may differ between importing rows at once and in parts.
func sorted(records []record.Record) []string {
	out := lines(records)
	for i, r := range records {
		out[i] += fmt.Sprintf(" %x", r.Key)
	}
	slices.Sort(out)
	return out
}

// TestMendedRowsComeInAsIfTheyHadBeenRight: a file with bad rows, whose rejected
// rows are mended and imported, brings the same records as the right file at once.
func TestMendedRowsComeInAsIfTheyHadBeenRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]string{",", ";", "\t"}).Draw(t, "delimiter")
		wrong := csvText(delimiter, "kunde", "wann", "was", "wert")
		right := []string{wrong}
		for i := range rapid.IntRange(1, 12).Draw(t, "rows") {
			cells := []string{
				fmt.Sprint("k", rapid.IntRange(1, 3).Draw(t, "kunde")), "01.03.2026",
				fmt.Sprintf("<%d>", i) + rapid.SampledFrom([]string{"Kauf", `Klick "hier"`, "A,B;C\tD", "Zeile\nzwei", "ä ö ü"}).Draw(t, "was"),
				fmt.Sprint(rapid.IntRange(0, 99).Draw(t, "wert")),
			}
			right = append(right, csvText(delimiter, cells...))
			switch rapid.IntRange(0, 5).Draw(t, "fault") {
			case 0:
				cells[0] = "BAD"
			case 1:
				cells[1] = "31.02.2026"
			case 2:
				cells = append(cells, "zu viel")
			}
			wrong += csvText(delimiter, cells...)
		}
		mapping := eventsMapping + "\nskip: {was: nichts}"
		refuse := func(r *record.Record) string {
			if r.Customer[0].Value == "BAD" {
				return "a customer called BAD"
			}
			return ""
		}
		once := job{text: strings.Join(right, ""), mapping: mapping}
		parts := job{text: wrong, mapping: mapping, sink: &memory{refuse: refuse}}
		if _, err := once.run(quiet{}); err != nil {
			t.Fatal(err)
		}
		s, err := parts.run(quiet{})
		if err != nil {
			t.Fatal(err)
		}
		if rejected := parts.rejects.String(); rejected != "" {
			mended := job{name: "x.csv.rejected.csv", text: mend(rejected, right, delimiter), mapping: mapping, sink: parts.sink}
			again, err := mended.run(quiet{})
			if err != nil || again.Read != s.Rejected || again.Rejected != 0 {
				t.Fatalf("of the rejected rows\n%s\nmended to\n%s\n%+v, %v", rejected, mended.text, again, err)
			}
		}
		if got, expected := sorted(parts.sink.records), sorted(once.sink.records); !slices.Equal(got, expected) {
			t.Fatalf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(expected, "\n  "))
		}
	})
}

func csvText(delimiter string, cells ...string) string {
	quoted := make([]string, len(cells))
	for i, c := range cells {
		quoted[i] = c
		if strings.ContainsAny(c, delimiter+"\"\n") {
			quoted[i] = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
	}
	return strings.Join(quoted, delimiter) + "\n"
}

// mend puts the right rows in the place of the rejected ones.
func mend(rejected string, right []string, delimiter string) string {
	out, _, _ := strings.Cut(rejected, "\n")
	out += "\n"
	for i, row := range right[1:] {
		if strings.Contains(rejected, fmt.Sprintf("<%d>", i)) {
			out += "mended" + delimiter + row
		}
	}
	return out
}

func TestRejectedLinesOfJSONCanBeMended(t *testing.T) {
	const mapping = "kind: events\ncolumns: {userId: customer, timestamp: time, event: event}"
	j := job{name: "x.ndjson", mapping: mapping, text: `{"userId": "a", "event": "Kauf", "timestamp": "2026-01-01"}
{"userId": "", "event": "Kauf", "timestamp": "2026-01-02", "nested": {"a": [1, "x"]}}
{"userId": "b", "event": "Kauf", "timestamp"
[1]
`}
	if s := j.must(t); s.Read != 4 || s.Records != 1 || s.Rejected != 3 {
		t.Errorf("%+v", s)
	}
	const expected = `{"kohorte_reason":"no customer: userId is empty","userId":"","event":"Kauf","timestamp":"2026-01-02","nested":{"a": [1, "x"]}}
{"kohorte_reason":"the line cannot be read: it is not JSON: a colon is missing behind a key (at byte 45)","kohorte_line":"{\"userId\": \"b\", \"event\": \"Kauf\", \"timestamp\""}
{"kohorte_reason":"the line cannot be read: it is not a JSON object but a list","kohorte_line":"[1]"}
`
	if got := j.rejects.String(); got != expected {
		t.Errorf("rejected\n%s\nwant\n%s", got, expected)
	}
	again := job{name: "x.ndjson.rejected.ndjson", mapping: mapping, text: expected}
	if s := again.must(t); s.Rejected != 3 || strings.Count(again.rejects.String(), "kohorte_reason") != 3 {
		t.Errorf("%+v: %s", s, again.rejects.String())
	}
	mended := job{name: "x.ndjson.rejected.ndjson", mapping: mapping, text: strings.Replace(expected, `"userId":""`, `"userId":"c"`, 1)}
	if s := mended.must(t); s.Records != 1 {
		t.Errorf("%+v", s)
	}
	want(t, mended.sink.records, `user:c kauf at 2026-01-01T23:00:00.000Z {"nested":{"a":[1, "x"]}}`)
}

func TestRejectFilesAreNeverOverwritten(t *testing.T) {
	dir := t.TempDir()
	write := func(path, text string) string {
		t.Helper()
		f := RejectsBeside(filepath.Join(dir, path))
		out, err := f.Open(".csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(out, text); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(f.Path())
		if err != nil || string(content) != text {
			t.Errorf("%s has %q, want %q: %v", f.Path(), content, text, err)
		}
		return filepath.Base(f.Path())
	}
	large := strings.Repeat("x", 100_000)
	for i, step := range []struct{ path, text, want string }{
		{"a.csv", "1", "a.csv.rejected.csv"},
		{"a.csv", "2", "a.csv.rejected-2.csv"},
		{"a.csv", "1", "a.csv.rejected.csv"},
		{"a.csv", "2", "a.csv.rejected-2.csv"},
		{"a.csv.rejected-2.csv", large + "3", "a.csv.rejected-3.csv"},
		{"a.csv.rejected.csv", large + "4", "a.csv.rejected-4.csv"},
		{"a.csv.rejected.csv", large, "a.csv.rejected-5.csv"},
		{"a.csv.rejected.csv", large + "4", "a.csv.rejected-4.csv"},
	} {
		if got := write(step.path, step.text); got != step.want {
			t.Errorf("step %d: written to %s, want %s", i, got, step.want)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 5 {
		t.Errorf("%d files are there, want 5: %v", len(files), err)
	}
}

// broken is a sink that fails at a batch.
type broken struct {
	memory
	at     int
	cancel context.CancelFunc
}

var errFull = errors.New("the disk is full")

func (b *broken) Apply(ctx context.Context, records []record.Record, received calendar.Instant) (store.Result, error) {
	if b.at--; b.at < 0 {
		if b.cancel != nil {
			b.cancel()
			return store.Result{}, ctx.Err()
		}
		return store.Result{}, errFull
	}
	return b.memory.Apply(ctx, records, received)
}

func TestAnInterruptedImportLeavesWholeBatches(t *testing.T) {
	text := "kunde,wann,was,wert\n" + strings.Repeat("a,01.03.2026,x,1\nb,99.03.2026,x,1\n", 500)
	for _, cancelled := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		sink := &broken{at: 3}
		want := errFull
		if cancelled {
			sink.cancel, want = cancel, context.Canceled
		}
		in, err := Open(tableSource(text))
		if err != nil {
			t.Fatal(err)
		}
		m := mustMapping(t, eventsMapping)
		s, err := Import(ctx, in, Options{Mapping: m, Zone: berlin, Now: now, BatchSize: 50}, sink)
		cancel()
		if !errors.Is(err, want) || len(sink.records) != 150 || s.Records != 150 {
			t.Errorf("%v after %d records of %d: %+v", err, len(sink.records), s.Records, s)
		}
		again := &memory{seen: sink.seen, records: sink.records}
		in, err = Open(tableSource(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Import(t.Context(), in, Options{Mapping: m, Zone: berlin, Now: now, BatchSize: 50}, again); err != nil || len(again.records) != 500 {
			t.Errorf("importing again completes it to %d records: %v", len(again.records), err)
		}
	}
}
