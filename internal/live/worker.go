package live

import (
	"fmt"
	"runtime/debug"
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

	told   []store.Transition
	broken []*unit
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
	merged bool // stays of several customers were put together
}

// follow evaluates what time changes for a customer, in order, up to an instant.
func (w *worker) follow(s *shard, at place, until calendar.Instant) {
	row, plan := at.row(), w.engine.plan
	for {
		now := s.earliest(row)
		if now > until {
			return
		}
		w.todo = append(w.todo[:0], make(set, len(plan.all))...)
		timers := s.timers(row)
		for _, u := range plan.units {
			if timers[u.slot] <= now {
				w.todo.add(u.position)
			}
		}
		if w.todo.next(0) < 0 { // of a slot that nobody uses any more
			for slot, t := range timers {
				if t <= now {
					w.setTimer(s, row, slot, calendar.Never)
				}
			}
			continue
		}
		w.evaluate(s, &task{at: at, id: s.block.IDs[row], todo: w.todo, cause: store.CauseTime}, now)
	}
}

// evaluate brings the memberships of a task up to date, in the order of their references.
func (w *worker) evaluate(s *shard, t *task, now calendar.Instant) {
	units := w.engine.plan.units
	for p := t.todo.next(0); p >= 0; p = t.todo.next(p + 1) {
		if u := units[p]; !u.broken() && (!u.filling || u.passed[t.at.shard()]) {
			w.evaluateUnit(s, t, u, now)
		}
	}
}

func (w *worker) evaluateUnit(s *shard, t *task, u *unit, now calendar.Instant) {
	row := t.at.row()
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
	if len(u.dependents) > 0 {
		t.keys = append(t.keys, segmentKey(u.segment.Name))
		for _, d := range u.dependents {
			t.todo.add(d.position)
		}
	}
}

// verdict evaluates a unit for a customer. A rule that makes the program panic is
// put aside, so that it does not hold up the others.
func (w *worker) verdict(u *unit, block *columns.Block, row int, now calendar.Instant) (v eval.Verdict, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			w.engine.log.Error("a segment cannot be evaluated", "segment", u.segment.Name, "problem", fmt.Sprint(r), "stack", string(debug.Stack()))
			u.breakDown(fmt.Sprintf("its evaluation failed: %v", r))
			w.broken = append(w.broken, u)
		}
	}()
	m := u.machines[w.number]
	v = m.Verdict(block, row, now)
	if u.program.NeedsRanks() && v.Expires >= nextRanking(now) {
		v.Expires = calendar.Never // everybody is asked again then
	}
	return v, true
}

// deciding gives the number of the condition that decided.
func (w *worker) deciding(u *unit, t *task, block *columns.Block, row int, now calendar.Instant) int {
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
	w.editor.SetStays(s.block, row, segment, stays)
}

func (w *worker) setTimer(s *shard, row, slot int, to calendar.Instant) {
	w.undo = append(w.undo, former{s, row, slot, s.member(row, slot), s.timers(row)[slot]})
	s.timers(row)[slot] = to
}

// keep makes what was done final; takeBack undoes it.
func (w *worker) keep() {
	w.editor.Keep()
	w.reset()
}

func (w *worker) takeBack() {
	for i := len(w.undo) - 1; i >= 0; i-- {
		f := &w.undo[i]
		f.shard.setMember(f.row, f.slot, f.in)
		f.shard.timers(f.row)[f.slot] = f.expires
	}
	w.editor.Undo()
	w.reset()
}

func (w *worker) reset() {
	w.undo, w.told, w.broken = w.undo[:0], w.told[:0], w.broken[:0]
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
