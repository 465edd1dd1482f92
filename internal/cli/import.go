package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

// importFlags are the flags of import.
type importFlags struct {
	kind    string
	mapFile string
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
		Example: `  kohorte import customers.csv orders.csv.gz
  kohorte import --map shop.yaml orders-2026.csv
  kohorte import --as calls - < events.ndjson
  kohorte import --as postcodes DE.txt`,
		Args: arguments(1, -1, "at least one file"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.importFiles(cmd.Context(), args, &f) },
	}
	cmd.Flags().StringVar(&f.kind, "as", "", "`KIND` of the rows: customers, companies, orders, events, calls, consents or postcodes")
	cmd.Flags().StringVar(&f.mapFile, "map", "", "`FILE` with the mapping of columns (YAML)")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "map one column, as `COLUMN=FIELD`; may be repeated")
	cmd.Flags().StringVar(&f.source, "source", "", "`NAME` of the source; facts of one source are imported once")
	cmd.Flags().StringVar(&f.country, "country", "", "`CODE` of the country of postcodes whose file does not say it, such as DE")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "take the guess without asking")
	return cmd
}

// importer is one call of import. The store is opened when the first file is
// known to be good, so that nothing comes of a mistake.
type importer struct {
	*app
	*importFlags
	given *mapping.Mapping
	store *store.Store
	sink  intake.Sink     // the store, or the server that serves the workspace
	lock  *serve.FileLock // without a server
}

func (a *app) importFiles(ctx context.Context, files []string, f *importFlags) (err error) {
	given, err := f.mapping()
	if err != nil {
		return err
	}
	for _, path := range files {
		if _, err := os.Stat(path); err != nil && path != "-" {
			return about(path, reason(err))
		}
	}
	i := importer{app: a, importFlags: f, given: given}
	defer func() {
		if i.store != nil {
			err = errors.Join(err, i.store.Close())
		}
		if i.lock != nil {
			i.lock.Release()
		}
	}()
	for _, path := range files {
		if err := i.file(ctx, path); err != nil {
			return about(path, err)
		}
	}
	return nil
}

// openStore opens the store. If a server serves the workspace, records go to it, so
// that every segment follows them at once.
func (i *importer) openStore() (err error) {
	if remote, ok := serve.Connect(i.dataDir, i.workspace); ok {
		i.sink = remote
	} else if i.lock, err = serve.Lock(i.dataDir, i.workspace); err != nil {
		return err
	}
	if i.store, err = i.openToWrite(); err == nil && i.sink == nil {
		i.sink = i.store
	}
	return err
}

// open opens the store, once, and gives its settings.
func (i *importer) open(ctx context.Context) (settings store.Settings, zone *calendar.Zone, err error) {
	if i.store == nil {
		if err = i.openStore(); err != nil {
			return settings, nil, err
		}
	}
	if settings, err = i.store.Settings(ctx); err != nil {
		return settings, nil, err
	}
	zone, err = calendar.LoadZone(settings.Zone)
	return settings, zone, err
}

// about names the file that an error is about, unless everything was said.
func about(path string, err error) error {
	var wrong usageError
	text := err.Error()
	switch {
	case errors.Is(err, errReported), errors.Is(err, context.Canceled), errors.As(err, &wrong),
		strings.HasPrefix(text, path+": "), strings.HasPrefix(text, standardInput+": "):
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// mapping reads what the flags say of the columns; nil if they say nothing.
func (f *importFlags) mapping() (m *mapping.Mapping, err error) {
	m = &mapping.Mapping{}
	if f.mapFile != "" {
		text, err := os.ReadFile(f.mapFile)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.mapFile, reason(err))
		}
		if m, err = mapping.Parse(f.mapFile, text); err != nil {
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

// standardInput is the name of standard input in messages.
const standardInput = "standard input"

// openInput opens a file or standard input.
func (a *app) openInput(path string) (in *intake.Input, closer func() error, err error) {
	source := table.Source{Name: path, Reader: a.Stdin}
	closer = func() error { return nil }
	if path == "-" {
		source.Name = standardInput
	} else {
		file, err := os.Open(path)
		if err != nil {
			return nil, nil, reason(err)
		}
		closer = file.Close
		source.Reader = file
		info, err := file.Stat()
		if err == nil && info.IsDir() {
			return nil, nil, errors.Join(errors.New("this is a directory; name the files in it"), closer())
		}
		if err == nil && info.Mode().IsRegular() {
			source.Size = info.Size()
		}
	}
	in, err = intake.Open(source)
	if err != nil {
		return nil, nil, errors.Join(err, closer())
	}
	return in, closer, nil
}

// file imports one file.
func (i *importer) file(ctx context.Context, path string) (err error) {
	in, closer, err := i.openInput(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close(), closer()) }()
	b := i.bar(filepath.Base(path))
	defer b.remove()
	show := func(p intake.Progress) {
		b.what = shorten(filepath.Base(path), longestName)
		if p.Surveying || p.Rows == 0 {
			b.what = "looking through " + b.what
		}
		b.show(p.Bytes, p.Size, int64(p.Rows), "rows")
	}
	copied := *i.given
	m, err := in.Guess(ctx, &copied, show)
	if err != nil {
		return err
	}
	if m != &copied && !fixedForm(m, in) {
		b.remove()
		if err := i.confirm(ctx, path, m, i.yes); err != nil {
			return err
		}
	}
	settings, zone, err := i.open(ctx)
	if err != nil {
		return err
	}
	rejects := intake.RejectsBeside(rejectBase(path))
	summary, err := i.rows(ctx, in, intake.Options{
		Mapping: m, Zone: zone, Currency: settings.Currency, Now: i.Now(), Progress: show, Rejects: rejects.Open,
		Lookup: func(name string) (io.ReadCloser, error) { return openBeside(name, i.mapFile, path) },
	})
	b.remove()
	return i.imported(path, m.Kind, &summary, rejects.Path(), err)
}

// longestName bounds the name of a file beside a progress bar, in characters.
const longestName = 30

// rows reads the rows into the store; postcodes replace those of their countries.
func (i *importer) rows(ctx context.Context, in *intake.Input, o intake.Options) (intake.Summary, error) {
	if o.Mapping.Kind != mapping.Postcodes {
		return intake.Import(ctx, in, o, i.sink)
	}
	list, summary, err := intake.Postcodes(ctx, in, i.country, o)
	if err != nil {
		return summary, err
	}
	return summary, i.store.SetPostcodes(ctx, list)
}

// rejectBase is the name beside which rejected rows are kept.
func rejectBase(path string) string {
	if path == "-" {
		return "stdin"
	}
	return path
}

// imported tells what became of a file, also of one that was not read to its end.
func (a *app) imported(path string, kind mapping.Kind, summary *intake.Summary, rejects string, failed error) error {
	if failed != nil && summary.Read == 0 {
		return failed
	}
	err := errors.Join(failed, a.printSummary(path, kind, summary, rejects))
	if failed != nil {
		a.complain("%s was not read to its end; what was imported stays, and importing the file again completes it\n", path)
	}
	return err
}

// fixedForm tells whether nothing about the file had to be guessed: calls,
// postcodes, and consents as lines with the documented keys.
func fixedForm(m *mapping.Mapping, in *intake.Input) bool {
	switch m.Kind {
	case mapping.Calls, mapping.Postcodes:
		return true
	}
	return m.Kind == mapping.Consents && in.Format != table.CSV
}

// openBeside opens a file that a mapping names, relative to the imported file or to the mapping.
func openBeside(name, mappingPath, path string) (io.ReadCloser, error) {
	tried := []string{name}
	if !filepath.IsAbs(name) {
		tried = []string{filepath.Join(filepath.Dir(path), name), filepath.Join(filepath.Dir(mappingPath), name)}
	}
	for _, path := range tried {
		file, err := os.Open(path)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", path, reason(err))
		}
	}
	return nil, fmt.Errorf("there is no file %s", strings.Join(slices.Compact(tried), " or "))
}
