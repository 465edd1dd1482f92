package live

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/store"
)

// Companies stand in shards of their own, beside those of people, once a segment is
// about companies. Rules about companies ask about their people, and rules about people
// about the segments that their company is in; see inPhases.

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
	if !slices.Contains(e.index.Companies.Firms, block) {
		e.index.Companies.Firms = append(e.index.Companies.Firms, block)
	}
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
		e.addFirmShard(&columns.Block{Companies: e.index.Companies, OfFirms: true})
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

// askFirms adds the tasks of the companies of people of whom something changed that
// rules about companies ask for.
func (c *cycle) askFirms() {
	var people []*task
	for _, t := range c.tasks {
		if len(t.asked) > 0 && !c.engine.shards[t.at.shard()].firms {
			people = append(people, t)
		}
	}
	for _, t := range people {
		for _, company := range c.engine.employed(t.at) {
			firm := c.firmTask(company)
			for _, key := range t.asked {
				c.follows(firm, key)
			}
		}
	}
}

// employer gives the task of the company to which a person belonged at an instant; nil
// if there is none, or nobody asks about companies.
func (c *cycle) employer(at place, when calendar.Instant) *task {
	e := c.engine
	if e.firms == nil {
		return nil
	}
	company, ok := e.shards[at.shard()].block.Company(at.row(), when)
	if !ok {
		return nil
	}
	return c.firmTask(company)
}

// firmEvent gives the company to which a person belonged at the time of an event that event, too.
func (c *cycle) firmEvent(at place, f *effect, event int) {
	firm := c.employer(at, f.Event.Time)
	if firm == nil {
		return
	}
	e := c.engine
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
	firm := c.employer(at, before.Time)
	if firm == nil {
		return
	}
	s := c.engine.shards[firm.at.shard()]
	s.Lock()
	defer s.Unlock()
	c.engine.editor.RemoveEvent(s.block, firm.at.row(), event, before.Seq)
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
