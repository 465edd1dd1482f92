package clock

import (
	"sync"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
)

// longestStep bounds how long a timer runs before the clock is looked at again. A
// timer counts the time that passes on the machine: it does not see that the
// clock was set, or that a virtual machine was suspended.
const longestStep = time.Second

// System is the clock of the machine.
type System struct{}

var _ Clock = System{}

// Now gives the present instant.
func (System) Now() calendar.Instant { return time.Now().UnixMilli() }

// At gives a channel that is closed once Now reaches an instant, within a second
// also if the clock is set meanwhile.
func (s System) At(t calendar.Instant) (due <-chan struct{}, stop func()) {
	w := &systemWait{at: t, due: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.look(s.Now())
	return w.due, w.stop
}

// systemWait is one who waits for the machine's clock.
type systemWait struct {
	at  calendar.Instant
	due chan struct{}

	mu    sync.Mutex
	timer *time.Timer // nil once it is due
	done  bool
}

// look ends the wait or sets the timer; the caller holds the lock.
func (w *systemWait) look(now calendar.Instant) {
	if w.done {
		return
	}
	if now >= w.at {
		w.done = true
		close(w.due)
		return
	}
	step := longestStep
	if left := w.at - now; left > 0 && left < longestStep.Milliseconds() {
		step = time.Duration(left) * time.Millisecond
	}
	if w.timer == nil {
		w.timer = time.AfterFunc(step, w.lookAgain)
		return
	}
	w.timer.Reset(step)
}

func (w *systemWait) lookAgain() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.look(System{}.Now())
}

func (w *systemWait) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done = true
	if w.timer != nil {
		w.timer.Stop()
	}
}
