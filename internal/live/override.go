package live

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// ruling says that a customer is in or out by hand.
type ruling struct {
	in    bool
	line  int              // of the definition; of several about one customer the last counts
	until calendar.Instant // Never if it does not end
	said  *spec.Override
}

// rulingAt reads a line of what a definition decides by hand: those who are included
// come before those who are excluded, so that who is both is out.
func rulingAt(d *spec.Definition, line int) ruling {
	r := ruling{line: line, until: calendar.Never}
	if r.in = line < len(d.Include); r.in {
		r.said = &d.Include[line]
	} else {
		r.said = &d.Exclude[line-len(d.Include)]
	}
	if r.said.Until != 0 {
		r.until = r.said.Until
	}
	return r
}

// rule changes the verdict about a customer where it was ruled by hand.
func (u *unit) rule(v eval.Verdict, customer int64, now calendar.Instant) eval.Verdict {
	if len(u.rulings) == 0 {
		return v
	}
	if r, ok := u.rulings[customer]; ok && now < r.until {
		return eval.Verdict{In: r.in, Expires: r.until}
	}
	return v
}

// ruled tells whether a customer is in or out by hand at an instant.
func (u *unit) ruled(customer int64, now calendar.Instant) bool {
	r, ok := u.rulings[customer]
	return ok && now < r.until
}

// rulingsOf finds the customers whom a definition includes and excludes, and gives the
// names that nobody has yet, with the last line that says each.
func rulingsOf(d *spec.Definition, find finding) (made map[int64]ruling, awaited map[string]int) {
	made, awaited = map[int64]ruling{}, map[string]int{}
	for line := range len(d.Include) + len(d.Exclude) {
		r := rulingAt(d, line)
		ids, missing := find(r.said.Customer, d.Firms())
		for _, id := range ids {
			made[id] = r
		}
		for _, name := range missing {
			awaited[name] = line
		}
	}
	return made, awaited
}

// unknownIn gives what a definition says of whom nobody knows.
func unknownIn(d *spec.Definition, find finding) (names []string) {
	for _, o := range slices.Concat(d.Include, d.Exclude) {
		if ids, _ := find(o.Customer, d.Firms()); len(ids) == 0 {
			names = append(names, o.Customer)
		}
	}
	return names
}

// decideByHand finds whom the definition of a unit includes and excludes, and whom it awaits.
func (u *unit) decideByHand(find finding) { u.rulings, u.awaited = rulingsOf(&u.def, find) }

// meet has what was said by hand of customers who were not there yet count for those
// who have come by these names. Only identities that are new are looked up.
func (c *cycle) meet() error {
	var awaiting []*unit
	for _, u := range c.engine.plan.units {
		if len(u.awaited) > 0 {
			awaiting = append(awaiting, u)
		}
	}
	for i := range c.effects {
		for j := range c.effects[i].Learnt {
			n := &c.effects[i].Learnt[j]
			for _, u := range awaiting {
				if err := c.meetOne(u, n); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *cycle) meetOne(u *unit, n *store.Naming) error {
	if u.firms != (n.Kind == store.Company) {
		return nil
	}
	for _, name := range n.Names() {
		line, awaited := u.awaited[name]
		if !awaited {
			continue
		}
		id := c.tx.Survivor(n.Customer)
		t, err := c.touch(id)
		if err != nil {
			return err
		}
		c.engine.arrived(u, name, line)
		c.engine.ruleAlso(u, id, rulingAt(&u.def, line))
		t.other = true
		t.todo.add(u.position)
	}
	return nil
}

// arrived ends the waiting for somebody by a name.
func (e *Engine) arrived(u *unit, name string, line int) {
	waiting := u.awaited
	delete(waiting, name)
	e.editor.Undoing(func() { waiting[name] = line })
}

// ruleAlso has a ruling count for a customer, unless a later one does.
func (e *Engine) ruleAlso(u *unit, customer int64, r ruling) {
	rulings := u.rulings
	before, ruled := rulings[customer]
	if ruled && before.line > r.line {
		return
	}
	rulings[customer] = r
	e.editor.Undoing(func() {
		if delete(rulings, customer); ruled {
			rulings[customer] = before
		}
	})
}

// finding finds the people, or the company, whom a line names, and gives the names that nobody has.
type finding func(line string, firm bool) (ids []int64, missing []string)

// finder finds customers in a view.
func finder(v *store.View) finding {
	return func(line string, firm bool) (ids []int64, missing []string) {
		names, find := store.NamesIn(line), v.PersonOf
		if firm {
			names, find = names[:1], v.CompanyOf
		}
		for _, name := range names {
			if id, err := find(name); err == nil && id != 0 {
				ids = append(ids, id)
			} else {
				missing = append(missing, name)
			}
		}
		return ids, missing
	}
}

// Named gives those whom a line of a list names.
func Named(v *store.View, line string, firm bool) []int64 {
	ids, _ := finder(v)(line, firm)
	return ids
}
