package eval

import (
	"testing"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/naive/gen"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
	"pgregory.net/rapid"
)

// Value gives what the naive evaluator finds equal, and nothing where that finds
// the value unknown.
func TestValuesAreThoseOfTheNaiveEvaluator(t *testing.T) {
	compared := 0
	rapid.Check(t, func(rt *rapid.T) {
		known := ruletest.Schema()
		known.Zone = rapid.SampledFrom(gen.Zones).Draw(rt, "zone")
		n := gen.Rule(known).Draw(rt, "rule")
		d := &drawn{t: rt, rule: n, world: gen.World(known, n).Draw(rt, "world")}
		i := rapid.IntRange(0, len(d.world.Customers)-1).Draw(rt, "customer")
		c := d.world.Customers[i]
		now := gen.Now(d.world, n, c).Draw(rt, "now")
		schema, block := blockOf(t, d.world)
		for _, leaf := range rule.Leaves(n) {
			for _, v := range rule.Values(leaf) {
				if _, literal := v.(*rule.Literal); literal {
					continue
				}
				asked := &rule.Known{Value: v}
				p, err := Compile(asked, schema, placesOf{d.world})
				if err != nil {
					rt.Fatal(err)
				}
				m := p.Machine()
				if p.NeedsRanks() {
					m.UseRanks(p.Rank([]*columns.Block{block}, now))
				}
				column, row := m.Value(v, block, i, now)
				if d.world.Holds(asked, c, now) != (column != nil) {
					d.fail(c, now, "%s is known: %v", rule.PrintValue(v), column != nil)
				}
				if column == nil || column.Kind == catalog.TextList || column.Kind == catalog.ObjectList {
					continue
				}
				text := rule.PrintValue(v) + " = " + Show(column, row, schema.Zone)
				equal, problems := rule.Parse(text)
				if problems.Fatal() {
					rt.Fatalf("%s: %v", text, problems)
				}
				if compared++; !d.world.Holds(equal, c, now) {
					d.fail(c, now, "it is not so that %s", text)
				}
			}
		}
	})
	if compared < 10 {
		t.Errorf("only %d values were known", compared)
	}
}
