package serve

import (
	"context"
	"strings"
	"sync"

	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// ringSize is how many of the latest transitions stay in memory for those who follow them.
const ringSize = 1 << 14

// hub reads the log once for all who follow it.
type hub struct {
	store   *store.Store
	changed func() <-chan struct{}

	mu    sync.Mutex
	ring  []store.Told // the latest, in order
	last  int64        // the number of the last that was read
	fresh chan struct{}
}

func newHub(s *store.Store, changed func() <-chan struct{}) *hub {
	return &hub{store: s, changed: changed, fresh: make(chan struct{})}
}

// run follows the log until the context is done.
func (h *hub) run(ctx context.Context) error {
	err := h.store.Glance(ctx, func(v *store.View) (err error) {
		h.last, err = v.LastTransition()
		return err
	})
	if err != nil {
		return err
	}
	for {
		changed := h.changed()
		if err := h.read(ctx); err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// read takes what is new into the ring.
func (h *hub) read(ctx context.Context) error {
	for {
		var list []store.Told
		err := h.store.Glance(ctx, func(v *store.View) (err error) {
			list, err = v.Transitions(ctx, h.last, mostTransitions, "")
			return err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		h.mu.Lock()
		h.ring = append(h.ring, list...)
		if surplus := len(h.ring) - ringSize; surplus > ringSize/4 {
			h.ring = append(h.ring[:0], h.ring[surplus:]...)
		}
		h.last = list[len(list)-1].Seq
		close(h.fresh)
		h.fresh = make(chan struct{})
		h.mu.Unlock()
	}
}

// next gives the transitions after a number, and the number after which to go on. If
// there are none it waits for some, as long as the question says; the context is for
// reading, too.
func (h *hub) next(ctx context.Context, q question) (list []store.Told, next int64, err error) {
	waiting, cancel := context.WithTimeout(ctx, q.wait)
	defer cancel()
	next = q.after
	for {
		h.mu.Lock()
		fresh, last := h.fresh, h.last
		inRing := len(h.ring) > 0 && next >= h.ring[0].Seq-1
		if inRing {
			list, next = pick(h.ring, next, q)
		}
		h.mu.Unlock()
		if !inRing && next < last {
			if list, err = h.fromStore(ctx, next, q); err != nil {
				return nil, next, err
			}
			next = after(list, last)
		}
		if len(list) > 0 {
			return list, next, nil
		}
		select {
		case <-fresh:
		case <-waiting.Done(): // what was acknowledged is in the store, if not yet in the ring
			list, err = h.fromStore(ctx, next, q)
			return list, after(list, next), err
		}
	}
}

// after gives the number of the last transition; usual if there is none.
func after(list []store.Told, usual int64) int64 {
	if len(list) == 0 {
		return usual
	}
	return list[len(list)-1].Seq
}

// pick gives what a question asks for of transitions in order.
func pick(ring []store.Told, after int64, q question) (list []store.Told, next int64) {
	next = after
	from := after - ring[0].Seq + 1
	for i := max(from, 0); i < int64(len(ring)) && len(list) < q.limit; i++ {
		next = ring[i].Seq
		if q.takes(ring[i].SegmentName) {
			list = append(list, ring[i])
		}
	}
	return list, next
}

// takes tells whether a question asks for a segment, as store.Transitions does: all, the
// one of its name, or a part of the segmentation of its name.
func (q *question) takes(name string) bool {
	of, part, is := segment.SplitPart(name)
	return q.segment == "" || name == q.segment || is && of == q.segment && !strings.Contains(part, " ")
}

func (h *hub) fromStore(ctx context.Context, after int64, q question) (list []store.Told, err error) {
	err = h.store.Glance(ctx, func(v *store.View) (err error) {
		list, err = v.Transitions(ctx, after, q.limit, q.segment)
		return err
	})
	return list, err
}
