package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/export"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/projection"
	"github.com/kohorte/kohorte/internal/segment"
)

// atOnce bounds the exports that are written at the same time.
const atOnce = 2

// ExportForm says how to export, exported because it is embedded.
type ExportForm struct {
	Format  string `query:"format" json:"format,omitempty" enum:"csv,ndjson,parquet,xlsx" default:"csv"`
	Columns string `query:"columns" json:"columns,omitempty" maxLength:"10000" default:"customer" doc:"Attributes, identities and values of rules with commas between them, such as first_name,email,count(order_completed) as orders"`
	German  bool   `query:"german" json:"german,omitempty" doc:"For a German Excel; of CSV and XLSX"`
	Raw     bool   `query:"raw" json:"raw,omitempty" doc:"Leave texts in CSV that spreadsheets take for formulas, for programs"`
}

type exportSegmentInput struct {
	NameInput
	ExportForm
}

type exportRuleInput struct {
	Body struct {
		ExportForm
		Rule    string `json:"rule" maxLength:"65536"`
		Members string `json:"members,omitempty" enum:"people,companies" doc:"Whom the rule is about; absent: people"`
		Lenient bool   `json:"lenient,omitempty" doc:"Names that nobody has seen yet are warnings"`
	}
}

func (s *server) exportSegment(ctx context.Context, in *exportSegmentInput) (*huma.StreamResponse, error) {
	s.noteUse(ctx, in.Name)
	return s.export(ctx, live.Selection{Segment: in.Name}, &in.ExportForm, in.Name)
}

func (s *server) exportRule(ctx context.Context, in *exportRuleInput) (*huma.StreamResponse, error) {
	return s.export(ctx, live.Selection{Rule: in.Body.Rule, Members: segment.Members(in.Body.Members), Lenient: in.Body.Lenient}, &in.Body.ExportForm, "members")
}

// export writes a whole file before it begins to answer, so that nobody gets half a one.
func (s *server) export(ctx context.Context, of live.Selection, form *ExportForm, name string) (*huma.StreamResponse, error) {
	select {
	case s.exporting <- struct{}{}:
		defer func() { <-s.exporting }()
	case <-ctx.Done():
		return nil, problemOf(ctx.Err())
	}
	format, _ := export.FormatOf(form.Format)
	o := export.Options{Format: format, German: form.German, Raw: form.Raw}
	if err := o.Check(); err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	table, at, err := s.Engine.Table(ctx, of, projection.Split([]string{form.Columns}))
	if err != nil {
		return nil, problemOfExport(err)
	}
	file, result, err := export.ToTemporary(ctx, table, o)
	if err != nil {
		return nil, problemOfExport(err)
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) { send(ctx, file, &result, at, name, format) }}, nil
}

// send answers with a finished file and forgets it.
func send(ctx huma.Context, file *os.File, r *export.Result, at calendar.Instant, name string, format export.Format) {
	defer func() { _ = file.Close() }()
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		ctx.SetStatus(http.StatusInternalServerError)
		return
	}
	ctx.SetHeader("Content-Type", format.MediaType())
	ctx.SetHeader("Content-Length", strconv.FormatInt(size, 10))
	ctx.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+"."+format.String()))
	ctx.SetHeader("Kohorte-Rows", strconv.FormatInt(r.Rows, 10))
	ctx.SetHeader("Kohorte-Cut", strconv.FormatInt(r.Cut, 10))
	ctx.SetHeader("Kohorte-At", calendar.Format(at))
	_, _ = io.Copy(ctx.BodyWriter(), file) // who has gone gets nothing
}

// problemOfExport is problemOf for exports.
func problemOfExport(err error) error {
	var column *projection.Wrong
	switch {
	case errors.As(err, &column) && column.Places:
		return huma.Error422UnprocessableEntity(column.Text)
	case column != nil:
		return huma.Error422UnprocessableEntity("columns: " + column.Text)
	case errors.As(err, new(*export.Unfit)):
		return huma.Error422UnprocessableEntity(err.Error())
	}
	return problemOf(err)
}

// exporting describes an operation whose answer is a file.
func exporting(api huma.API, o huma.Operation) huma.Operation {
	header := func(doc string) *huma.Param {
		return &huma.Param{Description: doc, Schema: huma.SchemaFromType(api.OpenAPI().Components.Schemas, reflect.TypeFor[string]())}
	}
	file := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	answer := &huma.Response{Description: "The whole file", Content: map[string]*huma.MediaType{}, Headers: map[string]*huma.Param{
		"Content-Disposition": header("A name for the file"), "Kohorte-Rows": header("How many rows it has"),
		"Kohorte-Cut": header("How many texts were longer than a cell of XLSX can be, and were cut"), "Kohorte-At": header("The instant of the members"),
	}}
	for _, format := range export.Formats {
		answer.Content[format.MediaType()] = file
	}
	o.Responses = map[string]*huma.Response{"200": answer}
	return o
}

func (s *server) registerExport(api huma.API) {
	huma.Register(api, exporting(api, operation("Exports", "exportSegment", http.MethodGet, Prefix+"/segments/{name}/export", "The members of a segment as a file",
		"CSV, NDJSON, Parquet or XLSX with chosen columns. The file is written whole before the answer begins.")), s.exportSegment)
	huma.Register(api, exporting(api, operation("Exports", "exportRule", http.MethodPost, Prefix+"/rules/export", "The members of a rule as a file",
		"Like the export of a segment, of those whom a rule lets in now.")), s.exportRule)
}
