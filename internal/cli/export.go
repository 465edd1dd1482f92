package cli

import (
	"context"
	"fmt"
	"iter"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/export"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/projection"
	"github.com/spf13/cobra"
)

// exportFlags are the flags of export.
type exportFlags struct {
	questionFlags
	to, format  string
	columns     []string
	raw, german bool
}

func (a *app) exportCommand() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export RULE | export in:SEGMENT",
		Short: "Write the members of a rule or a segment to a CSV, NDJSON, Parquet or Excel file",
		Long: `Writes the members of a rule, or of a segment as in:NAME, to a file, which is there
whole or not at all. The ending of its name tells the format; --to - writes to
standard output.

Columns are attributes, attributes of the company, identities (user, email, or
identity.NAMESPACE where an attribute has the same name), customer for the name
that lists print, and values of the rule language; "as NAME" names a column.`,
		Example: `  kohorte export in:win_back --to win_back.xlsx --columns 'first_name,last_name,email'
  kohorte export 'country = "DE"' --to de.csv --german --columns 'email,sum(order_completed.total in last 365 days) as revenue'
  kohorte export vip --to - --format ndjson --columns customer,company.name | jq .`,
		Args: arguments(1, 1, "a rule or in:SEGMENT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			err = a.export(cmd.Context(), args[0], &f, o)
			if name, ok := asksSegment(args); ok {
				return a.used(cmd.Context(), err, name)
			}
			return err
		},
	}
	cmd.AddCommand(a.exportScheduleCommand())
	f.add(cmd, false)
	cmd.Flags().StringVar(&f.to, "to", "", "`FILE` to write, - for standard output")
	cmd.Flags().StringArrayVar(&f.columns, "columns", []string{"customer"}, "what to write: attributes, identities and values of rules, `A,B`")
	cmd.Flags().StringVar(&f.format, "format", "", "`FORM` of the file: csv, ndjson, parquet or xlsx (default by the ending of its name)")
	cmd.Flags().BoolVar(&f.raw, "raw", false, "leave texts in CSV that spreadsheets take for formulas, for programs")
	cmd.Flags().BoolVar(&f.german, "german", false, "for a German Excel: semicolons, decimal commas, dates as 31.12.2026")
	return cmd
}

// options reads how to write and refuses flags that do not fit together.
func (f *exportFlags) options() (export.Options, error) {
	o := export.Options{Raw: f.raw, German: f.german}
	var ok bool
	switch {
	case f.to == "":
		return o, usagef("--to FILE is missing; --to - writes to standard output")
	case f.format != "":
		if o.Format, ok = export.FormatOf(f.format); !ok {
			return o, usagef("--format is csv, ndjson, parquet or xlsx, not %q", f.format)
		}
	case f.to != "-":
		if o.Format, ok = export.FormatOfFile(f.to); !ok {
			return o, usagef("the ending of %s tells no format; --format is csv, ndjson, parquet or xlsx", f.to)
		}
	}
	if err := o.Check(); err != nil {
		return o, usagef("--%w", err)
	}
	return o, nil
}

func (a *app) export(ctx context.Context, text string, f *exportFlags, o export.Options) error {
	q, err := a.ask(ctx, text, &f.questionFlags)
	if err != nil {
		return err
	}
	defer q.close()
	chosen, err := q.columns(ctx, f.columns, q.now)
	if err != nil {
		return err
	}
	members, err := q.index.Members(ctx, q.program, q.now)
	if err != nil {
		return err
	}
	b := a.bar("exporting")
	o.Progress = func(rows int64) { b.show(rows, int64(len(members)), rows, "rows") }
	table := export.Table{Columns: projection.Exported(chosen), Rows: rowsOf(members, chosen, q.zone), Zone: q.zone}
	var result export.Result
	if f.to == "-" {
		result, err = export.Write(ctx, a.Stdout, &table, o)
	} else {
		result, err = export.ToFile(ctx, f.to, &table, o)
	}
	b.remove()
	if err != nil {
		return fmt.Errorf("%s: %w", f.to, reason(err))
	}
	return a.tellExport(f, o, result, q.now)
}

// tellExport says what was written, where it is not among what was written.
func (a *app) tellExport(f *exportFlags, o export.Options, r export.Result, now calendar.Instant) error {
	if r.Cut > 0 {
		a.complain("kohorte: %s longer than the 32,767 letters of a cell cut\n", countOf(int(r.Cut), "text was", "texts were"))
	}
	switch {
	case f.to == "-":
		return nil
	case a.asJSON:
		return a.writeJSON(struct {
			File   string `json:"file"`
			Format string `json:"format"`
			Rows   int64  `json:"rows"`
			At     string `json:"at"`
		}{f.to, o.Format.String(), r.Rows, calendar.Format(now)})
	}
	a.complain("%s written to %s\n", countOf(int(r.Rows), "member", "members"), f.to)
	return nil
}

// rowsOf computes the rows of an export one by one.
func rowsOf(members []index.Position, chosen []projection.Column, zone *calendar.Zone) iter.Seq2[[]export.Cell, error] {
	return func(yield func([]export.Cell, error) bool) {
		row := make([]export.Cell, len(chosen))
		for _, m := range members {
			for i := range chosen {
				row[i] = chosen[i].Exported(m.Block, m.Row, zone)
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}
