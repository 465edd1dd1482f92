package clock

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Manual is a clock for tests, which stands still until the test moves it. A test
// waits with WaitFor or WaitForDue until the service waits for the clock, moves
// the clock, and waits for what the service does; it never sleeps. What never
// comes makes the test run into the time limit of go test.
type Manual struct {
	mu      sync.Mutex
	now     calendar.Instant
	waiting []*manualWait // in the order in which they came
	moved   *sync.Cond    // somebody began to wait, or the clock was set
}

var _ Clock = (*Manual)(nil)

// manualWait is one who waits for a manual clock.
type manualWait struct {
	at  calendar.Instant
	due chan struct{}
}

// NewManual makes a clock that stands at an instant.
func NewManual(now calendar.Instant) *Manual {
	m := &Manual{now: now}
	m.moved = sync.NewCond(&m.mu)
	return m
}

// Now gives the instant at which the clock stands.
func (m *Manual) Now() calendar.Instant {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// At gives a channel that is closed once the clock is set to an instant or a later one.
func (m *Manual) At(t calendar.Instant) (due <-chan struct{}, stop func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := &manualWait{at: t, due: make(chan struct{})}
	if t <= m.now {
		close(w.due)
		return w.due, func() {}
	}
	m.waiting = append(m.waiting, w)
	m.moved.Broadcast()
	return w.due, func() { m.forget(w) }
}

func (m *Manual) forget(w *manualWait) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.waiting, w); i >= 0 {
		m.waiting = slices.Delete(m.waiting, i, i+1)
	}
}

// Set moves the clock to an instant, which may be an earlier one, and wakes all
// for whom it is time: in the order of their instants, then in that in which
// they came. To all of them Now is the instant given here.
func (m *Manual) Set(t calendar.Instant) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(t)
}

// Advance moves the clock on, by whole milliseconds.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(m.now + d.Milliseconds())
}

func (m *Manual) set(t calendar.Instant) {
	m.now = t
	var due []*manualWait
	m.waiting = slices.DeleteFunc(m.waiting, func(w *manualWait) bool {
		if w.at <= t {
			due = append(due, w)
		}
		return w.at <= t
	})
	slices.SortStableFunc(due, func(a, b *manualWait) int { return cmp.Compare(a.at, b.at) })
	for _, w := range due {
		close(w.due)
	}
	m.moved.Broadcast()
}

// WaitFor blocks until at least n wait for the clock.
func (m *Manual) WaitFor(n int) {
	m.await(func() bool { return len(m.waiting) >= n })
}

// WaitForDue blocks until somebody waits for exactly this instant, or the clock has reached it.
func (m *Manual) WaitForDue(t calendar.Instant) {
	m.await(func() bool {
		return t <= m.now || slices.ContainsFunc(m.waiting, func(w *manualWait) bool { return w.at == t })
	})
}

func (m *Manual) await(enough func() bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for !enough() {
		m.moved.Wait()
	}
}
