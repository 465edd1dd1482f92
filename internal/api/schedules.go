package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/export"
	"github.com/kohorte/kohorte/internal/schedule"
	"github.com/kohorte/kohorte/internal/store"
)

// ExportDefinition is what people say of an export on a schedule.
type ExportDefinition struct {
	Segment  string `json:"segment" minLength:"1" maxLength:"200"`
	Columns  string `json:"columns,omitempty" maxLength:"10000" default:"customer" doc:"Attributes, identities and values of rules, with commas between them"`
	File     string `json:"file" maxLength:"200" doc:"Below the directory of exports, such as crm/{segment}-{date}.csv; {name} and {time} may stand in it too, and the ending tells the format"`
	Schedule string `json:"schedule" maxLength:"100" doc:"hourly, every 6 hours, daily at 06:00, weekly on monday at 06:00, monthly on 1 at 06:00; on the clocks of the workspace"`
	Keep     int    `json:"keep,omitempty" minimum:"0" maximum:"10000" doc:"The newest files that stay; 0: all"`
	German   bool   `json:"german,omitempty" doc:"For a German Excel; of CSV and XLSX"`
	Raw      bool   `json:"raw,omitempty" doc:"Leave texts in CSV that spreadsheets take for formulas, for programs"`
	Paused   bool   `json:"paused,omitempty"`
}

// Export is an export on a schedule as it stands.
type Export struct {
	Name string `json:"name"`
	ExportDefinition
	Format      string     `json:"format" enum:"csv,ndjson,parquet,xlsx"`
	Version     int64      `json:"version" doc:"Grows with each change"`
	Created     string     `json:"created" format:"date-time"`
	Next        *string    `json:"next" format:"date-time" doc:"When it is made next, or tried again; null: it is paused"`
	LastSuccess *string    `json:"lastSuccess" format:"date-time" doc:"null: never"`
	Failures    int        `json:"failures" doc:"Since it last went well"`
	Last        *ExportRun `json:"last" doc:"The latest run; null if there is none"`
}

// ExportRun is what became of an export once.
type ExportRun struct {
	ID      int64  `json:"id"`
	Due     string `json:"due" format:"date-time" doc:"The time of the schedule that it is about"`
	Began   string `json:"began" format:"date-time"`
	Ended   string `json:"ended" format:"date-time"`
	Manual  bool   `json:"manual" doc:"Somebody asked for it"`
	File    string `json:"file,omitempty" doc:"Below the directory of exports; absent if it failed"`
	Dropped bool   `json:"dropped" doc:"The file was removed, since newer ones are there"`
	Rows    int64  `json:"rows"`
	Cut     int64  `json:"cut" doc:"Texts that were longer than a cell of XLSX can be"`
	Problem string `json:"problem,omitempty" doc:"Why it failed"`
}

// NewExport makes the form for programs; last may be nil.
func NewExport(e *store.Export, zone *calendar.Zone, now calendar.Instant, last []store.ExportRun) Export {
	_, next := schedule.Due(e, zone, now)
	format, _ := export.FormatOfFile(e.File)
	made := Export{
		Name: e.Name, Format: format.String(), Version: e.Version, Created: calendar.Format(e.Created), Next: OptionalTime(next), Failures: e.Failures,
		ExportDefinition: ExportDefinition{
			Segment: e.Segment, Columns: e.Columns, File: e.File, Schedule: e.When, Keep: e.Keep, German: e.German, Raw: e.Raw, Paused: e.Paused,
		},
	}
	if e.Succeeded != 0 {
		made.LastSuccess = OptionalTime(e.Succeeded)
	}
	if len(last) > 0 {
		run := NewExportRun(&last[0])
		made.Last = &run
	}
	return made
}

// NewExportRun makes the form for programs.
func NewExportRun(r *store.ExportRun) ExportRun {
	return ExportRun{
		ID: r.ID, Due: calendar.Format(r.Due), Began: calendar.Format(r.Began), Ended: calendar.Format(r.Ended), Manual: r.Manual, File: r.File,
		Dropped: r.Dropped, Rows: r.Rows, Cut: r.Cut, Problem: r.Error,
	}
}

// problemOfSchedule is problemOf for exports on a schedule.
func problemOfSchedule(err error) error {
	switch {
	case errors.As(err, new(*schedule.Wrong)):
		return huma.Error422UnprocessableEntity(err.Error())
	case errors.Is(err, store.ErrNoExport):
		return huma.Error404NotFound(err.Error())
	case errors.Is(err, store.ErrOtherVersion):
		return huma.Error412PreconditionFailed(err.Error())
	}
	return problemOf(err)
}

type exportsInput struct {
	After string `query:"after" maxLength:"200" doc:"The name after which to go on; next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type exportsOutput struct {
	Body struct {
		Exports []Export `json:"exports"`
		Next    string   `json:"next,omitempty" doc:"Absent on the last page"`
	}
}

func (s *server) exports(ctx context.Context, in *exportsInput) (*exportsOutput, error) {
	out := &exportsOutput{}
	out.Body.Exports = []Export{}
	err := s.Store.Glance(ctx, func(v *store.View) error {
		list, err := v.Exports(ctx)
		for i := range list {
			if err != nil || list[i].Name <= in.After {
				continue
			}
			if len(out.Body.Exports) == in.Limit {
				out.Body.Next = out.Body.Exports[in.Limit-1].Name
				break
			}
			var made Export
			made, err = s.exportForm(ctx, v, &list[i])
			out.Body.Exports = append(out.Body.Exports, made)
		}
		return err
	})
	return out, problemOfSchedule(err)
}

func (s *server) exportForm(ctx context.Context, v *store.View, e *store.Export) (Export, error) {
	last, err := v.ExportRuns(ctx, e.ID, 0, 1)
	return NewExport(e, s.Engine.Zone(), s.Clock.Now(), last), err
}

// ExportName names an export in the path, exported because it is embedded.
type ExportName struct {
	Name string `path:"name" maxLength:"200"`
}

type exportOutput struct {
	ETag string `header:"ETag"`
	Body Export
}

func (s *server) getExport(ctx context.Context, in *ExportName) (*exportOutput, error) {
	out := &exportOutput{}
	err := s.Store.Glance(ctx, func(v *store.View) error {
		e, err := v.Export(ctx, in.Name)
		if err == nil {
			out.ETag = etag(e.Version)
			out.Body, err = s.exportForm(ctx, v, &e)
		}
		return err
	})
	return out, problemOfSchedule(err)
}

type putExportInput struct {
	ExportName
	PutPrecondition
	Body ExportDefinition
}

func (s *server) putExport(ctx context.Context, in *putExportInput) (*exportOutput, error) {
	expect, err := in.expected()
	if err != nil {
		return nil, err
	}
	b := &in.Body
	err = schedule.Put(ctx, s.Store, store.Export{
		Name: in.Name, Segment: b.Segment, Columns: b.Columns, File: b.File, When: b.Schedule, Keep: b.Keep, German: b.German, Raw: b.Raw, Paused: b.Paused,
	}, expect, s.Clock.Now())
	if err != nil {
		return nil, problemOfSchedule(err)
	}
	s.Exports.Changed()
	return s.getExport(ctx, &in.ExportName)
}

type removeExportInput struct {
	ExportName
	Precondition
}

func (s *server) removeExport(ctx context.Context, in *removeExportInput) (*struct{}, error) {
	expect, err := in.expected()
	if err != nil {
		return nil, err
	}
	return nil, problemOfSchedule(s.Store.RemoveExport(ctx, in.Name, expect))
}

type runOutput struct{ Body ExportRun }

func (s *server) makeExport(ctx context.Context, in *ExportName) (*runOutput, error) {
	run, err := s.Exports.Make(ctx, in.Name)
	if err != nil {
		return nil, problemOfSchedule(err)
	}
	return &runOutput{NewExportRun(&run)}, nil
}

type runsInput struct {
	ExportName
	Before int64 `query:"before" minimum:"0" doc:"The id before which to go on; next of the page before"`
	Limit  int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type runsOutput struct {
	Body struct {
		Runs []ExportRun `json:"runs"`
		Next int64       `json:"next,omitempty" doc:"Absent on the last page"`
	}
}

func (s *server) exportRuns(ctx context.Context, in *runsInput) (*runsOutput, error) {
	out := &runsOutput{}
	out.Body.Runs = []ExportRun{}
	err := s.Store.Glance(ctx, func(v *store.View) error {
		e, err := v.Export(ctx, in.Name)
		if err != nil {
			return err
		}
		runs, err := v.ExportRuns(ctx, e.ID, in.Before, in.Limit+1)
		if len(runs) > in.Limit {
			runs = runs[:in.Limit]
			out.Body.Next = runs[in.Limit-1].ID
		}
		for i := range runs {
			out.Body.Runs = append(out.Body.Runs, NewExportRun(&runs[i]))
		}
		return err
	})
	return out, problemOfSchedule(err)
}

func (s *server) registerSchedules(api huma.API) {
	path := Prefix + "/exports"
	huma.Register(api, operation("Exports", "listExports", http.MethodGet, path, "Exports on a schedule",
		"Pages in the order of the names, each with its latest run."), s.exports)
	huma.Register(api, operation("Exports", "getExport", http.MethodGet, path+"/{name}", "One export on a schedule",
		"With its latest run, and when it is made next."), s.getExport)
	huma.Register(api, changing(operation("Exports", "putExport", http.MethodPut, path+"/{name}", "Define an export on a schedule or change it",
		"Segment, columns and schedule are checked at once. Nothing that was due before is made up for.")), s.putExport)
	huma.Register(api, emptied(changing(operation("Exports", "removeExport", http.MethodDelete, path+"/{name}", "Remove an export on a schedule",
		"With what is known of its runs; its files stay."))), s.removeExport)
	huma.Register(api, changing(operation("Exports", "makeExport", http.MethodPost, path+"/{name}/run", "Make an export now",
		"Whatever its schedule says, paused or not. The answer comes once the file is in its place, or tells why it is not.")), s.makeExport)
	huma.Register(api, operation("Exports", "listExportRuns", http.MethodGet, path+"/{name}/runs", "What became of an export",
		"Pages of runs, the latest first."), s.exportRuns)
}
