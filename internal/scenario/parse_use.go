package scenario

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// Given gives the segments and segmentations that scenarios can use, by name. Dates
// without a zone are of the given one.
type Given func(*calendar.Zone) (map[string]spec.Definition, error)

// usage defines segments and segmentations as files say.
type usage struct {
	place
	list []used // what a definition refers to comes before it
}

// used is a definition that a scenario uses: by name, or since another refers to it.
type used struct {
	spec.Definition
	named bool
}

// use reads `all` or `NAME, NAME, …`.
func (p *parser) use(span rule.Span) {
	defer func() { p.unsure = p.unsure || p.cursor.problem != nil }()
	given, err := p.segmentsGiven()
	if err != nil {
		p.cursor.fail(span, "", "%v", err)
		return
	}
	u := &usage{place: place{span}}
	var at rule.Span
	add := func(name string, named bool) { p.addUsed(u, given, at, name, named) }
	if at = p.here(); p.accept("all") {
		for _, name := range slices.Sorted(maps.Keys(given)) {
			add(name, true)
		}
	} else {
		for {
			at = p.here()
			name := p.name("the name of a segment or a segmentation, or all")
			at.End = max(p.pos, at.Start)
			if p.cursor.problem != nil {
				break
			}
			if add(name, true); !p.mark(',') {
				break
			}
		}
	}
	p.steps = append(p.steps, u)
}

func (p *parser) segmentsGiven() (map[string]spec.Definition, error) {
	if p.given == nil {
		return nil, errors.New("there are no files with segments to use")
	}
	given, err := p.given(p.zone)
	if err == nil && len(given) == 0 {
		err = errors.New("no file with segments was found: they lie in the files and directories that are given to kohorte test, " +
			"or with the scenario")
	}
	return given, err
}

// addUsed adds a definition after all that it refers to. It stands where the statement names it.
func (p *parser) addUsed(u *usage, given map[string]spec.Definition, at rule.Span, name string, named bool) {
	d, ok := findGiven(given, name)
	if !ok {
		p.cursor.fail(at, meant(name, given), "there is no segment or segmentation %q in the files", name)
		return
	}
	if i := slices.IndexFunc(u.list, func(other used) bool { return other.Name == d.Name }); i >= 0 {
		u.list[i].named = u.list[i].named || named
		return
	}
	for _, other := range refersTo(&d) {
		if _, ok := findGiven(given, other); !ok && !slices.Contains(p.segments, other) {
			p.cursor.fail(at, meant(other, given), "%s refers to the segment %q, which is in no file", d.Name, other)
		} else if ok {
			p.addUsed(u, given, at, other, false)
		}
	}
	u.list = append(u.list, used{d, named})
	p.nameUsed(&d)
}

// nameUsed makes the names known that later statements can say.
func (p *parser) nameUsed(d *spec.Definition) {
	names := []string{d.Name}
	if d.Kind == spec.Segmentation {
		p.segmentations, names = append(p.segmentations, d.Name), nil
		for _, part := range d.Derived() {
			names = append(names, part.Name)
		}
	}
	for _, name := range names {
		if !slices.Contains(p.segments, name) {
			p.segments = append(p.segments, name)
		}
	}
}

// findGiven finds a definition by its name, or by that of one of its parts.
func findGiven(given map[string]spec.Definition, name string) (spec.Definition, bool) {
	if d, ok := given[name]; ok {
		return d, true
	}
	whole, _, _ := spec.SplitPart(name)
	d := given[whole]
	return d, d.Kind == spec.Segmentation && slices.ContainsFunc(d.Derived(), func(part spec.Definition) bool { return part.Name == name })
}

// refersTo lists the segments to which a definition refers.
func refersTo(d *spec.Definition) []string {
	if d.Kind == spec.Segmentation {
		return d.Parts
	}
	n, problems := rule.Parse(d.Rule)
	if d.Kind == spec.List || problems.Fatal() {
		return nil
	}
	return check.Mentions(d.Full(n)).Segments
}

func meant(name string, given map[string]spec.Definition) string {
	if better, ok := rule.Suggest(name, slices.Sorted(maps.Keys(given))); ok {
		return fmt.Sprintf("did you mean %q?", better)
	}
	return ""
}
