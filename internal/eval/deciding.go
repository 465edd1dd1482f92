package eval

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/rule"
)

// Deciding gives the condition on which the verdict of a customer at an instant
// rests, by its number among rule.Leaves: of those that agree with the verdict
// the first that changed, else the first. What changed is for the caller to say;
// nil asks for what time changed at this very instant.
func (m *Machine) Deciding(block *columns.Block, row int, now calendar.Instant, changed func(leaf int) bool) int {
	m.begin(block, now)
	m.row = row
	d := deciding{m: m, changed: changed, first: -1, found: -1}
	d.look(m.program.source, m.program.root.holds(m))
	if d.found >= 0 {
		return d.found
	}
	return d.first
}

// deciding walks over the parts on which a verdict rests.
type deciding struct {
	m            *Machine
	changed      func(leaf int) bool
	leaf         int // the number of the next leaf
	first, found int
}

func (d *deciding) look(n rule.Node, in bool) {
	var parts []rule.Node
	switch n := n.(type) {
	case *rule.And:
		parts = n.Parts
	case *rule.Or:
		parts = n.Parts
	case *rule.Not:
		d.look(n.Part, !in)
		return
	default:
		d.see(n)
		return
	}
	for _, part := range parts {
		if d.m.program.parts.conds[part].holds(d.m) == in {
			d.look(part, in)
		} else {
			d.leaf += len(rule.Leaves(part))
		}
	}
}

func (d *deciding) see(n rule.Node) {
	leaf := d.leaf
	d.leaf++
	if d.first < 0 {
		d.first = leaf
	}
	if d.found < 0 && d.isChanged(leaf, d.m.program.parts.conds[n]) {
		d.found = leaf
	}
}

func (d *deciding) isChanged(leaf int, c cond) bool {
	if d.changed != nil {
		return d.changed(leaf)
	}
	m := d.m
	in := c.holds(m)
	m.now--
	clear(m.remembered)
	before := c.holds(m)
	m.now++
	clear(m.remembered)
	return in != before
}
