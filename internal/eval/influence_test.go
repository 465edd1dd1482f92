package eval

import (
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/naive/gen"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
	"pgregory.net/rapid"
)

// Where one more event is said to leave a verdict unmoved, the verdict is the same
// with it, and stays until the expiry that it had without it.
func TestUnmovedVerdictsStay(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		known := ruletest.Schema()
		known.Zone = "Europe/Berlin"
		d := &drawn{t: rt, rule: gen.Rule(known).Filter(unranked).Draw(rt, "rule")}
		d.world = gen.World(known, d.rule).Draw(rt, "world")
		i := rapid.IntRange(0, len(d.world.Customers)-1).Draw(rt, "customer")
		c := d.world.Customers[i]
		if len(c.Events) == 0 {
			rt.Skip("no event")
		}
		now := gen.Now(d.world, d.rule, c).Draw(rt, "now")
		at := rapid.IntRange(0, len(c.Events)-1).Draw(rt, "event")
		added := c.Events[at]
		c.Events = slices.Delete(slices.Clone(c.Events), at, at+1)
		schema, block := blockOf(t, d.world)
		m := d.machine(schema)
		before := m.Verdict(block, i, now)
		editor := columns.NewEditor(schema)
		id, _ := schema.EventID(added.Type)
		f := feed{t: t, world: d.world, schema: schema}
		const seq = 1000
		f.must(editor.AddEvent(block, i, id, seq, added.Time, f.props(schema.Events[id].Fields, added.Props)))
		table, row := block.EventTable(id).Of(i)
		index := int(table.Off[row]) + slices.Index(table.Seqs[table.Off[row]:table.Off[row+1]], seq)
		if !m.Unmoved(block, i, now, id, table, index, before.In, true) {
			return
		}
		c.Events = append(c.Events, added)
		if after := m.Verdict(block, i, now); after.In != before.In {
			d.fail(c, now, "said to be unmoved by %s at %s, but in %v becomes %v", added.Type, calendar.Format(added.Time), before.In, after.In)
		}
		d.made = m
		d.stays(c, now, before)
	})
}

func unranked(n rule.Node) bool {
	ok := true
	rule.Walk(n, func(n rule.Node) bool {
		if _, top := n.(*rule.Top); top {
			ok = false
		}
		return ok
	})
	return ok
}

// machine makes a hasty machine for the rule.
func (d *drawn) machine(schema *columns.Schema) *Machine {
	p, err := Compile(d.rule, schema, placesOf{d.world})
	if err != nil {
		d.t.Fatal(err)
	}
	m := p.Machine()
	m.Hasten()
	return m
}
