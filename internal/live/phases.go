package live

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// A commit evaluates people and companies in turns, each unit in its phase: after all
// that it refers to.

// nudge is that somebody crossed a segment that rules of the other kind ask for, or of a
// later phase.
type nudge struct {
	at    place // of who crossed it
	own   bool  // the rules are asked of who crossed it
	when  calendar.Instant
	units set // of those rules
	key   string
	cause store.Cause
}

// only gives the set of one unit.
func only(u *unit) set {
	s := newSet(u.position + 1)
	s.add(u.position)
	return s
}

func nextNudge(list []nudge) calendar.Instant {
	first := calendar.Never
	for i := range list {
		first = min(first, list[i].when)
	}
	return first
}

// takeNudges adds the units of the nudges up to an instant, which are done then.
func (t *task) takeNudges(todo set, now calendar.Instant) {
	t.nudges = slices.DeleteFunc(t.nudges, func(n nudge) bool {
		if n.when > now {
			return false
		}
		todo.addAll(n.units)
		return true
	})
}

// nudge notes that somebody crossed a segment that rules of the other kind ask for.
func (w *worker) nudge(t *task, u *unit, now calendar.Instant) {
	if u.asking == nil {
		return
	}
	key := segmentKey(u.segment.Name)
	if !u.firms {
		key = peopleKey(key)
	}
	w.nudges = append(w.nudges, nudge{at: t.at, when: now, units: u.asking, key: key, cause: t.cause})
}

// tasks are customers to evaluate, by their shards.
type tasks struct {
	byShard map[int][]*task
	at      map[place]*task // made when first asked for
}

func (l *tasks) add(t *task) {
	if l.byShard == nil {
		l.byShard = map[int][]*task{}
	}
	l.byShard[t.at.shard()] = append(l.byShard[t.at.shard()], t)
	if l.at != nil {
		l.at[t.at] = t
	}
}

// of finds the task of a customer.
func (l *tasks) of(at place) *task {
	if l.at == nil {
		l.at = map[place]*task{}
		for _, list := range l.byShard {
			for _, t := range list {
				l.at[t.at] = t
			}
		}
	}
	return l.at[at]
}

// inPhases does work for the tasks, people and companies in turns, and adds those that
// somebody's crossing a segment asks for: of the same instant or, over time, of that of
// the crossing.
func (c *cycle) inPhases(l *tasks, overTime bool, work func(*worker, *shard, *task)) {
	e := c.engine
	from := len(c.told)
	for e.phase = 0; e.phase <= e.plan.last; e.phase++ {
		firms, now := e.phase%2 == 1, map[int][]*task{}
		for n, list := range l.byShard {
			if e.shards[n].firms == firms {
				now[n] = list
			}
		}
		c.parallel(now, work)
		nudges := c.nudges
		c.nudges = nil
		for i := range nudges {
			c.deliver(l, &nudges[i], overTime)
		}
	}
	e.phase = 0
	c.sortTold(from)
}

// deliver gives a nudge to whom it concerns.
func (c *cycle) deliver(l *tasks, n *nudge, overTime bool) {
	e := c.engine
	switch s := e.shards[n.at.shard()]; {
	case n.own:
		c.nudged(l, n.at, n, overTime)
	case s.firms:
		company, _ := s.block.Company(n.at.row(), n.when)
		for _, seat := range e.index.Companies.People[company] {
			if !seat.Block.Gone(seat.Row) {
				c.nudged(l, e.places[seat.Block.IDs[seat.Row]], n, overTime)
			}
		}
	default:
		for _, company := range e.employed(n.at) {
			c.nudged(l, e.firmPlace(company), n, overTime)
		}
	}
}

func (c *cycle) nudged(l *tasks, at place, n *nudge, overTime bool) {
	e := c.engine
	t := l.of(at)
	if t == nil {
		t = &task{at: at, id: e.shards[at.shard()].block.IDs[at.row()], todo: make(set, len(e.plan.all)), cause: n.cause, other: true}
		l.add(t)
		c.touched = append(c.touched, at)
	}
	if overTime {
		t.nudges = append(t.nudges, *n)
		return
	}
	if t.must == nil {
		t.must = make(set, len(e.plan.all))
	}
	t.todo.addAll(n.units)
	t.must.addAll(n.units)
	if !slices.Contains(t.keys, n.key) {
		t.keys = append(t.keys, n.key)
	}
}
