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
