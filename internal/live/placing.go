package live

import (
	"slices"
	"strings"

	spec "github.com/kohorte/kohorte/internal/segment"
)

// Placing is where a customer stands in a segmentation, by the version that decides.
type Placing struct {
	Segmentation string
	Version      int64
	Parts        []string // all segments, in order
	In           []string // those that the customer is in; the first one wins
	Part         string   // that the customer is in: the winner, or the rest
	Rest         bool     // it is the rest
	Paused       bool     // it is as it was when the segmentation was paused
}

// segment names the part as a segment.
func (p *Placing) segment() string { return spec.PartName(p.Segmentation, p.Part) }

// placings gives where a customer stands in the segmentations that have a segment as a
// part, in that of a part, or in a segmentation itself.
func (e *Engine) placings(s *segment, at place) (list []Placing) {
	for _, other := range e.segments {
		d := &other.Deciding
		if other.Active == 0 || d.Kind != spec.Segmentation {
			continue
		}
		if other == s || d.Name == s.Definition.Of || slices.Contains(d.Parts, s.Name) {
			if p := e.placing(other, at); p.Part != "" {
				list = append(list, p)
			}
		}
	}
	slices.SortFunc(list, func(a, b Placing) int { return strings.Compare(a.Segmentation, b.Segmentation) })
	return list
}

func (e *Engine) placing(s *segment, at place) Placing {
	d := &s.Deciding
	p := Placing{Segmentation: s.Name, Version: s.Active, Parts: d.Parts, Paused: s.Definition.State == spec.Paused}
	shard, row := e.shards[at.shard()], at.row()
	in := func(name string) bool {
		one := e.segments[name]
		return one != nil && one.active != nil && shard.member(row, one.active.slot)
	}
	p.In = slices.DeleteFunc(slices.Clone(d.Parts), func(name string) bool { return !in(name) })
	for _, part := range append(slices.Clone(d.Parts), d.Rest) {
		if in(spec.PartName(s.Name, part)) {
			p.Part, p.Rest = part, part == d.Rest
		}
	}
	return p
}

// whyPart is why for a part: that changes by itself as soon as its segment does, or one
// before it.
func (e *Engine) whyPart(w *Why, part *segment, customer int64, at place) {
	shard, row := e.shards[at.shard()], at.row()
	shard.why(w, part.active, customer, row)
	whole := e.segments[part.Definition.Of]
	if part.active.paused || whole == nil || whole.Active == 0 {
		return
	}
	_, own, _ := spec.SplitPart(part.Name)
	for _, name := range whole.Deciding.Parts {
		if one := e.segments[name]; one != nil && one.active != nil {
			because := Why{At: w.At, Expires: w.Expires}
			shard.why(&because, one.active, customer, row)
			w.Expires = min(w.Expires, because.Expires)
		}
		if name == own {
			return
		}
	}
}
