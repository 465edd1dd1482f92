package schedule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/export"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/projection"
	"github.com/kohorte/kohorte/internal/store"
)

// Members gives what is exported; *live.Engine does.
type Members interface {
	Table(ctx context.Context, of live.Selection, columns []string) (*export.Table, calendar.Instant, error)
}

// Options are what a Service works with.
type Options struct {
	Store   *store.Store
	Members Members
	Clock   clock.Clock
	Zone    *calendar.Zone
	Dir     string // of exports
	Log     *slog.Logger
	Poll    time.Duration // how often to look for what other processes changed; 0 for the usual
}

// Service makes the exports that are due.
type Service struct {
	Options
	changed chan struct{}
	making  sync.Mutex // one at a time
}

// The pauses before an export that failed is tried again: the first, doubled each time up to the
// longest; and that before it is tried again to record one.
const (
	firstPause  int64 = minuteMillis
	longPause   int64 = hourMillis
	recordPause int64 = 1_000
)

// New makes a Service.
func New(o Options) *Service {
	o.Poll = cmp.Or(o.Poll, 5*time.Second)
	return &Service{Options: o, changed: make(chan struct{}, 1)}
}

// Changed has the service look at the exports anew.
func (s *Service) Changed() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Run makes exports until the context is done. What is under way then leaves nothing behind
// and is made after the next start. It returns nil.
func (s *Service) Run(ctx context.Context) error {
	s.tidy(ctx)
	for ctx.Err() == nil {
		next := s.runDue(ctx)
		due, stop := s.Clock.At(min(next, s.Clock.Now()+s.Poll.Milliseconds()))
		select {
		case <-ctx.Done():
		case <-s.changed:
		case <-due:
		}
		stop()
	}
	return nil
}

func (s *Service) tidy(ctx context.Context) {
	exports, err := s.Store.Exports(ctx)
	if err == nil {
		err = sweep(s.Dir, exports)
	}
	if err != nil && ctx.Err() == nil {
		s.Log.Warn("what was half exported before cannot be removed", "problem", err)
	}
}

// runDue makes what is due and gives when there is more to do.
func (s *Service) runDue(ctx context.Context) (next calendar.Instant) {
	exports, err := s.Store.Exports(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.Log.Error("the exports cannot be read", "problem", err)
		}
		return s.Clock.Now() + recordPause
	}
	next = calendar.Never
	for i := range exports {
		e := &exports[i]
		due, at := Due(e, s.Zone, s.Clock.Now())
		if now := s.Clock.Now(); at <= now {
			if _, err := s.make(ctx, e, due, false); err != nil {
				if ctx.Err() == nil {
					s.Log.Error("what became of an export cannot be recorded", "export", e.Name, "problem", err)
				}
				next = min(next, now+recordPause)
				continue
			}
			at = now // whether it went well or not, it is looked at anew
		}
		next = min(next, at)
	}
	return next
}

// Due gives the latest instant that an export is due for, or the next one, and when it is to
// be made: then, or later after a failure. Both are Never of one that is paused.
func Due(e *store.Export, zone *calendar.Zone, now calendar.Instant) (due, at calendar.Instant) {
	when, err := ParseWhen(e.When)
	if e.Paused || err != nil {
		return calendar.Never, calendar.Never
	}
	due = when.Next(zone, e.Settled)
	for later := when.Next(zone, due); later <= now; later = when.Next(zone, due) {
		due = later
	}
	if e.Failures > 0 && due <= now {
		return due, e.Retry
	}
	return due, due
}

// Make makes an export now, whatever its schedule says.
func (s *Service) Make(ctx context.Context, name string) (store.ExportRun, error) {
	var e store.Export
	err := s.Store.Glance(ctx, func(v *store.View) (err error) {
		e, err = v.Export(ctx, name)
		return err
	})
	if err != nil {
		return store.ExportRun{}, err
	}
	return s.make(ctx, &e, s.Clock.Now(), true)
}

// make makes an export and records what became of it. What the end of the context
// interrupted did not happen.
func (s *Service) make(ctx context.Context, e *store.Export, due calendar.Instant, manual bool) (store.ExportRun, error) {
	s.making.Lock()
	defer s.making.Unlock()
	run := store.ExportRun{Export: e.ID, Due: due, Began: s.Clock.Now(), Manual: manual, File: FileName(e, due, s.Zone)}
	result, err := s.write(ctx, e, run.File)
	if ctx.Err() != nil {
		return run, ctx.Err()
	}
	run.Ended, run.Rows, run.Cut = s.Clock.Now(), result.Rows, result.Cut
	var retry calendar.Instant
	if err != nil {
		run.File, run.Rows, run.Error = "", 0, err.Error()
		retry = run.Ended + pause(e.Failures)
		s.Log.Warn("an export failed", "export", e.Name, "problem", run.Error, "again", calendar.Format(retry))
	}
	if err := s.Store.RecordExportRun(ctx, e, &run, retry); err != nil {
		return run, err
	}
	if run.Error == "" {
		s.Log.Info("exported", "export", e.Name, "file", run.File, "rows", run.Rows)
		s.dropOld(ctx, e)
	}
	return run, nil
}

// pause gives how long to wait after a failure, by how many came before.
func pause(failures int) int64 { return min(firstPause<<min(failures, 10), longPause) }

func (s *Service) write(ctx context.Context, e *store.Export, file string) (export.Result, error) {
	path, err := locate(s.Dir, file)
	if err != nil {
		return export.Result{}, reason(err)
	}
	table, _, err := s.Members.Table(ctx, live.Selection{Segment: e.Segment}, projection.Split([]string{e.Columns}))
	if err != nil {
		return export.Result{}, err
	}
	result, err := export.ToFile(ctx, path, table, options(e))
	return result, reason(err)
}

// reason takes the machine's paths out of an error.
func reason(err error) error {
	if of := new(fs.PathError); errors.As(err, &of) {
		return fmt.Errorf("the file cannot be written: %w", of.Err)
	}
	return err
}

// dropOld removes the files of an export that are too many, the oldest ones.
func (s *Service) dropOld(ctx context.Context, e *store.Export) {
	if e.Keep == 0 {
		return
	}
	var files []string
	err := s.Store.Glance(ctx, func(v *store.View) (err error) {
		files, err = v.ExportFiles(ctx, e.ID)
		return err
	})
	for _, file := range files[min(e.Keep, len(files)):] {
		removed := os.Remove(filepath.Join(s.Dir, filepath.FromSlash(file)))
		if errors.Is(removed, fs.ErrNotExist) {
			removed = nil // somebody else did
		}
		if removed == nil {
			removed = s.Store.DropExportFile(ctx, e.ID, file)
		}
		err = errors.Join(err, removed)
	}
	if err != nil && ctx.Err() == nil {
		s.Log.Warn("old files of an export cannot be removed", "export", e.Name, "problem", reason(err))
	}
}
