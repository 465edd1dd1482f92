package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/kohorte/kohorte/internal/segment"
)

// Exports are changed by who knows their version; what was recorded of one settles only the
// version that it was about, and old failures are forgotten.
func TestExports(t *testing.T) {
	ctx := context.Background()
	s := openIn(t, memoryDir(t))
	defer func() { must(t, s.Close()) }()
	must(t, s.Update(ctx, 1, func(tx *Tx) error {
		_, err := tx.PutSegment(segment.Definition{Name: "vip", Rule: "true = true"}, "", "")
		return err
	}))
	get := func() (e Export, runs []ExportRun, files []string) {
		must(t, s.Glance(ctx, func(v *View) (err error) {
			if e, err = v.Export(ctx, "a"); err == nil {
				runs, err = v.ExportRuns(ctx, e.ID, 0, 10_000)
			}
			if err == nil {
				files, err = v.ExportFiles(ctx, e.ID)
			}
			return err
		}))
		return e, runs, files
	}
	put := Export{Name: "a", Segment: "vip", Columns: "customer", File: "a.csv", When: "hourly", Keep: 3}
	must(t, s.PutExport(ctx, put, 0, 10))
	old, _, _ := get()
	must(t, s.PutExport(ctx, put, 1, 20))
	if err := s.PutExport(ctx, put, 1, 30); !errors.Is(err, ErrOtherVersion) || s.writer == nil {
		t.Error(err, "or the writer forgets everything")
	}
	if err := s.PutExport(ctx, Export{Name: "b", Segment: "pvi"}, 0, 30); !IsRefusal(err) || s.writer == nil {
		t.Error(err)
	}
	must(t, s.RecordExportRun(ctx, &old, &ExportRun{Due: 40, Ended: 41, File: "a.csv"}, 0))
	now, _, _ := get()
	if now.Settled != 20 || now.Succeeded != 41 || now.Version != 2 || now.Created != 10 {
		t.Errorf("%+v", now)
	}
	for i := range runsKept + 20 {
		must(t, s.RecordExportRun(ctx, &now, &ExportRun{Due: 50, Ended: 51, Error: fmt.Sprint(i)}, 60))
	}
	e, runs, files := get()
	if e.Failures != runsKept+20 || e.Retry != 60 || e.Settled != 20 || len(runs) != runsKept+1 || runs[runsKept].File != "a.csv" || len(files) != 1 {
		t.Errorf("%+v, %d runs, %v", e, len(runs), files)
	}
	last := ExportRun{Due: 70, Ended: 71, File: "b.csv"}
	must(t, s.RecordExportRun(ctx, &now, &last, 0))
	must(t, s.DropExportFile(ctx, now.ID, "a.csv"))
	if e, runs, files = get(); e.Failures != 0 || e.Settled != 70 || runs[0].ID != last.ID || len(files) != 1 || files[0] != "b.csv" {
		t.Errorf("%+v, %+v, %v", e, runs[0], files)
	}
	must(t, s.PauseExport(ctx, "a", true, 80))
	must(t, s.PauseExport(ctx, "a", true, 90)) // it rests already
	if e, _, _ = get(); !e.Paused || e.Settled != 80 || e.Version != 3 {
		t.Errorf("%+v", e)
	}
	must(t, s.RemoveExport(ctx, "a", AnyVersion))
	must(t, s.RecordExportRun(ctx, &now, &ExportRun{File: "c.csv"}, 0)) // nobody knows it any more
	if err := s.RemoveExport(ctx, "a", AnyVersion); !errors.Is(err, ErrNoExport) {
		t.Error(err)
	}
	if list, err := s.Exports(ctx); len(list) != 0 || err != nil {
		t.Error(list, err)
	}
	must(t, s.PutExport(ctx, put, 0, 100))
	if _, runs, _ := get(); len(runs) != 0 {
		t.Errorf("a new export has the runs %v of one before", runs)
	}
}
