package live

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/store"
)

// Companies stand in shards of their own, beside those of people, once a segment is
// about companies. They are evaluated after people, since rules about companies ask
// about people and never the other way round.

// nudge is that somebody crossed a segment that rules about companies ask for.
type nudge struct {
	at    place // of the person
	when  calendar.Instant
	units set // of those rules
	key   string
	cause store.Cause
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

// nudge notes that a person crossed a segment.
func (w *worker) nudge(t *task, u *unit, now calendar.Instant) {
	if u.asking != nil {
		w.nudges = append(w.nudges, nudge{t.at, now, u.asking, peopleKey(segmentKey(u.segment.Name)), t.cause})
	}
}

// openFirms makes the shards of the companies from those of people.
func (e *Engine) openFirms() {
	e.firms = []int{}
	e.index.Companies.SeatPeople(e.index.Blocks)
	for _, block := range columns.FirmBlocks(e.index.Schema, e.index.Companies) {
		e.addFirmShard(block)
		n := len(e.shards) - 1
		for row, id := range block.IDs {
			e.places[id] = placeOf(n, row)
		}
	}
}

// openFirms makes the shards of the companies, if there are none yet.
func (c *cycle) openFirms() error {
	e := c.engine
	if e.firms != nil {
		return nil
	}
	c.undo = append(c.undo, func() { e.stale = true }) // they may have what this commit brought
	e.structure.Lock()
	defer e.structure.Unlock()
	e.openFirms()
	return nil
}

func (e *Engine) addFirmShard(block *columns.Block) {
	s := newShard(block, len(e.slots))
	s.firms = true
	e.firms = append(e.firms, len(e.shards))
	e.shards = append(e.shards, s)
	e.passShard()
}

// passShard has units that are being filled take a new shard, in which nobody stands yet, as filled.
func (e *Engine) passShard() {
	for _, u := range e.plan.units {
		if u.filling {
			u.passed = append(u.passed, true)
		}
	}
}

// blocksOf gives the blocks of people, or of companies.
func (e *Engine) blocksOf(firms bool) []*columns.Block {
	if !firms {
		return e.index.Blocks
	}
	blocks := make([]*columns.Block, 0, len(e.firms))
	for _, n := range e.firms {
		blocks = append(blocks, e.shards[n].block)
	}
	return blocks
}

// people counts the customers who are no companies.
func (e *Engine) people() int {
	if e.firms == nil {
		return len(e.places)
	}
	return len(e.places) - len(e.companies)
}

// firmPlace gives where a company stands, by its row among all.
func (e *Engine) firmPlace(company int) place {
	return placeOf(e.firms[company>>shardBits], company&(shardRows-1))
}

// addFirm gives a new company its place.
func (c *cycle) addFirm(id int64, company int) {
	e := c.engine
	if company>>shardBits >= len(e.firms) {
		e.addFirmShard(&columns.Block{Companies: e.index.Companies})
		e.shards[len(e.shards)-1].Lock() // as all others are
	}
	at := e.firmPlace(company)
	s := e.shards[at.shard()]
	e.editor.AddFirm(s.block, e.index.Companies, company)
	s.lengthen()
	e.places[id] = at
	e.editor.Undoing(func() {
		delete(e.places, id)
		s.shorten(at.row())
	})
	t := c.task(at, id)
	t.other = true
	t.todo.addAll(e.plan.all)
}

// firmTask gives the task of a company. What a company is made of is not only new events.
func (c *cycle) firmTask(company int) *task {
	at := c.engine.firmPlace(company)
	t := c.task(at, c.engine.shards[at.shard()].block.IDs[at.row()])
	t.other = true
	return t
}

// employed gives the companies that a person ever belonged to.
func (e *Engine) employed(at place) []int {
	return e.shards[at.shard()].block.Employers(at.row())
}

// firmsOf gives the tasks of companies, those of the people's companies among them
// where rules ask about what changed of people.
func (c *cycle) firmsOf(tasks map[place]*task) map[place]*task {
	e := c.engine
	if e.firms == nil {
		return nil
	}
	var people []*task
	for _, t := range tasks {
		if len(t.asked) > 0 && !e.shards[t.at.shard()].firms {
			people = append(people, t)
		}
	}
	for _, t := range people {
		for _, company := range e.employed(t.at) {
			firm := c.firmTask(company)
			for _, key := range t.asked {
				c.follows(firm, key)
			}
		}
	}
	firms := map[place]*task{}
	for at, t := range tasks {
		if e.shards[at.shard()].firms {
			firms[at] = t
		}
	}
	return firms
}

// nudged adds to the tasks of companies those that their people's crossings ask for
// at the same instant, and gives them by their shards.
func (c *cycle) nudged(firms map[place]*task) map[int][]*task {
	e := c.engine
	if firms == nil && len(c.nudges) > 0 {
		firms = map[place]*task{}
	}
	for _, n := range c.nudges {
		for _, company := range e.employed(n.at) {
			t := c.nudgedFirm(firms, company, n.cause)
			t.todo.addAll(n.units)
			if !slices.Contains(t.keys, n.key) {
				t.keys = append(t.keys, n.key)
			}
		}
	}
	c.nudges = nil
	return c.byShard(firms)
}

// nudgedOverTime does the same where people crossed segments at several instants.
func (c *cycle) nudgedOverTime(firms map[place]*task) map[int][]*task {
	for _, n := range c.nudges {
		for _, company := range c.engine.employed(n.at) {
			t := c.nudgedFirm(firms, company, store.CauseTime)
			t.nudges = append(t.nudges, n)
		}
	}
	c.nudges = nil
	return c.byShard(firms)
}

func (c *cycle) nudgedFirm(firms map[place]*task, company int, cause store.Cause) *task {
	e := c.engine
	at := e.firmPlace(company)
	if firms[at] == nil {
		id := e.shards[at.shard()].block.IDs[at.row()]
		firms[at] = &task{at: at, id: id, todo: make(set, len(e.plan.all)), cause: cause, other: true}
	}
	return firms[at]
}

func (c *cycle) byShard(tasks map[place]*task) map[int][]*task {
	byShard := map[int][]*task{}
	for at, t := range tasks {
		byShard[at.shard()] = append(byShard[at.shard()], t)
		c.touched = append(c.touched, at)
	}
	return byShard
}

// evaluateNudged evaluates what the crossings of people ask for, at the instant of the commit.
func (c *cycle) evaluateNudged() {
	c.parallel(c.nudged(nil), func(w *worker, s *shard, t *task) { w.evaluate(s, t, c.now) })
}

// firmEvent gives the company to which a person belonged at the time of an event that event, too.
func (c *cycle) firmEvent(at place, f *effect, event int) {
	e := c.engine
	if e.firms == nil {
		return
	}
	company, ok := e.shards[at.shard()].block.Company(at.row(), f.Event.Time)
	if !ok {
		return
	}
	firm := c.firmTask(company)
	s := e.shards[firm.at.shard()]
	s.Lock()
	defer s.Unlock()
	if err := e.editor.AddEvent(s.block, firm.at.row(), event, f.Event.Seq, f.Event.Time, c.props[f.props[0]:f.props[1]]); err != nil {
		e.log.Error("an event cannot be read", "event", f.Event.Seq, "problem", err)
	}
	c.follows(firm, eventKey(f.Event.Type))
}

// lostEvent takes an event away from the company that has it.
func (c *cycle) lostEvent(at place, before *store.Event, event int) {
	e := c.engine
	if e.firms == nil {
		return
	}
	company, ok := e.shards[at.shard()].block.Company(at.row(), before.Time)
	if !ok {
		return
	}
	firm := c.firmTask(company)
	s := e.shards[firm.at.shard()]
	s.Lock()
	defer s.Unlock()
	e.editor.RemoveEvent(s.block, firm.at.row(), event, before.Seq)
	c.follows(firm, eventKey(before.Type))
}

// seat notes that a person belongs to companies, which have other events then.
func (c *cycle) seat(at place, joins []columns.Membership) {
	e := c.engine
	if e.firms == nil {
		return
	}
	who := columns.Seat{Block: e.shards[at.shard()].block, Row: at.row()}
	for _, j := range joins {
		firm := c.firmTask(j.Company)
		s := e.shards[firm.at.shard()]
		s.Lock()
		e.editor.Seat(e.index.Companies, j.Company, who)
		if who.HasEvents() {
			e.editor.Gather(s.block, firm.at.row(), j.Company)
		}
		s.Unlock()
		firm.todo.addAll(e.plan.all)
	}
}
