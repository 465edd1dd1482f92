package live

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Wrong is an error of the input, for the person who made it.
type Wrong struct{ Text string }

func (w *Wrong) Error() string { return w.Text }

func wrong(format string, args ...any) error { return &Wrong{fmt.Sprintf(format, args...)} }

// ErrNoSegment is in the error for the name of a segment that does not exist.
var ErrNoSegment = errors.New("there is no such segment")

// Edit is who changes a segment and why.
type Edit struct {
	Author, Message string
	Lenient         bool // names that nobody has seen yet are no error

	// Expect refuses the change unless the segment's latest version is Version; 0: it is new.
	Expect  bool
	Version int64
}

// ErrMoved is in the error of a change that expected another version.
var ErrMoved = errors.New("segments were changed meanwhile")

// PutSegment defines a segment by its rule alone, or gives one that is there another rule.
func (e *Engine) PutSegment(ctx context.Context, name, text string, lenient bool) error {
	return e.do(ctx, func(c *cycle) error {
		d := spec.Definition{Name: name}
		if s := e.segments[name]; s != nil {
			d = s.Definition
		}
		d.Kind, d.Rule, d.State = spec.ByRule, text, spec.Active
		_, err := c.put(d, Edit{Lenient: lenient})
		return err
	})
}

// Define defines a segment or gives it a new version. It is filled in the background;
// Segments tells how far it is. Unknown are the customers among those included or
// excluded by hand who are not there.
func (e *Engine) Define(ctx context.Context, d spec.Definition, edit Edit) (unknown []string, err error) {
	err = e.do(ctx, func(c *cycle) error {
		unknown, err = c.put(d, edit)
		return err
	})
	return unknown, err
}

// put checks a definition and makes it the latest version.
func (c *cycle) put(d spec.Definition, edit Edit) (unknown []string, err error) {
	e := c.engine
	var latest int64
	if s := e.segments[d.Name]; s != nil {
		latest = s.Version
	}
	if edit.Expect && latest != edit.Version {
		return nil, fmt.Errorf("%w: %s is at version %d", ErrMoved, d.Name, latest)
	}
	put, err := c.checkedRules([]spec.Definition{d}, edit)
	if err != nil {
		return nil, err
	}
	d = put[0]
	if s := e.segments[d.Name]; d.State == spec.Retired && s != nil && s.Definition.State != spec.Retired {
		if err := c.retire(s, nil); err != nil {
			return nil, err
		}
	}
	changed, err := c.tx.PutSegment(d, edit.Author, edit.Message)
	if err == nil && changed {
		err = c.loadSegments()
	}
	_, unknown = rulingsOf(&d, finder(c.tx.View))
	return unknown, err
}

// checkedRules gives definitions that come together in their normal form, with their
// rules in canonical form, or says what is wrong with the first that cannot be.
func (c *cycle) checkedRules(put []spec.Definition, edit Edit) ([]spec.Definition, error) {
	e := c.engine
	known := *e.index.Schema.Catalog
	known.Segments = slices.Clone(known.Segments)
	for i := range put {
		known.Segments = append(known.Segments, put[i].Name)
	}
	made, rules := make([]spec.Definition, 0, len(put)), map[string]rule.Node{}
	for _, d := range put {
		d, n, err := e.checked(d, &known, edit.Lenient)
		if err != nil {
			return nil, err
		}
		if n != nil {
			rules[d.Name] = n
		}
		made = append(made, d)
	}
	if cycle := check.Cycle(e.nodes(rules)); cycle != nil {
		return nil, wrong("%s", check.CycleMessage(cycle))
	}
	return made, nil
}

// checked is checkedRules for one definition, apart from circles.
func (e *Engine) checked(d spec.Definition, known *catalog.Catalog, lenient bool) (spec.Definition, rule.Node, error) {
	d = d.Normal()
	if problems := d.Check(); len(problems) > 0 {
		return d, nil, wrong("%s", strings.Join(problems, "\n"))
	}
	before := spec.State("")
	if s := e.segments[d.Name]; s != nil {
		before = s.Definition.State
	}
	if err := spec.CheckStep(before, d.State); err != nil {
		return d, nil, wrong("%s: %v", d.Name, err)
	}
	if d.Kind != spec.ByRule {
		return d, nil, nil
	}
	n, problems := rule.Parse(d.Rule)
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, known, check.Options{Lenient: lenient})...)
	}
	if problems.Fatal() {
		return d, nil, wrong("%s", problems.Format(d.Name, d.Rule))
	}
	d.Rule = rule.Print(n)
	return d, n, nil
}

// retire ends the memberships of a segment to which no others refer than those that leave too.
func (c *cycle) retire(s *segment, leaving []string) error {
	users := slices.DeleteFunc(c.engine.usersOf(s.Name), func(name string) bool { return slices.Contains(leaving, name) })
	if len(users) > 0 {
		return wrong("segment %s is used by %s; change or remove these first", s.Name, strings.Join(users, ", "))
	}
	if s.active != nil {
		c.eachMember(s.active.slot, func(at place, id int64) {
			c.told = append(c.told, store.Transition{Segment: s.ID, Version: s.active.version, Customer: id, Due: c.now, Cause: store.CauseEdit, Part: -1})
		})
	}
	if c.dry {
		return nil
	}
	return c.tx.Activate(s.ID, 0)
}

// nodes gives the rules of all segments, some new ones in the place of theirs. Of a
// segment that is being filled the version to come counts.
func (e *Engine) nodes(put map[string]rule.Node) map[string]rule.Node {
	defs := maps.Clone(put)
	for _, u := range e.plan.units {
		if _, own := put[u.segment.Name]; own {
			continue
		}
		if _, there := defs[u.segment.Name]; !there || u.filling {
			defs[u.segment.Name] = u.node
		}
	}
	return defs
}

// RemoveSegment removes a segment that no other refers to; its members leave it.
func (e *Engine) RemoveSegment(ctx context.Context, name string) error {
	return e.do(ctx, func(c *cycle) error {
		s := e.segments[name]
		if s == nil {
			return fmt.Errorf("%w: %s", ErrNoSegment, name)
		}
		if err := c.retire(s, nil); err != nil {
			return err
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
	gone := e.define(list, finder(c.tx.View))
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
	paused := make([]bool, len(units))
	for i, u := range units {
		paused[i] = u.paused
	}
	c.undo = append(c.undo, func() {
		for _, u := range e.plan.units {
			if !slices.Contains(units, u) {
				u.dropped.Store(true)
				for _, s := range e.shards { // whose locks are held
					s.forget(u.slot)
				}
			}
		}
		for name, s := range before {
			s.definition = states[name]
		}
		for i, u := range units {
			u.paused = paused[i]
		}
		e.segments, e.slots = before, slots
		e.nameSegments()
		e.plan = newPlan(units)
	})
}

// define makes segments and units of definitions. It gives the units that are no
// longer followed; they can be released once there is no way back.
func (e *Engine) define(list []store.Segment, find func(string) (int64, bool)) (gone []*unit) {
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
		gone = append(gone, e.prepare(s, find)...)
		for _, u := range []*unit{s.active, s.next} {
			if u != nil {
				units = append(units, u)
			}
		}
	}
	e.structure.Lock()
	defer e.structure.Unlock()
	e.plan = newPlan(units)
	e.noteReferred()
	return gone
}

// noteReferred notes to which segments rules refer.
func (e *Engine) noteReferred() {
	mentioned := map[string]bool{}
	for _, u := range e.plan.units {
		for _, name := range u.mentions.Segments {
			mentioned[name] = true
		}
	}
	for _, s := range e.segments {
		s.referred = mentioned[s.Name]
	}
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

// prepare makes the units that a segment's definition asks for. It gives those that
// are no longer followed.
func (e *Engine) prepare(s *segment, find func(string) (int64, bool)) (gone []*unit) {
	if s.next != nil && (s.next.version != s.Version || s.Definition.State != spec.Active) {
		gone = append(gone, s.next)
		s.next = nil
	}
	if s.Active == 0 && s.active != nil {
		gone = append(gone, s.active)
		s.active = nil
	}
	if s.active == nil && s.Active != 0 {
		s.active = e.makeUnit(s, s.Active, s.Deciding, find)
	}
	if s.active != nil {
		s.active.paused = s.Definition.State == spec.Paused || s.active.paused && s.Active != s.Version
	}
	if s.Definition.State == spec.Active && s.Active != s.Version && s.next == nil && s.broken == "" {
		if s.next = e.makeUnit(s, s.Version, s.Definition, find); s.next != nil {
			s.next.startFilling(e)
		}
	}
	return gone
}

// makeUnit compiles a version and gives it a slot; nil if it cannot be compiled.
func (e *Engine) makeUnit(s *segment, version int64, d spec.Definition, find func(string) (int64, bool)) *unit {
	u, err := compile(s, version, d, e.index.Schema, e.index.Places, len(e.workers)+1)
	if err != nil {
		s.broken = err.Error()
		e.log.Error("a segment cannot be followed", "segment", s.Name, "problem", s.broken)
		return nil
	}
	s.broken = ""
	u.rulings, _ = rulingsOf(&d, find)
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
