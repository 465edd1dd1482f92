package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/store"
)

// Wrong is an error of the input, for the person who made it.
type Wrong struct{ Text string }

func (w *Wrong) Error() string { return w.Text }

func wrong(format string, args ...any) error { return &Wrong{fmt.Sprintf(format, args...)} }

// ErrNoSegment is in the error for the name of a segment that does not exist.
var ErrNoSegment = errors.New("there is no such segment")

// PutSegment defines a segment or gives it a new rule. The segment is filled in
// the background; Segments tells how far it is. With lenient, names that nobody
// has seen yet are no error.
func (e *Engine) PutSegment(ctx context.Context, name, text string, lenient bool) error {
	return e.do(ctx, func(c *cycle) error {
		n, err := e.checkSegment(name, text, lenient)
		if err != nil {
			return err
		}
		changed, err := c.tx.PutSegment(name, rule.Print(n))
		if err == nil && changed {
			err = c.loadSegments()
		}
		return err
	})
}

func (e *Engine) checkSegment(name, text string, lenient bool) (rule.Node, error) {
	if !rule.IsName(name) {
		return nil, wrong("%q cannot be the name of a segment: use letters, digits and _, beginning with a letter", name)
	}
	known := *e.index.Schema.Catalog
	known.Segments = append(slices.Clone(known.Segments), name)
	n, problems := rule.Parse(text)
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, &known, check.Options{Lenient: lenient})...)
	}
	if problems.Fatal() {
		return nil, wrong("%s", problems.Format(name, text))
	}
	defs := map[string]rule.Node{name: n}
	for _, u := range e.plan.units {
		if u.segment.Name != name && (defs[u.segment.Name] == nil || u.filling) {
			defs[u.segment.Name] = u.node
		}
	}
	if cycle := check.Cycle(defs); cycle != nil {
		return nil, wrong("%s", check.CycleMessage(cycle))
	}
	return n, nil
}

// RemoveSegment removes a segment that no other refers to; its members leave it.
func (e *Engine) RemoveSegment(ctx context.Context, name string) error {
	return e.do(ctx, func(c *cycle) error {
		s := e.segments[name]
		if s == nil {
			return fmt.Errorf("%w: %s", ErrNoSegment, name)
		}
		if users := e.usersOf(name); len(users) > 0 {
			return wrong("segment %s is used by %s; change or remove these first", name, strings.Join(users, ", "))
		}
		if s.active != nil {
			c.eachMember(s.active.slot, func(at place, id int64) {
				c.told = append(c.told, store.Transition{Segment: s.ID, Version: s.active.version, Customer: id, Due: c.now, Cause: store.CauseEdit, Part: -1})
			})
		}
		if err := c.tx.RemoveSegment(s.ID); err != nil {
			return err
		}
		return c.loadSegments()
	})
}

// usersOf names the segments whose rules refer to a segment.
func (e *Engine) usersOf(name string) []string {
	var users []string
	for _, u := range e.plan.units {
		if slices.Contains(u.mentions.Segments, name) && !slices.Contains(users, u.segment.Name) {
			users = append(users, u.segment.Name)
		}
	}
	slices.Sort(users)
	return users
}

func (c *cycle) eachMember(slot int, fn func(at place, id int64)) {
	for n, s := range c.engine.shards {
		for row, id := range s.block.IDs {
			if s.member(row, slot) {
				fn(placeOf(n, row), id)
			}
		}
	}
}

// loadSegments makes the units those of the definitions in the store. Units that
// are there stay as they are; new versions begin to be filled.
func (c *cycle) loadSegments() error {
	e := c.engine
	list, err := c.tx.Segments(context.Background())
	if err != nil {
		return err
	}
	c.remember()
	before := e.referred()
	gone := e.define(list)
	c.after = append(c.after, func() { e.release(gone) })
	now := slices.DeleteFunc(e.referred(), func(s *segment) bool { return slices.Contains(before, s) })
	if len(now) == 0 {
		return nil
	}
	if err := c.writeTold(); err != nil { // the log must be complete
		return err
	}
	e.lockAll()
	defer e.unlockAll()
	return e.readStays(context.Background(), c.tx.View, now)
}

// referred gives the segments to which rules refer.
func (e *Engine) referred() (list []*segment) {
	for _, s := range e.segments {
		if s.referred {
			list = append(list, s)
		}
	}
	return list
}

// remember notes the definitions, to be put back if the commit fails.
func (c *cycle) remember() {
	e := c.engine
	before := make(map[string]*segment, len(e.segments))
	states := make(map[string]definition, len(e.segments))
	for name, s := range e.segments {
		before[name], states[name] = s, s.definition
	}
	units, slots := slices.Clone(e.plan.units), slices.Clone(e.slots)
	c.undo = append(c.undo, func() {
		for _, u := range e.plan.units {
			if !slices.Contains(units, u) {
				u.dropped.Store(true)
			}
		}
		for name, s := range before {
			s.definition = states[name]
		}
		e.segments, e.slots = before, slots
		e.nameSegments()
		e.plan = newPlan(units)
	})
}

// define makes segments and units of definitions. It gives the units that are no
// longer followed; they can be released once there is no way back.
func (e *Engine) define(list []store.Segment) (gone []*unit) {
	segments := map[string]*segment{}
	for _, def := range list {
		s := e.segments[def.Name]
		if s == nil || s.ID != def.ID {
			s = &segment{}
		}
		if s.Version != def.Version {
			s.broken = "" // another rule, another chance
		}
		s.Segment = def
		segments[def.Name] = s
	}
	e.structure.Lock()
	old := e.segments
	e.segments = segments
	e.nameSegments()
	e.structure.Unlock()
	for name, s := range old {
		if segments[name] != s {
			gone = append(gone, s.active, s.next)
		}
	}
	var units []*unit
	for _, def := range list {
		s := segments[def.Name]
		gone = append(gone, e.prepare(s)...)
		for _, u := range []*unit{s.active, s.next} {
			if u != nil {
				units = append(units, u)
			}
		}
	}
	e.structure.Lock()
	defer e.structure.Unlock()
	e.plan = newPlan(units)
	for _, s := range segments {
		s.referred = len(e.usersOf(s.Name)) > 0
	}
	return gone
}

// nameSegments makes the names of the segments known to rules.
func (e *Engine) nameSegments() {
	schema := e.index.Schema
	for name, s := range e.segments {
		id, known := schema.SegmentID(name)
		if !known {
			id = len(schema.Segments)
			schema.Segments = append(schema.Segments, name)
		}
		s.stays = id
	}
	known := *schema.Catalog
	known.Segments = nil
	for name := range e.segments {
		known.Segments = append(known.Segments, name)
	}
	slices.Sort(known.Segments)
	schema.Catalog = &known
}

// prepare makes the units that a segment's definition asks for. It gives the one
// that is no longer followed.
func (e *Engine) prepare(s *segment) (gone []*unit) {
	if s.active == nil && s.Active != 0 {
		s.active = e.makeUnit(s, s.Active, s.ActiveRule)
	}
	if s.next != nil && s.next.version != s.Version {
		gone = append(gone, s.next)
		s.next = nil
	}
	if s.Active != s.Version && s.next == nil && s.broken == "" {
		if s.next = e.makeUnit(s, s.Version, s.Rule); s.next != nil {
			s.next.startFilling(e)
		}
	}
	return gone
}

// makeUnit compiles a version and gives it a slot; nil if it cannot be compiled.
func (e *Engine) makeUnit(s *segment, version int64, text string) *unit {
	u, err := compile(s, version, text, e.index.Schema, e.index.Places, len(e.workers)+1)
	if err != nil {
		s.broken = err.Error()
		e.log.Error("a segment cannot be followed", "segment", s.Name, "problem", s.broken)
		return nil
	}
	s.broken = ""
	u.slot = e.takeSlot()
	if u.program.NeedsRanks() {
		e.rankUnit(u, e.now())
	}
	return u
}

func (e *Engine) takeSlot() int {
	slot := slices.Index(e.slots, false)
	if slot < 0 {
		slot = len(e.slots)
		wider := max(16, 2*slot)
		e.lockAll()
		for _, s := range e.shards {
			s.widen(wider)
		}
		e.unlockAll()
		e.slots = append(slices.Clone(e.slots), make([]bool, wider-slot)...)
	}
	e.slots[slot] = true
	e.clear(slot)
	return slot
}

// release frees the slots of units that are no longer followed; some may be nil.
func (e *Engine) release(gone []*unit) {
	for _, u := range gone {
		if u != nil {
			u.dropped.Store(true)
			e.slots[u.slot] = false
			e.clear(u.slot)
		}
	}
}

// clear empties a slot.
func (e *Engine) clear(slot int) {
	e.lockAll()
	defer e.unlockAll()
	for _, s := range e.shards {
		s.forget(slot)
	}
}

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
func (c *cycle) activate(u *unit) error {
	e, s := c.engine, u.segment
	if s.next != u || u.broken() || slices.Contains(u.passed, false) {
		return nil
	}
	c.remember()
	old := s.active
	c.undo = append(c.undo, func() { u.filling = true })
	s.Active, s.ActiveRule = u.version, u.text
	u.filling = false
	s.active, s.next = u, nil
	cause := store.CauseEdit
	if old != nil && old.version == u.version {
		cause = store.CauseEvent // a slow segment, refreshed
	}
	units := slices.DeleteFunc(slices.Clone(e.plan.units), func(other *unit) bool { return other == old })
	e.structure.Lock()
	e.plan = newPlan(units)
	for _, s := range e.segments {
		s.referred = len(e.usersOf(s.Name)) > 0
	}
	e.structure.Unlock()
	c.switchMembers(u, old, cause)
	if old != nil {
		c.after = append(c.after, func() { e.release([]*unit{old}) })
	}
	return c.tx.Activate(s.ID, u.version)
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
	for _, d := range u.dependents {
		t.todo.add(d.position)
	}
	w.evaluate(s, t, now)
}

// RemoveEvent takes an event out of its customer's history, by its number.
func (e *Engine) RemoveEvent(ctx context.Context, seq int64) error {
	return e.do(ctx, func(c *cycle) error {
		before, err := c.tx.RemoveEvent(ctx, seq)
		if err != nil {
			return err
		}
		return c.removeEvent(before)
	})
}

// CorrectEvent gives an event another time and other properties, a JSON object.
func (e *Engine) CorrectEvent(ctx context.Context, seq int64, at calendar.Instant, props []byte) error {
	return e.do(ctx, func(c *cycle) error {
		before, err := c.tx.CorrectEvent(ctx, seq, at, props)
		if err != nil {
			return err
		}
		if err := c.removeEvent(before); err != nil {
			return err
		}
		c.effects = append(c.effects, effect{
			Effect: store.Effect{Person: before.Customer, Event: store.EventEffect{Seq: seq, Type: before.Type, Time: at}},
			props:  [2]int{len(c.props), len(c.props) + len(props)},
		})
		c.props = append(c.props, props...)
		return nil
	})
}
