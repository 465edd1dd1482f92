package live

import (
	"context"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// fillAll fills new versions of segments, one change after the other, as they come.
func (e *Engine) fillAll(ctx context.Context) {
	for ctx.Err() == nil {
		changed := e.changed.wait()
		if list := e.nextChange(); list != nil && e.fill(ctx, list) == nil {
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

// fill evaluates units for everybody while the engine goes on, shard by shard, and has
// them take their places then, all at once.
func (e *Engine) fill(ctx context.Context, list []*unit) error {
	for n, early := e.fillNext(list); n >= 0; n, early = e.fillNext(list) {
		if len(early) == 0 {
			continue // the timers that there are come early enough
		}
		if err := e.do(ctx, func(c *cycle) error { return c.retime(early) }); err != nil {
			e.unfill(list, n)
			return err
		}
	}
	return e.do(ctx, func(c *cycle) error { return c.activateAll(list) })
}

// fillable tells whether a unit is filled before it takes its place.
func (u *unit) fillable() bool { return !u.late && !u.dropped.Load() && !u.broken() }

// fillNext fills units some more in the first shard in which one of them was not filled
// yet, between two commits, and gives the number of the shard, -1 if there is none, with
// those who need an earlier timer.
func (e *Engine) fillNext(list []*unit) (n int, early []place) {
	e.committing.Lock()
	defer e.committing.Unlock()
	n = -1
	for _, u := range list {
		if at := slices.Index(u.passed, false); at >= 0 && u.fillable() && (n < 0 || at < n) {
			n = at
		}
	}
	if n < 0 {
		return n, nil
	}
	s := e.shards[n]
	s.Lock()
	defer s.Unlock()
	for rows := 0; rows < fillRows; {
		i := slices.IndexFunc(list, func(u *unit) bool { return !u.passed[n] && u.fillable() })
		if i < 0 {
			break
		}
		done, some := e.fillSome(s, n, list[i])
		rows, early = rows+max(1, done), append(early, some...)
		if list[i].current >= 0 {
			break // it was too much for one step
		}
	}
	return n, early
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

// fillSome fills a unit in some more rows of a shard, and gives how many, and those who
// need an earlier timer.
func (e *Engine) fillSome(s *shard, n int, u *unit) (rows int, early []place) {
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
		if v.Expires < s.stored[row] {
			early = append(early, placeOf(n, row))
		}
	}
	if u.filled == s.block.Rows() {
		u.passed[n], u.current = true, -1
	}
	return u.filled - from, early
}

// retime looks at the timers of customers for whom a unit was filled.
func (c *cycle) retime(early []place) error {
	c.touched = append(c.touched, early...)
	return nil
}

// activateAll lets new versions decide: whoever is in or out otherwise than before enters
// or leaves, all in this commit, and nobody enters or leaves because only some of them
// decide yet. Those that refer to others of them are evaluated with that. The parts of a
// segmentation are activated all together or not yet.
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

// turnMembers tells who enters and leaves because other versions decide now. Each
// customer is evaluated in the order of references, so that a rule that refers to
// several of these segments sees them as they are now.
func (c *cycle) turnMembers(turns []turn) {
	e := c.engine
	at, all := map[int]*turn{}, map[bool]bool{}
	todo := newSet(len(e.plan.units))
	for i := range turns {
		u := turns[i].unit
		at[u.position] = &turns[i]
		todo.add(u.position)
		all[u.firms] = all[u.firms] || u.late
	}
	var l tasks
	for n, s := range e.shards {
		for row, id := range s.block.IDs {
			if s.block.Gone(row) || !all[s.firms] && !slices.ContainsFunc(turns, func(t turn) bool { return t.moves(s, row) }) {
				continue
			}
			t := &task{at: placeOf(n, row), id: id, todo: slices.Clone(todo), cause: store.CauseEdit, other: true}
			l.add(t)
			c.touched = append(c.touched, t.at)
		}
	}
	c.inPhases(&l, false, func(w *worker, s *shard, t *task) { w.turn(s, t, at, c.now) })
}

// moves tells whether a customer is in by one unit and out by the other.
func (t turn) moves(s *shard, row int) bool {
	return s.member(row, t.unit.slot) != (t.old != nil && s.member(row, t.old.slot))
}

// turn evaluates a customer where new versions decide, by their positions.
func (w *worker) turn(s *shard, t *task, turns map[int]*turn, now calendar.Instant) {
	units := w.engine.plan.units
	for p := t.todo.next(0); p >= 0; p = t.todo.next(p + 1) {
		u := units[p]
		switch turned := turns[p]; {
		case u.phase != w.engine.phase || u.firms != s.firms:
		case turned != nil:
			w.cross(s, t, turned, now)
		case u.followed(s, t.at):
			w.evaluateUnit(s, t, u, now)
		}
	}
}

// cross tells that a customer is on the other side of a segment than its former version
// had it.
func (w *worker) cross(s *shard, t *task, turned *turn, now calendar.Instant) {
	row, u := t.at.row(), turned.unit
	if u.late {
		v, ok := w.verdict(u, s.block, row, now)
		if !ok {
			return
		}
		w.undo = append(w.undo, former{s, row, u.slot, s.member(row, u.slot), s.timers(row)[u.slot]})
		s.setMember(row, u.slot, v.In)
		s.timers(row)[u.slot] = v.Expires
	}
	if !turned.moves(s, row) {
		return
	}
	in := s.member(row, u.slot)
	w.told = append(w.told, store.Transition{
		Segment: u.segment.ID, Version: u.version, Customer: t.id, Entered: in, Due: now, Cause: turned.cause,
		Part: w.deciding(u, t, s.block, row, now),
	})
	if u.segment.referred {
		w.stay(s, row, u.segment.stays, now, in)
	}
	w.flipped(t, u, now)
}
