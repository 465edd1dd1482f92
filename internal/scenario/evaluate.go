package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
)

// evaluate evaluates everything for everybody now, and notes who enters and leaves.
func (w *world) evaluate(cause string, merged map[*customer]bool) error {
	w.remember()
	w.expires = calendar.Never
	for _, d := range w.order {
		if len(check.Mentions(d.node).Segments) > 0 {
			w.remember()
		}
		m, block := w.machine(d), w.blockOf(d)
		for _, c := range w.among(d) {
			v := m.Verdict(block, c.row, w.now)
			if v.In != m.Holds(block, c.row, w.now) {
				return fmt.Errorf("the evaluator contradicts itself about %s for %s", d.name, c.name)
			}
			v = w.byHand(d.name, c, v)
			w.expires = min(w.expires, v.Expires)
			why := cause
			if merged[c] {
				why = "merge"
			}
			w.move(d.name, c, v.In, why)
		}
	}
	return nil
}

// among gives those who can be in a segment, blockOf the block in which they stand.
func (w *world) among(d *defined) []*customer {
	if d.firms {
		return w.firms
	}
	return w.people.alive()
}

func (w *world) blockOf(d *defined) *columns.Block {
	if d.firms {
		return w.firm
	}
	return w.data
}

func (w *world) machine(d *defined) *eval.Machine {
	m := d.program.Machine()
	m.UseRanks(d.ranks)
	return m
}

// move notes that a customer is in a segment or not from now on.
func (w *world) move(name string, c *customer, in bool, cause string) {
	at := membership{name, c}
	stays := w.past[at]
	last := len(stays) - 1
	switch open := last >= 0 && stays[last].to == calendar.Never; {
	case in && !open:
		stays = append(stays, stay{w.now, calendar.Never})
	case !in && open:
		stays[last].to = w.now
	}
	if c.united {
		stays = unite(stays)
	}
	w.past[at] = stays
	if w.in[at] != in {
		w.in[at] = in
		w.log = append(w.log, moved{c, transition{"", name, in, w.now, cause}})
	}
}

// members lists who is in a segment.
func (w *world) members(name string) (list []string) {
	for _, c := range slices.Concat(w.people.alive(), w.firms) {
		if w.in[membership{name, c}] {
			list = append(list, shown(c.name))
		}
	}
	slices.Sort(list)
	return list
}

// transitions gives the log with the names that customers have now.
func (w *world) transitions() (list []transition) {
	for _, m := range w.log {
		m.transition.who = m.who.name
		list = append(list, m.transition)
	}
	return list
}

// shown is a customer's name as scenarios have it.
func shown(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, anonymous+":"), record.CompanyID+":")
}

// customer finds somebody by the name in the scenario, who could be in a segment; nil if nobody bears it.
func (w *world) customer(segment, name string) *customer {
	if d := w.defined[segment]; d != nil && d.firms {
		i := slices.IndexFunc(w.firms, func(c *customer) bool { return shown(c.name) == name })
		if i < 0 {
			return nil
		}
		return w.firms[i]
	}
	if c := w.people.known(person{name: name}); c != nil {
		return c
	}
	return w.people.known(person{name: name, visitor: true})
}

// deciding gives the condition on which a verdict rests, in canonical form.
func (w *world) deciding(name string, c *customer) string {
	if h, ok := w.hands[name][c]; ok && w.now < h.until {
		return "by hand"
	}
	d := w.defined[name]
	w.remember()
	i := w.machine(d).Deciding(w.blockOf(d), c.row, w.now, nil)
	if leaves := rule.Leaves(d.node); i >= 0 && i < len(leaves) {
		return rule.PrintLine(leaves[i])
	}
	return rule.PrintLine(d.node)
}

// why says in some words on what a verdict rests, for the diff.
func (w *world) why(name string, c *customer) string {
	if h, ok := w.hands[name][c]; ok && w.now < h.until {
		return "by hand"
	}
	d := w.defined[name]
	w.remember()
	return strings.Join(grounds(w.machine(d).Explain(w.blockOf(d), c.row, w.now)), "; ")
}

// grounds lists the conditions on which a verdict rests with the values that they saw.
func grounds(t eval.Trace) (list []string) {
	if !t.Decides {
		return nil
	}
	for _, part := range t.Parts {
		list = append(list, grounds(part)...)
	}
	if len(t.Parts) > 0 {
		return list
	}
	text := fmt.Sprintf("%s is %v", t.Condition, t.In)
	for _, v := range t.Values {
		text += fmt.Sprintf(", %s is %s", v.Expression, v.Value)
	}
	return []string{text}
}

// until finds when a membership changes if nothing more is received; Never if it does not.
func (w *world) until(name string, c *customer) (calendar.Instant, error) {
	ahead := *w
	ahead.in, ahead.past, ahead.log = maps.Clone(w.in), map[membership][]stay{}, nil
	for at, stays := range w.past {
		ahead.past[at] = slices.Clone(stays)
	}
	ranks := map[*defined][]*eval.Ranks{}
	for _, d := range w.order {
		ranks[d] = d.ranks
	}
	defer func() {
		for d, r := range ranks {
			d.ranks = r
		}
	}()
	at := membership{name, c}
	for range mostSteps {
		if ahead.expires == calendar.Never {
			return calendar.Never, nil
		}
		if err := ahead.step(); err != nil {
			return 0, err
		}
		if ahead.in[at] != w.in[at] {
			return ahead.now, nil
		}
	}
	return 0, fmt.Errorf("%s changes more than %d times first", name, mostSteps)
}
