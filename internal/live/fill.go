package live

import (
	"context"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// fillAll fills new versions of segments, one after the other, as they come.
func (e *Engine) fillAll(ctx context.Context) {
	for ctx.Err() == nil {
		changed := e.changed.wait()
		if u := e.nextToFill(); u != nil && e.fill(ctx, u) == nil {
			continue
		}
		due, stop := e.nextRefresh(ctx)
		select {
		case <-changed:
		case <-due:
		case <-ctx.Done():
		}
		stop()
	}
}

// nextToFill gives a unit that is to be filled.
func (e *Engine) nextToFill() *unit {
	e.structure.RLock()
	defer e.structure.RUnlock()
	for _, u := range e.plan.units {
		if u.filling && !u.broken() {
			return u
		}
	}
	return nil
}

// fill evaluates a unit for everybody, shard by shard, while the engine goes on,
// and has it take its place then.
func (e *Engine) fill(ctx context.Context, u *unit) error {
	for {
		n := e.fillNext(u)
		if n < 0 {
			return e.do(ctx, func(c *cycle) error { return c.activate(u) })
		}
		if u.dropped.Load() || u.broken() {
			return nil
		}
		if err := e.do(ctx, func(c *cycle) error { return c.retime(n) }); err != nil {
			e.unfill(u, n)
			return err
		}
	}
}

// fillNext fills a unit some more in a shard in which it was not filled yet, between
// two commits, and gives the number of the shard; -1 if there is none.
func (e *Engine) fillNext(u *unit) int {
	e.committing.Lock()
	defer e.committing.Unlock()
	n := slices.Index(u.passed, false)
	if n < 0 || u.dropped.Load() {
		return n
	}
	s := e.shards[n]
	s.Lock()
	defer s.Unlock()
	e.fillSome(s, n, u)
	return n
}

// unfill has a unit filled anew in a shard, whose timers could not be stored.
func (e *Engine) unfill(u *unit, n int) {
	e.committing.Lock()
	defer e.committing.Unlock()
	if n < len(u.passed) {
		u.passed[n], u.current = false, -1
	}
}

// A step of filling ends after so many rows or so much effort, so that the engine
// does not wait long for it.
const (
	fillRows   = 1024
	fillEffort = 1_000_000
)

// fillSome fills a unit in some more rows of a shard.
func (e *Engine) fillSome(s *shard, n int, u *unit) {
	if u.current != n {
		u.current, u.filled = n, 0
	}
	now := e.instant.Load()
	before := u.effort.Load()
	defer func() { u.effort.Store(before) }() // only what holds others up counts
	to := min(s.block.Rows(), u.filled+fillRows)
	for ; u.filled < to && u.effort.Load()-before < fillEffort; u.filled++ {
		row := u.filled
		if s.block.Gone(row) {
			continue
		}
		v, ok := e.filler.verdict(u, s.block, row, now)
		if !ok {
			return
		}
		s.setMember(row, u.slot, v.In)
		s.timers(row)[u.slot] = v.Expires
	}
	if u.filled == s.block.Rows() {
		u.passed[n], u.current = true, -1
	}
}

// retime looks at the timers of a shard that was filled.
func (c *cycle) retime(shard int) error {
	for row := range c.engine.shards[shard].block.IDs {
		c.touched = append(c.touched, placeOf(shard, row))
	}
	return nil
}

// activate lets a filled version decide: whoever is in or out otherwise than
// before enters or leaves, all in this commit.
func (c *cycle) activate(u *unit) error { return c.activateAll([]*unit{u}) }

// activateAll is activate for units that have nothing to do with each other: none
// changes what another one changes or reads.
func (c *cycle) activateAll(list []*unit) error {
	e := c.engine
	list = slices.DeleteFunc(list, func(u *unit) bool {
		return u.segment.next != u || u.broken() || slices.Contains(u.passed, false)
	})
	if len(list) == 0 {
		return nil
	}
	if !c.dry { // a trial has remembered all before
		c.remember()
	}
	replaced := map[*unit]bool{}
	olds, causes := make([]*unit, len(list)), make([]store.Cause, len(list))
	for i, u := range list {
		s := u.segment
		olds[i], causes[i] = s.active, store.CauseEdit
		if old := s.active; old != nil && old.version == u.version {
			causes[i] = store.CauseEvent // a slow segment, refreshed
		}
		c.undo = append(c.undo, func() { u.filling = true })
		s.Active, s.Deciding = u.version, u.def
		u.filling = false
		replaced[s.active] = true
		s.active, s.next = u, nil
	}
	units := slices.DeleteFunc(slices.Clone(e.plan.units), func(other *unit) bool { return replaced[other] })
	e.structure.Lock()
	e.plan = newPlan(units)
	e.noteReferred()
	e.structure.Unlock()
	for i, u := range list {
		c.switchMembers(u, olds[i], causes[i])
	}
	c.after = append(c.after, func() { e.release(olds) })
	if c.dry {
		return nil
	}
	for _, u := range list {
		if err := c.tx.Activate(u.segment.ID, u.version); err != nil {
			return err
		}
	}
	return nil
}

// switchMembers tells who enters and leaves because another version decides now,
// and evaluates the rules that refer to the segment for them.
func (c *cycle) switchMembers(u, old *unit, cause store.Cause) {
	e := c.engine
	byShard := map[int][]*task{}
	for n, s := range e.shards {
		for row, id := range s.block.IDs {
			if s.block.Gone(row) {
				continue
			}
			was := old != nil && s.member(row, old.slot)
			if in := s.member(row, u.slot); in != was {
				byShard[n] = append(byShard[n], &task{at: placeOf(n, row), id: id, todo: make(set, len(e.plan.all)), cause: cause})
			}
		}
	}
	c.parallel(byShard, func(w *worker, s *shard, t *task) { w.cross(s, t, u, c.now) })
	c.evaluateNudged()
	for _, tasks := range byShard {
		for _, t := range tasks {
			c.touched = append(c.touched, t.at)
		}
	}
}

// cross tells that a customer is on the other side of a segment than its former version had it.
func (w *worker) cross(s *shard, t *task, u *unit, now calendar.Instant) {
	row := t.at.row()
	in := s.member(row, u.slot)
	w.told = append(w.told, store.Transition{
		Segment: u.segment.ID, Version: u.version, Customer: t.id, Entered: in, Due: now, Cause: t.cause,
		Part: w.deciding(u, t, s.block, row, now),
	})
	if u.segment.referred {
		w.stay(s, row, u.segment.stays, now, in)
	}
	w.nudge(t, u, now)
	for _, d := range u.dependents {
		t.todo.add(d.position)
	}
	w.evaluate(s, t, now)
}
