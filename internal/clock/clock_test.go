package clock

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
)

// isDue tells whether a channel is closed by now.
func isDue(due <-chan struct{}) bool {
	select {
	case <-due:
		return true
	default:
		return false
	}
}

func TestManual(t *testing.T) {
	m := NewManual(1_000)
	if due, stop := m.At(1_000); !isDue(due) {
		t.Error("an instant that has come is not due at once")
	} else {
		stop()
	}
	at, _ := m.At(3_000)
	after, _ := After(m, 1500*time.Microsecond)
	if m.Advance(time.Millisecond); isDue(after) || m.Now() != 1_001 {
		t.Errorf("1.5 ms are over after 1 ms, at %d", m.Now())
	}
	if m.Advance(time.Millisecond); !isDue(after) || isDue(at) {
		t.Error("after 2 ms 1.5 ms are not over, or 2 s are")
	}
	m.Set(0)
	if m.Set(2_999); isDue(at) {
		t.Error("due before its instant")
	}
	if m.Set(3_000); !isDue(at) {
		t.Error("not due at its instant")
	}
}

func TestManualStop(t *testing.T) {
	m := NewManual(0)
	due, stop := m.At(10)
	other, _ := m.At(10)
	stop()
	stop()
	if m.Set(10); isDue(due) || !isDue(other) {
		t.Errorf("due are the stopped one: %t, the other: %t", isDue(due), isDue(other))
	}
	stop()
}

// TestManualSome wakes those whose instant has come, in whatever order they came, and keeps the others.
func TestManualSome(t *testing.T) {
	m := NewManual(0)
	var due []bool
	for _, at := range []calendar.Instant{30, 10, 20, 10} {
		m.At(at)
	}
	all := slices.Clone(m.waiting)
	m.Set(19)
	for _, w := range all {
		due = append(due, isDue(w.due))
	}
	if !slices.Equal(due, []bool{false, true, false, true}) || len(m.waiting) != 2 {
		t.Errorf("due at 19: %v; %d still wait", due, len(m.waiting))
	}
}

// TestManualService drives a loop as services have it: it wakes every minute and
// tells the time.
func TestManualService(t *testing.T) {
	m := NewManual(0)
	told, end := make(chan calendar.Instant), make(chan struct{})
	var service sync.WaitGroup
	service.Go(func() {
		for next := calendar.Instant(60_000); ; next += 60_000 {
			due, stop := m.At(next)
			select {
			case <-due:
				told <- m.Now()
			case <-end:
				stop()
				return
			}
		}
	})
	for minute := calendar.Instant(1); minute <= 3; minute++ {
		m.WaitForDue(minute * 60_000)
		m.Advance(time.Minute)
		if got := <-told; got != minute*60_000 {
			t.Errorf("minute %d was told at %d", minute, got)
		}
	}
	m.WaitFor(1)
	close(end)
	service.Wait()
	if len(m.waiting) != 0 {
		t.Errorf("%d wait for the clock after the end", len(m.waiting))
	}
}

// TestManualTogether has many wait and stop while the clock moves: whoever does
// not stop is woken, and not before time.
func TestManualTogether(t *testing.T) {
	const waiters, last = 50, calendar.Instant(1_000)
	m := NewManual(0)
	var all sync.WaitGroup
	for i := range waiters {
		all.Go(func() {
			for at := calendar.Instant(i); at < last; at += waiters {
				due, stop := m.At(at)
				if at%7 == 0 {
					stop()
					continue
				}
				<-due
				if now := m.Now(); now < at {
					t.Errorf("woken at %d for %d", now, at)
				}
				stop()
			}
		})
	}
	all.Go(func() {
		for m.Now() < last {
			m.Advance(time.Millisecond)
		}
	})
	all.Wait()
	if len(m.waiting) != 0 {
		t.Errorf("%d wait for ever", len(m.waiting))
	}
}

func TestManualWaitForDue(t *testing.T) {
	m := NewManual(0)
	m.WaitForDue(0)
	var waiting sync.WaitGroup
	waiting.Go(func() { m.WaitForDue(5) })
	waiting.Go(func() { m.WaitForDue(7) })
	waiting.Go(func() { m.WaitFor(1) })
	m.At(7)
	m.Set(5)
	waiting.Wait()
}

func TestSystem(t *testing.T) {
	var c System
	began := time.Now()
	if now := c.Now(); now < began.UnixMilli() || now > began.UnixMilli()+60_000 {
		t.Errorf("it is %d, told %d", began.UnixMilli(), now)
	}
	if due, _ := c.At(c.Now()); !isDue(due) {
		t.Error("the present is not due")
	}
	never, stop := c.At(math.MaxInt64)
	want := c.Now() + 20
	due, stopDue := c.At(want)
	if <-due; c.Now() < want {
		t.Errorf("woken at %d for %d", c.Now(), want)
	}
	stopDue()
	stop()
	stop()
	if isDue(never) {
		t.Error("the end of time has come")
	}
}

// TestSystemSet looks again before the instant, as after the clock was set back,
// then after it, as after it was set on: the waiter follows the clock.
func TestSystemSet(t *testing.T) {
	w := &systemWait{at: 1 << 50, due: make(chan struct{})}
	for _, now := range []calendar.Instant{0, 1<<50 - 1, 1} {
		if w.look(now); isDue(w.due) {
			t.Fatalf("due at %d", now)
		}
	}
	if w.look(1 << 50); !isDue(w.due) {
		t.Error("not due at its instant")
	}
	w.look(1 << 51)
	w.stop()
	stopped := &systemWait{at: 5, due: make(chan struct{})}
	stopped.stop()
	if stopped.look(6); isDue(stopped.due) {
		t.Error("due after stop")
	}
}
