package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

// importFlags are the flags of import.
type importFlags struct {
	kind    string
	file    string
	set     []string
	source  string
	country string
	yes     bool
}

func (a *app) importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Import customers, companies, orders, events, calls, consents or postcodes",
		Long: `Imports CSV, NDJSON or JSON files, also gzipped; - reads standard input. Without a
mapping the program guesses what each column is, shows its guess and asks;
--yes takes it. A row that is no good goes to FILE.rejected.csv with the reason,
ready to be mended and imported again. Importing a file again changes nothing.`,
		Args: arguments(1, -1, "files"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importFiles(cmd.Context(), args, &f) },
	}
	cmd.Flags().StringVar(&f.kind, "as", "", "what a row is: customers, companies, orders, events, calls, consents or postcodes")
	cmd.Flags().StringVar(&f.file, "map", "", "file with the mapping of columns (YAML)")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "map one column, as column=field (may be repeated)")
	cmd.Flags().StringVar(&f.source, "source", "", "name of the source; facts of one source are imported once")
	cmd.Flags().StringVar(&f.country, "country", "", "country of postcodes whose file does not say it, such as DE")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "take the guess without asking")
	return cmd
}

func (a *app) importFiles(ctx context.Context, files []string, f *importFlags) (err error) {
	given, err := f.mapping()
	if err != nil {
		return err
	}
	s, err := store.Open(a.dataDir, a.workspace)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, path := range files {
		if err := a.importFile(ctx, s, path, given, f); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// mapping reads what the flags say of the columns; nil if they say nothing.
func (f *importFlags) mapping() (m *mapping.Mapping, err error) {
	m = &mapping.Mapping{}
	if f.file != "" {
		text, err := os.ReadFile(f.file)
		if err != nil {
			return nil, fmt.Errorf("the mapping cannot be read: %w", err)
		}
		if m, err = mapping.Parse(f.file, text); err != nil {
			return nil, err
		}
	}
	if f.kind != "" {
		if m.Kind, err = mapping.ParseKind(f.kind); err != nil {
			return nil, usageError{err}
		}
	}
	for _, set := range f.set {
		if err := m.Set(set); err != nil {
			return nil, usageError{err}
		}
	}
	if f.source != "" {
		m.Source = f.source
	}
	return m, nil
}

// openInput opens a file or standard input.
func (a *app) openInput(path string) (in *intake.Input, closer func() error, err error) {
	source := table.Source{Name: path, Reader: a.Stdin}
	closer = func() error { return nil }
	if path == "-" {
		source.Name = "standard input"
	} else {
		file, err := os.Open(path)
		if err != nil {
			return nil, nil, err
		}
		closer = file.Close
		source.Reader = file
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			source.Size = info.Size()
		}
	}
	in, err = intake.Open(source)
	if err != nil {
		return nil, nil, errors.Join(err, closer())
	}
	return in, closer, nil
}

func (a *app) importFile(ctx context.Context, s *store.Store, path string, given *mapping.Mapping, f *importFlags) (err error) {
	in, closer, err := a.openInput(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close(), closer()) }()
	settings, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	zone, err := calendar.LoadZone(settings.Zone)
	if err != nil {
		return err
	}
	b := a.bar(filepath.Base(path))
	defer b.done()
	show := func(p intake.Progress) { b.show(p.Bytes, p.Size, int64(p.Rows), "rows") }
	copied := *given
	m, err := in.Guess(ctx, &copied, show)
	if err != nil {
		return err
	}
	if f.file == "" && !needsNoGuess(m, in) {
		b.done()
		if err := a.confirm(path, m, f.yes); err != nil {
			return err
		}
	}
	var rejected string
	options := intake.Options{
		Mapping: m, Zone: zone, Currency: settings.Currency, Now: a.Now(), Progress: show,
		Rejects: func(extension string) (file io.WriteCloser, err error) {
			rejected, file, err = createRejects(path, extension)
			return file, err
		},
		Lookup: func(name string) (io.ReadCloser, error) { return openBeside(name, f.file, path) },
	}
	var summary intake.Summary
	if m.Kind == mapping.Postcodes {
		summary, err = importPostcodes(ctx, s, in, f.country, options)
	} else {
		summary, err = intake.Import(ctx, in, options, s)
	}
	b.done()
	return errors.Join(err, a.printSummary(path, &summary, rejected))
}

// needsNoGuess tells whether the form of the file is fixed: calls, postcodes,
// and consents as lines with the documented keys.
func needsNoGuess(m *mapping.Mapping, in *intake.Input) bool {
	switch m.Kind {
	case mapping.Calls, mapping.Postcodes:
		return true
	}
	return m.Kind == mapping.Consents && in.Format != table.CSV
}

// importPostcodes reads postcodes, which replace those of the same countries.
func importPostcodes(ctx context.Context, s *store.Store, in *intake.Input, country string, options intake.Options) (intake.Summary, error) {
	list, summary, err := intake.Postcodes(ctx, in, country, options)
	if err != nil {
		return summary, err
	}
	return summary, s.SetPostcodes(ctx, list)
}

// confirm shows the guess and asks whether to take it.
func (a *app) confirm(path string, m *mapping.Mapping, yes bool) error {
	a.complain("%s is read like this (keep it as a file for --map to change it):\n\n%s\n", path, indented(m.String()))
	if yes {
		return nil
	}
	if path == "-" {
		return usagef("standard input cannot be asked about; add --yes or --map FILE")
	}
	a.complain("Import it so? [y/N] ")
	answer, err := bufio.NewReader(a.Stdin).ReadString('\n')
	if err != nil && answer == "" {
		return usagef("nobody answered; add --yes or --map FILE")
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "j", "ja":
		return nil
	}
	a.complain("Nothing was imported.\n")
	return errReported
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}

// createRejects makes the file for rejected rows beside the imported one. One
// that is there already may hold rows that were not mended yet, so it stays.
func createRejects(path, extension string) (string, io.WriteCloser, error) {
	base := path
	if path == "-" {
		base = "stdin"
	}
	for n := 1; ; n++ {
		name := base + ".rejected" + extension
		if n > 1 {
			name = fmt.Sprintf("%s.rejected.%d%s", base, n, extension)
		}
		file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, os.ErrExist) && n < 1000 {
			continue
		}
		return name, file, err
	}
}

// openBeside opens a file that a mapping names, relative to the mapping or to the imported file.
func openBeside(name, mappingPath, path string) (io.ReadCloser, error) {
	if filepath.IsAbs(name) {
		return os.Open(name)
	}
	file, err := os.Open(filepath.Join(filepath.Dir(path), name))
	if errors.Is(err, os.ErrNotExist) && mappingPath != "" {
		return os.Open(filepath.Join(filepath.Dir(mappingPath), name))
	}
	return file, err
}

// summaryView is what became of a file, for programs.
type summaryView struct {
	File      string `json:"file"`
	Read      int    `json:"read"`
	Skipped   int    `json:"skipped"`
	New       int    `json:"new"`
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Duplicate int    `json:"duplicate"`
	Rejected  int    `json:"rejected"`
	Rejects   string `json:"rejects,omitempty"`
}

func newSummaryView(path string, s *intake.Summary, rejects string) summaryView {
	r := &s.Result
	return summaryView{
		File: path, Read: s.Read, Skipped: s.Skipped,
		New:       r.Customers.New + r.Companies.New + r.Events + r.Consents,
		Changed:   r.Customers.Changed + r.Companies.Changed,
		Unchanged: r.Customers.Unchanged + r.Companies.Unchanged,
		Duplicate: r.Duplicates + r.Repeated,
		Rejected:  s.Rejected, Rejects: rejects,
	}
}

func (a *app) printSummary(path string, s *intake.Summary, rejects string) error {
	v := newSummaryView(path, s, rejects)
	if a.asJSON {
		return a.writeJSON(v)
	}
	a.printf("%s: %s rows read", path, thousands(int64(v.Read)))
	for _, part := range []struct {
		n    int
		what string
	}{{v.New, "new"}, {v.Changed, "changed"}, {v.Unchanged, "unchanged"}, {v.Duplicate, "duplicate"}, {v.Skipped, "skipped"}, {v.Rejected, "rejected"}} {
		a.printf(", %s %s", thousands(int64(part.n)), part.what)
	}
	a.printf("\n")
	r := &s.Result
	for _, part := range []struct {
		n    int
		what string
	}{
		{r.Customers.New, "new customers"}, {r.Companies.New, "new companies"}, {r.Events, "events"}, {r.Consents, "consents"},
		{r.Merges, "customers joined with another"},
	} {
		if part.n > 0 {
			a.printf("  %10s  %s\n", thousands(int64(part.n)), part.what)
		}
	}
	a.printReasons(s, rejects)
	return nil
}

// mostReasons is how many reasons are shown; all are in the file of rejected rows.
const mostReasons = 10

func (a *app) printReasons(s *intake.Summary, rejects string) {
	if s.Rejected == 0 {
		return
	}
	a.printf("  rejected rows are in %s; mend them and import that file:\n", rejects)
	for _, r := range s.Reasons[:min(len(s.Reasons), mostReasons)] {
		a.printf("  %10s  %s\n", thousands(int64(r.Rows)), r.Text)
	}
}
