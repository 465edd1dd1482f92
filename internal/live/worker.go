package live

import (
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/store"
)

// worker evaluates customers, one at a time; the engine has one for each
// processor. It writes to shards that it has locked.
type worker struct {
	engine *Engine
	number int
	editor *columns.Editor // of stays
	undo   []former
	handed int // how many of them the engine knows of

	told   []store.Transition
	nudges []nudge
	todo   set

	evaluations int64 // since the last commit
}

// former is what a membership and its timer were.
type former struct {
	shard     *shard
	row, slot int
	in        bool
	expires   calendar.Instant
}

// task is a customer whose memberships are brought up to date.
type task struct {
	at     place
	id     int64
	todo   set      // positions of the units to evaluate
	keys   []string // what changed, for the deciding condition
	cause  store.Cause
	merged bool     // stays of several customers were put together
	asked  []string // what changed of a person, for rules about companies
	nudges []nudge  // of a company: what to evaluate at earlier instants

	// Where nothing but new events changed, what was added; and the positions of the
	// units that must be evaluated all the same, since a segment they refer to flipped.
	added []addedEvent
	other bool // something else changed too
	must  set
}

// addedEvent is a new event of a customer: its type in the schema, its number in the store.
type addedEvent struct {
	event int
	seq   uint32
}

// alone tells whether only one event of a type was added.
func (t *task) alone(event int) bool {
	n := 0
	for _, a := range t.added {
		if a.event == event {
			n++
		}
	}
	return n == 1
}

// follow evaluates what time changes for a customer, in order, up to an instant.
func (w *worker) follow(s *shard, t *task, until calendar.Instant) {
	at, row, plan := t.at, t.at.row(), w.engine.plan
	for {
		now := min(w.earliest(s, row), nextNudge(t.nudges))
		if now > until {
			return
		}
		w.todo = append(w.todo[:0], make(set, len(plan.all))...)
		timers := s.timers(row)
		for _, u := range plan.units {
			if timers[u.slot] <= now && u.followed(s, at) && u.phase == w.engine.phase {
				w.todo.add(u.position)
			}
		}
		t.takeNudges(w.todo, now)
		if w.todo.next(0) < 0 { // of a slot that nobody follows any more
			w.stopTimers(s, row, now)
			continue
		}
		w.evaluate(s, &task{at: at, id: s.block.IDs[row], todo: w.todo, cause: store.CauseTime}, now)
	}
}

// earliest gives when time alone can next change a membership that is evaluated in this phase.
func (w *worker) earliest(s *shard, row int) calendar.Instant {
	plan := w.engine.plan
	if plan.last < 2 {
		return s.earliest(row) // all that this customer can be in
	}
	first, timers := calendar.Never, s.timers(row)
	for _, u := range plan.units {
		if u.phase == w.engine.phase {
			first = min(first, timers[u.slot])
		}
	}
	return first
}

// stopTimers ends the timers up to an instant that nobody follows, those of other phases left out.
func (w *worker) stopTimers(s *shard, row int, now calendar.Instant) {
	later := map[int]bool{}
	for _, u := range w.engine.plan.units {
		later[u.slot] = u.phase != w.engine.phase && u.firms == s.firms
	}
	for slot, t := range s.timers(row) {
		if t <= now && !later[slot] {
			w.setTimer(s, row, slot, calendar.Never)
		}
	}
}

// evaluate brings the memberships of a task up to date, in the order of their references.
func (w *worker) evaluate(s *shard, t *task, now calendar.Instant) {
	units := w.engine.plan.units
	for p := t.todo.next(0); p >= 0; p = t.todo.next(p + 1) {
		if u := units[p]; u.phase == w.engine.phase && u.followed(s, t.at) {
			w.evaluateUnit(s, t, u, now)
		}
	}
}

func (w *worker) evaluateUnit(s *shard, t *task, u *unit, now calendar.Instant) {
	row := t.at.row()
	if w.unmoved(s, t, u, now) {
		return
	}
	w.evaluations++
	v, ok := w.verdict(u, s.block, row, now)
	if !ok {
		return
	}
	was := s.member(row, u.slot)
	w.undo = append(w.undo, former{s, row, u.slot, was, s.timers(row)[u.slot]})
	s.timers(row)[u.slot] = v.Expires
	if !u.filling && u.segment.referred && (v.In != was || t.merged) {
		w.stay(s, row, u.segment.stays, now, v.In)
	}
	if v.In == was {
		return
	}
	s.setMember(row, u.slot, v.In)
	if u.filling {
		return
	}
	w.told = append(w.told, store.Transition{
		Segment: u.segment.ID, Version: u.version, Customer: t.id, Entered: v.In, Due: now, Cause: t.cause,
		Part: w.deciding(u, t, s.block, row, now),
	})
	w.flipped(t, u, now)
}

// flipped has those units evaluated that refer to a segment which a customer crossed.
func (w *worker) flipped(t *task, u *unit, now calendar.Instant) {
	w.nudge(t, u, now)
	if len(u.dependents) > 0 {
		t.keys = append(t.keys, segmentKey(u.segment.Name))
		if t.must == nil {
			t.must = make(set, len(t.todo))
		}
		for _, d := range u.dependents {
			if d.phase > u.phase { // the other kind comes first
				w.nudges = append(w.nudges, nudge{at: t.at, own: true, when: now, units: only(d), key: segmentKey(u.segment.Name), cause: t.cause})
				continue
			}
			t.todo.add(d.position)
			t.must.add(d.position)
		}
	}
}

// unmoved tells whether the events that were added surely do not change what is
// known of a unit: who is in, and when that is to be looked at again.
func (w *worker) unmoved(s *shard, t *task, u *unit, now calendar.Instant) bool {
	if t.other || len(t.added) == 0 || t.must.has(u.position) {
		return false
	}
	defer func() {
		if r := recover(); r != nil {
			w.engine.putAside(u, r)
		}
	}()
	row := t.at.row()
	in := s.member(row, u.slot)
	m := u.machines[w.number]
	for _, a := range t.added {
		table, at := s.block.EventTable(a.event).Of(row)
		for i := int(table.Off[at+1]) - 1; ; i-- {
			if i < int(table.Off[at]) {
				return false // it was removed meanwhile
			}
			if table.Seqs[i] != a.seq {
				continue
			}
			if !m.Unmoved(s.block, row, now, a.event, table, i, in, t.alone(a.event)) {
				return false
			}
			break
		}
	}
	return true
}

// verdict evaluates a unit for a customer. A rule that makes the program panic is
// put aside, so that it does not hold up the others.
func (w *worker) verdict(u *unit, block *columns.Block, row int, now calendar.Instant) (v eval.Verdict, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			w.engine.putAside(u, r)
		}
	}()
	m := u.machines[w.number]
	before := m.Effort()
	v = m.Verdict(block, row, now)
	u.effort.Add(m.Effort() - before)
	if u.program.NeedsRanks() && v.Expires >= nextRanking(now) {
		v.Expires = calendar.Never // everybody is asked again then
	}
	return u.rule(v, block.IDs[row], now), true
}

// putAside stops the evaluation of a unit that panicked; called where that is recovered.
func (e *Engine) putAside(u *unit, problem any) {
	e.log.Error("a segment cannot be evaluated", "segment", u.segment.Name, "problem", fmt.Sprint(problem), "stack", string(debug.Stack()))
	u.breakDown(fmt.Sprintf("its evaluation failed: %v", problem))
}

// deciding gives the number of the condition that decided.
func (w *worker) deciding(u *unit, t *task, block *columns.Block, row int, now calendar.Instant) (part int) {
	defer func() {
		if r := recover(); r != nil { // whether somebody is in is known all the same
			w.engine.log.Error("a deciding condition cannot be found", "segment", u.segment.Name, "problem", fmt.Sprint(r), "stack", string(debug.Stack()))
			part = -1
		}
	}()
	if u.ruled(t.id, now) {
		return -1
	}
	m := u.machines[w.number]
	if t.cause == store.CauseTime {
		return m.Deciding(block, row, now, nil)
	}
	return m.Deciding(block, row, now, func(leaf int) bool {
		for _, key := range t.keys {
			if u.leaves[leaf][key] {
				return true
			}
		}
		return false
	})
}

// stay begins or ends a customer's stay in a segment that rules refer to.
func (w *worker) stay(s *shard, row, segment int, now calendar.Instant, in bool) {
	stays := s.block.StaysOf(row, segment)
	last := len(stays) - 1
	open := last >= 0 && stays[last].To == calendar.Never
	switch {
	case in == open:
		return
	case in:
		stays = append(stays, columns.Stay{From: now, To: calendar.Never})
	default:
		stays[last].To = now
	}
	if w.engine.united[s.block.IDs[row]] {
		stays = unite(stays...)
	}
	w.editor.SetStays(s.block, row, segment, stays)
}

func (w *worker) setTimer(s *shard, row, slot int, to calendar.Instant) {
	w.undo = append(w.undo, former{s, row, slot, s.member(row, slot), s.timers(row)[slot]})
	s.timers(row)[slot] = to
}

// handOver puts what the worker did among the edits of the engine, after all that
// was done before: another worker may have changed the same customer earlier in this commit.
func (w *worker) handOver() {
	w.engine.editor.Take(w.editor)
	if from, to := w.handed, len(w.undo); from < to {
		w.engine.editor.Undoing(func() { takeBack(w.undo[from:to]) })
		w.handed = to
	}
}

func takeBack(list []former) {
	for _, f := range slices.Backward(list) {
		f.shard.setMember(f.row, f.slot, f.in)
		f.shard.timers(f.row)[f.slot] = f.expires
	}
}

func (w *worker) reset() {
	w.undo, w.told, w.nudges, w.handed = w.undo[:0], w.told[:0], w.nudges[:0], 0
}

// rankEvery is how often ranks are computed again, in milliseconds.
const rankEvery = int64(time.Hour / time.Millisecond)

// nextRanking gives the next full hour.
func nextRanking(now calendar.Instant) calendar.Instant {
	hour := now / rankEvery
	if now%rankEvery < 0 {
		hour--
	}
	return (hour + 1) * rankEvery
}
