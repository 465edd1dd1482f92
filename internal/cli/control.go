package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/schedule"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
)

// control works with a workspace that is followed: the one of the server that
// serves it, or else an engine of this process, for as long as the work takes.
func (a *app) control(ctx context.Context, work func(serve.Control) error) (err error) {
	if remote, ok := serve.Connect(a.dataDir, a.workspace); ok {
		return a.said(work(remote))
	}
	lock, err := serve.Lock(a.dataDir, a.workspace)
	if err != nil {
		return err
	}
	defer lock.Release()
	s, err := a.openToWrite()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return a.withEngine(ctx, s, work)
}

func (a *app) withEngine(ctx context.Context, s *store.Store, work func(serve.Control) error) error {
	b := a.bar("reading")
	defer b.remove()
	engine, err := live.Open(ctx, s, live.Options{
		Clock: clock.System{}, Log: a.logger(a.config), Queue: a.config.Queue, MaxBatch: a.config.MaxBatch, Snapshot: a.snapshotPath(),
		Progress: func(done, total int64) { b.show(done, total, done, "events") },
	})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(running) }()
	if _, err = engine.Apply(ctx, nil, nil); err == nil { // time is followed up to now
		err = a.said(work(serve.Local{Engine: engine, Runner: a.exportRunner(s, engine)}))
	}
	if err == nil {
		err = settled(ctx, engine)
	}
	stop()
	return errors.Join(err, <-ended)
}

// exportRunner makes exports on a schedule where no server does.
func (a *app) exportRunner(s *store.Store, engine *live.Engine) *schedule.Service {
	return schedule.New(schedule.Options{
		Store: s, Members: engine, Clock: clock.System{}, Zone: engine.Zone(), Dir: a.config.ExportDir(), Log: slog.New(slog.DiscardHandler),
	})
}

// settled waits until no segment is being filled.
func settled(ctx context.Context, engine *live.Engine) error {
	for {
		changed := engine.Changed()
		busy := false
		for _, s := range engine.Segments() {
			busy = busy || s.State == live.Filling || s.State == live.Editing
		}
		if !busy {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// said writes what is wrong with the input as it is.
func (a *app) said(err error) error {
	var wrong *live.Wrong
	if errors.As(err, &wrong) {
		a.complain("%s\n", wrong.Text)
		return errReported
	}
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
