package live

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Changes is a set of definitions that become the latest together, and of segments
// that are removed.
type Changes struct {
	Put    []spec.Definition
	Remove []string
}

// Impact is what a set of changes does: to the segments in it and to those that
// refer to them. It is found by trying it out.
type Impact struct {
	State    string // of the definitions for which it was computed; see Commit
	Segments []SegmentImpact
	Webhooks []WebhookImpact // that would be told something, in order of name
	Exports  []string        // on a schedule, that would write others, in order of name
}

// WebhookImpact is how much a webhook would be told.
type WebhookImpact struct {
	Name     string `json:"name"`
	Messages int    `json:"messages"`
}

// SegmentImpact is what becomes of one segment.
type SegmentImpact struct {
	Name          string // of a segmentation Before and After are those of all parts together
	Of            string // of a part: its segmentation
	New, Removed  bool
	Changed       []spec.Change // of the definition; empty for one that only refers to others
	Unknown       []string      // customers included or excluded by hand who are not there
	Before, After int           // members
	Entered, Left []int64       // customers, in order
}

// Impact tries changes out on everybody and takes them back: who would enter and
// leave, here and in all segments that refer to these. Nothing is stored and nobody
// is told. The engine does nothing else meanwhile.
func (e *Engine) Impact(ctx context.Context, changes Changes, edit Edit) (*Impact, error) {
	var found *Impact
	_, err := e.submit(ctx, &request{alone: true, work: func(c *cycle) (err error) {
		c.dry = true
		found, err = c.tryOut(changes, edit)
		return err
	}})
	return found, err
}

// Commit makes changes the latest definitions. With the state of an impact it
// refuses if definitions were changed since.
func (e *Engine) Commit(ctx context.Context, changes Changes, edit Edit, state string) error {
	return e.do(ctx, func(c *cycle) error {
		if now := e.definitionState(); state != "" && state != now {
			return fmt.Errorf("%w, since the plan was made: plan again", ErrMoved)
		}
		return c.make(changes, edit)
	})
}

// checkedAll checks all changes before any is made and gives them their normal form,
// with those of the parts of segmentations; then it ends the memberships of what is
// retired or removed.
func (c *cycle) checkedAll(changes *Changes, edit Edit) (err error) {
	if err := changes.once(); err != nil {
		return err
	}
	if changes.Put, err = c.checkedRules(changes.Put, edit); err != nil {
		return err
	}
	if changes.Remove, err = c.engine.removed(changes.Remove); err != nil {
		return err
	}
	if err := c.engine.checkRoom(changes.Put); err != nil {
		return err
	}
	ending, err := c.ending(changes)
	if err != nil {
		return err
	}
	for _, s := range ending {
		if err := c.retire(s, changes.settled()); err != nil {
			return err
		}
	}
	return nil
}

// ending gives the segments whose memberships end now, and refuses if one that ends
// stays in use.
func (c *cycle) ending(changes *Changes) (now []*segment, err error) {
	e := c.engine
	var ending []*segment
	for i := range changes.Put {
		d := &changes.Put[i]
		s := e.segments[d.Name]
		if d.State != spec.Retired || s == nil || s.Definition.State == spec.Retired && s.Active == 0 {
			continue
		}
		if ending = append(ending, s); !changes.later(d) {
			now = append(now, s)
		}
	}
	for _, name := range changes.Remove {
		if err := c.unexported(name); err != nil {
			return nil, err
		}
		ending, now = append(ending, e.segments[name]), append(now, e.segments[name])
	}
	for _, s := range ending {
		if err := c.untold(s.Name); err != nil {
			return nil, err
		}
		for i := range changes.Put {
			if d := &changes.Put[i]; d.State == spec.Active && refers(d, s.Name) {
				return nil, wrong("segment %s is used by %s", s.Name, e.whole([]string{d.Name}))
			}
		}
		users := slices.DeleteFunc(e.usersOf(s.Name), func(name string) bool { return slices.Contains(changes.settled(), name) })
		if len(users) > 0 {
			return nil, wrong("segment %s is used by %s; change or remove these first", s.Name, e.whole(users))
		}
	}
	return now, nil
}

// refers tells whether a definition's rule refers to a segment.
func refers(d *spec.Definition, name string) bool {
	n, problems := rule.Parse(d.Rule)
	return !problems.Fatal() && slices.Contains(check.Mentions(n).Segments, name)
}

// once refuses changes that say two things of one segment: nobody can mean both.
func (ch *Changes) once() error {
	said := map[string]bool{}
	for _, name := range ch.settled() {
		if said[name] {
			return wrong("%s stands twice among the changes: put or remove it once", name)
		}
		said[name] = true
	}
	return nil
}

// settled names the segments whose references the changes settle.
func (ch *Changes) settled() []string {
	names := slices.Clone(ch.Remove)
	for i := range ch.Put {
		names = append(names, ch.Put[i].Name)
	}
	return names
}

// definitionState names the definitions as they are: it is another text after every change.
func (e *Engine) definitionState() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(e.segments)) {
		s := e.segments[name]
		fmt.Fprintf(&b, "%d %s %d\n", s.ID, name, s.Version)
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(b.String())))[:16]
}

// tryOut makes the changes in memory, fills and activates what is new, and counts.
func (c *cycle) tryOut(changes Changes, edit Edit) (*Impact, error) {
	e := c.engine
	t := tryout{cycle: c, changes: changes, before: map[string]store.Segment{}, sizes: map[string]int{}, names: map[int64]string{}}
	found := &Impact{State: e.definitionState()}
	list, err := c.tx.Segments(context.Background())
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		t.before[s.Name] = s
	}
	for name, s := range e.segments {
		t.sizes[name], t.names[s.ID] = int(s.size.Load()), name
	}
	c.told = nil // what time brought belongs to the next commit
	c.remember()
	if err = c.checkedAll(&t.changes, edit); err != nil {
		return nil, err
	}
	if err := t.activate(t.changed(list)); err != nil {
		return nil, err
	}
	found.Segments = t.sum()
	return found, found.around(t.tx.View)
}

// tryout is one trial of changes.
type tryout struct {
	*cycle
	changes Changes
	before  map[string]store.Segment // by name
	sizes   map[string]int           // by name
	names   map[int64]string         // by id
}

// changed gives the segments as they would be in the store.
func (t *tryout) changed(list []store.Segment) []store.Segment {
	places := map[int64]int{}
	for i := range list {
		places[list[i].ID] = i
	}
	for i, d := range t.changes.Put {
		s, known := t.before[d.Name]
		if !known {
			s = store.Segment{ID: int64(-1 - i)}
			places[s.ID] = len(list)
			list = append(list, s)
		}
		if known && s.Definition.JSON() == d.JSON() {
			continue
		}
		at := places[s.ID]
		list[at].Version, list[at].Definition = s.Version+1, d
		if d.State == spec.Retired && !t.changes.later(&d) {
			list[at].Active = 0
		}
		t.names[s.ID] = d.Name
	}
	return slices.DeleteFunc(list, func(s store.Segment) bool { return slices.Contains(t.changes.Remove, s.Name) })
}

// activate has all that is new evaluated for everybody and decide.
func (t *tryout) activate(list []store.Segment) error {
	e := t.engine
	before, others := e.referred(), slices.Clone(e.plan.units)
	e.define(list, finder(t.tx.View))
	now := slices.DeleteFunc(e.referred(), func(s *segment) bool { return slices.Contains(before, s) })
	e.lockAll()
	err := e.readStays(context.Background(), t.tx.View, now)
	e.unlockAll()
	if err != nil {
		return err
	}
	known := map[*unit]bool{}
	for _, u := range others {
		if known[u] = !t.changes.divides(u.def.Of); !known[u] && u.filling {
			t.undo = append(t.undo, func() { u.startFilling(e) })
		}
	}
	var units []*unit
	for _, u := range e.plan.units {
		if u.filling && !u.broken() && !known[u] {
			units = append(units, u)
		}
	}
	e.relate(units)
	for _, u := range units {
		if !u.late {
			t.fillNow(u)
		}
	}
	if err := t.activateAll(slices.Clone(units)); err != nil {
		return err
	}
	for _, u := range units {
		if u.filling || u.broken() {
			return wrong("segment %s cannot be evaluated: %s", u.segment.Name, u.segment.problem())
		}
	}
	return nil
}

// fillNow evaluates a unit for everybody, on all processors.
func (c *cycle) fillNow(u *unit) {
	e := c.engine
	var next atomic.Int64
	var all sync.WaitGroup
	for _, w := range e.workers {
		all.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(e.shards); n = int(next.Add(1)) - 1 {
				s := e.shards[n]
				s.Lock()
				for row := range s.block.IDs {
					if s.firms != u.firms {
						break
					}
					if v, ok := w.verdict(u, s.block, row, c.now); ok && !s.block.Gone(row) {
						s.setMember(row, u.slot, v.In)
						s.timers(row)[u.slot] = v.Expires
					}
				}
				u.passed[n] = true
				s.Unlock()
			}
		})
	}
	all.Wait()
}

// sum puts the transitions of the trial together: of each customer and segment only
// what remains of them.
func (t *tryout) sum() []SegmentImpact {
	type pair struct {
		segment  string
		customer int64
	}
	first, last := map[pair]bool{}, map[pair]bool{}
	for _, told := range append(t.told, t.exits...) {
		p := pair{t.names[told.Segment], told.Customer}
		if _, seen := first[p]; !seen {
			first[p] = told.Entered
		}
		last[p] = told.Entered
	}
	found := t.frames()
	for p, entered := range last {
		i := found[p.segment]
		if i == nil {
			i = &SegmentImpact{Name: p.segment, Of: t.before[p.segment].Of, Before: t.sizes[p.segment]}
			found[p.segment] = i
		}
		switch {
		case first[p] != entered:
		case entered:
			i.Entered = append(i.Entered, p.customer)
		default:
			i.Left = append(i.Left, p.customer)
		}
	}
	list := make([]SegmentImpact, 0, len(found))
	for _, i := range found {
		slices.Sort(i.Entered)
		slices.Sort(i.Left)
		i.After = i.Before + len(i.Entered) - len(i.Left)
	}
	for _, i := range found {
		if whole := found[i.Of]; whole != nil {
			whole.Before, whole.After = whole.Before+i.Before, whole.After+i.After
		}
	}
	for _, i := range found {
		list = append(list, *i)
	}
	slices.SortFunc(list, func(a, b SegmentImpact) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// frames begins the impacts of the segments that the changes name.
func (t *tryout) frames() map[string]*SegmentImpact {
	found := map[string]*SegmentImpact{}
	for _, d := range t.changes.Put {
		s, known := t.before[d.Name]
		i := &SegmentImpact{Name: d.Name, Of: d.Of, New: !known, Changed: spec.Diff(s.Definition, d), Before: t.sizes[d.Name]}
		i.Unknown = unknownIn(&d, finder(t.tx.View))
		found[d.Name] = i
	}
	for _, name := range t.changes.Remove {
		found[name] = &SegmentImpact{Name: name, Of: t.before[name].Of, Removed: true, Before: t.sizes[name]}
	}
	return found
}
