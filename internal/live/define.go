package live

import (
	"context"
	"slices"

	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

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
	opened := e.firms != nil
	gone := e.define(list, finder(c.tx.View))
	if !opened && e.firms != nil {
		c.undo = append(c.undo, func() { e.stale = true }) // they may have what this commit brought
	}
	c.after = append(c.after, func() { e.release(gone) })
	if err := c.settleSegmentations(); err != nil {
		return err
	}
	now := slices.DeleteFunc(e.referred(), func(s *segment) bool { return slices.Contains(before, s) })
	return c.readStays(now)
}

// readStays puts the past memberships in segments into memory.
func (c *cycle) readStays(of []*segment) error {
	if len(of) == 0 {
		return nil
	}
	if err := c.writeTold(); err != nil { // the log must be complete
		return err
	}
	c.engine.lockAll()
	defer c.engine.unlockAll()
	return c.engine.readStays(context.Background(), c.tx.View, of)
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
func (e *Engine) define(list []store.Segment, find finding) (gone []*unit) {
	e.changes++
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
	if e.firms == nil && slices.ContainsFunc(list, func(s store.Segment) bool { return s.Definition.Firms() }) {
		e.structure.Lock()
		e.openFirms()
		e.structure.Unlock()
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

// noteReferred notes to which segments rules refer, those that were only asked included.
func (e *Engine) noteReferred() {
	mentioned := map[string]bool{}
	for _, u := range e.plan.units {
		for _, name := range u.mentions.Segments {
			mentioned[name] = true
		}
	}
	for _, s := range e.segments {
		s.referred = s.asked || mentioned[s.Name]
	}
}

// nameSegments makes the names of the segments known to rules.
func (e *Engine) nameSegments() {
	schema := e.index.Schema
	for name, s := range e.segments {
		if s.Definition.Kind == spec.Segmentation {
			continue // rules name its parts
		}
		id, known := schema.SegmentID(name)
		if !known {
			id = len(schema.Segments)
			schema.Segments = append(schema.Segments, name)
		}
		s.stays = id
	}
	known := *schema.Catalog
	known.Segments, known.Firms = nil, nil
	for name, s := range e.segments {
		if s.Definition.Kind == spec.Segmentation {
			continue
		}
		known.Segments = append(known.Segments, name)
		if s.Definition.Firms() {
			known.Firms = append(known.Firms, name)
		}
	}
	slices.Sort(known.Segments)
	slices.Sort(known.Firms)
	schema.Catalog = &known
}

// prepare makes the units that a segment's definition asks for. It gives those that
// are no longer followed.
func (e *Engine) prepare(s *segment, find finding) (gone []*unit) {
	if s.Definition.Kind == spec.Segmentation {
		return nil // its parts have units
	}
	if s.next != nil && (s.next.version != s.Version || !s.follows()) {
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
	if s.pending() && s.next == nil && s.broken == "" {
		if s.next = e.makeUnit(s, s.Version, s.Definition, find); s.next != nil {
			s.next.change = e.changes
			s.next.startFilling(e)
		}
	}
	return gone
}

// makeUnit compiles a version and gives it a slot; nil if it cannot be compiled.
func (e *Engine) makeUnit(s *segment, version int64, d spec.Definition, find finding) *unit {
	u, err := compile(s, version, d, e.index.Schema, e.index.Places, len(e.workers)+1)
	if err != nil {
		s.broken = err.Error()
		e.log.Error("a segment cannot be followed", "segment", s.Name, "problem", s.broken)
		return nil
	}
	s.broken = ""
	u.decideByHand(find)
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
