package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// ErrDivided is in the error of what cannot be asked of a segmentation, only of its parts.
var ErrDivided = errors.New("it is a segmentation")

// Latest finds a segment that is there now, else one that was removed.
func (p *Past) Latest(name string) (found store.FollowedSegment, ok bool) {
	for _, s := range p.segments {
		if s.Name == name {
			found, ok = s, true
			if !s.Removed {
				break
			}
		}
	}
	return found, ok
}

// Parts gives the parts of a segmentation: those that its latest version has, in order,
// then those that it had, if somebody was in them at one of some instants. Of what is no
// segmentation there are none.
func (p *Past) Parts(ctx context.Context, name string, at ...calendar.Instant) (list []store.FollowedSegment, err error) {
	versions, err := p.view.Versions(ctx, name)
	if err != nil {
		return nil, err
	}
	order := map[string]int{}
	if len(versions) > 0 && versions[0].Definition.Kind == segment.Segmentation {
		for i, d := range versions[0].Definition.Derived() {
			order[d.Name] = i + 1
		}
	}
	for _, s := range p.segments {
		of, _, ok := segment.SplitPart(s.Name)
		if !ok || of != name || s.Removed && len(versions) > 0 {
			continue
		}
		had := order[s.Name] > 0 || s.Removed
		for i := 0; i < len(at) && !had; i++ {
			members, err := p.Members(ctx, s.ID, at[i])
			if err != nil {
				return nil, err
			}
			had = !members.IsEmpty()
		}
		if had {
			list = append(list, s)
		}
	}
	last := len(order) + 1
	slices.SortStableFunc(list, func(a, b store.FollowedSegment) int {
		return cmp.Compare(cmp.Or(order[a.Name], last), cmp.Or(order[b.Name], last))
	})
	return list, nil
}

// Divided refuses what cannot be asked of a segmentation, only of its parts.
func (p *Past) Divided(ctx context.Context, name string) error {
	parts, err := p.Parts(ctx, name)
	if err != nil || len(parts) == 0 {
		return err
	}
	return fmt.Errorf("%s: %w; ask for one of its parts: %s", name, ErrDivided, partNames(parts))
}

func partNames(list []store.FollowedSegment) string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return strings.Join(names, ", ")
}
