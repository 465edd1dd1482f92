package cli

import (
	"cmp"
	"context"
	"errors"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/spf13/cobra"
)

// migrationFlags are the flags of migration.
type migrationFlags struct {
	from, to  string
	into, who []string
}

func (a *app) migrationCommand() *cobra.Command {
	var f migrationFlags
	cmd := &cobra.Command{
		Use:   "migration --from DATE [SEGMENT...]",
		Short: "Show who went from which segment to which between two dates",
		Long: `Counts the members of segments at one instant by the segments that they were in at
a later one: a row for each segment of --from, a column for each of --to. (none)
are the customers who were there and in none of them, (new) those who came in between.
Segments may overlap: who was in two stands in both rows, and in both columns.

A segmentation stands for its parts in their order. Without names it takes all segments,
but no segmentations. --into names others for the columns, and --who
lists the customers of one cell instead: --who sleeping,vip or --who new,vip.`,
		Example: `  kohorte migration --from 2026-01-01 --to 2026-07-01 vip regular sleeping
  kohorte migration --from 2026-01-01 lifecycle`,
		Args: arguments(0, -1, "names of segments"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.from == "":
				return usagef("--from DATE is missing: from when on?")
			case len(f.who) != 0 && len(f.who) != 2:
				return usagef("--who names a row and a column, such as sleeping,vip")
			}
			return a.askPast(cmd.Context(), func(p *past) error { return p.migration(cmd.Context(), args, &f) })
		},
	}
	cmd.Flags().StringVar(&f.from, "from", "", "the first `INSTANT`")
	cmd.Flags().StringVar(&f.to, "to", "", "the second `INSTANT` (default now)")
	cmd.Flags().StringSliceVar(&f.into, "into", nil, "other segments for the columns: `A,B`")
	cmd.Flags().StringSliceVar(&f.who, "who", nil, "list who went from one to the other: `FROM,TO`")
	return cmd
}

func (p *past) migration(ctx context.Context, names []string, f *migrationFlags) error {
	to, err := p.instant("--to", f.to, p.app.Now())
	if err != nil {
		return err
	}
	from, err := p.instant("--from", f.from, to)
	if err != nil {
		return err
	}
	if from > to {
		return usagef("--from must not be after --to")
	}
	rows, err := p.Named(ctx, names, from, to)
	if err != nil {
		return err
	}
	columns := rows
	if len(f.into) > 0 {
		if columns, err = p.Named(ctx, f.into, from, to); err != nil {
			return err
		}
	}
	m, err := p.Migration(ctx, from, to, rows, columns)
	if err != nil {
		return err
	}
	switch {
	case len(f.who) > 0:
		err = p.showCell(ctx, m, f.who[0], f.who[1])
	case p.app.asJSON:
		err = p.app.writeJSON(api.NewMatrix(m))
	default:
		err = p.showMatrix(m)
	}
	return cmp.Or(err, p.warn(ctx, to))
}

func (p *past) showMatrix(m *history.Matrix) error {
	t := newTable(p.app.Stdout, "table", append([]string{"from"}, m.Columns...)...)
	for i, row := range m.Rows {
		cells := []string{row}
		for _, n := range m.Counts[i] {
			cells = append(cells, thousands(int64(n)))
		}
		t.row(cells...)
	}
	if err := t.finish(); err != nil {
		return err
	}
	p.app.printf("\nfrom %s (rows) to %s (columns); from the log\n", wall(p.zone, m.From), wall(p.zone, m.To))
	return nil
}

// showCell lists the customers of a cell; none and new may be written without brackets.
func (p *past) showCell(ctx context.Context, m *history.Matrix, row, column string) error {
	who, err := m.Cell(row, column)
	if errors.As(err, new(*history.NoSide)) {
		return usagef("--who: %w", err)
	}
	if err != nil {
		return err
	}
	names, err := p.view.Names(ctx, who)
	if err != nil {
		return err
	}
	format := "table"
	if p.app.asJSON {
		format = "ndjson"
	}
	t := newTable(p.app.Stdout, format, "customer")
	for _, name := range names {
		t.row(name)
	}
	if err := t.finish(); err != nil || p.app.asJSON {
		return err
	}
	p.app.printf("\n%s went from %s at %s to %s at %s; from the log\n", countOf(len(names), "customer", "customers"), row, wall(p.zone, m.From), column, wall(p.zone, m.To))
	return nil
}
