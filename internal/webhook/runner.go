package webhook

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// runner delivers the messages of one webhook. At most one message of each
// customer is in its hands, from being fetched until its outcome is recorded.
type runner struct {
	d      *Deliverer
	id     int64
	hook   atomic.Pointer[store.Webhook]
	cancel context.CancelFunc
	wake   chan struct{}
	ended  chan struct{}

	unrecorded sync.WaitGroup // outcomes

	// Of the runner's own goroutine:
	queue []store.Message // fetched, in order
	next  calendar.Instant

	mu       sync.Mutex
	stale    bool           // the outbox may have more than was fetched
	busy     map[int64]bool // customers of whom a message is in hand
	inFlight int
	limit    int  // how many may be in flight; less after failures, to spare the receiver
	gone     bool // the receiver wants no more
}

// look says that the outbox may have something new.
func (r *runner) look() {
	r.mu.Lock()
	r.stale = true
	r.mu.Unlock()
	poke(r.wake)
}

func (r *runner) run(ctx context.Context) {
	var requests sync.WaitGroup
	for ctx.Err() == nil {
		r.fetch(ctx)
		for r.begin() {
			m, slot := r.queue[0], r.takeSlot()
			if !slot && r.others() {
				break // freeSlot wakes
			}
			r.queue = r.queue[1:]
			r.count(1)
			requests.Go(func() { r.deliver(ctx, &m, slot) })
		}
		r.wait(ctx)
	}
	requests.Wait()
	r.unrecorded.Wait() // or the next runner of the webhook would send it again
}

// fetch takes messages from the outbox if few are left and there may be more.
func (r *runner) fetch(ctx context.Context) {
	now := r.d.Clock.Now()
	room := r.room(now)
	if room <= 0 {
		return
	}
	messages, next, err := r.d.Outbox.DueMessages(ctx, r.id, now, room, r.busyNow())
	if err != nil {
		if ctx.Err() == nil {
			r.d.Log.Error("the outbox cannot be read", "webhook", r.hook.Load(), "error", err)
		}
		r.next = now + recordPause
		return
	}
	r.next = next
	r.queue = append(r.queue, messages...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stale = r.stale || len(messages) == room
	for i := range messages {
		r.busy[messages[i].Customer] = true
	}
}

// room tells how many messages to fetch now. The fewer requests a receiver can
// take, the fewer messages wait in memory, where what they say grows old; what is
// too much goes back to the outbox.
func (r *runner) room(now calendar.Instant) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now >= r.next {
		r.stale, r.next = true, calendar.Never
	}
	window := max(1, r.d.Window*r.limit*r.limit/(r.d.PerWebhook*r.d.PerWebhook))
	for len(r.queue) > window {
		last := len(r.queue) - 1
		delete(r.busy, r.queue[last].Customer)
		r.queue, r.stale = r.queue[:last], true
	}
	if !r.stale || r.gone || len(r.queue) >= r.limit || len(r.busy) >= window {
		return 0
	}
	r.stale = false
	return window - len(r.busy)
}

// busyNow gives a test for the customers who are busy now: what is recorded while
// the outbox is read may still stand in what is read.
func (r *runner) busyNow() func(customer int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	busy := maps.Clone(r.busy)
	return func(customer int64) bool { return busy[customer] }
}

// begin tells whether another request may begin, but for the slots of all.
func (r *runner) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queue) > 0 && r.inFlight < r.limit && !r.gone
}

// others tells whether requests are in flight already: the first of a webhook
// never waits, so that those who hang cannot hold up the others.
func (r *runner) others() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inFlight > 0
}

func (r *runner) takeSlot() bool {
	select {
	case r.d.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (r *runner) count(n int) {
	r.mu.Lock()
	r.inFlight += n
	r.mu.Unlock()
}

// deliver makes one attempt. If the runner was stopped and the attempt has no
// answer, it did not happen: the message stays in the outbox as it is.
func (r *runner) deliver(ctx context.Context, m *store.Message, slot bool) {
	began := r.d.Clock.Now()
	a := r.attempt(ctx, m, began)
	if a.ok() || ctx.Err() == nil {
		o := r.d.jitter.outcome(m, &a, began, r.d.Clock.Now())
		r.adapt(&a)
		r.report(&o)
		r.d.recorder.add(r, o)
	}
	r.count(-1)
	if slot {
		r.d.freeSlot()
	}
	poke(r.wake)
}

func (r *runner) attempt(ctx context.Context, m *store.Message, now calendar.Instant) answer {
	condition := ""
	if r.d.Condition != nil {
		condition = r.d.Condition(m)
	}
	body, err := Payload(m, condition)
	if err != nil {
		return answer{failure: "the message cannot be written"}
	}
	hook := r.hook.Load()
	header, err := Sign(MessageID(m.Webhook, m.Seq, m.Committed), now/1000, body, hook.Secrets)
	if err != nil {
		return answer{failure: err.Error()}
	}
	return r.d.client.post(ctx, hook, header, body)
}

// adapt halves the requests at a time after a failure, and adds one after a success.
func (r *runner) adapt(a *answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a.ok() {
		r.limit = min(r.limit+1, r.d.PerWebhook)
		return
	}
	r.limit = max(r.limit/2, 1)
	r.gone = r.gone || a.status == http.StatusGone
}

func (r *runner) report(o *store.Outcome) {
	attributes := []any{"webhook", r.hook.Load(), "seq", o.Seq, "attempt", o.Attempt, "status", o.Status, "error", o.Error}
	switch {
	case o.Disable != "":
		r.d.Log.Warn("a webhook is disabled, since its receiver wants no more", attributes...)
	case o.Kind == store.Dead:
		r.d.Log.Warn("a webhook message is given up", attributes...)
	case o.Kind == store.Retry:
		r.d.Log.Debug("a webhook message will be sent again", attributes...)
	}
}

// settled says that the outcome about a customer is recorded.
func (r *runner) settled(customer int64) {
	r.mu.Lock()
	delete(r.busy, customer)
	r.mu.Unlock()
	r.look()
}

// wait waits for something to do.
func (r *runner) wait(ctx context.Context) {
	var due <-chan struct{}
	if r.next != calendar.Never {
		var stop func()
		due, stop = r.d.Clock.At(r.next)
		defer stop()
	}
	select {
	case <-ctx.Done():
	case <-r.wake:
	case <-due:
	}
}
