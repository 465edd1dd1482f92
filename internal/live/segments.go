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

	// Expect refuses the change unless the segment's latest version is Version; 0: it is new.
	Expect  bool
	Version int64
}

// ErrMoved is in the error of a change that expected another version.
var ErrMoved = errors.New("segments were changed meanwhile")

// PutSegment defines a segment by its rule alone, or gives one that is there another rule.
func (e *Engine) PutSegment(ctx context.Context, name, text string, edit Edit) error {
	return e.do(ctx, func(c *cycle) error {
		d := spec.Definition{Name: name}
		if s := e.segments[name]; s != nil {
			d = s.Definition
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
	e := c.engine
	var latest int64
	if s := e.segments[d.Name]; s != nil {
		latest = s.Version
	}
	if edit.Expect && latest != edit.Version {
		return nil, fmt.Errorf("%w: %s is at version %d", ErrMoved, d.Name, latest)
	}
	put, err := c.checkedRules([]spec.Definition{d}, edit)
	if err != nil {
		return nil, err
	}
	d = put[0]
	if s := e.segments[d.Name]; d.State == spec.Retired && s != nil && s.Definition.State != spec.Retired {
		if err := c.retire(s, nil); err != nil {
			return nil, err
		}
	}
	changed, err := c.tx.PutSegment(d, edit.Author, edit.Message)
	if err == nil && changed {
		err = c.loadSegments()
	}
	_, unknown = rulingsOf(&d, finder(c.tx.View))
	return unknown, err
}

// checkedRules gives definitions that come together in their normal form, with their
// rules in canonical form, or says what is wrong with the first that cannot be.
func (c *cycle) checkedRules(put []spec.Definition, edit Edit) ([]spec.Definition, error) {
	e := c.engine
	known := *e.index.Schema.Catalog
	known.Segments = slices.Clone(known.Segments)
	for i := range put {
		known.Segments = append(known.Segments, put[i].Name)
	}
	made, rules := make([]spec.Definition, 0, len(put)), map[string]rule.Node{}
	for _, d := range put {
		d, n, err := e.checked(d, &known, edit.Lenient)
		if err != nil {
			return nil, err
		}
		if n != nil {
			rules[d.Name] = n
		}
		made = append(made, d)
	}
	if cycle := check.Cycle(e.nodes(rules)); cycle != nil {
		return nil, wrong("%s", check.CycleMessage(cycle))
	}
	return made, nil
}

// checked is checkedRules for one definition, apart from circles.
func (e *Engine) checked(d spec.Definition, known *catalog.Catalog, lenient bool) (spec.Definition, rule.Node, error) {
	d = d.Normal()
	if problems := d.Check(); len(problems) > 0 {
		return d, nil, wrong("%s", strings.Join(problems, "\n"))
	}
	before := spec.State("")
	if s := e.segments[d.Name]; s != nil {
		before = s.Definition.State
	}
	if err := spec.CheckStep(before, d.State); err != nil {
		return d, nil, wrong("%s: %v", d.Name, err)
	}
	if d.Kind != spec.ByRule {
		return d, nil, nil
	}
	n, problems := rule.Parse(d.Rule)
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, known, check.Options{Lenient: lenient})...)
	}
	if problems.Fatal() {
		return d, nil, wrong("%s", problems.Format(d.Name, d.Rule))
	}
	d.Rule = rule.Print(n)
	return d, n, nil
}

// retire ends the memberships of a segment to which no others refer than those that leave too.
func (c *cycle) retire(s *segment, leaving []string) error {
	users := slices.DeleteFunc(c.engine.usersOf(s.Name), func(name string) bool { return slices.Contains(leaving, name) })
	if len(users) > 0 {
		return wrong("segment %s is used by %s; change or remove these first", s.Name, strings.Join(users, ", "))
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
	return e.do(ctx, func(c *cycle) error {
		s := e.segments[name]
		if s == nil {
			return fmt.Errorf("%w: %s", ErrNoSegment, name)
		}
		if err := c.unexported(name); err != nil {
			return err
		}
		if err := c.retire(s, nil); err != nil {
			return err
		}
		if err := c.tx.RemoveSegment(s.ID); err != nil {
			return err
		}
		return c.loadSegments()
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
