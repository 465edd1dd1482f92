package history

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
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

// Named finds segments; without names it gives all that are followed now.
func (p *Past) Named(names []string) (list []store.FollowedSegment, err error) {
	if len(names) == 0 {
		for _, s := range p.segments {
			if !s.Removed && s.Active > 0 {
				list = append(list, s)
			}
		}
		if len(list) == 0 {
			err = ErrNoneFollowed
		}
		return list, err
	}
	for _, name := range names {
		s, err := p.Segment(name)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
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
