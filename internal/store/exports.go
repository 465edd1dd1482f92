package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Export is an export that is made again and again. Package schedule knows what its
// texts mean; see exports_runs.go for what became of it.
type Export struct {
	ID      int64
	Name    string
	Version int64 // the latest, from 1; it grows with each change of what follows up to Paused

	Segment string // whose members
	Columns string // with commas between them
	File    string // the pattern of its name, below the directory of exports
	When    string // the schedule
	Keep    int    // the newest files that stay; 0 for all
	German  bool   // for a German Excel
	Raw     bool   // texts that look like formulas stay
	Paused  bool

	Created   calendar.Instant
	Settled   calendar.Instant // what was due up to then is done, or not wanted
	Succeeded calendar.Instant // when the last run that went well ended; 0: never
	Failures  int              // in a row
	Retry     calendar.Instant // when it is tried again, after a failure
}

// ErrNoExport is the error for a name that no export bears.
var ErrNoExport = errors.New("there is no such export")

// ErrOtherVersion says that somebody else changed an export.
var ErrOtherVersion = errors.New("the export was changed meanwhile")

// What is expected of what is changed, beside a version or 0, for which it must not be there.
const (
	AnyVersion  = -1 // whether it is there or not
	SomeVersion = -2 // it is there
)

// PutExport defines an export, or changes what people say of one: nothing that was due up to now
// is made up for. Expect is its latest version, 0 if it must not be there, SomeVersion or AnyVersion.
func (s *Store) PutExport(ctx context.Context, e Export, expect int64, now calendar.Instant) error {
	return s.editExports(ctx, func(w *writer) error {
		if err := w.expectExport(e.Name, expect); err != nil {
			return err
		}
		if err := w.mayExport(&e); err != nil {
			return err
		}
		return w.jot(`INSERT INTO exports (name, version, segment, columns, file, schedule, keep, german, raw, paused, created, settled, succeeded, failures, retry)
			VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, 0, 0, 0)
			ON CONFLICT DO UPDATE SET version = version + 1, segment = ?2, columns = ?3, file = ?4, schedule = ?5, keep = ?6, german = ?7, raw = ?8,
				paused = ?9, settled = ?10, failures = 0, retry = 0`,
			e.Name, e.Segment, e.Columns, e.File, e.When, e.Keep, e.German, e.Raw, e.Paused, now)
	})
}

// expectExport refuses to change an export that is not at the version that is expected.
func (w *writer) expectExport(name string, expect int64) error {
	version, there, err := w.conn.Int("SELECT version FROM exports WHERE name = ?", name) // 0 if it is not there
	switch {
	case err != nil, expect == AnyVersion, expect == version, there && expect == SomeVersion:
		return err
	case !there:
		return fmt.Errorf("%w: there is no export %s", ErrOtherVersion, name)
	}
	return fmt.Errorf("%w: %s is at version %d", ErrOtherVersion, name, version)
}

// mayExport refuses an export of a segment that is not there, and one whose files would
// overwrite those of another.
func (w *writer) mayExport(e *Export) error {
	_, there, err := w.conn.Int("SELECT 1 FROM segments WHERE name = ? AND deleted = 0", e.Segment)
	switch {
	case err != nil:
		return err
	case !there:
		return refuse("there is no segment %q", e.Segment)
	}
	if err := w.undivided(e.Segment); err != nil {
		return err
	}
	_, taken, err := w.conn.Int("SELECT 1 FROM exports WHERE file = ? AND segment = ? AND name <> ?", e.File, e.Segment, e.Name)
	if err == nil && taken {
		return refuse("another export of %s writes to %s", e.Segment, e.File)
	}
	return err
}

// PauseExport lets an export rest. After it goes on, nothing that was due meanwhile is made up for.
func (s *Store) PauseExport(ctx context.Context, name string, paused bool, now calendar.Instant) error {
	return s.editExport(ctx, name, AnyVersion, func(w *writer, id int64) error {
		return w.jot("UPDATE exports SET version = version + 1, paused = ?2, settled = ?3, failures = 0, retry = 0 WHERE id = ?1 AND paused <> ?2", id, paused, now)
	})
}

// RemoveExport forgets an export and its runs; its files stay. Expect is as for PutExport.
func (s *Store) RemoveExport(ctx context.Context, name string, expect int64) error {
	return s.editExport(ctx, name, expect, func(w *writer, id int64) error {
		return errors.Join(w.jot("DELETE FROM exports WHERE id = ?", id), w.jot("DELETE FROM export_runs WHERE export = ?", id))
	})
}

// editExport runs work for the export of a name, if it is at the version that is expected.
func (s *Store) editExport(ctx context.Context, name string, expect int64, work func(*writer, int64) error) error {
	return s.editExports(ctx, func(w *writer) error {
		if err := w.expectExport(name, expect); err != nil {
			return err
		}
		id, ok, err := w.conn.Int("SELECT id FROM exports WHERE name = ?", name)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w: %s", ErrNoExport, name)
		}
		return work(w, id)
	})
}

// editExports runs work in a transaction. What work refuses, before it has written
// anything, does not cost the writer what it knows.
func (s *Store) editExports(ctx context.Context, work func(*writer) error) error {
	var refused error
	err := s.write(ctx, func(w *writer) error {
		err := work(w)
		if errors.As(err, new(refusal)) || errors.Is(err, ErrNoExport) || errors.Is(err, ErrOtherVersion) {
			refused = err
			return nil
		}
		return err
	})
	return errors.Join(err, refused)
}

// IsRefusal tells whether an error is about what was asked for, not about the disk.
func IsRefusal(err error) bool { return errors.As(err, new(refusal)) }

// Exports gives all exports in order of name.
func (v *View) Exports(ctx context.Context) (list []Export, err error) {
	err = v.each(ctx, func(q *lite.Stmt) error {
		list = append(list, Export{
			ID: q.Int(0), Name: q.Text(1), Version: q.Int(2), Segment: q.Text(3), Columns: q.Text(4), File: q.Text(5), When: q.Text(6), Keep: int(q.Int(7)),
			German: q.Int(8) == 1, Raw: q.Int(9) == 1, Paused: q.Int(10) == 1, Created: q.Int(11), Settled: q.Int(12), Succeeded: q.Int(13),
			Failures: int(q.Int(14)), Retry: q.Int(15),
		})
		return nil
	}, `SELECT id, name, version, segment, columns, file, schedule, keep, german, raw, paused, created, settled, succeeded, failures, retry
		FROM exports ORDER BY name`)
	return list, err
}

// Export gives the export of a name; ErrNoExport is in the error if there is none.
func (v *View) Export(ctx context.Context, name string) (Export, error) {
	list, err := v.Exports(ctx)
	for _, e := range list {
		if e.Name == name {
			return e, err
		}
	}
	return Export{}, errors.Join(err, fmt.Errorf("%w: %s", ErrNoExport, name))
}

// Exports is View.Exports on the latest commit.
func (s *Store) Exports(ctx context.Context) (list []Export, err error) {
	err = s.Glance(ctx, func(v *View) error {
		list, err = v.Exports(ctx)
		return err
	})
	return list, err
}
