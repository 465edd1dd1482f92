package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/survey"
	"github.com/kohorte/kohorte/internal/intake/table"
)

// lookup fetches cells from another file, which is held in memory.
type lookup struct {
	file string
	on   *column
	rows map[string][]table.Cell // the cells that are fetched, by the key
	none []table.Cell            // the same for a row without a key
}

// add appends the cells that belong to a row.
func (l *lookup) add(cells []table.Cell) ([]table.Cell, error) {
	key := l.on.text(cells)
	if len(key) == 0 {
		return append(cells, l.none...), nil
	}
	found, ok := l.rows[string(key)]
	if !ok {
		return cells, fmt.Errorf("%s %q is not in %s", l.on.name, key, l.file)
	}
	return append(cells, found...), nil
}

// addLookup reads a file in which something is looked up, and adds its columns.
func (p *planner) addLookup(m mapping.Lookup, opt Options) {
	i := p.find(m.Column)
	if i < 0 {
		return
	}
	if opt.Lookup == nil {
		p.try(fmt.Errorf("the mapping looks something up in %s, which is not at hand here", m.File))
		return
	}
	l := &lookup{file: m.File, on: &column{index: i, name: m.Column, kind: p.profiles[i].ForID()}, rows: map[string][]table.Cell{}}
	wanted, err := p.loadLookup(l, m, opt.Lookup)
	if err != nil {
		p.try(fmt.Errorf("looking up in %s: %w", m.File, err))
		return
	}
	l.none = make([]table.Cell, len(wanted))
	p.lookups = append(p.lookups, l)
	for n, c := range m.Columns {
		p.add(p.width+n, c)
	}
	p.width += len(wanted)
}

// loadLookup reads the cells that are wanted of all rows, and the profiles of their columns.
func (p *planner) loadLookup(l *lookup, m mapping.Lookup, open func(string) (io.ReadCloser, error)) (wanted []int, err error) {
	file, err := open(m.File)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	in, err := table.Open(table.Source{Name: m.File, Reader: file})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	s, err := survey.Take(context.Background(), in, false, nil)
	if err != nil {
		return nil, err
	}
	key := s.Columns.Index(m.Key)
	if key < 0 {
		return nil, fmt.Errorf("it has no column %q", m.Key)
	}
	for _, c := range m.Columns {
		n := s.Columns.Index(c.Name)
		if n < 0 {
			return nil, fmt.Errorf("it has no column %q", c.Name)
		}
		wanted = append(wanted, n)
		p.profiles = append(p.profiles, s.Profiles[n])
	}
	return wanted, l.load(in, s.Columns, key, wanted)
}

func (l *lookup) load(in *table.Input, columns table.Columns, key int, wanted []int) error {
	rows, err := in.Rows(true)
	if err != nil {
		return err
	}
	rows.Expect(columns)
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if row.Fault != "" || len(row.Cells[key].Text) == 0 {
			continue
		}
		cells := make([]table.Cell, len(wanted))
		for i, n := range wanted {
			cells[i] = table.Cell{Text: slices.Clone(row.Cells[n].Text), JSON: row.Cells[n].JSON}
		}
		if k := string(row.Cells[key].Text); l.rows[k] == nil {
			l.rows[k] = cells
		}
	}
}
