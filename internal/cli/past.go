package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// past is a workspace whose log of transitions is asked, at one moment.
type past struct {
	*history.Past
	app      *app
	view     *store.View
	zone     *calendar.Zone
	segments []store.FollowedSegment
}

// askPast opens the workspace and its log.
func (a *app) askPast(ctx context.Context, work func(p *past) error) error {
	s, err := a.openStore()
	if err != nil {
		return err
	}
	settings, err := s.Settings(ctx)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	zone, err := calendar.LoadZone(settings.Zone)
	if err == nil {
		err = a.withPast(ctx, s, zone, work)
	}
	return errors.Join(err, s.Close())
}

func (a *app) withPast(ctx context.Context, s *store.Store, zone *calendar.Zone, work func(p *past) error) error {
	return s.View(ctx, func(v *store.View) error {
		p := &past{app: a, view: v, zone: zone}
		var err error
		if p.segments, err = v.FollowedSegments(ctx); err != nil {
			return err
		}
		if p.Past, err = history.Read(ctx, v); err != nil {
			return err
		}
		return work(p)
	})
}

// segment finds a segment, also one that was removed.
func (p *past) segment(name string) (store.FollowedSegment, error) {
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
		return store.FollowedSegment{}, fmt.Errorf("there is no segment %q, nor any other; kohorte segment put defines one", name)
	case len(there) > few:
		return store.FollowedSegment{}, fmt.Errorf("there is no segment %q; kohorte segment list shows those that are there", name)
	}
	return store.FollowedSegment{}, fmt.Errorf("there is no segment %q; there is %s", name, strings.Join(there, ", "))
}

// named finds segments, of segmentations the parts; see parts. Without names it gives all
// that are followed now, but for segmentations and their parts.
func (p *past) named(ctx context.Context, names []string, at ...calendar.Instant) (list []store.FollowedSegment, err error) {
	if len(names) == 0 {
		for _, s := range p.segments {
			if !s.Removed && s.Active > 0 && !p.divides(s.Name) {
				list = append(list, s)
			}
		}
		if len(list) == 0 {
			err = errors.New("no segment is followed; kohorte segment put defines one")
		}
		return list, err
	}
	for _, name := range names {
		s, err := p.segment(name)
		if err != nil {
			return nil, err
		}
		parts, err := p.parts(ctx, name, at...)
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
func (p *past) divides(name string) bool {
	if _, _, isPart := segment.SplitPart(name); isPart {
		return true
	}
	return slices.ContainsFunc(p.segments, func(s store.FollowedSegment) bool {
		of, _, ok := segment.SplitPart(s.Name)
		return ok && of == name && !s.Removed
	})
}

// instant reads the value of a flag, which must not lie in the future; the usual one without a value.
func (p *past) instant(flag, text string, usual calendar.Instant) (calendar.Instant, error) {
	if text == "" {
		return usual, nil
	}
	t, err := instant(text, p.zone)
	if err != nil {
		return 0, usagef("%s %s: %w", flag, text, err)
	}
	if t > p.app.Now() {
		return 0, fmt.Errorf("%s %s lies in the future, which the log does not know", flag, text)
	}
	return t, nil
}

// unfollowed is how long what is due may wait before it is told that nobody follows the segments.
const unfollowed = 10_000

// warn tells if the log may lack what was true at an instant, since nobody follows the segments.
func (p *past) warn(ctx context.Context, at calendar.Instant) error {
	evaluated, clock, err := p.view.Followed()
	if err != nil {
		return err
	}
	revision, _, err := p.view.Revision(ctx)
	if err != nil {
		return err
	}
	waiting, err := p.view.IsDue(min(at, p.app.Now()-unfollowed))
	if err == nil && at > clock && (waiting || revision != evaluated) {
		p.app.complain("kohorte: nobody follows the segments now: what changed after %s is not in the log yet; kohorte serve catches up\n", wall(p.zone, clock))
	}
	return err
}
