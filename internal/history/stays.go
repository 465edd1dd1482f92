package history

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/store/chapter"
)

// Stay is a time that a customer spent in a segment without a break.
type Stay struct {
	Customer uint32
	From, To calendar.Instant // To is calendar.Never while it lasts
	Entry    store.Cause
	Exit     store.Cause // what ended it
}

// Stays calls fn for each stay in a segment. One that begins where another ends
// continues it; one without length is none. The stay is reused from call to call.
func (p *Past) Stays(ctx context.Context, segment int64, fn func(*Stay)) error {
	var open entries
	kin := map[uint32][]Stay{} // of each who has to do with a merge
	var s Stay
	told := func(customer uint32, e *entry) {
		s = e.stay(customer)
		fn(&s)
	}
	err := p.log.Changes(ctx, segment, func(c *chapter.Change) {
		if !p.kin.IsEmpty() && p.kin.Contains(c.Customer) {
			kin[c.Customer] = extend(kin[c.Customer], c)
			return
		}
		e := open.of(c.Customer)
		if e.state == ended && c.Entered && c.Due > e.to {
			told(c.Customer, e)
			e.state = never
		}
		e.take(c)
	})
	if err != nil {
		return err
	}
	open.each(told)
	p.families(kin, fn)
	return nil
}

// StaysOf gives the stays of one customer in a segment, as an instant knows them: what
// began later is not among them, and what ended later still lasts.
func (p *Past) StaysOf(ctx context.Context, segment, customer int64, at calendar.Instant) (stays []Stay, err error) {
	err = p.Stays(ctx, segment, func(s *Stay) {
		if int64(s.Customer) != customer || s.From > at {
			return
		}
		known := *s
		if known.To > at {
			known.To, known.Exit = calendar.Never, 0
		}
		stays = append(stays, known)
	})
	return stays, err
}

// extend adds a change to the stays of one customer.
func extend(stays []Stay, c *chapter.Change) []Stay {
	last := len(stays) - 1
	in := last >= 0 && stays[last].To == calendar.Never
	switch {
	case c.Entered && !in:
		return append(stays, Stay{c.Customer, c.Due, calendar.Never, store.Cause(c.Cause), 0})
	case !c.Entered && in:
		stays[last].To, stays[last].Exit = c.Due, store.Cause(c.Cause)
	}
	return stays
}

// families unites the stays of those who turned out to be one.
func (p *Past) families(kin map[uint32][]Stay, fn func(*Stay)) {
	united := map[uint32][]Stay{}
	for _, member := range slices.Sorted(maps.Keys(kin)) {
		survivor := p.survivor(member)
		united[survivor] = append(united[survivor], kin[member]...)
	}
	for _, survivor := range slices.Sorted(maps.Keys(united)) {
		for _, s := range unite(united[survivor]) {
			s.Customer = survivor
			fn(&s)
		}
	}
}

// unite makes one of stays that overlap or touch. It begins for the reason of the
// first and ends for that of the last.
func unite(stays []Stay) []Stay {
	stays = slices.DeleteFunc(stays, func(s Stay) bool { return s.To <= s.From })
	slices.SortStableFunc(stays, func(a, b Stay) int { return cmp.Compare(a.From, b.From) })
	var made []Stay
	for _, s := range stays {
		if last := len(made) - 1; last >= 0 && s.From <= made[last].To {
			if s.To > made[last].To {
				made[last].To, made[last].Exit = s.To, s.Exit
			}
			continue
		}
		made = append(made, s)
	}
	return made
}

// entry is the last stay of a customer, which may go on.
type entry struct {
	from, to calendar.Instant
	causes   [2]uint8 // of the entry and the exit
	state    state
}

type state uint8

const (
	never state = iota
	lasts
	ended
)

// take has a customer enter or leave; an entry continues a stay that ended.
func (e *entry) take(c *chapter.Change) {
	switch {
	case c.Entered && e.state == never:
		e.from, e.causes[0], e.state = c.Due, c.Cause, lasts
	case c.Entered:
		e.state = lasts
	case e.state == lasts:
		e.to, e.causes[1], e.state = c.Due, c.Cause, ended
	}
	if e.state == ended && e.to <= e.from {
		e.state = never
	}
}

func (e *entry) stay(customer uint32) Stay {
	s := Stay{Customer: customer, From: e.from, To: calendar.Never, Entry: store.Cause(e.causes[0])}
	if e.state == ended {
		s.To, s.Exit = e.to, store.Cause(e.causes[1])
	}
	return s
}

// entries are those of all customers, in pages that are made when one of their customers enters.
type entries struct {
	pages [][]entry
}

const pageBits = 12

func (e *entries) of(customer uint32) *entry {
	n := int(customer >> pageBits)
	for n >= len(e.pages) {
		e.pages = append(e.pages, nil)
	}
	if e.pages[n] == nil {
		e.pages[n] = make([]entry, 1<<pageBits)
	}
	return &e.pages[n][customer&(1<<pageBits-1)]
}

// each calls fn for each customer with a stay, in order of their ids.
func (e *entries) each(fn func(customer uint32, e *entry)) {
	for n, page := range e.pages {
		for i := range page {
			if page[i].state != never {
				fn(uint32(n<<pageBits|i), &page[i])
			}
		}
	}
}
