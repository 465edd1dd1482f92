// Package history answers questions about memberships of the past from the log of
// transitions: who was in at an instant, how a segment grew and shrank and why, how
// long people stayed, and who went from where to where.
//
// What happened to customers who turned out to be one counts for the one who
// remains, who was in as long as any of them was. So sizes are of people as they
// are known today, and may be smaller than what was told at the time.
package history

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// Past reads the log as it is in one view.
type Past struct {
	view *store.View
	log  *store.Chronicle
	gone *roaring.Bitmap   // who was merged away
	into map[uint32]uint32 // those, and who remains
	kin  *roaring.Bitmap   // the ones who remain, and those who were merged away

	segments []store.FollowedSegment // all, those that were removed too
}

// Read opens the log of a view. It belongs to the view and its goroutine.
func Read(ctx context.Context, v *store.View) (*Past, error) {
	log, err := v.Chronicle(ctx)
	if err != nil {
		return nil, err
	}
	segments, err := v.FollowedSegments(ctx)
	if err != nil {
		return nil, err
	}
	p := &Past{view: v, log: log, gone: roaring.New(), into: map[uint32]uint32{}, kin: roaring.New(), segments: segments}
	v.Absorbed(func(gone, survivor int64) {
		p.gone.Add(uint32(gone))
		p.into[uint32(gone)] = uint32(survivor)
		p.kin.AddMany([]uint32{uint32(gone), uint32(survivor)})
	})
	return p, nil
}

// Members gives who was in a segment at an instant: whose last transition that was
// due by then is an entry. With calendar.Never it is who is in now. The log knows
// nothing of what lies after the instant up to which memberships are followed.
func (p *Past) Members(ctx context.Context, segment int64, at calendar.Instant) (*roaring.Bitmap, error) {
	members, err := p.log.Members(ctx, segment, at)
	if err != nil {
		return nil, err
	}
	for _, gone := range roaring.And(members, p.gone).ToArray() {
		members.Remove(gone)
		members.Add(p.into[gone])
	}
	return members, nil
}

// survivor gives the customer for whom what is said of a customer counts.
func (p *Past) survivor(customer uint32) uint32 {
	if into, ok := p.into[customer]; ok {
		return into
	}
	return customer
}
