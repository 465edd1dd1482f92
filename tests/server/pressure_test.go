package server

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestBackpressure floods a server with a small queue: what it cannot take it
// turns away, to be sent again, and all of it arrives once.
func TestBackpressure(t *testing.T) {
	t.Parallel()
	p := pair(t, "--queue", "40")
	const senders, batches, calls = 24, 10, 15
	var turnedAway atomic.Int64
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for b := range batches {
				var list []string
				for c := range calls {
					n := int64((s*batches+b)*calls + c)
					list = append(list, track(fmt.Sprintf("m%d", n), fmt.Sprintf("u%d", s), "kick", now()-1000, n))
				}
				for !sent(t, p, list, &turnedAway) {
					<-after(20 * time.Millisecond)
				}
			}
		})
	}
	all.Wait()
	if turnedAway.Load() == 0 {
		t.Error("nothing was turned away")
	}
	a := newAudit(p)
	a.readEvents(t)
	if len(a.events) != senders*batches*calls {
		t.Errorf("%d of %d events arrived", len(a.events), senders*batches*calls)
	}
	p.verify()
}

// sent sends a batch and tells whether it need not be sent again.
func sent(t *testing.T, p *program, list []string, turnedAway *atomic.Int64) bool {
	a, err := p.post(list...)
	switch {
	case err != nil:
		t.Error(err)
	case a.status == http.StatusTooManyRequests:
		turnedAway.Add(1)
		if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || seconds < 1 {
			t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
		}
		return false
	case a.status != http.StatusOK:
		t.Errorf("a batch was answered with %d: %s", a.status, a.body)
	}
	return true
}
