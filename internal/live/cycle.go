package live

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// cycle is one commit: what time brought, then what data brought.
type cycle struct {
	engine *Engine
	tx     *store.Tx
	now    calendar.Instant
	batch  []*request
	back   []*request // that must wait for the next commit, since time comes first

	effects []effect
	props   []byte // of the events among the effects
	tasks   map[place]*task
	nudges  []nudge
	told    []store.Transition
	exits   []store.Transition // of customers who are gone
	written []store.Transition // of told, those that have their numbers
	touched []place            // whose timers must be looked at
	popped  []timer
	pushed  []timer
	former  []formerTimer
	undo    []func() // of what is neither a block nor a membership
	after   []func() // once it is on disk
	rebuilt bool
	dry     bool // everything is taken back at the end: it was only tried out
}

// effect is a store.Effect that outlives the next record.
type effect struct {
	store.Effect
	props [2]int // where the properties of the event stand
}

// formerTimer is what the store had as a customer's timer.
type formerTimer struct {
	at  place
	due calendar.Instant
}

// alarm is how long the engine waits after an error before it tries again, in milliseconds.
const alarm = 1000

// cycle does one commit and answers those who wait for it.
func (e *Engine) cycle(now calendar.Instant, batch []*request) {
	c := &cycle{engine: e, now: now, batch: batch, tasks: map[place]*task{}}
	results := make([]result, len(batch))
	e.committing.Lock()
	defer e.committing.Unlock()
	began := e.Clock.Now()
	err := e.store.Update(context.Background(), now, func(tx *store.Tx) error {
		c.tx = tx
		return c.run(results)
	})
	if err != nil {
		c.takeBack()
		e.fail(err)
		for _, r := range batch {
			r.done <- result{err: errors.Join(ErrUnavailable, err)}
		}
		return
	}
	if c.dry {
		c.takeBack()
	} else {
		c.keep(began)
	}
	e.queue.putBack(c.back)
	for i, r := range c.batch {
		r.done <- results[i]
	}
}

// fail notes that nothing can be stored now.
func (e *Engine) fail(err error) {
	text := err.Error()
	if e.failure.Swap(&text) == nil {
		e.log.Error("nothing can be stored; trying again every second", "problem", text)
	}
	e.retryAt = e.Clock.Now() + alarm
	e.queue.fail(errors.Join(ErrUnavailable, err))
}

func (c *cycle) run(results []result) error {
	e := c.engine
	if e.stale || c.tx.LastRevision() != e.revision {
		if err := c.rebuild(store.CauseImport); err != nil {
			return err
		}
	}
	if e.failure.Load() != nil {
		c.tx.Touch() // to see whether the disk takes it
	}
	more := c.passTime()
	if more {
		c.back, c.batch = c.batch, nil
	} else {
		if e.behind {
			c.evaluateEverybody(store.CauseImport)
		}
		if err := c.takeIn(results); err != nil {
			return err
		}
	}
	if c.dry {
		return nil
	}
	return c.write()
}

// takeIn keeps the records, follows them in memory, and evaluates what they touched.
func (c *cycle) takeIn(results []result) error {
	for i, r := range c.batch {
		var err error
		if r.work != nil {
			err = c.settle() // the work sees what was before it
			if err == nil {
				results[i].err = r.work(c)
			}
			if store.Failed(results[i].err) {
				err = results[i].err // of no use to go on: SQLite may have rolled back
			}
		} else {
			err = c.apply(r, &results[i].Result)
		}
		if err != nil {
			return err
		}
	}
	return c.settle()
}

// apply keeps the records of a request.
func (c *cycle) apply(r *request, into *store.Result) error {
	c.tx.Count(into)
	for i := range r.records {
		f, reason, err := c.tx.Apply(&r.records[i])
		if err != nil {
			return err
		}
		if reason != "" {
			into.Rejections = append(into.Rejections, store.Rejection{Index: i, Reason: reason})
			if !r.returns {
				if err := c.reject(&r.records[i], reason); err != nil {
					return err
				}
			}
			continue
		}
		kept := effect{Effect: *f}
		kept.Merged, kept.Learnt = slices.Clone(f.Merged), slices.Clone(f.Learnt)
		from := len(c.props)
		c.props = append(c.props, f.Event.Props...)
		kept.props = [2]int{from, len(c.props)}
		c.effects = append(c.effects, kept)
	}
	for _, r := range r.rejected {
		if err := c.tx.Reject(r.Reason, r.Body); err != nil {
			return err
		}
	}
	return nil
}

// reject keeps a record that the store refused, so that nothing is lost.
func (c *cycle) reject(r *record.Record, reason string) error {
	return c.tx.Reject(reason, describe(r))
}

// settle follows the effects so far in memory and evaluates whom they touched.
func (c *cycle) settle() error {
	rebuilt, err := c.growSchema()
	if err == nil && !rebuilt {
		err = c.edit()
	}
	if err != nil {
		return err
	}
	c.effects, c.props = c.effects[:0], c.props[:0]
	c.evaluateTasks()
	c.told = append(c.told, c.exits...)
	c.exits = nil
	return nil
}

// evaluateTasks evaluates the tasks at the instant of the commit.
func (c *cycle) evaluateTasks() {
	c.askFirms()
	var l tasks
	for at, t := range c.tasks {
		l.add(t)
		c.touched = append(c.touched, at)
	}
	c.inPhases(&l, false, func(w *worker, s *shard, t *task) {
		if !s.block.Gone(t.at.row()) {
			w.evaluate(s, t, c.now)
		}
	})
	clear(c.tasks)
}

// parallel does work for the tasks of each shard, which is locked meanwhile, on
// all workers, and collects the transitions in a fixed order.
func (c *cycle) parallel(byShard map[int][]*task, work func(*worker, *shard, *task)) {
	e := c.engine
	order := make([]int, 0, len(byShard))
	for n := range byShard {
		order = append(order, n)
	}
	slices.Sort(order)
	var next atomic.Int64
	run := func(w *worker) {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(order) {
				return
			}
			s := e.shards[order[i]]
			s.Lock()
			for _, t := range byShard[order[i]] {
				work(w, s, t)
			}
			s.Unlock()
		}
	}
	if len(order) < 2 {
		run(e.workers[0])
	} else {
		var all sync.WaitGroup
		for _, w := range e.workers {
			all.Go(func() { run(w) })
		}
		all.Wait()
	}
	c.collect()
}

// collect takes over what the workers found, in the order in which it became
// true, then of customers; for one customer the order of evaluation stays.
func (c *cycle) collect() {
	from := len(c.told)
	for _, w := range c.engine.workers {
		c.told, c.nudges = append(c.told, w.told...), append(c.nudges, w.nudges...)
		w.told, w.nudges = w.told[:0], w.nudges[:0]
		w.handOver()
	}
	c.sortTold(from)
}

func (c *cycle) sortTold(from int) {
	slices.SortStableFunc(c.told[from:], func(a, b store.Transition) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Customer, b.Customer))
	})
}

// passTime evaluates what time changes up to now, in order. It tells whether there is more to do.
func (c *cycle) passTime() (more bool) {
	e := c.engine
	ranks := e.hasRanks()
	if !ranks {
		e.ranked = max(e.ranked, nextRanking(c.now)) // the first rule with ranks is ranked when it comes
	}
	until := c.now
	ranking := ranks && e.ranked <= c.now
	if ranking {
		until = e.ranked - 1
	}
	due, full := c.due(until)
	horizon := min(until, e.timers.next())
	c.inPhases(&due, true, func(w *worker, s *shard, t *task) { w.follow(s, t, horizon) })
	if horizon < until || full {
		return true
	}
	if ranking {
		c.rank(e.ranked)
		c.touchAll()
	}
	return ranking
}

// due takes from the heap whom time changes up to an instant, in order, and at most as
// many as one commit does; it tells whether it is so many.
func (c *cycle) due(until calendar.Instant) (l tasks, full bool) {
	const most = 50_000
	e := c.engine
	for e.timers.next() <= until && len(c.popped) < most {
		t := e.timers.pop()
		n := len(c.popped)
		again := n > 0 && t == c.popped[n-1] // set, moved and set again: it stands there twice
		if again || e.shards[t.at.shard()].stored[t.at.row()] != t.due {
			continue
		}
		c.popped = append(c.popped, t)
		c.touched = append(c.touched, t.at)
		l.add(&task{at: t.at})
	}
	return l, len(c.popped) >= most
}

// write writes the transitions and the timers that changed.
func (c *cycle) write() error {
	if err := c.writeTold(); err != nil {
		return err
	}
	slices.Sort(c.touched)
	for _, at := range slices.Compact(c.touched) {
		if err := c.setTimer(at); err != nil {
			return err
		}
	}
	return nil
}

func (c *cycle) writeTold() error {
	for i := range c.told {
		if err := c.tx.AddTransition(&c.told[i]); err != nil {
			return err
		}
	}
	c.written = append(c.written, c.told...)
	c.told = nil
	return nil
}

// setTimer sees to it that the store and the heap have a timer for a customer that
// is not too late. One that is too early stays until it comes.
func (c *cycle) setTimer(at place) error {
	s := c.engine.shards[at.shard()]
	row := at.row()
	due := s.earliest(row)
	if s.block.Gone(row) {
		due = calendar.Never
	}
	before := s.stored[row]
	if due == before || due > before && before > c.now && due != calendar.Never {
		return nil
	}
	c.former = append(c.former, formerTimer{at, before})
	s.stored[row] = due
	if due != calendar.Never {
		c.pushed = append(c.pushed, timer{due, at})
	}
	return c.tx.SetTimer(s.block.IDs[row], due)
}

// keep makes final what was done, after it is on disk.
func (c *cycle) keep(began calendar.Instant) {
	e := c.engine
	if e.failure.Swap(nil) != nil {
		e.log.Info("the store takes data again")
	}
	e.editor.Keep()
	for _, w := range e.workers {
		w.reset()
	}
	for _, t := range c.pushed {
		e.timers.push(t)
	}
	e.revision = c.tx.LastRevision()
	e.instant.Store(c.now)
	for _, do := range c.after {
		do()
	}
	e.strike()
	e.count(c, began)
	e.compact()
	e.changed.tell()
}

// takeBack undoes what was done in memory, since it did not get to the disk.
func (c *cycle) takeBack() {
	e := c.engine
	if c.rebuilt {
		e.stale = true
	}
	e.lockAll()
	for _, w := range e.workers {
		w.handOver()
	}
	e.editor.Undo()
	for _, w := range e.workers {
		w.reset()
	}
	for _, undo := range slices.Backward(c.undo) {
		undo()
	}
	for _, f := range slices.Backward(c.former) {
		if s := e.shards[f.at.shard()]; f.at.row() < len(s.stored) {
			s.stored[f.at.row()] = f.due
		}
	}
	e.unlockAll()
	for _, t := range c.popped {
		e.timers.push(t)
	}
}
