package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/schedule"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

func (a *app) exportScheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Have the members of segments written to files again and again",
		Long: `Has the server write the members of a segment to a file at set times on the clocks of
the workspace. Files lie below the directory of exports (kohorte config exports), whole
or not at all. What was missed while no server ran is made once when it starts; what
fails is tried again, and kohorte export schedule list tells why.`,
		Args: a.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.scheduleAddCommand(), a.scheduleListCommand(), a.scheduleShowCommand(),
		a.scheduleDo("pause", "Let an export rest", func(s *store.Store, ctx context.Context, name string) error {
			return s.PauseExport(ctx, name, true, a.Now())
		}),
		a.scheduleDo("resume", "Let an export go on; nothing that was due meanwhile is made up for", func(s *store.Store, ctx context.Context, name string) error {
			return s.PauseExport(ctx, name, false, a.Now())
		}),
		a.scheduleDo("remove", "Remove an export; its files stay", func(s *store.Store, ctx context.Context, name string) error {
			return s.RemoveExport(ctx, name, store.AnyVersion)
		}),
		a.scheduleRunCommand(), a.scheduleRunsCommand())
	return cmd
}

func (a *app) scheduleDo(verb, short string, do func(*store.Store, context.Context, string) error) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " NAME",
		Short: short,
		Args:  arguments(1, 1, "the name of an export"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.writing(func(s *store.Store) error { return do(s, cmd.Context(), args[0]) })
		},
	}
}

func (a *app) scheduleAddCommand() *cobra.Command {
	var e store.Export
	var replace bool
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Define an export, or with --replace change one",
		Long: `Defines an export of the members of a segment. The name of the file lies below the
directory of exports and can have {segment}, {name}, {date} and {time} in it, those of
the schedule; its ending tells the format: .csv, .ndjson, .parquet or .xlsx.

Schedules are hourly, every 6 hours, daily at 06:00, weekly on monday at 06:00,
monthly on 1 at 06:00. 31 is the last day of every month.`,
		Example: `  kohorte export schedule add crm --segment win_back --file 'crm/{segment}-{date}.csv' --when 'daily at 06:00' --keep 14
  kohorte export schedule add report --segment vip --file vip.xlsx --when 'monthly on 1 at 06:00' --columns 'first_name,email'`,
		Args: arguments(1, 1, "a name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e.Name = args[0]
			for _, flag := range []string{"segment", "file", "when"} {
				if !cmd.Flags().Changed(flag) {
					return usagef("--%s is missing", flag)
				}
			}
			return a.addSchedule(cmd.Context(), &e, replace)
		},
	}
	cmd.Flags().StringVar(&e.Segment, "segment", "", "`NAME` of the segment")
	cmd.Flags().StringVar(&e.File, "file", "", "`NAME` of the file below the directory of exports")
	cmd.Flags().StringVar(&e.When, "when", "", "`SCHEDULE`, such as 'daily at 06:00'")
	cmd.Flags().StringVar(&e.Columns, "columns", "customer", "what to write: attributes, identities and values of rules, `A,B`")
	cmd.Flags().IntVar(&e.Keep, "keep", 0, "how many of the newest files stay, `N`; 0 for all")
	cmd.Flags().BoolVar(&e.Raw, "raw", false, "leave texts in CSV that spreadsheets take for formulas, for programs")
	cmd.Flags().BoolVar(&e.German, "german", false, "for a German Excel: semicolons, decimal commas, dates as 31.12.2026")
	cmd.Flags().BoolVar(&replace, "replace", false, "change the export that is there")
	return cmd
}

func (a *app) addSchedule(ctx context.Context, e *store.Export, replace bool) error {
	expect := int64(0)
	if replace {
		expect = store.AnyVersion
	}
	err := a.writing(func(s *store.Store) error { return schedule.Put(ctx, s, *e, expect, a.Now()) })
	var wrong *schedule.Wrong
	switch {
	case errors.Is(err, store.ErrOtherVersion):
		return fmt.Errorf("there is an export %s already; --replace changes it", e.Name)
	case errors.As(err, &wrong) && wrong.Places:
		a.complain("%s", wrong.Text)
		return errReported
	case err != nil:
		return err
	}
	return a.eachExport(ctx, e.Name, func(_ *store.View, zone *calendar.Zone, e *store.Export) error {
		if a.asJSON {
			return a.writeJSON(api.NewExport(e, zone, a.Now(), nil))
		}
		_, next := schedule.Due(e, zone, a.Now())
		a.printf("%s: next at %s, by kohorte serve\n", e.Name, wall(zone, next))
		return nil
	})
}

// eachExport calls work for the export of a name, or for all in order of name.
func (a *app) eachExport(ctx context.Context, name string, work func(*store.View, *calendar.Zone, *store.Export) error) error {
	return a.viewing(ctx, false, func(v *store.View) error {
		settings, err := v.Settings(ctx)
		if err != nil {
			return err
		}
		zone, err := calendar.LoadZone(settings.Zone)
		if err != nil {
			return err
		}
		list, err := v.Exports(ctx)
		if name != "" {
			var e store.Export
			e, err = v.Export(ctx, name)
			list = []store.Export{e}
		}
		for i := range list {
			if err == nil {
				err = work(v, zone, &list[i])
			}
		}
		return err
	})
}

func (a *app) scheduleListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the exports, when they are made next and what became of them last",
		Args:  arguments(0, 0, "no argument"),
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.listSchedules(cmd.Context()) },
	}
}

func (a *app) listSchedules(ctx context.Context) error {
	forms := []api.Export{}
	t := newTable(a.Stdout, "table", "name", "segment", "file", "schedule", "next", "last")
	err := a.eachExport(ctx, "", func(v *store.View, zone *calendar.Zone, e *store.Export) error {
		last, err := v.ExportRuns(ctx, e.ID, 0, 1)
		forms = append(forms, api.NewExport(e, zone, a.Now(), last))
		outcome := ""
		for i := range last {
			outcome = a.outcome(&last[i], zone)
		}
		t.row(e.Name, e.Segment, e.File, e.When, a.nextExport(e, zone), outcome)
		return err
	})
	switch {
	case err != nil:
		return err
	case a.asJSON:
		return a.writeJSON(forms)
	case len(forms) == 0:
		a.complain("There are no exports on a schedule yet; kohorte export schedule add NAME makes one.\n")
		return nil
	}
	return t.finish()
}

func (a *app) nextExport(e *store.Export, zone *calendar.Zone) string {
	_, next := schedule.Due(e, zone, a.Now())
	switch {
	case e.Paused:
		return "paused"
	case e.Failures > 0:
		return "again at " + wall(zone, next)
	}
	return wall(zone, next)
}

// outcome tells what became of a run.
func (a *app) outcome(r *store.ExportRun, zone *calendar.Zone) string {
	if r.Error != "" {
		return fmt.Sprintf("failed at %s: %s", wall(zone, r.Ended), r.Error)
	}
	return fmt.Sprintf("%s at %s", countOf(int(r.Rows), "row", "rows"), wall(zone, r.Ended))
}

func (a *app) scheduleShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show an export",
		Args:  arguments(1, 1, "the name of an export"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.eachExport(cmd.Context(), args[0], func(v *store.View, zone *calendar.Zone, e *store.Export) error {
				last, err := v.ExportRuns(cmd.Context(), e.ID, 0, 1)
				if err != nil {
					return err
				}
				form := api.NewExport(e, zone, a.Now(), last)
				if a.asJSON {
					return a.writeJSON(form)
				}
				a.printf("%s: %s of %s, %s\nfile:     %s\ncolumns:  %s\nkeep:     %s\nnext:     %s\n", e.Name, form.Format, e.Segment, e.When, e.File,
					harmless(e.Columns), keepOf(e), a.nextExport(e, zone))
				for i := range last {
					a.printf("last:     %s\n", harmless(a.outcome(&last[i], zone)))
				}
				return nil
			})
		},
	}
}

func keepOf(e *store.Export) string {
	if e.Keep == 0 {
		return "all files"
	}
	return "the " + countOf(e.Keep, "newest file", "newest files")
}

func (a *app) scheduleRunCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run NAME",
		Short: "Make an export now, whatever its schedule says",
		Args:  arguments(1, 1, "the name of an export"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var run store.ExportRun
			err := a.control(cmd.Context(), func(c serve.Control) (err error) {
				run, err = c.MakeExport(cmd.Context(), args[0])
				return err
			})
			switch {
			case err != nil:
				return err
			case a.asJSON:
				err = a.writeJSON(api.NewExportRun(&run))
			case run.Error == "":
				a.printf("%s: %s\n", run.File, countOf(int(run.Rows), "row", "rows"))
			}
			if err == nil && run.Error != "" {
				return errors.New(run.Error)
			}
			return err
		},
	}
}

func (a *app) scheduleRunsCommand() *cobra.Command {
	const most = 100
	return &cobra.Command{
		Use:   "runs NAME",
		Short: "Show what became of an export, the latest first",
		Args:  arguments(1, 1, "the name of an export"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.eachExport(cmd.Context(), args[0], func(v *store.View, zone *calendar.Zone, e *store.Export) error {
				runs, err := v.ExportRuns(cmd.Context(), e.ID, 0, most)
				if err != nil {
					return err
				}
				return a.showRuns(runs, zone)
			})
		},
	}
}

func (a *app) showRuns(runs []store.ExportRun, zone *calendar.Zone) error {
	forms := []api.ExportRun{}
	t := newTable(a.Stdout, "table", "for", "", "file", "outcome")
	for i := range runs {
		r := &runs[i]
		forms = append(forms, api.NewExportRun(r))
		how, file := "", r.File
		if r.Manual {
			how = "by hand"
		}
		if r.Dropped {
			file += " (removed)"
		}
		t.row(wall(zone, r.Due), how, file, a.outcome(r, zone))
	}
	if a.asJSON {
		return a.writeJSON(forms)
	}
	return t.finish()
}
