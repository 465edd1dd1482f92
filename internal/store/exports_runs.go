package store

import (
	"context"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// ExportRun is what became of an export once.
type ExportRun struct {
	ID      int64 // grows
	Export  int64
	Due     calendar.Instant // the latest instant of the schedule that it is about; of a manual one its beginning
	Began   calendar.Instant
	Ended   calendar.Instant
	Manual  bool   // somebody asked for it
	File    string // below the directory of exports; empty if it failed
	Dropped bool   // the file was removed, since newer ones are there
	Rows    int64
	Cut     int64  // texts that were longer than a cell
	Error   string // empty if it went well
}

// runsKept is how many runs of an export stay, but for those whose files are there.
const runsKept = 1_000

// RecordExportRun keeps what became of an export. One that went well settles what was
// due; after a failure the export is tried again at the instant given. Of an export
// that was removed meanwhile, or of a version that was changed, nothing is settled. The
// run gets its id.
func (s *Store) RecordExportRun(ctx context.Context, e *Export, r *ExportRun, retry calendar.Instant) error {
	return s.editExports(ctx, func(w *writer) error {
		err := w.jot(`INSERT INTO export_runs (export, due, began, ended, manual, file, dropped, rows, cut, error)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9 WHERE EXISTS (SELECT 1 FROM exports WHERE id = ?1)`,
			e.ID, r.Due, r.Began, r.Ended, r.Manual, r.File, r.Rows, r.Cut, r.Error)
		if err != nil {
			return err
		}
		if r.ID, _, err = w.conn.Int("SELECT max(id) FROM export_runs WHERE export = ?", e.ID); err != nil {
			return err
		}
		if r.Error == "" {
			err = w.jot("UPDATE exports SET succeeded = ? WHERE id = ?", r.Ended, e.ID)
		}
		switch {
		case err != nil || r.Manual:
			return err
		case r.Error == "":
			err = w.jot("UPDATE exports SET settled = max(settled, ?), failures = 0, retry = 0 WHERE id = ? AND version = ?", r.Due, e.ID, e.Version)
		default:
			err = w.jot("UPDATE exports SET failures = failures + 1, retry = ? WHERE id = ? AND version = ?", retry, e.ID, e.Version)
		}
		if err != nil {
			return err
		}
		return w.jot(`DELETE FROM export_runs WHERE export = ?1 AND (error <> '' OR dropped = 1)
			AND id <= (SELECT id FROM export_runs WHERE export = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`, e.ID, runsKept)
	})
}

// DropExportFile notes that a file of an export was removed.
func (s *Store) DropExportFile(ctx context.Context, export int64, file string) error {
	return s.editExports(ctx, func(w *writer) error {
		return w.jot("UPDATE export_runs SET dropped = 1 WHERE export = ? AND file = ?", export, file)
	})
}

// ExportFiles gives the files of an export that were not dropped, the one written last first.
func (v *View) ExportFiles(ctx context.Context, export int64) (files []string, err error) {
	err = v.each(ctx, func(q *lite.Stmt) error {
		files = append(files, q.Text(0))
		return nil
	}, "SELECT file, max(id) AS latest FROM export_runs WHERE export = ? AND file <> '' AND dropped = 0 GROUP BY file ORDER BY latest DESC", export)
	return files, err
}

// ExportRuns gives runs of an export before an id, or before 0 the latest, the latest first.
func (v *View) ExportRuns(ctx context.Context, export, before int64, most int) (runs []ExportRun, err error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	err = v.each(ctx, func(q *lite.Stmt) error {
		runs = append(runs, ExportRun{
			ID: q.Int(0), Export: export, Due: q.Int(1), Began: q.Int(2), Ended: q.Int(3), Manual: q.Int(4) == 1, File: q.Text(5), Dropped: q.Int(6) == 1,
			Rows: q.Int(7), Cut: q.Int(8), Error: q.Text(9),
		})
		return nil
	}, `SELECT id, due, began, ended, manual, file, dropped, rows, cut, error FROM export_runs
		WHERE export = ? AND id < ? ORDER BY id DESC LIMIT ?`, export, before, most)
	return runs, err
}
