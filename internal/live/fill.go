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
		if list := e.nextToFill(); list != nil && e.fill(ctx, list) == nil {
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

// nextToFill gives some units that are to be filled and have nothing to do with each
// other, so that they can be activated in one commit, and of segmentations all parts.
func (e *Engine) nextToFill() []*unit {
	e.committing.RLock()
	defer e.committing.RUnlock()
	hindered := map[*unit]bool{}
	for _, u := range e.plan.units {
		if u.filling && e.hindered(u.def.Of) {
			hindered[u] = true
		}
	}
	most := max(1, fillTogether/max(1, len(e.places)))
	taken := map[string]bool{}
	return slices.DeleteFunc(e.nextFilling(hindered), func(u *unit) bool {
		if len(taken) < most {
			taken[u.whole()] = true
		}
		return !taken[u.whole()]
	})
}

// fillTogether is how many memberships of new versions are filled together, about; more
// would make the commit that activates them long.
const fillTogether = 50_000

// fill evaluates units for everybody while the engine goes on, shard by shard, and has
// them take their places then, all at once.
func (e *Engine) fill(ctx context.Context, list []*unit) error {
	for n := e.fillNext(list); n >= 0; n = e.fillNext(list) {
		if err := e.do(ctx, func(c *cycle) error { return c.retime(n) }); err != nil {
			e.unfill(list, n)
			return err
		}
	}
	return e.do(ctx, func(c *cycle) error { return c.activateAll(list) })
}

// fillNext fills units some more in the first shard in which one of them was not filled
// yet, between two commits, and gives the number of the shard; -1 if there is none.
func (e *Engine) fillNext(list []*unit) int {
	e.committing.Lock()
	defer e.committing.Unlock()
	n := -1
	for _, u := range list {
		if at := slices.Index(u.passed, false); at >= 0 && !u.dropped.Load() && !u.broken() && (n < 0 || at < n) {
			n = at
		}
	}
	if n < 0 {
		return n
	}
	s := e.shards[n]
	s.Lock()
	defer s.Unlock()
	for rows := 0; rows < fillRows; {
		i := slices.IndexFunc(list, func(u *unit) bool { return !u.passed[n] && !u.dropped.Load() && !u.broken() })
		if i < 0 {
			break
		}
		rows += max(1, e.fillSome(s, n, list[i]))
		if list[i].current >= 0 {
			break // it was too much for one step
		}
	}
	return n
}

// unfill has units filled anew in a shard, whose timers could not be stored.
func (e *Engine) unfill(list []*unit, n int) {
	e.committing.Lock()
	defer e.committing.Unlock()
	for _, u := range list {
		if n < len(u.passed) {
			u.passed[n], u.current = false, -1
		}
	}
}

// A step of filling ends after so many rows or so much effort, so that the engine
// does not wait long for it.
const (
	fillRows   = 1024
	fillEffort = 1_000_000
)

// fillSome fills a unit in some more rows of a shard, and gives how many.
func (e *Engine) fillSome(s *shard, n int, u *unit) int {
	if u.current != n {
		u.current, u.filled = n, 0
	}
	now := e.instant.Load()
	before := u.effort.Load()
	defer func() { u.effort.Store(before) }() // only what holds others up counts
	from, to := u.filled, min(s.block.Rows(), u.filled+fillRows)
	for ; u.filled < to && u.effort.Load()-before < fillEffort; u.filled++ {
		row := u.filled
		if s.block.Gone(row) {
			continue
		}
		v, ok := e.filler.verdict(u, s.block, row, now)
		if !ok {
			break
		}
		s.setMember(row, u.slot, v.In)
		s.timers(row)[u.slot] = v.Expires
	}
	if u.filled == s.block.Rows() {
		u.passed[n], u.current = true, -1
	}
	return u.filled - from
}

// retime looks at the timers of a shard that was filled.
func (c *cycle) retime(shard int) error {
	for row := range c.engine.shards[shard].block.IDs {
		c.touched = append(c.touched, placeOf(shard, row))
	}
	return nil
}

// activateAll lets filled versions decide: whoever is in or out otherwise than
// before enters or leaves, all in this commit. The units have nothing to do with each
// other: none changes what another one changes or reads. The parts of a segmentation
// are activated all together or not yet.
func (c *cycle) activateAll(list []*unit) error {
	e := c.engine
	all := slices.Clone(list)
	list = slices.DeleteFunc(list, func(u *unit) bool { return !u.ready() || !e.complete(u.def.Of, all) })
	if len(list) == 0 {
		return nil
	}
	if !c.dry { // a trial has remembered all before
		c.remember()
	}
	turns := make([]turn, 0, len(list))
	var gone []*unit
	for _, u := range list {
		turns = append(turns, c.take(u))
		gone = append(gone, turns[len(turns)-1].old)
	}
	e.follow(gone)
	c.turnMembers(turns)
	if ended := e.end(list); ended != nil {
		e.follow(ended)
		gone = append(gone, ended...)
	}
	c.after = append(c.after, func() { e.release(gone) })
	if c.dry {
		return nil
	}
	for _, u := range list {
		if err := c.tx.Activate(u.segment.ID, u.segment.Active); err != nil {
			return err
		}
	}
	return c.settleSegmentations()
}

// turn is that a unit decides now, and no longer another; nil if none did.
type turn struct {
	unit, old *unit
	cause     store.Cause
}

// take has a unit take its place.
func (c *cycle) take(u *unit) turn {
	s := u.segment
	made := turn{u, s.active, store.CauseEdit}
	if s.active != nil && s.active.version == u.version {
		made.cause = store.CauseEvent // a slow segment, refreshed
	}
	c.undo = append(c.undo, func() { u.filling = true })
	u.filling = false
	s.Active, s.Deciding = u.version, u.def
	s.active, s.next = u, nil
	return made
}

// follow makes the plan anew without some units; some may be nil.
func (e *Engine) follow(without []*unit) {
	units := slices.DeleteFunc(slices.Clone(e.plan.units), func(u *unit) bool { return slices.Contains(without, u) })
	e.structure.Lock()
	defer e.structure.Unlock()
	e.plan = newPlan(units)
	e.noteReferred()
}

// turnMembers tells who enters and leaves because other versions decide now, and then
// evaluates the rules that refer to the segments for them.
func (c *cycle) turnMembers(turns []turn) {
	e := c.engine
	var l tasks
	for n, s := range e.shards {
		for row, id := range s.block.IDs {
			if s.block.Gone(row) {
				continue
			}
			if i := slices.IndexFunc(turns, func(t turn) bool { return t.moves(s, row) }); i >= 0 {
				l.add(&task{at: placeOf(n, row), id: id, todo: make(set, len(e.plan.all)), cause: turns[i].cause})
				c.touched = append(c.touched, placeOf(n, row))
			}
		}
	}
	c.inPhases(&l, false, func(w *worker, s *shard, t *task) {
		for _, turn := range turns {
			if turn.unit.phase == e.phase && turn.moves(s, t.at.row()) {
				w.cross(s, t, turn.unit, c.now)
			}
		}
		w.evaluate(s, t, c.now)
	})
}

// moves tells whether a customer is in by one unit and out by the other.
func (t turn) moves(s *shard, row int) bool {
	return s.member(row, t.unit.slot) != (t.old != nil && s.member(row, t.old.slot))
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
}
