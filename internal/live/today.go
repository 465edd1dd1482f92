package live

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// MembersByRule gives who would be in a segment at an instant by the rule that decides
// now, or else the latest, over the data that is known today, and by what is decided by
// hand and holds then. Segments to which it refers are decided likewise; fromLog names
// those of which the log must be asked.
func (e *Engine) MembersByRule(ctx context.Context, name string, at calendar.Instant) (members *roaring.Bitmap, fromLog []string, err error) {
	today, err := e.today(name)
	if err != nil {
		return nil, nil, err
	}
	d, _ := e.definitionOf(name)
	err = e.store.View(ctx, func(v *store.View) error {
		byHand := func(segment string) map[int64]bool { return e.byHand(v, segment, at) }
		members, err = today.Members(byHand, func(n rule.Node) (*roaring.Bitmap, error) {
			return e.among(ctx, Question{node: n, Members: d.Members, Lenient: true, At: at})
		})
		return err
	})
	return members, today.FromLog(), err
}

// today puts the rules that decide now in their places.
func (e *Engine) today(name string) (*spec.Today, error) {
	e.committing.RLock()
	defer e.committing.RUnlock()
	s := e.segments[name]
	switch {
	case s == nil:
		return nil, fmt.Errorf("%w: %s", ErrNoSegment, name)
	case s.Definition.Kind == spec.Segmentation:
		return nil, wrong("%s has no rule: it is a %s", name, spec.Segmentation)
	}
	d := s.Latest()
	return spec.Expand(&d, func(name string) (d spec.Definition, decides bool) {
		if s := e.segments[name]; s != nil {
			return s.Today()
		}
		return d, false
	})
}

// among gives those for whom a rule is true.
func (e *Engine) among(ctx context.Context, q Question) (*roaring.Bitmap, error) {
	p, shards, release, err := e.prepareRule(ctx, q)
	if err != nil {
		return nil, err
	}
	defer release()
	members, m := roaring.New(), p.Machine()
	m.UseRanks(ranksOf(p, shards, q.At))
	for _, s := range shards {
		s.RLock()
		for _, row := range m.Select(s.block, q.At) {
			members.Add(uint32(s.block.IDs[row]))
		}
		s.RUnlock()
	}
	return members, ctx.Err()
}

// byHand gives who is in or out of a segment by hand at an instant.
func (e *Engine) byHand(v *store.View, name string, at calendar.Instant) map[int64]bool {
	e.committing.RLock()
	defer e.committing.RUnlock()
	s := e.segments[name]
	switch {
	case s == nil:
		return nil
	case s.active != nil:
		return heldAt(s.active.rulings, at)
	}
	d := s.Latest()
	return ByHand(v, &d, at)
}

// ByHand gives who is in or out by hand at an instant, by a definition.
func ByHand(v *store.View, d *spec.Definition, at calendar.Instant) map[int64]bool {
	rulings, _ := rulingsOf(d, finder(v))
	return heldAt(rulings, at)
}

func heldAt(rulings map[int64]ruling, at calendar.Instant) map[int64]bool {
	held := map[int64]bool{}
	for customer, r := range rulings {
		if at < r.until {
			held[customer] = r.in
		}
	}
	return held
}
