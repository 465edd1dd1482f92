// Package clock tells services what time it is and wakes them at an instant; in
// tests time moves only when the test says so.
package clock

import (
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Clock is the time of a service. Any number of goroutines may use it.
type Clock interface {
	// Now gives the present instant. It can go back, as the clocks of machines do.
	Now() calendar.Instant
	// At gives a channel that is closed once Now reaches an instant, at once if it
	// has. Whoever stops waiting calls stop, which may be called any number of
	// times; a channel that is not closed by then never is.
	At(t calendar.Instant) (due <-chan struct{}, stop func())
}

// After is At for an instant so long from now; parts of a millisecond count as a whole one.
func After(c Clock, d time.Duration) (due <-chan struct{}, stop func()) {
	return c.At(c.Now() + int64((d+time.Millisecond-1)/time.Millisecond))
}
