package eval

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/rule"
)

// sampleDir finds the sample of rules with answers; the test is skipped without it.
func sampleDir(t testing.TB) string {
	dir := os.Getenv("KOHORTE_TEST_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, "rules")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the sample of rules with expected answers is not here; KOHORTE_TEST_DATA names its directory")
	}
	return dir
}

type sample struct {
	world    *naive.World
	schema   *columns.Schema
	block    *columns.Block
	programs []*Program
	rows     map[string]int
}

func loadSample(t testing.TB) (sample, string) {
	dir := sampleDir(t)
	world, err := naive.LoadSample(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := sample{world: world, rows: map[string]int{}}
	s.schema, s.block = blockOf(t, world)
	for i, name := range s.block.Names {
		s.rows[name] = i
	}
	text, err := os.ReadFile(filepath.Join(dir, "rules.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		n, problems := rule.Parse(line)
		if problems.Fatal() {
			t.Fatal(problems.Format("rule", line))
		}
		p, err := Compile(n, s.schema, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.programs = append(s.programs, p)
	}
	return s, dir
}

func eachAnswer[T any](t testing.TB, path string, check func(T)) {
	content, err := naive.ReadGzip(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(content) {
		var answer T
		if err := json.Unmarshal(line, &answer); err != nil {
			t.Fatal(err)
		}
		check(answer)
	}
}

func TestSampleVerdictsAndExpiries(t *testing.T) {
	s, dir := loadSample(t)
	type expected struct {
		Rule    int
		At      time.Time
		Members []string
		Flips   map[string]*time.Time
	}
	verdicts, tight := 0, 0
	eachAnswer(t, filepath.Join(dir, "expected.ndjson.gz"), func(e expected) {
		in := map[string]bool{}
		for _, name := range e.Members {
			in[name] = true
		}
		m := s.programs[e.Rule-1].Machine()
		for name, flip := range e.Flips {
			want := calendar.Never
			if flip != nil {
				want = flip.UnixMilli()
			}
			got := m.Verdict(s.block, s.rows[name], e.At.UnixMilli())
			if got.In != in[name] {
				t.Errorf("rule %d at %s, %s: %v, want %v: %s", e.Rule, calendar.Format(e.At.UnixMilli()), name, got.In, in[name], rule.PrintLine(s.programs[e.Rule-1].source))
			}
			if got.Expires > want || got.Expires <= e.At.UnixMilli() {
				t.Errorf("rule %d at %s, %s: expires %s, flips %s: %s", e.Rule, calendar.Format(e.At.UnixMilli()), name, calendar.Format(got.Expires), calendar.Format(want), rule.PrintLine(s.programs[e.Rule-1].source))
			}
			verdicts++
			if got.Expires == want {
				tight++
			}
		}
	})
	t.Logf("%d of %d expiries are the very flip (%.2f %%)", tight, verdicts, 100*float64(tight)/float64(verdicts))
	if tight*100 < verdicts*95 {
		t.Errorf("fewer than 95 %% of the expiries are tight")
	}
}

func TestSampleProbes(t *testing.T) {
	s, dir := loadSample(t)
	type probe struct {
		Rule     int
		At       time.Time
		Customer string
		In       bool
	}
	machines := make([]*Machine, len(s.programs))
	for i, p := range s.programs {
		machines[i] = p.Machine()
	}
	eachAnswer(t, filepath.Join(dir, "probes.ndjson.gz"), func(p probe) {
		if got := machines[p.Rule-1].Holds(s.block, s.rows[p.Customer], p.At.UnixMilli()); got != p.In {
			t.Errorf("rule %d at %s, %s: %v, want %v: %s", p.Rule, calendar.Format(p.At.UnixMilli()), p.Customer, got, p.In, rule.PrintLine(s.programs[p.Rule-1].source))
		}
	})
}
