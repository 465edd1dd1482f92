package projection

import (
	"encoding/json"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
)

// AppendJSON appends a value of a column as JSON: dates and times as texts, what
// is unknown as null. The field names the members of objects.
func AppendJSON(b []byte, c *columns.Column, f *columns.Field, i int, z *calendar.Zone) []byte {
	if c == nil || !c.IsKnown(i) {
		return append(b, "null"...)
	}
	switch c.Kind {
	case catalog.Text:
		text, _ := c.Text(i)
		return append(b, Quoted(text)...)
	case catalog.Number, catalog.Boolean:
		return append(b, eval.Show(c, i, z)...)
	case catalog.TextList, catalog.ObjectList:
		b = append(b, '[')
		for j := c.Off[i]; j < c.Off[i+1]; j++ {
			if j > c.Off[i] {
				b = append(b, ',')
			}
			if c.Kind == catalog.TextList {
				b = append(b, Quoted(c.Dict.Text(c.Codes[j]))...)
			} else {
				b = AppendObject(b, c.Items, f.Members, int(j), z)
			}
		}
		return append(b, ']')
	}
	return append(b, Quoted(eval.Show(c, i, z))...)
}

// AppendObject appends the known fields of a row as a JSON object, by their dotted paths.
func AppendObject(b []byte, t *columns.Table, fields *columns.Fields, row int, z *calendar.Zone) []byte {
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
		b = append(append(b, Quoted(fields.List[i].Path)...), ':')
		b = AppendJSON(b, c, &fields.List[i], row, z)
	}
	return append(b, '}')
}

// Quoted gives a text as JSON.
func Quoted(text string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a text cannot fail
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
