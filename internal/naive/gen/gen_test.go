package gen

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
)

// draw makes up a rule, a world in some zone for it, and one of its customers.
func draw(t *rapid.T) (*naive.World, rule.Node, *naive.Customer) {
	schema := ruletest.Schema()
	schema.Zone = rapid.SampledFrom(Zones).Draw(t, "zone")
	n := Rule(schema).Draw(t, "rule")
	w := World(schema, n).Draw(t, "world")
	return w, n, rapid.SampledFrom(w.Customers).Draw(t, "customer")
}

// Between two neighbouring candidates a verdict does not change.
func TestCandidatesHaveAllFlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, n, c := draw(t)
		candidates := w.Candidates(n, c, From, To)
		for i := range 20 {
			at := rapid.IntRange(0, len(candidates)-2).Draw(t, "candidate")
			before, after := candidates[at], candidates[at+1]
			between := before + rapid.Int64Range(0, after-before-1).Draw(t, "between")
			if w.Holds(n, c, between) != w.Holds(n, c, before) {
				t.Fatalf("the verdict changed %d ms after a candidate (%d)\n%s", between-before, i, naive.Describe(w, n, w.Customers, between))
			}
		}
	})
}

// What Describe writes is the same world again when it is loaded.
func TestLoadReadsWhatIsDescribed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, n, c := draw(t)
		again, err := naive.Load(w.Catalog, strings.NewReader(w.Calls(w.Customers)),
			strings.NewReader(naive.Consents(w.Customers)), strings.NewReader(naive.Memberships(w.Customers)))
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Customers) < len(w.Customers) {
			t.Skip("customers without data are not written, but ranked")
		}
		again.Postcodes = w.Postcodes
		twin := again.Customers[slices.IndexFunc(again.Customers, func(o *naive.Customer) bool { return o.ID == c.ID })]
		for range 5 {
			now := Now(w, n, c).Draw(t, "now")
			if got, want := again.Holds(n, twin, now), w.Holds(n, c, now); got != want {
				t.Fatalf("%v when loaded, but %v\n%s", got, want, naive.Describe(w, n, w.Customers, now))
			}
		}
	})
}

// The data must be worth its time: many verdicts of either kind, many instants at which one changes.
func TestDataIsOnTheBoundaries(t *testing.T) {
	schema := ruletest.Schema()
	rules := Rule(schema)
	in, flips, changing := 0, 0, 0
	const cases = 400
	for seed := range cases {
		n := rules.Example(seed)
		w := World(schema, n).Example(seed)
		now := Now(w, n, w.Customers[0]).Example(seed)
		if w.Holds(n, w.Customers[0], now) {
			in++
		}
		if w.Holds(n, w.Customers[0], now) != w.Holds(n, w.Customers[0], now-1) {
			flips++
		}
		if _, ok := w.NextFlip(n, w.Customers[0], From, To); ok {
			changing++
		}
	}
	t.Logf("of %d cases %d are in, %d change at some time, %d at this instant", cases, in, changing, flips)
	if in < cases/5 || in > cases*4/5 || changing < cases/4 || flips < cases/25 {
		t.Errorf("of %d cases %d are in, %d change at some time, %d at this instant", cases, in, changing, flips)
	}
}
