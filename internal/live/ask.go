package live

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// Catalog gives the catalogue that rules are checked against.
func (e *Engine) Catalog() *catalog.Catalog {
	e.structure.RLock()
	defer e.structure.RUnlock()
	return e.index.Schema.Catalog
}

// Zone gives the zone of the workspace.
func (e *Engine) Zone() *calendar.Zone {
	e.structure.RLock()
	defer e.structure.RUnlock()
	return e.index.Schema.Zone
}

// Question is a rule about people or companies, and an instant.
type Question struct {
	Rule    string
	Members spec.Members // of whom; "" means people
	Lenient bool         // names that nobody has seen yet are no error
	At      calendar.Instant

	node rule.Node // in the form in which it is evaluated, instead of the rule as text
}

// prepareRule checks a rule and makes it ready. The shards are those that it is to be asked
// of, until it is released: a rule that reads companies and people alike is asked between
// two commits.
func (e *Engine) prepareRule(ctx context.Context, q Question) (p *eval.Program, shards []*shard, release func(), err error) {
	firms := q.Members == spec.Companies
	e.structure.RLock()
	open := e.firms != nil
	e.structure.RUnlock()
	if firms && !open {
		if err := e.do(ctx, (*cycle).openFirms); err != nil {
			return nil, nil, nil, err
		}
	}
	if p, shards, err = e.compileRule(ctx, q); err != nil {
		return nil, nil, nil, err
	}
	if firms || p.AsksCompanies() {
		e.committing.RLock()
		return p, shards, e.committing.RUnlock, nil
	}
	return p, shards, func() {}, nil
}

func (e *Engine) compileRule(ctx context.Context, q Question) (*eval.Program, []*shard, error) {
	about := spec.Definition{Members: q.Members}
	n, problems := q.node, rule.Problems(nil)
	if n == nil {
		if n, problems = rule.Parse(q.Rule); !problems.Fatal() {
			n = about.Full(n)
		}
	}
	if !problems.Fatal() {
		if err := e.refer(ctx, check.Mentions(n).Segments); err != nil {
			return nil, nil, err
		}
	}
	e.structure.RLock()
	defer e.structure.RUnlock()
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, e.index.Schema.Catalog, check.Options{Lenient: q.Lenient, Companies: about.Firms()})...)
	}
	if problems.Fatal() {
		return nil, nil, wrong("%s", problems.Format("rule", q.Rule))
	}
	p, err := eval.Compile(n, e.index.Schema, e.index.Places)
	shards := slices.DeleteFunc(slices.Clone(e.shards), func(s *shard) bool { return s.firms != about.Firms() })
	return p, shards, err
}

// refer sees to it that the past memberships in segments are in memory, as those are
// to which the rules of others refer.
func (e *Engine) refer(ctx context.Context, names []string) error {
	missing := func() (list []*segment) {
		for _, name := range names {
			if s := e.segments[name]; s != nil && !s.referred {
				list = append(list, s)
			}
		}
		return list
	}
	e.committing.RLock()
	none := len(missing()) == 0
	e.committing.RUnlock()
	if none {
		return nil
	}
	return e.do(ctx, func(c *cycle) error {
		c.remember()
		now := missing()
		for _, s := range now {
			s.asked, s.referred = true, true
		}
		return c.readStays(now)
	})
}

// ranksOf computes the ranks of a program, if it has any.
func ranksOf(p *eval.Program, shards []*shard, at calendar.Instant) []*eval.Ranks {
	if !p.NeedsRanks() {
		return nil
	}
	blocks := make([]*columns.Block, 0, len(shards))
	for _, s := range shards {
		s.RLock()
		blocks = append(blocks, s.block)
	}
	defer func() {
		for _, s := range shards {
			s.RUnlock()
		}
	}()
	return p.Rank(blocks, at)
}

// Count counts for how many of all customers, or companies, a rule is true, while the
// engine goes on: each shard is asked between two of its edits.
func (e *Engine) Count(ctx context.Context, q Question) (members, customers int, err error) {
	p, shards, release, err := e.prepareRule(ctx, q)
	if err != nil {
		return 0, 0, err
	}
	defer release()
	ranks := ranksOf(p, shards, q.At)
	var in, all, next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			m := p.Machine()
			m.UseRanks(ranks)
			for n := next.Add(1) - 1; n < int64(len(shards)) && ctx.Err() == nil; n = next.Add(1) - 1 {
				s := shards[n]
				s.RLock()
				in.Add(int64(len(m.Select(s.block, q.At))))
				all.Add(int64(s.block.Customers()))
				s.RUnlock()
			}
		})
	}
	workers.Wait()
	return int(in.Load()), int(all.Load()), ctx.Err()
}

// Explain evaluates a rule for a customer with its trace; false if there is no such customer.
func (e *Engine) Explain(ctx context.Context, customer int64, q Question) (eval.Trace, bool, error) {
	p, shards, release, err := e.prepareRule(ctx, q)
	if err != nil {
		return eval.Trace{}, false, err
	}
	defer release()
	e.structure.RLock()
	at, ok := e.places[customer]
	if ok {
		ok = at.shard() < len(e.shards) && slices.Contains(shards, e.shards[at.shard()])
	}
	var s *shard
	if ok {
		s = e.shards[at.shard()]
	}
	e.structure.RUnlock()
	if !ok {
		return eval.Trace{}, false, nil
	}
	m := p.Machine()
	m.UseRanks(ranksOf(p, shards, q.At))
	s.RLock()
	defer s.RUnlock()
	return m.Explain(s.block, at.row(), q.At), true, nil
}

func membersOf(firms bool) spec.Members {
	if firms {
		return spec.Companies
	}
	return spec.People
}

// Why says why a customer is in a segment or not; of a segmentation, in which everybody
// is, why in the part that its placing names.
type Why struct {
	State    spec.State // of the latest definition
	Version  int64      // that decides; 0: none, while the first one is filled, and of a draft or what is retired
	At       calendar.Instant
	In       bool
	Expires  calendar.Instant // when that changes by itself; of somebody ruled by hand when that ends
	Override *spec.Override   // by hand, whatever the rule says; nil if the rule decides
	Trace    *eval.Trace      // of the rule; nil for a list
	Placings []Placing        // in the segmentations that have the segment as a part, in order of name
}

// Why explains a membership between two commits; false if there is no such customer.
func (e *Engine) Why(customer int64, name string) (Why, bool, error) {
	e.committing.RLock()
	defer e.committing.RUnlock()
	s := e.segments[name]
	if s == nil {
		return Why{}, false, fmt.Errorf("%w: %s", ErrNoSegment, name)
	}
	place, ok := e.places[customer]
	if !ok {
		return Why{}, false, nil
	}
	why := Why{State: s.Definition.State, Version: s.Active, At: e.now(), Expires: calendar.Never}
	if e.due() <= why.At {
		why.At = e.instant.Load() // what time brought since is not followed yet
	}
	if s.Definition.Firms() != e.shards[place.shard()].firms {
		return Why{}, false, wrong("the members of %s are %s", name, membersOf(s.Definition.Firms()))
	}
	e.why(&why, s, customer, place)
	return why, true, nil
}

func (e *Engine) why(w *Why, s *segment, customer int64, at place) {
	w.Placings = e.placings(s, at)
	switch u := s.active; {
	case s.Definition.Kind == spec.Segmentation && len(w.Placings) > 0:
		e.whyPart(w, e.segments[w.Placings[0].segment()], customer, at)
	case s.Definition.Kind == spec.Part && u != nil:
		e.whyPart(w, s, customer, at)
	case u != nil:
		e.shards[at.shard()].why(w, u, customer, at.row())
	}
}

func (s *shard) why(w *Why, u *unit, customer int64, row int) {
	w.In = s.member(row, u.slot)
	ruling, ruled := u.rulings[customer]
	ruled = ruled && w.At < ruling.until
	if ruled {
		w.Override, w.Expires = ruling.said, ruling.until
	}
	if u.def.Kind == spec.List || u.broken() {
		return
	}
	m := u.program.Machine()
	m.UseRanks(u.ranks)
	trace := m.Explain(s.block, row, w.At)
	w.Trace = &trace
	if !ruled && !u.paused {
		w.Expires = trace.Expires
	}
}
