package eval

import (
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/naive/gen"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
	"pgregory.net/rapid"
)

// firmsOf puts the companies of a naive world into columns, with their people.
func firmsOf(tb testing.TB, w *naive.World) (*columns.Schema, *columns.Block) {
	schema, block := blockOf(tb, w)
	return schema, block.Companies.Firms[0]
}

// seatFirms makes the companies customers, with their memberships.
func seatFirms(schema *columns.Schema, block *columns.Block, w *naive.World) {
	block.Companies.SeatPeople([]*columns.Block{block})
	blocks := columns.FirmBlocks(schema, block.Companies)
	if len(blocks) == 0 {
		return
	}
	firms := blocks[0]
	stays := columns.NewStays(firms.Rows(), len(schema.Segments))
	for row, firm := range w.Firms() {
		for _, s := range firm.Memberships {
			to := calendar.Never
			if s.To != nil {
				to = *s.To
			}
			id, _ := schema.SegmentID(s.Segment)
			stays.Add(row, id, s.From, to)
		}
	}
	firms.Stays = stays.Finish()
}

// Of companies too the production evaluator and the naive one agree, and between
// now and the expiry nothing changes.
func TestAgreesWithTheNaiveEvaluatorOnCompanies(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		known := ruletest.Schema()
		if rapid.Bool().Draw(rt, "own role") {
			known.Attributes[catalog.Role] = catalog.Type{Kind: catalog.Text}
		}
		known.Zone = rapid.SampledFrom(gen.Zones).Draw(rt, "zone")
		d := &drawn{t: rt, rule: gen.FirmRule(known).Draw(rt, "rule")}
		d.world = gen.World(known, d.rule).Filter(func(w *naive.World) bool { return len(w.Firms()) > 0 }).Draw(rt, "world")
		firms := d.world.Firms()
		i := rapid.IntRange(0, len(firms)-1).Draw(rt, "company")
		c := firms[i]
		now := gen.Now(d.world, d.rule, c).Draw(rt, "now")
		for _, hasty := range []bool{false, true} {
			v := d.firmVerdict(t, i, now, hasty)
			if want := d.world.Holds(d.rule, c, now); v.In != want {
				d.fail(c, now, "in %v, the naive evaluator says %v", v.In, want)
			}
			if v.Expires <= now {
				d.fail(c, now, "expires %s, which is not after now", calendar.Format(v.Expires))
			}
			d.stays(c, now, v)
		}
	})
}

func (d *drawn) firmVerdict(tb testing.TB, i int, now calendar.Instant, hasty bool) Verdict {
	schema, firms := firmsOf(tb, d.world)
	p, err := Compile(rule.ForCompanies(d.rule), schema, placesOf{d.world})
	if err != nil {
		d.t.Fatalf("%s: %v", rule.PrintLine(d.rule), err)
	}
	d.made = p.Machine()
	if hasty {
		d.made.Hasten()
	}
	if p.NeedsRanks() {
		d.made.UseRanks(p.Rank([]*columns.Block{firms}, now))
	}
	v := d.made.Verdict(firms, i, now)
	if selected := slices.Contains(d.made.Select(firms, now), int32(i)); selected != v.In {
		d.t.Fatalf("Select says %v, Verdict %v: %s", selected, v.In, rule.PrintLine(d.rule))
	}
	if trace := d.made.Explain(firms, i, now); trace.In != v.In {
		d.t.Fatalf("the trace says %v, Verdict %v: %s", trace.In, v.In, rule.PrintLine(d.rule))
	}
	return v
}
