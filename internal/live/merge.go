package live

import (
	"cmp"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/store"
)

// merge gives one customer all that is known of another one, who is gone then.
func (c *cycle) merge(m store.Merge, p *pending) error {
	e := c.engine
	survivor := c.tx.Survivor(m.Customer)
	t, err := c.touch(survivor)
	if err != nil {
		return err
	}
	t.todo.addAll(e.plan.all)
	t.cause, t.merged, t.other = store.CauseMerge, true, true
	from, known := e.places[m.Absorbed] // one who came with this very commit never stood in memory
	e.lockAll()
	c.absorb(survivor, t.at, m.Absorbed, from, known)
	e.unlockAll()
	if known {
		delete(c.tasks, from)
		c.leave(m.Absorbed, from, store.CauseMerge)
	}
	p.attributes, p.joins, p.consents = append(p.attributes, survivor), append(p.joins, survivor), append(p.consents, survivor)
	return nil
}

// absorb puts the events and stays of two customers together.
func (c *cycle) absorb(survivor int64, at place, absorbed int64, from place, known bool) {
	e := c.engine
	mine := e.shards[at.shard()].block
	if !e.united[survivor] {
		e.united[survivor] = true
		e.editor.Undoing(func() { delete(e.united, survivor) })
	}
	for _, s := range e.segments {
		if !s.referred {
			continue
		}
		stays := mine.StaysOf(at.row(), s.stays)
		if known {
			stays = append(stays, e.shards[from.shard()].block.StaysOf(from.row(), s.stays)...)
		}
		if len(stays) > 0 {
			e.editor.SetStays(mine, at.row(), s.stays, unite(stays...))
		}
	}
	if !known {
		return
	}
	for _, u := range e.plan.units {
		if r, ruled := u.rulings[absorbed]; ruled {
			e.ruleAlso(u, survivor, r)
		}
	}
	theirs := e.shards[from.shard()].block
	e.editor.Absorb(mine, at.row(), theirs, from.row())
	e.editor.Remove(theirs, from.row())
	delete(e.places, absorbed)
	e.editor.Undoing(func() { e.places[absorbed] = from })
}

// leave ends the memberships of a customer who is gone. The exits are told after
// the entries of the customer who remains.
func (c *cycle) leave(id int64, at place, cause store.Cause) {
	e := c.engine
	s, w := e.shards[at.shard()], e.workers[0]
	s.Lock()
	defer s.Unlock()
	for _, u := range e.plan.units {
		in := s.member(at.row(), u.slot)
		w.setTimer(s, at.row(), u.slot, calendar.Never)
		s.setMember(at.row(), u.slot, false)
		if in && !u.filling {
			c.exits = append(c.exits, store.Transition{
				Segment: u.segment.ID, Version: u.version, Customer: id, Due: c.now, Cause: cause, Part: -1,
			})
		}
	}
	w.handOver()
	c.touched = append(c.touched, at)
}

// removeEvent takes an event out of memory after it was taken out of the store.
func (c *cycle) removeEvent(before store.Event) error {
	e := c.engine
	t, err := c.touch(before.Customer)
	if err != nil {
		return err
	}
	if event, ok := e.index.Schema.EventID(before.Type); ok {
		s := e.shards[t.at.shard()]
		s.Lock()
		e.editor.RemoveEvent(s.block, t.at.row(), event, before.Seq)
		s.Unlock()
		c.lostEvent(t.at, &before, event)
	}
	c.changed(t, eventKey(before.Type))
	return nil
}

// unite puts the stays of customers who turned out to be one together as if they had
// always been one: where one begins before another ends, or as it ends, it is one
// stay. What it gives does not depend on their order, so that it is the same
// whether they are put together as they come or read from the log.
func unite(stays ...columns.Stay) []columns.Stay {
	slices.SortFunc(stays, func(a, b columns.Stay) int { return cmp.Compare(a.From, b.From) })
	var made []columns.Stay
	for _, s := range stays {
		if last := len(made) - 1; last >= 0 && s.From <= made[last].To {
			made[last].To = max(made[last].To, s.To)
			continue
		}
		made = append(made, s)
	}
	return made
}
