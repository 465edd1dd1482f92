package cli

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/store"
)

// workspace is an open workspace with its index.
type workspace struct {
	app   *app
	store *store.Store
	index *index.Index
	rows  map[string]index.Position // by name, made when first asked for
}

// catalog gives the fields of the workspace; of one that does not exist yet, none.
func (a *app) catalog(ctx context.Context) (*catalog.Catalog, error) {
	s, err := store.OpenReadOnly(a.dataDir, a.workspace)
	if errors.Is(err, store.ErrNoWorkspace) {
		return &catalog.Catalog{Zone: "Europe/Berlin"}, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := s.Catalog(ctx)
	return known, errors.Join(err, s.Close())
}

// openIndex opens the workspace and its index: the snapshot if it is of this
// revision of the data, else built anew and saved. Past memberships of the
// question are laid over it.
func (a *app) openIndex(ctx context.Context, q *questionFlags) (*workspace, error) {
	s, err := store.OpenReadOnly(a.dataDir, a.workspace)
	if err != nil {
		return nil, err
	}
	w := &workspace{app: a, store: s}
	if w.index, err = a.loadIndex(ctx, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if q != nil && q.memberships != "" {
		stays, err := w.readMemberships(q.memberships)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		w.index = w.index.WithStays(stays)
		w.rows = nil
	}
	return w, nil
}

// snapshotPath is where the index of a workspace is kept between calls.
func (a *app) snapshotPath() string { return filepath.Join(a.dataDir, a.workspace+".index") }

func (a *app) loadIndex(ctx context.Context, s *store.Store) (x *index.Index, err error) {
	err = s.View(ctx, func(v *store.View) error {
		known, err := v.Catalog(ctx)
		if err != nil {
			return err
		}
		zone, err := calendar.LoadZone(known.Zone)
		if err != nil {
			return err
		}
		revision, _, err := v.Revision(ctx)
		if err != nil {
			return err
		}
		if x, err = index.Load(a.snapshotPath(), known, zone, revision); err == nil {
			return nil
		}
		b := a.bar("reading")
		defer b.done()
		x, err = index.Build(ctx, v, func(done, total int64) { b.show(done, total, done, "events") })
		if err != nil {
			return err
		}
		if err := x.Save(a.snapshotPath()); err != nil {
			a.complain("kohorte: the index is not kept for the next call: %v\n", err)
		}
		return nil
	})
	return x, err
}

func (w *workspace) close() { _ = w.store.Close() } // only read from

func (w *workspace) zone() *calendar.Zone    { return w.index.Schema.Zone }
func (w *workspace) known() *catalog.Catalog { return w.index.Schema.Catalog }

// compile reads, checks and compiles a rule given as text or JSON.
func (w *workspace) compile(name, text string, lenient bool) (*eval.Program, error) {
	if isJSON(text) {
		n, problems := rule.ParseJSON([]byte(text))
		if problems.Fatal() {
			w.app.complain("%s", problems.Format(name, text))
			return nil, errReported
		}
		text = rule.Print(n)
	}
	n, err := w.app.parseRule(name, text, w.known(), lenient)
	if err != nil {
		return nil, err
	}
	return w.index.Compile(n)
}

// rowsByName finds customers by the names that lists print.
func (w *workspace) rowsByName() map[string]index.Position {
	if w.rows == nil {
		w.rows = make(map[string]index.Position, w.index.Rows())
		for _, b := range w.index.Blocks {
			for row, name := range b.Names {
				w.rows[name] = index.Position{Block: b, Row: row}
			}
		}
	}
	return w.rows
}

// find finds a person by what people write; the name is that of lists.
func (w *workspace) find(ctx context.Context, text string) (index.Position, string, error) {
	c, err := w.store.Find(ctx, text)
	if err != nil {
		return index.Position{}, "", err
	}
	if c.Kind == store.Company {
		return index.Position{}, "", fmt.Errorf("%s is a company; rules are about persons, who read its attributes as company.…", c.Name)
	}
	position, ok := w.index.Find(c.ID)
	if !ok {
		return index.Position{}, "", fmt.Errorf("%s is not in the index", c.Name)
	}
	return position, c.Name, nil
}

// columnsOf finds attributes to show: paths of the customer or, with company., of the company.
func (w *workspace) columnsOf(paths []string) ([]column, error) {
	var all []column
	scope := catalog.Scope{Catalog: w.known()}
	for _, path := range paths {
		ref, ok := scope.Resolve(strings.Split(path, "."))
		if !ok {
			return nil, usagef("--columns: unknown attribute %q; kohorte fields lists them", path)
		}
		all = append(all, column{path, w.reader(ref)})
	}
	return all, nil
}

// reader gives the function that reads a field as it was at an instant.
func (w *workspace) reader(ref catalog.Ref) func(index.Position, calendar.Instant) string {
	if ref.Base == catalog.OfCompany {
		id, _ := w.index.Schema.Company.ID(ref.Path)
		return func(p index.Position, now calendar.Instant) string {
			row, ok := p.Block.Company(p.Row, now)
			if !ok {
				return ""
			}
			return w.cell(w.index.Companies.Attrs[id], row, now)
		}
	}
	id, _ := w.index.Schema.Attrs.ID(ref.Path)
	return func(p index.Position, now calendar.Instant) string { return w.cell(p.Block.Attrs[id], p.Row, now) }
}

func (w *workspace) cell(attr *columns.Attr, row int, now calendar.Instant) string {
	if attr == nil {
		return ""
	}
	c, i := attr.At(row, now)
	if !c.IsKnown(i) {
		return ""
	}
	if c.Kind == catalog.Text {
		text, _ := c.Text(i)
		return text
	}
	return eval.Show(c, i, w.zone())
}

// unzipped reads a file that may be compressed with gzip.
func unzipped(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		return gzip.NewReader(b)
	}
	return b, nil
}
