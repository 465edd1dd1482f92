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

// However a block came about (built at once, edited bit by bit, edits undone and
// done again, compacted in between), it answers the same.
func TestEditedBlocksAnswerAsBuiltOnes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		known := ruletest.Schema()
		known.Zone = "Europe/Berlin"
		ofRoles, _ := rule.Parse(`company.role = "user"`)
		d := &drawn{t: rt, rule: rapid.OneOf(gen.Rule(known), rapid.Just(ofRoles)).Draw(rt, "rule")}
		d.world = gen.World(known, d.rule).Draw(rt, "world")
		now := gen.Now(d.world, d.rule, d.world.Customers[0]).Draw(rt, "now")
		schema, built := blockOf(t, d.world)
		want := d.answers(schema, built, now)
		schema, edited := editedBlockOf(t, rt, d.world)
		if got := d.answers(schema, edited, now); !slices.Equal(got, want) {
			rt.Fatalf("%s at %s: edited %v, built %v\n%s", rule.PrintLine(d.rule), calendar.Format(now), got, want,
				naive.Describe(d.world, d.rule, d.world.Customers, now))
		}
	})
}

func (d *drawn) answers(schema *columns.Schema, block *columns.Block, now calendar.Instant) []Verdict {
	p, err := Compile(d.rule, schema, placesOf{d.world})
	if err != nil {
		d.t.Fatal(err)
	}
	m := p.Machine()
	if p.NeedsRanks() {
		m.UseRanks(p.Rank([]*columns.Block{block}, now))
	}
	var all []Verdict
	selected := slices.Clone(m.Select(block, now))
	for row := range block.Rows() {
		v := m.Verdict(block, row, now)
		if slices.Contains(selected, int32(row)) != v.In {
			d.t.Fatalf("row %d: Select and Verdict disagree: %s", row, rule.PrintLine(d.rule))
		}
		all = append(all, v)
	}
	return all
}

// editing puts customers into a block in random steps.
type editing struct {
	feed
	rt     *rapid.T
	editor *columns.Editor
	block  *columns.Block
}

// editedBlockOf puts some of the customers into a block as it is built, and all the rest by editing.
func editedBlockOf(t testing.TB, rt *rapid.T, w *naive.World) (*columns.Schema, *columns.Block) {
	zone, err := calendar.LoadZone(w.Zone.String())
	if err != nil {
		t.Fatal(err)
	}
	known := *w.Catalog
	known.Consents, known.Segments = mentioned(w)
	e := editing{feed: feed{t: t, world: w, schema: columns.NewSchema(&known, zone)}, rt: rt}
	e.companies()
	b := columns.NewBuilder(e.schema)
	early := rapid.IntRange(0, len(w.Customers)).Draw(rt, "built")
	rest := make([]naive.Customer, len(w.Customers))
	for i, c := range w.Customers {
		rest[i] = *c
		if i < early {
			built := *c
			n := rapid.IntRange(0, len(c.Events)).Draw(rt, "events built")
			built.Events, rest[i].Events = c.Events[:n], c.Events[n:]
			e.customer(b, b.Customer(int64(i+1), c.ID), &built)
		}
	}
	e.block, e.editor = b.Finish(e.firms), columns.NewEditor(e.schema)
	for i := range rest {
		e.twice(func() { e.edit(i, &rest[i], i >= early) })
	}
	return e.schema, e.block
}

// twice does something, sometimes after it was undone once, and sometimes compacts.
func (e *editing) twice(edit func()) {
	if rapid.Bool().Draw(e.rt, "undo") {
		seq := e.seq
		edit()
		e.editor.Undo()
		e.seq = seq
	}
	edit()
	e.editor.Keep()
	if rapid.IntRange(0, 3).Draw(e.rt, "compact") == 0 {
		e.editor.Compact(e.block)
	}
}

func (e *editing) edit(row int, c *naive.Customer, isNew bool) {
	if isNew {
		e.editor.AddCustomer(e.block, int64(row+1), c.ID)
	}
	if isNew || rapid.Bool().Draw(e.rt, "set again") {
		e.history(row, c)
	}
	for _, event := range c.Events {
		id, _ := e.schema.EventID(event.Type)
		e.seq++
		props := e.props(e.schema.Events[id].Fields, event.Props)
		e.must(e.editor.AddEvent(e.block, row, id, e.seq, event.Time, props))
		if rapid.IntRange(0, 4).Draw(e.rt, "remove") == 0 {
			if !e.editor.RemoveEvent(e.block, row, id, e.seq) {
				e.t.Fatal("the event was not there")
			}
			e.must(e.editor.AddEvent(e.block, row, id, e.seq, event.Time, props))
		}
	}
}

// history sets everything but the events.
func (e *editing) history(row int, c *naive.Customer) {
	values := map[int][]columns.Value{}
	for _, change := range c.Attributes {
		if id, ok := e.schema.Attrs.ID(change.Path); ok {
			values[id] = append(values[id], columns.Value{Time: change.Time, JSON: e.json(e.schema.Attrs.List[id].Type, change.Value)})
		}
	}
	for id, history := range values {
		slices.SortStableFunc(history, func(a, b columns.Value) int { return int(min(max(a.Time-b.Time, -1), 1)) })
		_, err := e.editor.SetAttribute(e.block, row, id, history)
		e.must(err)
	}
	var joins []columns.Membership
	for _, join := range c.Companies {
		joins = append(joins, columns.Membership{Time: join.Time, Company: e.rows[join.Company], Role: join.Role})
	}
	slices.SortStableFunc(joins, func(a, b columns.Membership) int { return int(min(max(a.Time-b.Time, -1), 1)) })
	e.editor.SetJoins(e.block, row, joins)
	decisions, stays := map[int][]columns.Decision{}, map[int][]columns.Stay{}
	for _, d := range c.Consents {
		id, _ := e.schema.ConsentID(catalog.Consent{Channel: d.Channel, Purpose: d.Purpose})
		decisions[id] = append(decisions[id], columns.Decision{Time: d.Time, Granted: d.Granted})
	}
	for id, list := range decisions {
		slices.SortStableFunc(list, func(a, b columns.Decision) int { return int(min(max(a.Time-b.Time, -1), 1)) })
		e.editor.SetConsents(e.block, row, id, list)
	}
	for _, s := range c.Memberships {
		id, _ := e.schema.SegmentID(s.Segment)
		to := calendar.Never
		if s.To != nil {
			to = *s.To
		}
		stays[id] = append(stays[id], columns.Stay{From: s.From, To: to})
	}
	for id, list := range stays {
		e.editor.SetStays(e.block, row, id, list)
	}
}
