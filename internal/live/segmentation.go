package live

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// A segmentation has no members. From each of its versions come the definitions of its
// parts, which are segments like any other: see spec.Definition.Derived. What is special
// about them is that they are defined with their segmentation only, and that all those
// that another version changes are activated in one commit, so that at every commit
// everybody is in exactly one.

// knownWith gives the catalogue as it is once definitions that come together are made.
func (e *Engine) knownWith(put []spec.Definition) *catalog.Catalog {
	known := *e.index.Schema.Catalog
	known.Segments, known.Firms = slices.Clone(known.Segments), slices.Clone(known.Firms)
	for i := range put {
		made := []spec.Definition{put[i]}
		if put[i].Kind == spec.Segmentation {
			made = put[i].Derived()
		}
		for _, d := range made {
			known.Segments = append(known.Segments, d.Name)
			if d.Firms() {
				known.Firms = append(known.Firms, d.Name)
			}
		}
	}
	return &known
}

// checkKind refuses to make a segmentation of a segment and the other way round: rules
// and programs that know the one would not understand the other.
func (e *Engine) checkKind(d *spec.Definition) error {
	s := e.segments[d.Name]
	switch {
	case s == nil && d.Kind == spec.Segmentation:
		if users := e.usersOf(d.Name); len(users) > 0 {
			return wrong("%s names %s as a segment: change that, or give the segmentation another name", e.whole(users), d.Name)
		}
		return nil
	case s == nil:
		return nil
	case s.Definition.Kind == spec.Part:
		return wrong("%s is a part of segmentation %s: change that", d.Name, s.Definition.Of)
	case s.Definition.Kind == d.Kind:
		return nil
	case s.Definition.Kind == spec.Segmentation:
		return wrong("%s is a segmentation: give the segment another name, or remove the segmentation first", d.Name)
	case d.Kind == spec.Segmentation:
		return wrong("%s is a segment: give the segmentation another name, or remove the segment first", d.Name)
	}
	return nil
}

// checkParts says what is wrong with the segments of a segmentation.
func (e *Engine) checkParts(d *spec.Definition, put []spec.Definition, known *catalog.Catalog, lenient bool) error {
	for _, name := range d.Parts {
		var is spec.Definition
		if s := e.segments[name]; s != nil {
			is = s.Definition
		}
		if i := slices.IndexFunc(put, func(d spec.Definition) bool { return d.Name == name }); i >= 0 {
			is = put[i]
		}
		switch {
		case is.Kind == spec.Segmentation:
			return wrong("%s: %s is a segmentation; parts are segments", d.Name, name)
		case is.State == spec.Retired && (d.State == spec.Active || d.State == spec.Paused):
			return wrong("%s: segment %s is retired, so nobody would ever be in this part: leave it out, or resume the segment first", d.Name, name)
		case is.Name != "" && is.Firms() != d.Firms():
			return wrong("%s: the members of %s are %s, those of the segmentation %s", d.Name, name, membersOf(is.Firms()), membersOf(d.Firms()))
		case !lenient && !slices.Contains(known.Segments, name):
			return wrong("%s: there is no segment %s%s", d.Name, name, meant(name, known.Segments))
		}
	}
	return nil
}

func meant(name string, names []string) string {
	if better, ok := rule.Suggest(name, names); ok {
		return fmt.Sprintf("; did you mean %s?", better)
	}
	return ""
}

// partsOf gives the segments that were made from a segmentation, in order of name.
func (e *Engine) partsOf(name string) (list []*segment) {
	if name == "" {
		return nil
	}
	for _, s := range e.segments {
		if s.Definition.Of == name {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b *segment) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// parts gives the definitions that another version of a segmentation makes of its parts.
// Those that it has no more are retired.
func (e *Engine) parts(d *spec.Definition) (put []spec.Definition) {
	now := map[string]bool{}
	for _, part := range d.Derived() {
		now[part.Name] = true
		s := e.segments[part.Name]
		switch {
		case s == nil && d.State == spec.Retired:
			continue
		case d.State == spec.Paused && (s == nil || s.Active == 0):
			part.State = spec.Draft // nobody is in it yet; that has to wait, too
		}
		put = append(put, part)
	}
	for _, s := range e.partsOf(d.Name) {
		left := s.Definition
		switch {
		case now[s.Name]:
			continue
		case d.State == spec.Paused && s.Active != 0:
			left.State = spec.Paused // who is in it has no other part yet
		default:
			left.State = spec.Retired
		}
		put = append(put, left)
	}
	return put
}

// ends tells whether a version of a part is its end.
func ends(d *spec.Definition) bool { return d.Kind == spec.Part && d.State == spec.Retired }

// later tells whether a part that is retired goes on until the other parts of its
// segmentation take its members.
func (ch *Changes) later(d *spec.Definition) bool {
	return ends(d) && slices.ContainsFunc(ch.Put, func(other spec.Definition) bool {
		return other.Name == d.Of && other.State == spec.Active
	})
}

// divides tells whether a segmentation is among the changes. Of one that is, parts that are
// filled already are activated with those that the changes bring.
func (ch *Changes) divides(segmentation string) bool {
	return slices.ContainsFunc(ch.Put, func(d spec.Definition) bool { return d.Kind == spec.Segmentation && d.Name == segmentation })
}

// removed adds the parts of segmentations to what is removed.
func (e *Engine) removed(names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		s := e.segments[name]
		switch {
		case s == nil:
			return nil, wrong("there is no segment %s to remove", name)
		case s.Definition.Kind == spec.Part && !slices.Contains(names, s.Definition.Of):
			return nil, wrong("%s is a part of segmentation %s: change that", name, s.Definition.Of)
		case s.Definition.Kind == spec.Part:
			continue // it comes with its segmentation
		}
		all = append(all, name)
		if s.Definition.Kind == spec.Segmentation {
			for _, part := range e.partsOf(name) {
				all = append(all, part.Name)
			}
		}
	}
	return all, nil
}

// whole names segments for people, of parts their segmentations.
func (e *Engine) whole(names []string) string {
	var list []string
	for _, name := range names {
		if of, _, ok := spec.SplitPart(name); ok {
			name = "segmentation " + of
		}
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}

// follows tells whether the latest version is to decide who is in.
func (d *definition) follows() bool {
	return d.Definition.State == spec.Active || ends(&d.Definition) && d.Active != 0
}

// pending tells whether the latest version is to decide, and does not yet.
func (d *definition) pending() bool { return d.follows() && d.Active != d.Version }

// ready tells whether a unit is filled for everybody, to decide from now on.
func (u *unit) ready() bool {
	return u.segment.next == u && !u.broken() && (u.late || !slices.Contains(u.passed, false))
}

// hindered tells whether a part of a segmentation cannot be filled, so that no other can
// take its members.
func (e *Engine) hindered(segmentation string) bool {
	return slices.ContainsFunc(e.partsOf(segmentation), func(s *segment) bool {
		return s.pending() && (s.next == nil || s.next.broken())
	})
}

// complete tells whether all parts of a segmentation that wait to decide are ready and
// among some units.
func (e *Engine) complete(segmentation string, units []*unit) bool {
	return !slices.ContainsFunc(e.partsOf(segmentation), func(s *segment) bool {
		return s.pending() && (s.next == nil || !s.next.ready() || !slices.Contains(units, s.next))
	})
}

// end ends the parts that their segmentations have no more, after their members left. It
// gives their units, which are no longer followed.
func (e *Engine) end(units []*unit) (ended []*unit) {
	for _, u := range units {
		if s := u.segment; ends(&u.def) {
			s.Active, s.active = 0, nil
			ended = append(ended, u)
		}
	}
	return ended
}

// settleSegmentations notes which segmentations are decided by their latest version,
// since all parts are.
func (c *cycle) settleSegmentations() error {
	var settled []*segment
	for _, s := range c.engine.segments {
		if s.Definition.Kind == spec.Segmentation && s.pending() && !c.engine.unsettled(s) {
			settled = append(settled, s)
		}
	}
	slices.SortFunc(settled, func(a, b *segment) int { return strings.Compare(a.Name, b.Name) })
	for _, s := range settled {
		s.Active, s.Deciding = s.Version, s.Definition
		if err := c.tx.Activate(s.ID, s.Version); err != nil {
			return err
		}
	}
	return nil
}

// unsettled tells whether a part of a segmentation is not yet what its latest version says.
func (e *Engine) unsettled(s *segment) bool {
	return slices.ContainsFunc(e.partsOf(s.Name), func(part *segment) bool { return part.pending() })
}

// segmentationStatus tells the state of a segmentation by that of its parts.
func (e *Engine) segmentationStatus(s *segment) Status {
	status := Status{Name: s.Name, Life: s.Definition.State, Definition: s.Definition, Version: s.Version, Active: s.Active, State: Active}
	switch {
	case s.Definition.State != spec.Active:
		status.State = Resting
	case s.Active == 0:
		status.State = Filling
	case s.pending():
		status.State = Editing
	}
	filling := 0
	for _, part := range e.partsOf(s.Name) {
		if problem := part.problem(); problem != "" {
			status.State, status.Problem = Broken, part.Name+": "+problem
		}
		if part.active != nil {
			status.Members += int(part.size.Load())
		}
		if part.next != nil {
			status.Progress += part.next.progress()
			filling++
		}
	}
	status.Progress /= float64(max(1, filling))
	if s.Active != 0 {
		status.Fresh = e.instant.Load()
	}
	for _, part := range s.said().Derived() {
		status.Parts = append(status.Parts, e.partStatus(part.Name))
	}
	return status
}

func (e *Engine) partStatus(name string) PartStatus {
	_, part, _ := spec.SplitPart(name)
	made := PartStatus{Name: part, Segment: name}
	if s := e.segments[name]; s != nil && s.active != nil {
		made.Members = int(s.size.Load())
	}
	return made
}

// said gives what the version says that decides, else the latest one.
func (d *definition) said() spec.Definition {
	if d.Active != 0 {
		return d.Deciding
	}
	return d.Definition
}
