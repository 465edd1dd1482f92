package advise

import (
	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/segment"
)

// parts finds those of segmentations that never win anybody.
func (a *advisor) parts() {
	for i := range a.Segments {
		if s := &a.Segments[i]; s.Kind == segment.Segmentation && s.State == segment.Active {
			a.unreachable(s)
		}
	}
}

func (a *advisor) unreachable(s *Segment) {
	taken := roaring.New()
	for i, name := range s.Parts {
		part := a.byName[name]
		if part == nil || part.Members == nil {
			return // what comes behind cannot be judged
		}
		size, _ := part.size()
		if size > 0 && part.Members.AndCardinality(taken) == uint64(size) {
			winners := a.winners(s.Parts[:i], part.Members)
			a.add(Finding{
				Kind: UnreachablePart, Segments: []string{s.Name, name}, measure: int64(size), Figures: figures("members", size, "won", 0),
				What: both("%s: der Teil %s bekommt niemanden. Alle %s Mitglieder von %s sind schon in %s, das davor steht.",
					"%s: the part %s gets nobody. All %s members of %s are already in %s, which comes before it.", s.Name, name, size, name, list(winners)),
			})
		}
		taken.Or(part.Members)
	}
}

// winners names the earlier parts that win members of a later one.
func (a *advisor) winners(earlier []string, members *roaring.Bitmap) (names []string) {
	left := members.Clone()
	for _, name := range earlier {
		if other := a.byName[name].Members; left.Intersects(other) {
			names = append(names, name)
			left.AndNot(other)
		}
	}
	return names
}
