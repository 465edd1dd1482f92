package naive

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/rule"
)

// sampleDir finds the sample of rules with expected answers, or skips the test.
func sampleDir(t *testing.T) string {
	data := os.Getenv("KOHORTE_TEST_DATA")
	if data == "" {
		root := "."
		for range 8 {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			root = filepath.Join(root, "..")
		}
		data = filepath.Join(root, "..", "shared", "data")
	}
	dir := filepath.Join(data, "rules")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the sample of rules is not there: %v", err)
	}
	return dir
}

// sample is the sample with its rules parsed.
type sample struct {
	dir   string
	world *World
	rules []rule.Node
	texts []string
	by    map[string]*Customer
}

func loadSample(t *testing.T) *sample {
	s := &sample{dir: sampleDir(t), by: map[string]*Customer{}}
	var err error
	if s.world, err = LoadSample(s.dir); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.world.Customers {
		s.by[c.ID] = c
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "rules.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		n, problems := rule.Parse(line)
		if len(problems) > 0 {
			t.Fatalf("rule %d: %v", i+1, problems)
		}
		s.rules = append(s.rules, n)
		s.texts = append(s.texts, line)
	}
	return s
}

// lines decodes the lines of a file of the sample.
func lines[T any](t *testing.T, s *sample, name string) []T {
	content, err := ReadGzip(filepath.Join(s.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	var decoded []T
	for _, line := range bytes.Split(bytes.TrimSpace(content), []byte("\n")) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		decoded = append(decoded, v)
	}
	return decoded
}

type expected struct {
	Rule    int
	At      time.Time
	Members []string
	Flips   map[string]*time.Time
}

func TestSampleMembers(t *testing.T) {
	s := loadSample(t)
	for _, e := range lines[expected](t, s, "expected.ndjson.gz") {
		in := map[string]bool{}
		for _, id := range e.Members {
			in[id] = true
		}
		for _, c := range s.world.Customers {
			if got := s.world.Holds(s.rules[e.Rule-1], c, e.At.UnixMilli()); got != in[c.ID] {
				t.Errorf("rule %d at %s, customer %s: %v\n%s", e.Rule, e.At, c.ID, got, s.texts[e.Rule-1])
			}
		}
	}
}

type probe struct {
	Rule     int
	At       time.Time
	Customer string
	In       bool
}

func TestSampleProbes(t *testing.T) {
	s := loadSample(t)
	for _, p := range lines[probe](t, s, "probes.ndjson.gz") {
		if got := s.world.Holds(s.rules[p.Rule-1], s.by[p.Customer], p.At.UnixMilli()); got != p.In {
			t.Errorf("rule %d at %s, customer %s: %v\n%s", p.Rule, p.At, p.Customer, got, s.texts[p.Rule-1])
		}
	}
}

// TestSampleFlips compares the first flips after an instant. The timeline of a
// customer is the same for all instants, so it is walked once. KOHORTE_TEST_ALL=1
// takes every customer, a minute long, instead of every 31st.
func TestSampleFlips(t *testing.T) {
	s := loadSample(t)
	byRule := map[int][]expected{}
	for _, e := range lines[expected](t, s, "expected.ndjson.gz") {
		byRule[e.Rule] = append(byRule[e.Rule], e)
	}
	for number, all := range byRule {
		n := s.rules[number-1]
		horizon := time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
		if strings.Contains(s.texts[number-1], "age(") {
			horizon = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() // children grow old
		}
		for i, c := range s.world.Customers {
			if os.Getenv("KOHORTE_TEST_ALL") == "" && (i+number)%31 != 0 {
				continue
			}
			flips := s.world.Flips(n, c, all[0].At.UnixMilli(), horizon)
			for _, e := range all {
				checkFlip(t, s, e, c, flips)
			}
		}
	}
}

func checkFlip(t *testing.T, s *sample, e expected, c *Customer, flips []int64) {
	got := "never"
	for _, at := range flips {
		if at > e.At.UnixMilli() {
			got = timestamp(at)
			break
		}
	}
	want := "never"
	if at := e.Flips[c.ID]; at != nil {
		want = timestamp(at.UnixMilli())
	}
	if got != want {
		t.Errorf("rule %d at %s, customer %s: flips %s, want %s\n%s", e.Rule, e.At, c.ID, got, want, s.texts[e.Rule-1])
	}
}
