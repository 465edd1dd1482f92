package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
)

// field is a column of a list: an attribute of the customer or, with company., of
// the company.
type field struct {
	path    string
	id      int
	company bool
	columns.Field
}

// fieldsOf finds attributes by their paths.
func (w *workspace) fieldsOf(paths []string) ([]field, error) {
	var all []field
	scope := catalog.Scope{Catalog: w.known}
	for _, path := range paths {
		path = strings.TrimSpace(path)
		ref, ok := scope.Resolve(strings.Split(path, "."))
		if !ok {
			return nil, usagef("--columns: unknown attribute %q; kohorte fields lists them", path)
		}
		f := field{path: path, company: ref.Base == catalog.OfCompany}
		of := w.index.Schema.Attrs
		if f.company {
			of = w.index.Schema.Company
		}
		if f.id, ok = of.ID(ref.Path); !ok {
			return nil, fmt.Errorf("the fields have changed meanwhile; ask again")
		}
		f.Field = of.List[f.id]
		all = append(all, f)
	}
	return all, nil
}

// of finds the value that the field has at an instant; false if it is unknown.
func (f *field) of(w *workspace, p index.Position, now calendar.Instant) (c *columns.Column, i int, known bool) {
	attrs, row := p.Block.Attrs, p.Row
	if f.company {
		attrs = w.index.Companies.Attrs
		if row, known = p.Block.Company(p.Row, now); !known {
			return nil, 0, false
		}
	}
	if attrs[f.id] == nil {
		return nil, 0, false
	}
	c, i = attrs[f.id].At(row, now)
	return c, i, c.IsKnown(i)
}

// cell makes the cell of a list.
func (f *field) cell(w *workspace, p index.Position, now calendar.Instant) cell {
	c, i, known := f.of(w, p, now)
	if !known {
		return cell{json: []byte("null")}
	}
	text := eval.Show(c, i, w.zone)
	if c.Kind == catalog.Text {
		text, _ = c.Text(i)
	}
	return cell{text, appendJSON(nil, c, &f.Field, i, w.zone)}
}

// appendJSON writes a value of a column as JSON: dates and times as texts, what
// is unknown as null. The field names the members of objects.
func appendJSON(b []byte, c *columns.Column, f *columns.Field, i int, z *calendar.Zone) []byte {
	if c == nil || !c.IsKnown(i) {
		return append(b, "null"...)
	}
	switch c.Kind {
	case catalog.Text:
		text, _ := c.Text(i)
		return append(b, quoted(text)...)
	case catalog.Number, catalog.Boolean:
		return append(b, eval.Show(c, i, z)...)
	case catalog.TextList, catalog.ObjectList:
		b = append(b, '[')
		for j := c.Off[i]; j < c.Off[i+1]; j++ {
			if j > c.Off[i] {
				b = append(b, ',')
			}
			if c.Kind == catalog.TextList {
				b = append(b, quoted(c.Dict.Text(c.Codes[j]))...)
			} else {
				b = appendObject(b, c.Items, f.Members, int(j), z)
			}
		}
		return append(b, ']')
	}
	return append(b, quoted(eval.Show(c, i, z))...)
}

// appendObject writes the known fields of a row as a JSON object, by their dotted paths.
func appendObject(b []byte, t *columns.Table, fields *columns.Fields, row int, z *calendar.Zone) []byte {
	b = append(b, '{')
	first := true
	for i := range fields.List {
		c := t.Cols[i]
		if c == nil || !c.IsKnown(row) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(b, quoted(fields.List[i].Path)...), ':')
		b = appendJSON(b, c, &fields.List[i], row, z)
	}
	return append(b, '}')
}

// quoted writes a text as JSON.
func quoted(text string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a text cannot fail
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
