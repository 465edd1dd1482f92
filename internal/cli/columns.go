package cli

import (
	"context"
	"errors"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/projection"
)

// columns makes the columns of --columns ready for an instant.
func (w *workspace) columns(ctx context.Context, flags []string, now calendar.Instant) ([]projection.Column, error) {
	texts := projection.Split(flags)
	identities, err := projection.ReadIdentities(ctx, w.store, texts)
	if err != nil {
		return nil, err
	}
	source := projection.Source{
		Schema: w.index.Schema, Places: w.index.Places, Identities: identities, Label: "--columns", Companies: w.companies,
		Ranks: func(p *eval.Program, now calendar.Instant) []*eval.Ranks { return p.Rank(w.index.Blocks, now) },
		Warn:  func(text string) { w.app.complain("%s", text) },
	}
	chosen, err := source.Columns(texts, now)
	var wrong *projection.Wrong
	switch {
	case errors.As(err, &wrong) && wrong.Places:
		w.app.complain("%s", wrong.Text)
		return nil, errReported
	case wrong != nil:
		return nil, usagef("--columns: %w", err)
	}
	return chosen, err
}
