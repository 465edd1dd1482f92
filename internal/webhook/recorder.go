package webhook

import (
	"context"
	"sync"

	"github.com/kohorte/kohorte/internal/store"
)

// recorder writes outcomes to the outbox, in one commit all that came while the
// last one was written: a commit costs about the same for one as for hundreds.
// What runners may have in hand bounds how much waits here.
type recorder struct {
	d    *Deliverer
	wake chan struct{}

	mu      sync.Mutex
	waiting []attempted
}

// attempted is an outcome and who waits for it to be recorded.
type attempted struct {
	runner  *runner
	outcome store.Outcome
}

func (rec *recorder) add(r *runner, o store.Outcome) {
	r.unrecorded.Add(1)
	rec.mu.Lock()
	rec.waiting = append(rec.waiting, attempted{r, o})
	rec.mu.Unlock()
	poke(rec.wake)
}

// run records until the runners are done.
func (rec *recorder) run(ctx context.Context, runnersDone <-chan struct{}) {
	for {
		select {
		case <-rec.wake:
			rec.record(ctx)
		case <-runnersDone:
			return // they waited for what they had added
		}
	}
}

// record writes what waits. If the outbox fails it is tried again until the
// context is done; then what was delivered will be delivered once more.
func (rec *recorder) record(ctx context.Context) {
	rec.mu.Lock()
	batch := rec.waiting
	rec.waiting = nil
	rec.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	outcomes := make([]store.Outcome, len(batch))
	for i := range batch {
		outcomes[i] = batch[i].outcome
	}
	for {
		last := ctx.Err() != nil
		err := rec.d.Outbox.RecordOutcomes(context.WithoutCancel(ctx), outcomes)
		if err == nil {
			break
		}
		rec.d.Log.Error("what webhooks answered cannot be recorded", "answers", len(outcomes), "error", err)
		if last {
			break
		}
		rec.pause(ctx)
	}
	for i := range batch {
		batch[i].settle()
	}
}

func (rec *recorder) pause(ctx context.Context) {
	due, stop := rec.d.Clock.At(rec.d.Clock.Now() + recordPause)
	defer stop()
	select {
	case <-due:
	case <-ctx.Done():
	}
}

func (a *attempted) settle() {
	a.runner.settled(a.outcome.Customer)
	if a.outcome.Disable != "" {
		a.runner.cancel()
	}
	a.runner.unrecorded.Done()
}
