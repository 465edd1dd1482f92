package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/demo"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/spf13/cobra"
)

// demoDir is where the demo lives unless --data says otherwise.
const demoDir = "demo-data"

// demoMark is a file that tells a directory of the demo, which may be made anew,
// from one with data of somebody.
const demoMark = "kohorte-demo"

// demoBatch is how many records are stored at a time.
const demoBatch = 10_000

func (a *app) demoCommand() *cobra.Command {
	var o demo.Options
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Invent two companies with three years of data and show their segments",
		Long: `Invents an online shop and a machine builder with three years of data up to
yesterday, with the dirt of real life, and shows a dozen segments of each, one
explanation and what to try next. The data are in ` + demoDir + ` unless --data
names another directory; calling it again makes them anew.`,
		Args: arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.config.IsDefault("data") {
				a.dataDir = demoDir
			}
			return a.demo(cmd.Context(), o)
		},
	}
	cmd.Flags().IntVar(&o.Customers, "customers", 0, fmt.Sprintf("customers of each company (default %d and %d)", demo.DefaultShopCustomers, demo.DefaultMachineContacts))
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "another seed is another world")
	return cmd
}

func (a *app) demo(ctx context.Context, o demo.Options) error {
	if o.Customers < 0 {
		return usagef("--customers must be at least 1")
	}
	zone, err := calendar.LoadZone(usualZone)
	if err != nil {
		return err
	}
	o.Until = zone.DayStart(a.Now(), 0)
	if err := a.clearDemo(); err != nil {
		return err
	}
	for _, company := range demo.Companies {
		a.workspace = string(company)
		if err := a.demoFill(ctx, company, o); err != nil {
			return err
		}
		if err := a.demoShow(ctx, company, o); err != nil {
			return err
		}
	}
	return nil
}

// clearDemo removes an earlier demo, and nothing else.
func (a *app) clearDemo() error {
	if err := os.MkdirAll(a.dataDir, 0o750); err != nil {
		return fmt.Errorf("%s: %w", a.dataDir, reason(err))
	}
	mark := filepath.Join(a.dataDir, demoMark)
	_, unmarked := os.Stat(mark)
	entries, err := os.ReadDir(a.dataDir)
	if err != nil {
		return fmt.Errorf("%s: %w", a.dataDir, reason(err))
	}
	for _, entry := range entries {
		name, _, _ := strings.Cut(entry.Name(), ".")
		if !slices.Contains(demo.Companies, demo.Company(name)) {
			continue
		}
		if unmarked != nil {
			return fmt.Errorf("%s has a workspace %s that is no demo; name another directory with --data", a.dataDir, name)
		}
		if err := os.Remove(filepath.Join(a.dataDir, entry.Name())); err != nil {
			return fmt.Errorf("%s: %w", entry.Name(), reason(err))
		}
	}
	return os.WriteFile(mark, []byte("This directory holds data that kohorte demo invented.\n"), 0o600)
}

// demoFill generates a company into its workspace.
func (a *app) demoFill(ctx context.Context, company demo.Company, o demo.Options) (err error) {
	s, err := a.openToWrite()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Declare(ctx, demo.Catalog(company)); err != nil {
		return err
	}
	b := a.bar(string(company))
	defer b.remove()
	var total int64
	batch := make([]record.Record, 0, demoBatch)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		_, err := s.Apply(ctx, batch, o.Until)
		total += int64(len(batch))
		batch = batch[:0]
		b.show(0, 0, total, "records")
		return err
	}
	for r := range demo.Records(company, o) {
		if batch = append(batch, r); len(batch) == demoBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// demoShow prints the segments with their sizes, an explanation and what to try next.
func (a *app) demoShow(ctx context.Context, company demo.Company, o demo.Options) error {
	w, err := a.open(ctx, &questionFlags{})
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.load(ctx); err != nil {
		return err
	}
	events := 0
	for _, b := range w.index.Blocks {
		for _, t := range b.Events {
			if t != nil {
				events += t.Rows
			}
		}
	}
	a.printf("\n%s\n%s, %s, workspace %s in %s\n\n", company.Title().EN, countOf(w.index.Rows(), "customer", "customers"),
		countOf(events, "event", "events"), a.workspace, a.dataDir)
	if err := a.demoSegments(ctx, w, company, o.Until); err != nil {
		return err
	}
	if err := a.demoExplain(ctx, w, company, o.Until); err != nil {
		return err
	}
	a.printf("Try next\n")
	for _, step := range demo.NextSteps(company, o.Until) {
		a.printf("  # %s\n  %s --data %s --workspace %s %s\n", step.What.EN, shellWord(a.program()), shellWord(a.dataDir), a.workspace, step.Command)
	}
	return nil
}

// program is how the program was called.
func (a *app) program() string { return cmp.Or(a.Program, "kohorte") }

// shellWord quotes a word for a shell if need be.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:@") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// ready makes a rule of the demo ready to run.
func (w *workspace) ready(name, text string) (*eval.Program, error) {
	n, err := w.rule(name, text, false)
	if err != nil {
		return nil, err
	}
	return w.index.Compile(n)
}

func (a *app) demoSegments(ctx context.Context, w *workspace, company demo.Company, now calendar.Instant) error {
	segments := demo.Segments(company)
	programs := make([]*eval.Program, len(segments))
	for i, s := range segments {
		p, err := w.ready(s.Name, s.Rule)
		if err != nil {
			return err
		}
		programs[i] = p
	}
	counts, err := w.index.Count(ctx, programs, now)
	if err != nil {
		return err
	}
	t := newTable(a.Stdout, "table", "segment", "size", "", "who")
	for i, s := range segments {
		share := 100 * float64(counts[i]) / float64(max(w.index.Rows(), 1))
		t.row(s.Name, fmt.Sprintf("%6s", thousands(int64(counts[i]))), fmt.Sprintf("%5.1f %%", share), s.Title.EN)
	}
	return t.finish()
}

func (a *app) demoExplain(ctx context.Context, w *workspace, company demo.Company, now calendar.Instant) error {
	for _, e := range demo.Explanations(company) {
		p, err := w.ready("rule", e.Rule)
		if err != nil {
			return err
		}
		position, name, err := w.find(ctx, e.Customer)
		if err != nil {
			return err
		}
		a.printf("\n%s\n%s\n", e.Title.EN, strings.Repeat("─", breadth(e.Title.EN)))
		trace := w.index.Machine(p, now).Explain(position.Block, position.Row, now)
		a.printTrace(name, now, w.zone, &trace)
		a.printf("\n")
	}
	return nil
}
