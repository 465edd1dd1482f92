package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/eval"
)

// small is a run with so many customers, of fifty events each.
func small(t *testing.T, customers int) (Options, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	var out, log bytes.Buffer
	return Options{
		Customers: customers, Events: 50 * customers, Dir: t.TempDir(), Out: &out,
		Log: func(format string, args ...any) { fmt.Fprintf(&log, format+"\n", args...) },
	}, &out, &log
}

// TestRun measures everything. The run itself fails where SQL counts otherwise.
func TestRun(t *testing.T) {
	o, out, log := small(t, 300)
	if err := Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	rows := tableOf(t, out.String())
	for _, r := range benchdata.Typical() {
		i := slices.IndexFunc(rows, func(row []string) bool { return row[0] == "`"+r+"`" })
		if i < 0 || !strings.HasSuffix(rows[i][1], " ms") || rows[i][3] == "" {
			t.Errorf("%s is not compared with SQL", r)
		}
	}
	if strings.Contains(out.String(), "NaN") || strings.Contains(out.String(), "%!") {
		t.Errorf("the table holds what is no number:\n%s", out)
	}
	for _, what := range []string{"import of calls from a file: calls per processor second", "memory an event before properties: bytes",
		"store opened with snapshot", "100 rules over everyone in one pass", "the same for 1000 given customers"} {
		if !strings.Contains(out.String(), what) || !strings.Contains(log.String(), what) {
			t.Errorf("not measured: %s\n%s", what, out)
		}
	}
	again(t, o, log)
}

// again runs with the data that the first run kept.
func again(t *testing.T, o Options, log *bytes.Buffer) {
	t.Helper()
	log.Reset()
	o.SkipSQL = true
	if err := Run(context.Background(), o); err != nil || !strings.Contains(log.String(), "are used again") {
		t.Errorf("%v\n%s", err, log)
	}
	files, err := os.ReadDir(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() != "bench.db" && f.Name() != "bench.index" {
			t.Errorf("%s was left behind", f.Name())
		}
	}
}

// tableOf reads the cells of the Markdown table.
func tableOf(t *testing.T, text string) [][]string {
	t.Helper()
	var rows [][]string
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) != 4 {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	if len(rows) < 15 {
		t.Fatalf("the table has %d rows\n%s", len(rows), text)
	}
	return rows[1:]
}

func TestEveryTypicalRuleHasItsSQL(t *testing.T) {
	sql := asked(map[string]int64{"order_completed": 1, "product_viewed": 2, "page_viewed": 3, "cart_viewed": 4, "email_opened": 5}, until)
	if missing := translated(benchdata.Typical(), sql); len(missing) > 0 {
		t.Errorf("no SQL for %q", missing)
	}
	if len(sql) != len(benchdata.Typical()) {
		t.Errorf("%d questions in SQL, %d typical rules", len(sql), len(benchdata.Typical()))
	}
	if missing := translated([]string{"vip"}, sql); !slices.Equal(missing, []string{"vip"}) {
		t.Errorf("a rule without SQL is not found: %q", missing)
	}
}

// TestQuestionsHaveAnswers: equal counts would mean nothing if all were 0 or everybody.
func TestQuestionsHaveAnswers(t *testing.T) {
	o, _, _ := small(t, 4000)
	b := &bench{Options: o}
	for _, step := range []func(context.Context) error{b.fill, b.build} {
		if err := step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	defer func() { _ = b.store.Close() }()
	for _, text := range benchdata.Typical() {
		programs, err := b.compile([]string{text})
		if err != nil {
			t.Fatal(err)
		}
		counts, err := b.index.Count(context.Background(), []*eval.Program{programs[0]}, until)
		if err != nil || counts[0] == 0 || counts[0] == o.Customers {
			t.Errorf("%s lets in %d of %d, %v", text, counts[0], o.Customers, err)
		}
	}
}

func TestRunThatCannot(t *testing.T) {
	o, _, _ := small(t, 300)
	o.Customers = 0
	if err := Run(context.Background(), o); err == nil {
		t.Error("a run without customers succeeds")
	}
	o, _, _ = small(t, 300)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted run ends with %v", err)
	}
}
