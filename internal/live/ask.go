package live

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"

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

// compileRule checks a rule and makes it ready. The shards are those that it is to be asked of.
func (e *Engine) compileRule(ctx context.Context, text string, lenient bool) (*eval.Program, []*shard, error) {
	n, problems := rule.Parse(text)
	if !problems.Fatal() {
		if err := e.refer(ctx, check.Mentions(n).Segments); err != nil {
			return nil, nil, err
		}
	}
	e.structure.RLock()
	defer e.structure.RUnlock()
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, e.index.Schema.Catalog, check.Options{Lenient: lenient})...)
	}
	if problems.Fatal() {
		return nil, nil, wrong("%s", problems.Format("rule", text))
	}
	p, err := eval.Compile(n, e.index.Schema, e.index.Places)
	return p, slices.Clone(e.shards), err
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

// MembersByRule gives who would be in a segment at an instant by the rule that decides
// now, or else the latest, over the data that is known today. What was decided by hand
// does not count.
func (e *Engine) MembersByRule(ctx context.Context, name string, at calendar.Instant) (*roaring.Bitmap, error) {
	e.committing.RLock()
	s := e.segments[name]
	var d spec.Definition
	if s != nil {
		d = s.Definition
		if s.active != nil {
			d = s.active.def
		}
	}
	e.committing.RUnlock()
	switch {
	case s == nil:
		return nil, fmt.Errorf("%w: %s", ErrNoSegment, name)
	case d.Kind != spec.ByRule:
		return nil, wrong("%s is a list: it has no rule", name)
	}
	p, shards, err := e.compileRule(ctx, d.Rule, true)
	if err != nil {
		return nil, err
	}
	members, m := roaring.New(), p.Machine()
	m.UseRanks(ranksOf(p, shards, at))
	for _, s := range shards {
		s.RLock()
		for _, row := range m.Select(s.block, at) {
			members.Add(uint32(s.block.IDs[row]))
		}
		s.RUnlock()
	}
	return members, ctx.Err()
}

// Count counts for how many of all customers a rule is true at an instant, while
// the engine goes on: each shard is asked between two of its edits.
func (e *Engine) Count(ctx context.Context, text string, lenient bool, at calendar.Instant) (members, customers int, err error) {
	p, shards, err := e.compileRule(ctx, text, lenient)
	if err != nil {
		return 0, 0, err
	}
	ranks := ranksOf(p, shards, at)
	var in, all, next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			m := p.Machine()
			m.UseRanks(ranks)
			for n := next.Add(1) - 1; n < int64(len(shards)) && ctx.Err() == nil; n = next.Add(1) - 1 {
				s := shards[n]
				s.RLock()
				in.Add(int64(len(m.Select(s.block, at))))
				all.Add(int64(s.block.Customers()))
				s.RUnlock()
			}
		})
	}
	workers.Wait()
	return int(in.Load()), int(all.Load()), ctx.Err()
}

// Explain evaluates a rule for a customer at an instant with its trace; false if
// there is no such customer.
func (e *Engine) Explain(ctx context.Context, customer int64, text string, lenient bool, at calendar.Instant) (eval.Trace, bool, error) {
	p, shards, err := e.compileRule(ctx, text, lenient)
	if err != nil {
		return eval.Trace{}, false, err
	}
	e.structure.RLock()
	place, ok := e.places[customer]
	e.structure.RUnlock()
	if !ok || place.shard() >= len(shards) {
		return eval.Trace{}, false, nil
	}
	m := p.Machine()
	m.UseRanks(ranksOf(p, shards, at))
	s := shards[place.shard()]
	s.RLock()
	defer s.RUnlock()
	return m.Explain(s.block, place.row(), at), true, nil
}

// Why says why a customer is in a segment or not.
type Why struct {
	Version  int64 // that decides; 0 while the first one is filled
	At       calendar.Instant
	In       bool
	Expires  calendar.Instant // when that changes by itself; of somebody ruled by hand when that ends
	Override *spec.Override   // by hand, whatever the rule says; nil if the rule decides
	Trace    *eval.Trace      // of the rule; nil for a list
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
	why := Why{Version: s.Active, At: e.now(), Expires: calendar.Never}
	if e.due() <= why.At {
		why.At = e.instant.Load() // what time brought since is not followed yet
	}
	if u := s.active; u != nil {
		e.shards[place.shard()].why(&why, u, customer, place.row())
	}
	return why, true, nil
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
