package eval

import (
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/naive/gen"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
	"pgregory.net/rapid"
)

// drawn is a random case: a rule, customers on its boundaries, and the same in columns.
type drawn struct {
	t     *rapid.T
	rule  rule.Node
	world *naive.World
	made  *Machine
}

// machine compiles the rule over the world's customers; ranks are those of now.
func (d *drawn) verdict(tb testing.TB, i int, now calendar.Instant) Verdict {
	schema, block := blockOf(tb, d.world)
	p, err := Compile(d.rule, schema, placesOf{d.world})
	if err != nil {
		d.t.Fatalf("%s: %v", rule.PrintLine(d.rule), err)
	}
	d.made = p.Machine()
	if p.NeedsRanks() {
		d.made.UseRanks(p.Rank([]*columns.Block{block}, now))
	}
	v := d.made.Verdict(block, i, now)
	if holds := d.made.Holds(block, i, now); holds != v.In {
		d.t.Fatalf("Holds says %v, Verdict %v", holds, v.In)
	}
	if selected := slices.Contains(d.made.Select(block, now), int32(i)); selected != v.In {
		d.t.Fatalf("Select says %v, Verdict %v: %s", selected, v.In, rule.PrintLine(d.rule))
	}
	return v
}

func (d *drawn) fail(customer *naive.Customer, now calendar.Instant, format string, args ...any) {
	d.t.Helper()
	d.t.Logf("%s", naive.Describe(d.world, d.rule, d.world.Customers, now))
	d.t.Logf("customer %s", customer.ID)
	d.t.Fatalf(format, args...)
}

// The production evaluator and the naive one agree, and between now and the
// expiry nothing changes.
func TestAgreesWithTheNaiveEvaluator(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		known := ruletest.Schema()
		known.Zone = rapid.SampledFrom(gen.Zones).Draw(rt, "zone")
		known.Firms = known.Segments[:rapid.IntRange(0, len(known.Segments)).Draw(rt, "segments of companies")]
		d := &drawn{t: rt, rule: gen.Rule(known).Draw(rt, "rule")}
		d.world = gen.World(known, d.rule).Draw(rt, "world")
		i := rapid.IntRange(0, len(d.world.Customers)-1).Draw(rt, "customer")
		c := d.world.Customers[i]
		now := gen.Now(d.world, d.rule, c).Draw(rt, "now")
		v := d.verdict(t, i, now)
		if want := d.world.Holds(d.rule, c, now); v.In != want {
			d.fail(c, now, "in %v, the naive evaluator says %v", v.In, want)
		}
		if v.Expires <= now {
			d.fail(c, now, "expires %s, which is not after now", calendar.Format(v.Expires))
		}
		d.stays(c, now, v)
		hasty := d.hasty(t, i, now)
		if hasty.In != v.In || hasty.Expires <= now {
			d.fail(c, now, "in haste: in %v until %s", hasty.In, calendar.Format(hasty.Expires))
		}
		d.stays(c, now, hasty)
	})
}

// hasty is the verdict of a machine in haste.
func (d *drawn) hasty(tb testing.TB, i int, now calendar.Instant) Verdict {
	schema, block := blockOf(tb, d.world)
	p, err := Compile(d.rule, schema, placesOf{d.world})
	if err != nil {
		d.t.Fatal(err)
	}
	m := p.Machine()
	m.Hasten()
	if p.NeedsRanks() {
		m.UseRanks(p.Rank([]*columns.Block{block}, now))
	}
	return m.Verdict(block, i, now)
}

// stays checks that the verdict holds at the instants before the expiry at which
// it could change, all of them or those nearest to the ends.
func (d *drawn) stays(c *naive.Customer, now calendar.Instant, v Verdict) {
	if d.made.program.NeedsRanks() {
		return // the naive ranks are those of every instant
	}
	if now+1 >= v.Expires {
		return
	}
	between := d.world.Candidates(d.rule, c, now+1, min(v.Expires-1, gen.To))
	const most = 60
	if len(between) > 2*most {
		between = append(between[:most:most], between[len(between)-most:]...)
	}
	for _, at := range between {
		if d.world.Holds(d.rule, c, at) != v.In {
			d.fail(c, now, "in %v until %s, but it flips by %s", v.In, calendar.Format(v.Expires), calendar.Format(at))
		}
	}
}

// For a single condition over one value the expiry is the very flip.
func TestExpiriesOfSingleConditionsAreTight(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		known := ruletest.Schema()
		known.Zone = "Europe/Berlin"
		d := &drawn{t: rt, rule: gen.Rule(known).Filter(single).Draw(rt, "rule")}
		d.world = gen.World(known, d.rule).Draw(rt, "world")
		c := d.world.Customers[0]
		now := gen.Now(d.world, d.rule, c).Draw(rt, "now")
		v := d.verdict(t, 0, now)
		flip, flips := d.world.NextFlip(d.rule, c, now, gen.To)
		if flips && v.Expires != flip || !flips && v.Expires < gen.To {
			d.fail(c, now, "expires %s, flips %v %s", calendar.Format(v.Expires), flips, calendar.Format(flip))
		}
	})
}

// single accepts one condition, however it is negated, that is not a rank.
func single(n rule.Node) bool {
	switch n := n.(type) {
	case *rule.And, *rule.Or, *rule.Top:
		return false
	case *rule.Not:
		return single(n.Part)
	}
	return true
}
