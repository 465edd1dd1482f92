package live

import (
	"context"
	"slices"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/store"
)

// pending are the parts of customers that must be read anew from the store, after
// all effects: whose attributes, companies and consents changed.
type pending struct {
	attributes, joins, consents, firms []int64
}

// growSchema takes in fields, types of events and consents that were never seen
// before. If a known field has another type now, everything is read anew.
func (c *cycle) growSchema() (rebuilt bool, err error) {
	e := c.engine
	known, err := c.tx.NewCatalog(context.Background())
	if err != nil || known == nil {
		return false, err
	}
	known.Segments, known.Firms = e.index.Schema.Catalog.Segments, e.index.Schema.Catalog.Firms
	e.lockAll()
	fits := e.index.Schema.Extend(known)
	e.unlockAll()
	if !fits {
		return true, c.rebuild(store.CauseEvent)
	}
	return false, e.recompile(false)
}

// edit follows the effects in memory, in their order.
func (c *cycle) edit() error {
	var p pending
	for i := range c.effects {
		if err := c.follow(&c.effects[i], &p); err != nil {
			return err
		}
	}
	for _, step := range []struct {
		ids  []int64
		read func(id int64) error
	}{{p.firms, c.readCompany}, {p.attributes, c.readAttributes}, {p.joins, c.readJoins}, {p.consents, c.readConsents}} {
		slices.Sort(step.ids)
		for _, id := range slices.Compact(step.ids) {
			if err := step.read(id); err != nil {
				return err
			}
		}
	}
	return c.meet()
}

func (c *cycle) follow(f *effect, p *pending) error {
	if f.Company != 0 {
		if err := c.company(f.Company); err != nil {
			return err
		}
		if f.CompanyAttributes {
			p.firms = append(p.firms, f.Company)
		}
	}
	for _, m := range f.Merged {
		if err := c.merge(m, p); err != nil {
			return err
		}
	}
	if f.Person == 0 {
		return nil
	}
	person := c.tx.Survivor(f.Person)
	t, err := c.touch(person)
	if err != nil {
		return err
	}
	if f.Named {
		if err := c.rename(t); err != nil {
			return err
		}
	}
	if f.Event.Seq != 0 {
		c.addEvent(t, f)
	}
	if f.Attributes {
		p.attributes = append(p.attributes, person)
	}
	if f.Joined {
		p.joins = append(p.joins, person)
	}
	if f.Decided {
		p.consents = append(p.consents, person)
	}
	return nil
}

// touch gives the task of a customer, who is added if new.
func (c *cycle) touch(id int64) (*task, error) {
	e := c.engine
	at, known := e.places[id]
	if !known {
		customer, err := c.tx.Customer(id)
		if err != nil {
			return nil, err
		}
		at = c.addCustomer(customer)
	}
	t := c.task(at, id)
	if !known {
		t.other = true
		t.todo.addAll(e.plan.all)
	}
	return t, nil
}

func (c *cycle) task(at place, id int64) *task {
	t := c.tasks[at]
	if t == nil {
		t = &task{at: at, id: id, todo: make(set, len(c.engine.plan.all)), cause: store.CauseEvent}
		c.tasks[at] = t
	}
	return t
}

// changed notes that something that rules read has changed for a customer, other
// than that there is one more event.
func (c *cycle) changed(t *task, key string) {
	t.other = t.other || c.engine.plan.keys[key] != nil
	c.follows(t, key)
}

// follows notes which units read what has changed.
func (c *cycle) follows(t *task, key string) {
	keys := c.engine.plan.keys
	if units := keys[key]; units != nil {
		t.todo.addAll(units)
		if !slices.Contains(t.keys, key) {
			t.keys = append(t.keys, key)
		}
	}
	if of := peopleKey(key); keys[of] != nil && !slices.Contains(t.asked, of) {
		t.asked = append(t.asked, of)
	}
}

func (c *cycle) addCustomer(customer store.Customer) place {
	e := c.engine
	e.structure.Lock()
	defer e.structure.Unlock()
	last := len(e.shards) - 1
	for last >= 0 && e.shards[last].firms {
		last--
	}
	if last < 0 || e.shards[last].block.Rows() >= shardRows {
		block := &columns.Block{Companies: e.index.Companies}
		e.index.Blocks = append(e.index.Blocks, block)
		e.shards = append(e.shards, newShard(block, len(e.slots)))
		last = len(e.shards) - 1
		e.passShard()
	}
	s := e.shards[last]
	s.Lock()
	defer s.Unlock()
	row := e.editor.AddCustomer(s.block, customer.ID, customer.Name)
	s.lengthen()
	at := placeOf(last, row)
	e.places[customer.ID] = at
	e.editor.Undoing(func() {
		delete(e.places, customer.ID)
		s.shorten(row)
	})
	return at
}

func (c *cycle) rename(t *task) error {
	customer, err := c.tx.Customer(t.id)
	if err != nil {
		return err
	}
	s := c.engine.shards[t.at.shard()]
	s.Lock()
	defer s.Unlock()
	c.engine.editor.Rename(s.block, t.at.row(), customer.Name)
	return nil
}

func (c *cycle) addEvent(t *task, f *effect) {
	e := c.engine
	event, ok := e.index.Schema.EventID(f.Event.Type)
	if !ok {
		return // beyond the limit of types: nobody can ask about it
	}
	s := e.shards[t.at.shard()]
	s.Lock()
	err := e.editor.AddEvent(s.block, t.at.row(), event, f.Event.Seq, f.Event.Time, c.props[f.props[0]:f.props[1]])
	s.Unlock()
	if err != nil {
		e.log.Error("an event cannot be read", "event", f.Event.Seq, "problem", err)
	}
	c.firmEvent(t.at, f, event)
	t.added = append(t.added, addedEvent{event, uint32(f.Event.Seq)})
	c.follows(t, eventKey(f.Event.Type))
}

// readAttributes reads the attributes of a customer and takes over what is different.
func (c *cycle) readAttributes(id int64) error {
	e := c.engine
	at, ok := e.places[id]
	if !ok {
		return nil
	}
	list, err := c.tx.AttributesOf(context.Background(), id)
	if err != nil {
		return err
	}
	t, s := c.task(at, id), e.shards[at.shard()]
	s.Lock()
	defer s.Unlock()
	return byPath(list, func(path string, history []columns.Value) error {
		attr, ok := e.index.Schema.Attrs.ID(path)
		if !ok || e.index.Schema.Attrs.List[attr].Type.Kind == catalog.Unknown {
			return nil
		}
		different, err := e.editor.SetAttribute(s.block, at.row(), attr, history)
		if different {
			c.changed(t, attributeKey(path))
		}
		return err
	})
}

// byPath hands on the history of each attribute; they come in order of path.
func byPath(list []store.Attribute, use func(path string, history []columns.Value) error) error {
	for from, to := 0, 0; from < len(list); from = to {
		var history []columns.Value
		for to = from; to < len(list) && list[to].Path == list[from].Path; to++ {
			history = append(history, columns.Value{Time: list[to].Time, JSON: list[to].Value})
		}
		if err := use(list[from].Path, history); err != nil {
			return err
		}
	}
	return nil
}

func (c *cycle) readJoins(id int64) error {
	e := c.engine
	at, ok := e.places[id]
	if !ok {
		return nil
	}
	list, err := c.tx.JoinsOf(context.Background(), id)
	if err != nil {
		return err
	}
	var joins []columns.Membership
	for _, j := range list {
		if row, ok := e.companies[j.Company]; ok {
			joins = append(joins, columns.Membership{Time: j.Time, Company: row, Role: j.Role})
			if !slices.Contains(e.staff[j.Company], id) {
				e.staff[j.Company] = append(e.staff[j.Company], id)
			}
		}
	}
	s := e.shards[at.shard()]
	s.Lock()
	e.editor.SetJoins(s.block, at.row(), joins)
	s.Unlock()
	c.changed(c.task(at, id), joinKey)
	c.seat(at, joins)
	return nil
}

func (c *cycle) readConsents(id int64) error {
	e := c.engine
	at, ok := e.places[id]
	if !ok {
		return nil
	}
	list, err := c.tx.ConsentsOf(context.Background(), id)
	if err != nil {
		return err
	}
	byTopic := map[catalog.Consent][]columns.Decision{}
	for _, d := range list {
		about := catalog.Consent{Channel: d.Channel, Purpose: d.Purpose}
		byTopic[about] = append(byTopic[about], columns.Decision{Time: d.Time, Granted: d.Granted})
	}
	t, s := c.task(at, id), e.shards[at.shard()]
	s.Lock()
	defer s.Unlock()
	for about, decisions := range byTopic {
		if topic, ok := e.index.Schema.ConsentID(about); ok {
			e.editor.SetConsents(s.block, at.row(), topic, decisions)
			c.changed(t, consentKey(about))
		}
	}
	return nil
}

// company adds a company that is new.
func (c *cycle) company(id int64) error {
	e := c.engine
	if _, known := e.companies[id]; known {
		return nil
	}
	customer, err := c.tx.Customer(id)
	if err != nil {
		return err
	}
	e.lockAll()
	defer e.unlockAll()
	e.companies[id] = e.editor.AddCompany(e.index.Companies, id, customer.Name)
	e.editor.Undoing(func() { delete(e.companies, id) })
	if e.firms != nil {
		c.addFirm(id, e.companies[id])
	}
	return nil
}

// readCompany reads the attributes of a company; all who ever belonged to it are touched.
func (c *cycle) readCompany(id int64) error {
	e := c.engine
	list, err := c.tx.AttributesOf(context.Background(), id)
	if err != nil {
		return err
	}
	var keys []string
	e.lockAll()
	err = byPath(list, func(path string, history []columns.Value) error {
		attr, ok := e.index.Schema.Company.ID(path)
		if !ok || e.index.Schema.Company.List[attr].Type.Kind == catalog.Unknown {
			return nil
		}
		different, err := e.editor.SetCompanyAttribute(e.index.Companies, e.companies[id], attr, history)
		if different {
			keys = append(keys, companyKey(path))
		}
		return err
	})
	e.unlockAll()
	if e.firms != nil {
		for _, key := range keys {
			c.changed(c.firmTask(e.companies[id]), key)
		}
	}
	for _, person := range e.staff[id] {
		if at, ok := e.places[c.tx.Survivor(person)]; ok {
			t := c.task(at, c.tx.Survivor(person))
			for _, key := range keys {
				c.changed(t, key)
			}
		}
	}
	return err
}

// recompile compiles the units whose rules name something that was not known
// when they were compiled; all of them if the schema is a new one.
func (e *Engine) recompile(all bool) error {
	for _, u := range e.plan.units {
		if !all && !u.ahead {
			continue
		}
		made, err := compile(u.segment, u.version, u.def, e.index.Schema, e.index.Places, len(e.workers)+1)
		if err != nil {
			u.segment.broken = err.Error()
			u.breakDown(err.Error())
			continue
		}
		u.program, u.machines, u.ahead = made.program, made.machines, made.ahead
		u.useRanks()
	}
	return nil
}

// compact takes the tails of the block that has most of them into its base.
func (e *Engine) compact() {
	const most = shardRows // tails of one block
	for _, s := range e.shards {
		if s.block.Edits() > most {
			s.Lock()
			e.editor.Compact(s.block)
			s.Unlock()
			return
		}
	}
}

func (e *Engine) lockAll() {
	e.structure.Lock()
	for _, s := range e.shards {
		s.Lock()
	}
}

func (e *Engine) unlockAll() {
	for _, s := range e.shards {
		s.Unlock()
	}
	e.structure.Unlock()
}
