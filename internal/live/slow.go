package live

import (
	"context"
	"slices"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
)

// A segment whose rule looks at too many events holds all others up. If it did so
// in several commits in a row it is no longer followed event by event: everybody is
// evaluated anew for it in the background now and then, as a new version would be,
// until it gets another rule or the engine is opened again.
const (
	usualPatience = 20_000_000 // events looked at in one commit; a tenth of a second, about
	tooManyTimes  = 3
	refreshEvery  = 10 * time.Second
)

// strike notes the units that took too much effort in this commit.
func (e *Engine) strike() {
	patience := e.Patience
	if patience == 0 {
		patience = usualPatience
	}
	for _, u := range e.plan.units {
		switch spent := u.effort.Swap(0); {
		case spent == 0:
		case spent <= patience:
			u.strikes = 0
		default:
			u.strikes++
		}
		if u.strikes >= tooManyTimes && !u.filling && !u.slow.Load() {
			u.slow.Store(true)
			u.began = e.instant.Load()
			e.log.Warn("a segment holds the others up; it is refreshed in the background from now on", "segment", u.segment.Name)
		}
	}
}

// startFilling has a unit be filled from the beginning.
func (u *unit) startFilling(e *Engine) {
	u.filling, u.current, u.filled = true, -1, 0
	u.passed = make([]bool, len(e.shards))
	for n, s := range e.shards {
		u.passed[n] = s.firms != u.firms // there is nothing to fill
	}
	u.began = e.instant.Load()
}

// nextRefresh begins to refresh a slow segment if it is time, or else gives when it
// will be; nil if none is slow.
func (e *Engine) nextRefresh(ctx context.Context) (due <-chan struct{}, stop func()) {
	stop = func() {}
	at, u := calendar.Never, (*unit)(nil)
	e.committing.RLock()
	for _, s := range e.segments {
		if s.active != nil && s.active.slow.Load() && s.next == nil && s.active.began < at {
			at, u = s.active.began, s.active
		}
	}
	e.committing.RUnlock()
	if u == nil {
		return nil, stop
	}
	if at += refreshEvery.Milliseconds(); at > e.now() {
		return e.Clock.At(at)
	}
	if e.do(ctx, func(c *cycle) error { return c.refresh(u) }) != nil {
		return clock.After(e.Clock, time.Second) // nothing can be stored now
	}
	ready := make(chan struct{})
	close(ready)
	return ready, stop
}

// refresh has a slow unit be filled anew, to take its own place.
func (c *cycle) refresh(u *unit) error {
	e, s := c.engine, u.segment
	if s.active != u || s.next != nil || u.broken() {
		return nil
	}
	c.remember()
	made := e.makeUnit(s, u.version, u.def, finder(c.tx.View))
	if made == nil {
		return nil
	}
	e.changes++
	made.change = e.changes
	made.slow.Store(true)
	made.startFilling(e)
	made.began = c.now // it is filled after this commit
	s.next = made
	e.structure.Lock()
	e.plan = newPlan(append(slices.Clone(e.plan.units), made))
	e.structure.Unlock()
	return nil
}
