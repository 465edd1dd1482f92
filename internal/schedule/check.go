package schedule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/export"
	"github.com/kohorte/kohorte/internal/projection"
	"github.com/kohorte/kohorte/internal/store"
)

// Wrong is an error of what somebody wants to be exported, for that person. Places says
// that Text has a column with its problems and their places, line by line.
type Wrong struct {
	Text   string
	Places bool
}

func (w *Wrong) Error() string { return w.Text }

// The bounds of an export.
const (
	maxKeep    = 10_000
	maxColumns = 10_000 // bytes
)

var names = regexp.MustCompile(`^[\pL\d][\pL\d_-]{0,99}$`)

// Put checks an export and keeps it; see store.PutExport.
func Put(ctx context.Context, s *store.Store, e store.Export, expect int64, now calendar.Instant) error {
	e.Columns = cmp.Or(e.Columns, "customer")
	if err := Check(ctx, s, &e, now); err != nil {
		return err
	}
	err := s.PutExport(ctx, e, expect, now)
	if store.IsRefusal(err) {
		return wrong(err.Error())
	}
	return err
}

func wrong(text string) error { return &Wrong{Text: text} }

// Check tells what is wrong with an export, by the fields that are known now, and brings
// its schedule into the form in which it is kept.
func Check(ctx context.Context, s *store.Store, e *store.Export, now calendar.Instant) error {
	if !names.MatchString(e.Name) {
		return wrong(fmt.Sprintf("%q cannot be the name of an export: use up to 100 letters, digits, - and _, beginning with a letter or digit", e.Name))
	}
	if e.Keep < 0 || e.Keep > maxKeep || len(e.Columns) > maxColumns {
		return wrong(fmt.Sprintf("an export keeps 1 to %d files, or with 0 all, and its columns have up to %d bytes", maxKeep, maxColumns))
	}
	when, err := ParseWhen(e.When)
	if err == nil {
		e.When = when.String()
		err = checkFile(e.File)
	}
	if err == nil {
		err = options(e).Check()
	}
	if err != nil {
		return wrong(err.Error())
	}
	return checkColumns(ctx, s, e, now)
}

// checkColumns tells what is wrong with the columns of an export, without the data. Those
// of a segment of companies are about companies; a segment that is not there has people.
func checkColumns(ctx context.Context, s *store.Store, e *store.Export, now calendar.Instant) error {
	known, err := s.Catalog(ctx)
	if err != nil {
		return err
	}
	zone, err := calendar.LoadZone(known.Zone)
	if err != nil {
		return err
	}
	texts := projection.Split([]string{e.Columns})
	identities := map[string]map[int64]string{}
	err = s.Glance(ctx, func(v *store.View) error {
		namespaces, err := v.Namespaces(ctx)
		for _, n := range namespaces {
			identities[n] = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	source := projection.Source{
		Schema: columns.NewSchema(known, zone), Identities: identities, Label: "columns", Companies: slices.Contains(known.Firms, e.Segment),
		Ranks: func(*eval.Program, calendar.Instant) []*eval.Ranks { return nil },
	}
	chosen, err := source.Columns(texts, now)
	if err == nil {
		err = export.CheckColumns(projection.Exported(chosen))
	}
	var column *projection.Wrong
	switch {
	case errors.As(err, &column) && column.Places:
		return &Wrong{column.Text, true}
	case column != nil:
		return wrong("columns: " + err.Error())
	case errors.As(err, new(*export.Unfit)):
		return wrong(err.Error())
	}
	return err
}

// options says how an export is written.
func options(e *store.Export) export.Options {
	format, _ := export.FormatOfFile(e.File)
	return export.Options{Format: format, German: e.German, Raw: e.Raw}
}
