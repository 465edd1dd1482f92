package live

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Wrong is an error of the input, for the person who made it.
type Wrong struct{ Text string }

func (w *Wrong) Error() string { return w.Text }

func wrong(format string, args ...any) error { return &Wrong{fmt.Sprintf(format, args...)} }

// ErrNoSegment is in the error for the name of a segment that does not exist.
var ErrNoSegment = errors.New("there is no such segment")

// Edit is who changes a segment and why.
type Edit struct {
	Author, Message string
	Lenient         bool // names that nobody has seen yet are no error

	// Expect refuses the change unless the segment's latest version is Version; 0: it is new,
	// store.SomeVersion: it is there.
	Expect  bool
	Version int64
}

// ErrMoved is in the error of a change that expected another version.
var ErrMoved = errors.New("segments were changed meanwhile")

// PutSegment defines a segment by its rule alone, or gives one that is there another
// rule. Whose it is need only be said of a new one of companies.
func (e *Engine) PutSegment(ctx context.Context, name, text string, of spec.Members, edit Edit) error {
	return e.do(ctx, func(c *cycle) error {
		d := spec.Definition{Name: name}
		if s := e.segments[name]; s != nil {
			d = s.Definition
		}
		if of != "" {
			d.Members = of
		}
		d.Kind, d.Rule, d.State = spec.ByRule, text, spec.Active
		_, err := c.put(d, edit)
		return err
	})
}

// Define defines a segment or gives it a new version. It is filled in the background;
// Segments tells how far it is. Unknown are the customers among those included or
// excluded by hand who are not there.
func (e *Engine) Define(ctx context.Context, d spec.Definition, edit Edit) (unknown []string, err error) {
	err = e.do(ctx, func(c *cycle) error {
		unknown, err = c.put(d, edit)
		return err
	})
	return unknown, err
}

// put checks a definition and makes it the latest version.
func (c *cycle) put(d spec.Definition, edit Edit) (unknown []string, err error) {
	if err := c.engine.expect(d.Name, edit); err != nil {
		return nil, err
	}
	d = d.Normal()
	err = c.make(Changes{Put: []spec.Definition{d}}, edit)
	return unknownIn(&d, finder(c.tx.View)), err
}

// expect refuses an edit of a segment that is not at the version that it expects.
func (e *Engine) expect(name string, edit Edit) error {
	s := e.segments[name]
	switch {
	case !edit.Expect, s == nil && edit.Version == 0, s != nil && (s.Version == edit.Version || edit.Version == store.SomeVersion):
		return nil
	case s == nil:
		return fmt.Errorf("%w: there is no segment %s", ErrMoved, name)
	}
	return fmt.Errorf("%w: %s is at version %d", ErrMoved, name, s.Version)
}

// make checks changes and makes them the latest definitions.
func (c *cycle) make(changes Changes, edit Edit) error {
	if err := c.checkedAll(&changes, edit); err != nil {
		return err
	}
	for _, d := range changes.Put {
		if _, err := c.tx.PutSegment(d, edit.Author, edit.Message); err != nil {
			return err
		}
	}
	for _, name := range changes.Remove {
		if err := c.tx.RemoveSegment(c.engine.segments[name].ID); err != nil {
			return err
		}
	}
	return c.loadSegments()
}

// checkedRules gives definitions that come together in their normal form, with their
// rules in canonical form and with the parts of segmentations behind these, or says what
// is wrong with the first that cannot be.
func (c *cycle) checkedRules(put []spec.Definition, edit Edit) ([]spec.Definition, error) {
	e := c.engine
	known := e.knownWith(put)
	made, rules := make([]spec.Definition, 0, len(put)), map[string]rule.Node{}
	for _, d := range put {
		d, n, err := e.checked(d, known, edit.Lenient)
		if err != nil {
			return nil, err
		}
		if n != nil {
			rules[d.Name] = n
		}
		made = append(made, d)
		if d.Kind != spec.Segmentation {
			continue
		}
		if err := e.checkParts(&d, put, known, edit.Lenient); err != nil {
			return nil, err
		}
		for _, part := range e.parts(&d) {
			rules[part.Name], _ = rule.Parse(part.Evaluated())
			made = append(made, part)
		}
	}
	if cycle := check.Cycle(e.nodes(rules)); cycle != nil {
		return nil, wrong("%s", check.CycleMessage(cycle))
	}
	return made, nil
}

// checked is checkedRules for one definition, apart from circles.
func (e *Engine) checked(d spec.Definition, known *catalog.Catalog, lenient bool) (spec.Definition, rule.Node, error) {
	d = d.Normal()
	if err := e.checkKind(&d); err != nil {
		return d, nil, err
	}
	if problems := d.Check(); len(problems) > 0 {
		return d, nil, wrong("%s", strings.Join(problems, "\n"))
	}
	before := spec.State("")
	if s := e.segments[d.Name]; s != nil {
		before = s.Definition.State
		if s.Definition.Firms() != d.Firms() {
			return d, nil, wrong("%s: the members of a segment stay people or companies; give the other one another name", d.Name)
		}
	}
	if err := spec.CheckStep(before, d.State); err != nil {
		return d, nil, wrong("%s: %v", d.Name, err)
	}
	if d.Kind != spec.ByRule {
		return d, nil, nil
	}
	n, problems := rule.Parse(d.Rule)
	if problems.Fatal() {
		return d, nil, wrong("%s", problems.Format(d.Name, d.Rule))
	}
	full := d.Full(n)
	problems = append(problems, check.Check(full, known, check.Options{Lenient: lenient, Companies: d.Firms()})...)
	if problems.Fatal() {
		return d, nil, wrong("%s", problems.Format(d.Name, d.Rule))
	}
	d.Rule = rule.Print(n)
	return d, full, nil
}

// retire ends the memberships of a segment to which no others refer than those that leave too.
func (c *cycle) retire(s *segment, leaving []string) error {
	e := c.engine
	users := slices.DeleteFunc(e.usersOf(s.Name), func(name string) bool { return slices.Contains(leaving, name) })
	if len(users) > 0 {
		return wrong("segment %s is used by %s; change or remove these first", s.Name, e.whole(users))
	}
	if s.active != nil {
		c.eachMember(s.active.slot, func(at place, id int64) {
			c.told = append(c.told, store.Transition{Segment: s.ID, Version: s.active.version, Customer: id, Due: c.now, Cause: store.CauseEdit, Part: -1})
		})
	}
	if c.dry {
		return nil
	}
	return c.tx.Activate(s.ID, 0)
}

// nodes gives the rules of all segments, some new ones in the place of theirs. Of a
// segment that is being filled the version to come counts.
func (e *Engine) nodes(put map[string]rule.Node) map[string]rule.Node {
	defs := maps.Clone(put)
	for _, u := range e.plan.units {
		if _, own := put[u.segment.Name]; own {
			continue
		}
		if _, there := defs[u.segment.Name]; !there || u.filling {
			defs[u.segment.Name] = u.node
		}
	}
	return defs
}

// RemoveSegment removes a segment that no other refers to; its members leave it.
func (e *Engine) RemoveSegment(ctx context.Context, name string) error {
	return e.Remove(ctx, name, Edit{})
}

// Remove is RemoveSegment for those who may expect a version.
func (e *Engine) Remove(ctx context.Context, name string, edit Edit) error {
	return e.do(ctx, func(c *cycle) error {
		if err := e.expect(name, edit); err != nil {
			return err
		}
		if e.segments[name] == nil {
			return fmt.Errorf("%w: %s", ErrNoSegment, name)
		}
		return c.make(Changes{Remove: []string{name}}, edit)
	})
}

// usersOf names the segments whose rules refer to a segment.
func (e *Engine) usersOf(name string) []string {
	var users []string
	for _, u := range e.plan.units {
		if slices.Contains(u.mentions.Segments, name) && !slices.Contains(users, u.segment.Name) {
			users = append(users, u.segment.Name)
		}
	}
	slices.Sort(users)
	return users
}
