package benchdata

import (
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
)

// TestSegmentsAreInOrder wants a hundred sound rules with names of their own, each
// after those that it refers to, and with its SQL.
func TestSegmentsAreInOrder(t *testing.T) {
	known, references := Catalog(), 0
	for _, s := range Segments() {
		n, problems := rule.Parse(s.Rule)
		if !problems.Fatal() {
			problems = append(problems, check.Check(n, known, check.Options{})...)
		}
		if problems.Fatal() {
			t.Errorf("%s", problems.Format(s.Name, s.Rule))
		}
		if s.SQL == "" || slices.Contains(known.Segments, s.Name) {
			t.Errorf("%s: no SQL, or the second of its name", s.Name)
		}
		if strings.Contains(s.Rule, " segment ") || strings.HasPrefix(s.Rule, "in segment") {
			references++
		}
		known.Segments = append(known.Segments, s.Name)
		slices.Sort(known.Segments)
	}
	if len(known.Segments) != 100 || references != 20 {
		t.Errorf("%d segments, %d with references", len(known.Segments), references)
	}
}

// TestMoreGoesOn wants new events with new keys of customers who are known.
func TestMoreGoesOn(t *testing.T) {
	keys, known, events := map[[16]byte]bool{}, map[string]bool{}, 0
	for r := range Generate(small) {
		keys[r.Key] = r.Kind == record.Track
		known[r.Customer[0].Value] = true
	}
	acted := map[string]bool{}
	for r := range More(small, 500) {
		if r.Kind != record.Track {
			continue
		}
		if events++; events > 10_000 {
			break
		}
		if keys[r.Key] || !known[r.Customer[0].Value] || r.Time != until {
			t.Fatalf("%+v", r)
		}
		keys[r.Key], acted[r.Customer[0].Value] = true, true
	}
	if len(acted) < 1000 {
		t.Errorf("only %d customers act", len(acted))
	}
}
