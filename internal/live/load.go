package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/store"
)

// Open reads a workspace into memory: the index from its snapshot or anew, who is
// in which segment, and the timers. Run follows it from there.
func Open(ctx context.Context, s *store.Store, options Options) (*Engine, error) {
	e := &Engine{store: s, Options: options, log: options.Log, segments: map[string]*segment{}, plan: newPlan(nil)}
	e.queue = queue{limit: options.Queue, wake: make(chan struct{}, 1)}
	if e.Workers <= 0 {
		e.Workers = runtime.GOMAXPROCS(0)
	}
	err := s.View(ctx, func(v *store.View) error {
		x, err := e.readIndex(ctx, v)
		if err != nil {
			return err
		}
		e.use(x)
		return e.readState(ctx, v)
	})
	if err != nil {
		return nil, err
	}
	e.editor.Keep()
	for _, s := range e.shards {
		e.editor.Compact(s.block)
	}
	e.stats.Customers = e.people()
	return e, nil
}

// readIndex reads the snapshot if it is of this very state, else all data.
func (e *Engine) readIndex(ctx context.Context, v *store.View) (*index.Index, error) {
	known, err := v.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := calendar.LoadZone(known.Zone)
	if err != nil {
		return nil, err
	}
	revision, _, err := v.Revision(ctx)
	if err != nil {
		return nil, err
	}
	if e.Snapshot != "" {
		if x, err := index.Load(e.Snapshot, known, zone, revision); err == nil {
			return x, nil
		}
	}
	return index.Build(ctx, v, e.Progress)
}

// use makes an index the one that the engine edits.
func (e *Engine) use(x *index.Index) {
	e.index = x
	e.editor = columns.NewEditor(x.Schema)
	e.workers = nil
	for n := range e.Workers + 1 {
		e.workers = append(e.workers, &worker{engine: e, number: n, editor: columns.NewEditor(x.Schema)})
	}
	e.filler, e.workers = e.workers[e.Workers], e.workers[:e.Workers]
	e.places, e.companies, e.shards = map[int64]place{}, map[int64]int{}, nil
	for n, block := range x.Blocks {
		s := newShard(block, len(e.slots))
		e.shards = append(e.shards, s)
		for row, id := range block.IDs {
			if !block.Gone(row) {
				e.places[id] = placeOf(n, row)
			}
		}
	}
	for row, id := range x.Companies.IDs {
		e.companies[id] = row
	}
	if e.firms != nil {
		e.openFirms()
	}
	e.revision = x.Revision
}

// readState reads who belongs to which company, the segments, their members and the timers.
func (e *Engine) readState(ctx context.Context, v *store.View) error {
	evaluated, clock, err := v.Followed()
	if err != nil {
		return err
	}
	e.instant.Store(max(clock, e.instant.Load()))
	e.ranked = e.instant.Load() // ranks are not kept: they are computed at the start, for everybody
	list, err := v.Segments(ctx)
	if err != nil {
		return err
	}
	e.define(list, finder(v))
	e.behind = evaluated != e.revision && len(list) > 0
	return e.readPast(ctx, v, func(*unit, int64) {})
}

// readPast reads what is remembered of customers: their companies, memberships and timers. Gone is
// told of the memberships of customers who are no longer there.
func (e *Engine) readPast(ctx context.Context, v *store.View, gone func(u *unit, id int64)) error {
	e.staff, e.united = map[int64][]int64{}, map[int64]bool{}
	for id := range e.places {
		if v.HasAbsorbed(id) {
			e.united[id] = true
		}
	}
	err := v.Joins(ctx, func(j store.Join) error {
		if !slices.Contains(e.staff[j.Company], j.Person) {
			e.staff[j.Company] = append(e.staff[j.Company], j.Person)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := e.readMembers(ctx, v, gone); err != nil {
		return err
	}
	if err := e.readStays(ctx, v, e.referred()); err != nil {
		return err
	}
	return e.readTimers(ctx, v)
}

func (e *Engine) readMembers(ctx context.Context, v *store.View, gone func(u *unit, id int64)) error {
	active := map[int64]*unit{}
	for _, s := range e.segments {
		if s.active != nil {
			active[s.ID] = s.active
		}
	}
	for _, s := range e.segments {
		s.size.Store(0)
	}
	return v.Members(ctx, func(segment, customer int64, _ calendar.Instant) error {
		u := active[segment]
		if u == nil {
			return nil
		}
		u.segment.size.Add(1)
		if at, ok := e.places[customer]; ok {
			e.shards[at.shard()].setMember(at.row(), u.slot, true)
		} else {
			gone(u, customer)
		}
		return nil
	})
}

// readTimers has each customer asked about everything at the stored instant, since
// the store only knows the earliest.
func (e *Engine) readTimers(ctx context.Context, v *store.View) error {
	e.timers = nil
	return v.Timers(ctx, func(customer int64, due calendar.Instant) error {
		at, ok := e.places[customer]
		if !ok {
			return nil
		}
		s := e.shards[at.shard()]
		s.stored[at.row()] = due
		for _, u := range e.plan.units {
			if !u.filling && u.firms == s.firms {
				s.timers(at.row())[u.slot] = due
			}
		}
		e.timers.push(timer{due, at})
		return nil
	})
}

// readStays puts the past memberships in segments that rules refer to from the log into memory.
func (e *Engine) readStays(ctx context.Context, v *store.View, segments []*segment) error {
	if len(segments) == 0 {
		return nil
	}
	numbers := map[int64]int{}
	for _, s := range segments {
		numbers[s.ID] = s.stays
	}
	past, err := pastStays(ctx, v, numbers)
	for of, list := range past {
		if at, ok := e.places[of.customer]; ok {
			e.editor.SetStays(e.shards[at.shard()].block, at.row(), of.segment, list)
		}
	}
	return err
}

// member is a customer in a segment.
type member struct {
	segment  int
	customer int64
}

// pastStays reads from the log who was when in segments, by the numbers that they
// are given. What was said of customers who were merged is put together.
func pastStays(ctx context.Context, v *store.View, numbers map[int64]int) (map[member][]columns.Stay, error) {
	stays := map[member][]columns.Stay{}
	err := v.Log(ctx, 0, func(t *store.Transition) error {
		number, wanted := numbers[t.Segment]
		if !wanted {
			return nil
		}
		of := member{number, t.Customer}
		if t.Entered {
			stays[of] = append(stays[of], columns.Stay{From: t.Due, To: calendar.Never})
		} else if last := len(stays[of]) - 1; last >= 0 {
			stays[of][last].To = t.Due
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	united := map[member][]columns.Stay{}
	for of, list := range stays {
		survivor := member{of.segment, v.Survivor(of.customer)}
		united[survivor] = append(united[survivor], list...)
	}
	for of, list := range united {
		if v.HasAbsorbed(of.customer) {
			united[of] = unite(list...)
		}
	}
	return united, nil
}

// Stays reads who was when in which segment, for rules that refer to segments.
func Stays(ctx context.Context, v *store.View, x *index.Index) (list []index.Stay, err error) {
	segments, err := v.Segments(ctx)
	if err != nil {
		return nil, err
	}
	numbers := map[int64]int{}
	for i, s := range segments {
		numbers[s.ID] = i
	}
	past, err := pastStays(ctx, v, numbers)
	for of, stays := range past {
		among := x
		if segments[of.segment].Definition.Firms() {
			among = x.OfCompanies()
		}
		position, ok := among.Find(of.customer)
		for _, s := range stays {
			if ok {
				list = append(list, index.Stay{Segment: segments[of.segment].Name, Customer: position, From: s.From, To: s.To})
			}
		}
	}
	slices.SortFunc(list, func(a, b index.Stay) int { return cmp.Compare(a.From, b.From) })
	return list, err
}

// rebuild reads everything anew from the store, within the transaction, and
// evaluates everybody: after another process wrote, or a field got another type.
func (c *cycle) rebuild(cause store.Cause) error {
	e := c.engine
	ctx := context.Background()
	e.log.Info("reading all data anew")
	if err := c.writeTold(); err != nil { // the log must be complete
		return err
	}
	c.written = nil // they are among the members that are read
	x, err := index.Build(ctx, c.tx.View, e.Progress)
	if err != nil {
		return err
	}
	c.rebuilt = true
	e.structure.Lock()
	e.use(x)
	e.nameSegments()
	e.structure.Unlock()
	if err := e.recompile(true); err != nil {
		return err
	}
	for _, u := range e.plan.units {
		u.decideByHand(finder(c.tx.View)) // others may have come, or be one now
	}
	err = e.readPast(ctx, c.tx.View, func(u *unit, id int64) {
		c.exits = append(c.exits, store.Transition{Segment: u.segment.ID, Version: u.version, Customer: id, Due: c.now, Cause: store.CauseMerge, Part: -1})
	})
	if err != nil {
		return err
	}
	for _, u := range e.plan.units {
		if u.filling {
			u.startFilling(e)
		}
		if u.program.NeedsRanks() && !u.broken() {
			e.rankUnit(u, c.now)
		}
	}
	clear(c.tasks)
	c.touched, c.popped = nil, nil // places of the former index
	e.stale = false
	c.evaluateEverybody(cause)
	return nil
}

// evaluateEverybody evaluates all units for all customers at the instant of the commit.
func (c *cycle) evaluateEverybody(cause store.Cause) {
	e := c.engine
	c.everybody(func(t *task) {
		t.todo.addAll(e.plan.all)
		t.cause, t.merged = cause, true
	}, c.now)
	c.told = append(c.told, c.exits...)
	c.exits = nil
	if e.behind {
		e.behind = false
		c.undo = append(c.undo, func() { e.behind = true })
	}
}

// save compacts the index and writes its snapshot.
func (e *Engine) save() error {
	if e.Snapshot == "" || e.stale {
		return nil
	}
	e.lockAll()
	defer e.unlockAll()
	for _, s := range e.shards {
		e.editor.Compact(s.block)
	}
	e.editor.CompactCompanies(e.index.Companies)
	e.index.Revision = e.revision
	if err := e.index.Save(e.Snapshot); err != nil {
		return errors.Join(fmt.Errorf("the index is not kept for the next start"), err)
	}
	return nil
}
