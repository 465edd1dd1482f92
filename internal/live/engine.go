// Package live keeps every segment exact as data arrives and as time passes. Its
// engine owns the writing to a workspace: records, the entries and exits that they
// and time cause, and what must be told of them are committed together. See DESIGN.md.
package live

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// ErrFull says that too much is waiting; try again a little later.
var ErrFull = errors.New("too much is waiting to be stored")

// ErrUnavailable says that nothing can be stored now, or that the engine stops.
var ErrUnavailable = errors.New("nothing can be stored now")

// Options are what an engine is told.
type Options struct {
	Clock    clock.Clock
	Log      *slog.Logger
	Queue    int    // how many records may wait
	MaxBatch int    // how many records are committed together at most
	Patience int64  // how many events the rule of a segment may look at in one commit; 0 for the usual number
	Workers  int    // how many processors evaluate; 0 for all
	Room     int64  // how many bytes memberships may take; 0 for what the machine has
	Snapshot string // the file of the index's snapshot; "" for none
	Progress index.Progress
}

// Rejected is a call that was accepted and makes no sense.
type Rejected struct {
	Reason string
	Body   []byte
}

// Engine keeps the memberships of a workspace. Any number of goroutines may use
// it while Run is running; without Run nothing happens.
type Engine struct {
	store *store.Store
	Options
	log *slog.Logger

	queue   queue
	changed broadcast // told after each commit

	// Held by the engine during a commit, so that states are told only once they are on disk.
	committing sync.RWMutex

	// Of the goroutine of Run. Others read schema, places, companies and plan under
	// structure, blocks under the locks of their shards.
	structure sync.RWMutex
	index     *index.Index
	shards    []*shard
	places    map[int64]place // by customer
	companies map[int64]int   // rows by id
	firms     []int           // the shards of the companies, in order of their rows; nil while no rule is about companies
	staff     map[int64][]int64
	united    map[int64]bool // customers into whom others were merged
	segments  map[string]*segment
	plan      *plan
	phase     int    // of the evaluation under way
	changes   int64  // how often segments were defined
	slots     []bool // which are in use
	editor    *columns.Editor
	workers   []*worker
	filler    *worker // fills new versions of segments in the background
	timers    timers
	ranked    calendar.Instant // when ranks are computed next
	revision  int64
	stale     bool // the memory must be read anew from the store
	behind    bool // everybody must be evaluated anew

	instant atomic.Int64 // up to which time was followed
	failure atomic.Pointer[string]
	retryAt calendar.Instant
	stats   Stats
}

// result is what became of a request.
type result struct {
	store.Result
	err error
}

// request is something that waits for the next commit.
type request struct {
	records  []record.Record
	rejected []Rejected
	returns  bool               // records that cannot be kept go back to the caller
	alone    bool               // nothing else is in its commit
	work     func(*cycle) error // instead of records
	done     chan result
}

func (r *request) weight() int { return 1 + len(r.records) + len(r.rejected) }

// Apply keeps records and calls that make no sense. It returns when they are on
// disk and all memberships that they change are exact.
func (e *Engine) Apply(ctx context.Context, records []record.Record, rejected []Rejected) (store.Result, error) {
	return e.submit(ctx, &request{records: records, rejected: rejected})
}

// Import keeps records as Apply does, but leaves those that cannot be kept to the
// caller: they are in the result.
func (e *Engine) Import(ctx context.Context, records []record.Record) (store.Result, error) {
	return e.submit(ctx, &request{records: records, returns: true})
}

// do runs work between the records of the next commit.
func (e *Engine) do(ctx context.Context, work func(*cycle) error) error {
	_, err := e.submit(ctx, &request{work: work})
	return err
}

func (e *Engine) submit(ctx context.Context, r *request) (store.Result, error) {
	if e.failure.Load() != nil {
		e.queue.nudge() // the clock may have been set
		return store.Result{}, ErrUnavailable
	}
	r.done = make(chan result, 1)
	if err := e.queue.put(r); err != nil {
		return store.Result{}, err
	}
	if e.failure.Load() != nil { // since then, and what waited then was told
		e.queue.fail(ErrUnavailable)
	}
	select {
	case done := <-r.done:
		return done.Result, done.err
	case <-ctx.Done():
		return store.Result{}, ctx.Err()
	}
}

// Run follows data and time until the context is done. It then finishes what is
// waiting and writes the snapshot of the index.
func (e *Engine) Run(ctx context.Context) error {
	defer func() {
		e.queue.close()
		e.queue.fail(ErrUnavailable)
	}()
	var filling sync.WaitGroup
	filling.Go(func() { e.fillAll(ctx) })
	for ctx.Err() == nil {
		e.step(ctx)
	}
	e.queue.close()
	for e.queue.length() > 0 && e.failure.Load() == nil {
		e.cycle(e.now(), e.queue.take(e.MaxBatch))
	}
	e.queue.fail(ErrUnavailable)
	filling.Wait()
	return e.save()
}

// step does one commit, or waits until there is a reason for one.
func (e *Engine) step(ctx context.Context) {
	now := e.now()
	if left := e.retryAt - e.Clock.Now(); e.failure.Load() != nil && 0 < left && left <= alarm { // else the clock was set back
		e.wait(ctx, e.retryAt)
		return
	}
	if due := e.due(); due > now && e.queue.length() == 0 && e.failure.Load() == nil && !e.behind {
		e.wait(ctx, due)
		return
	}
	var batch []*request
	if e.failure.Load() == nil && !e.behind {
		batch = e.queue.take(e.MaxBatch)
	}
	e.cycle(now, batch)
}

// due gives when time alone next asks for a commit.
func (e *Engine) due() calendar.Instant {
	if e.hasRanks() {
		return min(e.timers.next(), e.ranked)
	}
	return e.timers.next()
}

func (e *Engine) wait(ctx context.Context, until calendar.Instant) {
	var due <-chan struct{}
	if until != calendar.Never {
		at, stop := e.Clock.At(until)
		defer stop()
		due = at
	}
	select {
	case <-due:
	case <-e.queue.wake:
	case <-ctx.Done():
	}
}

// now gives the present instant, which never goes back: if the clock does, time
// stands still until it has caught up.
func (e *Engine) now() calendar.Instant { return max(e.Clock.Now(), e.instant.Load()) }

// Instant gives the instant up to which memberships follow time.
func (e *Engine) Instant() calendar.Instant { return e.instant.Load() }
