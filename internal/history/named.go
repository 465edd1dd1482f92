package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// ErrNoSegment is in the error for the name of a segment that never was.
var ErrNoSegment = errors.New("there is no segment")

// ErrNoneFollowed says that there is nothing to compare.
var ErrNoneFollowed = errors.New("no segment is followed; kohorte segment put defines one")

// Segment finds a segment, also one that was removed.
func (p *Past) Segment(name string) (store.FollowedSegment, error) {
	var there []string
	for _, s := range p.segments {
		if s.Name == name {
			return s, nil
		}
		if !s.Removed {
			there = append(there, s.Name)
		}
	}
	const few = 10
	switch {
	case len(there) == 0:
		return store.FollowedSegment{}, fmt.Errorf("%w %q, nor any other; kohorte segment put defines one", ErrNoSegment, name)
	case len(there) > few:
		return store.FollowedSegment{}, fmt.Errorf("%w %q; kohorte segment list shows those that are there", ErrNoSegment, name)
	}
	return store.FollowedSegment{}, fmt.Errorf("%w %q; there is %s", ErrNoSegment, name, strings.Join(there, ", "))
}

// Segments gives all segments, those that were removed too.
func (p *Past) Segments() []store.FollowedSegment { return p.segments }

// Named finds segments, of segmentations the parts; see Parts. Without names it gives all
// that are followed now, but for segmentations and their parts, and but for segments of
// companies where there are others.
func (p *Past) Named(ctx context.Context, names []string, at ...calendar.Instant) (list []store.FollowedSegment, err error) {
	if len(names) == 0 {
		for _, s := range p.segments {
			if !s.Removed && s.Active > 0 && !p.divides(s.Name) {
				list = append(list, s)
			}
		}
		if len(list) == 0 {
			err = ErrNoneFollowed
		}
		if _, mixed := kindOf(list); mixed != nil {
			list = slices.DeleteFunc(list, func(s store.FollowedSegment) bool { return s.Firms })
		}
		return list, err
	}
	for _, name := range names {
		s, err := p.Segment(name)
		if err != nil {
			return nil, err
		}
		parts, err := p.Parts(ctx, name, at...)
		if err != nil {
			return nil, err
		}
		if parts == nil {
			parts = append(parts, s)
		}
		list = append(list, parts...)
	}
	return list, nil
}

// divides tells whether a name is that of a segmentation or of a part.
func (p *Past) divides(name string) bool {
	if _, _, isPart := segment.SplitPart(name); isPart {
		return true
	}
	return slices.ContainsFunc(p.segments, func(s store.FollowedSegment) bool {
		of, _, ok := segment.SplitPart(s.Name)
		return ok && of == name && !s.Removed
	})
}

// Units are the steps that a course can have, by their names.
var Units = map[string]calendar.Unit{"day": calendar.Day, "week": calendar.Week, "month": calendar.Month}

// usualSteps is how many steps a course has if nobody says.
const usualSteps = 30

// UsualFrom is where the course of a segment begins if nobody says: some steps ago, or
// on the day on which the segment was defined.
func UsualFrom(zone *calendar.Zone, s *store.FollowedSegment, to calendar.Instant, by calendar.Unit) calendar.Instant {
	begin := zone.DayStart(to-1, 1-usualSteps)
	if by != calendar.Day {
		begin = zone.PeriodStart(to-1, by, 1-usualSteps)
	}
	return min(max(begin, zone.DayStart(s.Versions[0].Created, 0)), to-1)
}
