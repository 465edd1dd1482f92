package export

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/number"
)

var update = flag.Bool("update", false, "rewrite the golden files with what is written now")

func newBuffered(w io.Writer) *bufio.Writer { return bufio.NewWriter(w) }

var formats = []Format{CSV, NDJSON, Parquet, XLSX}

// TestGolden compares the example in each format with the files of testdata; of a
// workbook its parts, of Parquet what is read back.
func TestGolden(t *testing.T) {
	workbook := func(o Options) string {
		var b strings.Builder
		names, parts := readParts(t, written(t, example(), o))
		for _, name := range names {
			fmt.Fprintf(&b, "== %s\n%s\n", name, parts[name])
		}
		return b.String()
	}
	columns, rows := readParquet(t, written(t, example(), Options{Format: Parquet}))
	for name, got := range map[string]string{
		"example.csv":         string(written(t, example(), Options{})),
		"example.raw.csv":     string(written(t, example(), Options{Raw: true})),
		"example.german.csv":  string(written(t, example(), Options{German: true})),
		"example.ndjson":      string(written(t, example(), Options{Format: NDJSON})),
		"example.xlsx.txt":    workbook(Options{Format: XLSX}),
		"german.xlsx.txt":     workbook(Options{Format: XLSX, German: true}),
		"example.parquet.txt": fmt.Sprintf("%v\n%s", columns, written(t, tableOf(columns, rows), Options{Format: NDJSON})),
	} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s (-update rewrites it): %v\n%s", path, err, got)
		}
	}
}

func TestFormats(t *testing.T) {
	for path, want := range map[string]string{"a.csv": "csv", "a.CSV": "csv", "b/a.b.ndjson": "ndjson", "a.jsonl": "ndjson", "a.parquet": "parquet", "a.xlsx": "xlsx"} {
		if f, ok := FormatOfFile(path); !ok || f.String() != want {
			t.Errorf("%s is %v", path, f)
		}
	}
	for _, path := range []string{"", "a", "csv", "a.xls", "-"} {
		if f, ok := FormatOfFile(path); ok {
			t.Errorf("%s is %v", path, f)
		}
	}
}

func TestWrongTablesAreRefused(t *testing.T) {
	for says, table := range map[string]*Table{
		"needs a column":           tableOf(nil, nil),
		"has no name":              tableOf([]Column{{"", Text}}, nil),
		"not UTF-8":                tableOf([]Column{{"\xff", Text}}, nil),
		`have the name "a"`:        tableOf([]Column{{"a", Text}, {"a", Text}}, nil),
		"2 cells for 1 columns":    tableOf([]Column{{"a", Text}}, [][]Cell{{{}, {}}}),
		"a cell of type number in": tableOf([]Column{{"a", Text}}, [][]Cell{{NumberCell(1)}}),
	} {
		for _, f := range formats {
			if _, err := Write(t.Context(), io.Discard, table, Options{Format: f}); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, want %q", f, err, says)
			}
		}
	}
}

// many makes a table of n rows, one after the other.
func many(n int, then error) *Table {
	row := []Cell{TextCell("Anna Müller"), {}, BooleanCell(true), TextsCell([]string{"a", "b"})}
	return &Table{
		Columns: []Column{{"name", Text}, {"n", Number}, {"b", Boolean}, {"l", Texts}},
		Rows: func(yield func([]Cell, error) bool) {
			for i := range n {
				row[1] = NumberCell(number.Number(i))
				if !yield(row, nil) {
					return
				}
			}
			if then != nil {
				yield(nil, then)
			}
		},
	}
}

func TestMemoryDoesNotGrowWithTheRows(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 300,000 rows four times")
	}
	const rows, most = 300_000, 48 << 20 // a row takes more than 200 bytes if it is kept
	for _, f := range formats {
		var peak uint64
		seen := 0
		o := Options{Format: f, Progress: func(int64) {
			if seen++; seen%64 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}}
		if r, err := Write(t.Context(), io.Discard, many(rows, nil), o); err != nil || r.Rows != rows {
			t.Fatalf("%s: %+v, %v", f, r, err)
		}
		t.Logf("%s: %d MiB", f, peak>>20)
		if peak == 0 || peak > most {
			t.Errorf("%s took %d bytes", f, peak)
		}
	}
}

// full is a disk that has no room after so many bytes.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (w *full) Write(b []byte) (int, error) {
	if w.room -= len(b); w.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestErrorsOfTheStreamEndTheExport(t *testing.T) {
	for _, f := range formats {
		var whole bytes.Buffer
		if _, err := Write(t.Context(), &whole, many(1000, nil), Options{Format: f}); err != nil {
			t.Fatal(err)
		}
		for room := 0; room < whole.Len(); room += max(1, whole.Len()/50) {
			if _, err := Write(t.Context(), &full{room}, many(1000, nil), Options{Format: f}); !errors.Is(err, errFull) {
				t.Fatalf("%s with room for %d of %d bytes: %v", f, room, whole.Len(), err)
			}
		}
	}
}

func TestCancelledExportsEnd(t *testing.T) {
	for _, f := range formats {
		ctx, cancel := context.WithCancel(t.Context())
		o := Options{Format: f, Progress: func(rows int64) {
			if rows == between*4 {
				cancel()
			}
		}}
		if r, err := Write(ctx, io.Discard, many(1<<30, nil), o); !errors.Is(err, context.Canceled) || r.Rows > between*5 {
			t.Errorf("%s: %+v, %v", f, r, err)
		}
		cancel()
	}
}
