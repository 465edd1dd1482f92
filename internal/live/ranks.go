package live

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

func (e *Engine) hasRanks() bool {
	return slices.ContainsFunc(e.plan.units, func(u *unit) bool { return !u.broken() && u.program.NeedsRanks() })
}

// rankUnit computes the ranks of a unit for an instant. A rule that makes that panic is put aside.
func (e *Engine) rankUnit(u *unit, at calendar.Instant) {
	defer func() {
		if r := recover(); r != nil {
			e.putAside(u, r)
		}
	}()
	u.ranks = u.program.Rank(e.blocksOf(u.firms), at)
	u.useRanks()
}

func (u *unit) useRanks() {
	for _, m := range u.machines {
		m.UseRanks(u.ranks)
	}
}

// rank computes all ranks for an instant and evaluates everybody whom they concern.
func (c *cycle) rank(at calendar.Instant) {
	e := c.engine
	before := e.ranked
	e.ranked = nextRanking(at)
	c.undo = append(c.undo, func() { e.ranked = before })
	todo := newSet(len(e.plan.units))
	for _, u := range e.plan.units {
		if u.broken() || !u.program.NeedsRanks() {
			continue
		}
		old := u.ranks
		e.rankUnit(u, at)
		c.undo = append(c.undo, func() {
			u.ranks = old
			u.useRanks()
		})
		todo.add(u.position)
	}
	c.everybody(func(t *task) {
		t.todo.addAll(todo)
		t.cause = store.CauseTime
	}, at)
}

// everybody evaluates all customers at an instant.
func (c *cycle) everybody(prepare func(*task), at calendar.Instant) {
	var l tasks
	for n, s := range c.engine.shards {
		for row, id := range s.block.IDs {
			if !s.block.Gone(row) {
				t := &task{at: placeOf(n, row), id: id, todo: make(set, len(c.engine.plan.all))}
				prepare(t)
				l.add(t)
			}
		}
	}
	c.inPhases(&l, false, func(w *worker, s *shard, t *task) { w.evaluate(s, t, at) })
	c.touchAll()
}

// touchAll has the timers of all customers looked at.
func (c *cycle) touchAll() {
	for n, s := range c.engine.shards {
		for row := range s.block.IDs {
			c.touched = append(c.touched, placeOf(n, row))
		}
	}
}
