package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// workspace is an open workspace. Its index is there after load.
type workspace struct {
	app   *app
	store *store.Store
	known *catalog.Catalog
	zone  *calendar.Zone
	stays []membership // of --memberships

	companies bool // what is asked is about companies
	index     *index.Index
	rows      map[string]index.Position // by name, made when first asked for
}

// usualZone is the time zone of a new workspace.
const usualZone = "Europe/Berlin"

// openStore opens the workspace to read; an error names those that exist.
func (a *app) openStore() (*store.Store, error) {
	s, err := store.OpenReadOnly(a.dataDir, a.workspace)
	if errors.Is(err, store.ErrNoWorkspace) {
		text := fmt.Sprintf("nothing was imported into %s yet; kohorte import FILE does it, --data DIR names another directory", a.dataDir)
		if there := a.workspaces(); len(there) > 0 {
			text = fmt.Sprintf("there is no workspace %s in %s; --workspace can be %s", a.workspace, a.dataDir, strings.Join(there, ", "))
		}
		return nil, said{text, err}
	}
	return s, err
}

// openToWrite opens the workspace, and makes it if need be.
func (a *app) openToWrite() (*store.Store, error) {
	_, missing := os.Stat(filepath.Join(a.dataDir, a.workspace+".db"))
	s, err := store.Open(a.dataDir, a.workspace)
	if err == nil && errors.Is(missing, os.ErrNotExist) {
		// An index that outlived its workspace would pass for one of the new.
		if err := os.Remove(a.snapshotPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, errors.Join(fmt.Errorf("%s: %w", a.snapshotPath(), reason(err)), s.Close())
		}
	}
	return s, err
}

// workspaces names those in the data directory.
func (a *app) workspaces() []string {
	entries, _ := os.ReadDir(a.dataDir) // there are none in a directory that does not exist
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".db"); ok {
			names = append(names, name)
		}
	}
	return names
}

// catalog gives the fields of the workspace; of one that does not exist yet, none.
func (a *app) catalog(ctx context.Context) (*catalog.Catalog, error) {
	s, err := a.openStore()
	if errors.Is(err, store.ErrNoWorkspace) {
		a.complain("kohorte: no names are known: %v\n", err)
		return &catalog.Catalog{Zone: usualZone}, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := s.Catalog(ctx)
	return known, errors.Join(err, s.Close())
}

// open opens the workspace for a question, with the past memberships that it
// brings, so that a rule can be checked before the index is loaded.
func (a *app) open(ctx context.Context, q *questionFlags) (*workspace, error) {
	s, err := a.openStore()
	if err != nil {
		return nil, err
	}
	w := &workspace{app: a, store: s, companies: q.companies}
	if err := w.prepare(ctx, q); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return w, nil
}

// prepare reads what a rule is checked against.
func (w *workspace) prepare(ctx context.Context, q *questionFlags) (err error) {
	if w.known, err = w.store.Catalog(ctx); err != nil {
		return err
	}
	if w.zone, err = calendar.LoadZone(w.known.Zone); err != nil || q.memberships == "" {
		return err
	}
	return w.readMemberships(q.memberships)
}

// load makes the index ready: from the snapshot if it is of this revision of the
// data, else built anew and saved. Past memberships are laid over it.
func (w *workspace) load(ctx context.Context) error {
	if w.index != nil {
		return nil
	}
	err := w.store.View(ctx, func(v *store.View) error {
		if err := w.loadIndex(ctx, v); err != nil || w.stays != nil {
			return err
		}
		stays, err := live.Stays(ctx, v, w.index)
		if len(stays) > 0 {
			w.index = w.index.WithStays(stays)
		}
		return err
	})
	if err == nil && w.stays != nil {
		w.index = w.index.WithStays(w.knownStays())
		w.rows = nil // they were those of the index before
	}
	if err == nil && w.companies {
		w.index, w.rows = w.index.OfCompanies(), nil
	}
	return err
}

// askAbout notes whether the members of a segment, or of the parts of a segmentation, are companies.
func (w *workspace) askAbout(name string) {
	w.companies = w.companies || slices.ContainsFunc(w.known.Firms, func(firms string) bool {
		whole, _, isPart := segment.SplitPart(firms)
		return firms == name || isPart && whole == name
	})
}

// snapshotPath is where the index of a workspace is kept between calls.
func (a *app) snapshotPath() string { return filepath.Join(a.dataDir, a.workspace+".index") }

func (w *workspace) loadIndex(ctx context.Context, v *store.View) error {
	known, err := v.Catalog(ctx) // the one of the same moment as the data
	if err != nil {
		return err
	}
	revision, _, err := v.Revision(ctx)
	if err != nil {
		return err
	}
	path := w.app.snapshotPath()
	if w.index, err = index.Load(path, known, w.zone, revision); err == nil {
		return nil
	}
	b := w.app.bar("reading")
	defer b.remove()
	w.index, err = index.Build(ctx, v, func(done, total int64) { b.show(done, total, done, "events") })
	if err != nil {
		return err
	}
	if err := w.index.Save(path); err != nil {
		w.app.complain("kohorte: the index is not kept for the next call: %v\n", reason(err))
	}
	return nil
}

func (w *workspace) close() { _ = w.store.Close() } // only read from

// rowsByName finds customers by the names that lists print.
func (w *workspace) rowsByName() map[string]index.Position {
	if w.rows == nil {
		w.rows = make(map[string]index.Position, w.index.Rows())
		blocks := w.index.Blocks
		if w.companies {
			blocks = slices.Concat(w.index.OfCompanies().Blocks, blocks) // a person before a company of the same name
		}
		for _, b := range blocks {
			for row, name := range b.Names {
				w.rows[name] = index.Position{Block: b, Row: row}
			}
		}
	}
	return w.rows
}
