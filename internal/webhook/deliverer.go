package webhook

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// Outbox keeps what is to be delivered; *store.Store does.
type Outbox interface {
	// Webhooks gives all webhooks.
	Webhooks(ctx context.Context) ([]store.Webhook, error)
	// DueMessages gives messages that may be sent now, one of each customer and none
	// of busy ones, and the next instant at which others are due.
	DueMessages(ctx context.Context, webhook int64, now calendar.Instant, limit int, busy func(customer int64) bool) ([]store.Message, calendar.Instant, error)
	// RecordOutcomes writes what attempts came to, all or none.
	RecordOutcomes(ctx context.Context, outcomes []store.Outcome) error
	// PruneDeliveries drops what is old from the log.
	PruneDeliveries(ctx context.Context, now calendar.Instant) error
}

var _ Outbox = (*store.Store)(nil)

// Clock tells the time and wakes: see package clock.
type Clock interface {
	Now() calendar.Instant
	At(t calendar.Instant) (due <-chan struct{}, stop func())
}

// Options are what a Deliverer works with. What is zero below Log has a good default.
type Options struct {
	Outbox Outbox
	Clock  Clock
	Notify <-chan struct{} // something new is in the outbox, or a webhook changed
	Log    *slog.Logger
	Rand   *rand.Rand // for the spreading of retries; nobody else may use it

	// Condition gives the text of the condition that decided; may be nil. Many
	// goroutines call it.
	Condition  func(*store.Message) string
	Timeout    time.Duration // of a request
	PerWebhook int           // requests at a time to one webhook
	InAll      int           // requests at a time; the first of each webhook never waits for others
	Window     int           // messages of one webhook in memory
	Poll       time.Duration // how often to look without being notified, as for other processes
}

// Deliverer sends what is in the outbox to the webhooks.
type Deliverer struct {
	Options
	client   *client
	jitter   jitter
	slots    chan struct{}
	changed  chan struct{} // the webhooks are to be read again
	recorder *recorder

	mu      sync.Mutex
	runners map[int64]*runner
}

// recordPause is how long to wait, in milliseconds, after the outbox failed.
const recordPause = 1000

// New makes a Deliverer.
func New(o Options) *Deliverer {
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	o.PerWebhook = cmp.Or(o.PerWebhook, 8)
	o.InAll = cmp.Or(o.InAll, 32)
	o.Window = max(cmp.Or(o.Window, 256), o.PerWebhook)
	o.Poll = cmp.Or(o.Poll, 5*time.Second)
	d := &Deliverer{
		Options: o, client: newClient(o.Timeout), slots: make(chan struct{}, o.InAll), changed: make(chan struct{}, 1),
		runners: map[int64]*runner{},
	}
	d.jitter.rand = o.Rand
	d.recorder = &recorder{d: d, wake: make(chan struct{}, 1)}
	return d
}

// Run delivers until the context is done. Requests under way are cancelled then
// and stay in the outbox; what was answered before is recorded. It returns nil
// and may run once.
func (d *Deliverer) Run(ctx context.Context) error {
	defer d.client.close()
	runnersDone := make(chan struct{})
	var recording sync.WaitGroup
	recording.Go(func() { d.recorder.run(ctx, runnersDone) })
	d.prune(ctx)
	for ctx.Err() == nil {
		d.reload(ctx)
		poll, stop := d.Clock.At(d.Clock.Now() + d.Poll.Milliseconds())
		select {
		case <-ctx.Done():
		case <-d.changed:
		case <-d.Notify:
		case <-poll:
		}
		stop()
	}
	d.awaitRunners()
	close(runnersDone)
	recording.Wait()
	return nil
}

func (d *Deliverer) prune(ctx context.Context) {
	if err := d.Outbox.PruneDeliveries(ctx, d.Clock.Now()); err != nil && ctx.Err() == nil {
		d.Log.Error("the log of webhook deliveries cannot be pruned", "error", err)
	}
}

// reload starts, changes and stops runners so that each enabled webhook has one,
// and lets them look for new messages. The runner of a webhook that was enabled
// again starts after the old one has ended.
func (d *Deliverer) reload(ctx context.Context) {
	hooks, err := d.Outbox.Webhooks(ctx)
	if err != nil {
		if ctx.Err() == nil {
			d.Log.Error("the webhooks cannot be read", "error", err)
		}
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	wanted := map[int64]bool{}
	for i := range hooks {
		hook := &hooks[i]
		if hook.Disabled != "" {
			continue
		}
		wanted[hook.ID] = true
		r := d.runners[hook.ID]
		if r == nil {
			r = d.start(ctx, hook)
		}
		r.hook.Store(hook)
		r.look()
	}
	for id, r := range d.runners {
		if !wanted[id] {
			r.cancel()
		}
	}
}

// start starts a runner; the caller holds the lock.
func (d *Deliverer) start(ctx context.Context, hook *store.Webhook) *runner {
	ctx, cancel := context.WithCancel(ctx)
	r := &runner{d: d, id: hook.ID, cancel: cancel, wake: make(chan struct{}, 1), ended: make(chan struct{}), busy: map[int64]bool{}, limit: d.PerWebhook}
	r.hook.Store(hook)
	d.runners[hook.ID] = r
	go func() {
		defer close(r.ended)
		defer cancel()
		r.run(ctx)
		d.mu.Lock()
		delete(d.runners, r.id)
		d.mu.Unlock()
		poke(d.changed) // the webhook may have been enabled again meanwhile
	}()
	return r
}

func (d *Deliverer) awaitRunners() {
	d.mu.Lock()
	var ends []chan struct{}
	for _, r := range d.runners {
		ends = append(ends, r.ended)
	}
	d.mu.Unlock()
	for _, ended := range ends {
		<-ended
	}
}

// freeSlot gives back one of the requests in all, for which another webhook may wait.
func (d *Deliverer) freeSlot() {
	<-d.slots
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.runners {
		poke(r.wake)
	}
}

// poke wakes whoever waits for a channel of capacity 1, once for any number of pokes.
func poke(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
