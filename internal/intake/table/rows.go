package table

import (
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/intake/jsontext"
)

// maxColumns bounds the keys that the objects of a JSON file may have between them.
const maxColumns = 10_000

// Rows reads the rows of a table one after the other.
type Rows struct {
	names Columns
	row   Row
	bytes func() int64

	csv    *csvReader
	header *header

	texts *texts
	index map[string]int // of names, for the keys of JSON objects
	path  []byte
	fixed []byte   // a row whose encoding was repaired
	fixes [][]byte // the same of its cells
}

// Columns are the names of the columns: of a CSV file as its header has them, of
// a JSON file those of the rows read so far.
func (r *Rows) Columns() Columns { return r.names }

// Expect names the columns that an earlier reading of a JSON file has found, so
// that every row has a cell for each of them.
func (r *Rows) Expect(columns Columns) {
	if r.csv != nil {
		return
	}
	r.names = slices.Clone(columns)
	for i, name := range r.names {
		r.index[name] = i
	}
}

// Bytes tells how many bytes of the file were read, gzipped as it may be.
func (r *Rows) Bytes() int64 { return r.bytes() }

// Next reads a row. It is valid until the next call. The error is io.EOF at the
// end; one that is not ends the reading. Rows without any value, and rows that
// repeat the header, are passed over.
func (r *Rows) Next() (*Row, error) {
	if r.csv != nil {
		return r.nextCSV()
	}
	row, err := r.NextText()
	if err == nil && row.Fault == "" {
		r.spread(row)
	}
	return row, err
}

// NextText reads a row of JSON without looking into it, see Row.Text.
func (r *Rows) NextText() (*Row, error) {
	text, fault, err := r.texts.read()
	if err != nil {
		return nil, err
	}
	r.row = Row{Line: r.texts.begin, Cells: r.row.Cells[:0], Fault: fault, raw: repair(text, &r.fixed)}
	return &r.row, nil
}

func (r *Rows) nextCSV() (*Row, error) {
	for {
		found, fault, err := r.csv.read()
		if err != nil {
			return nil, err
		}
		r.clean(found)
		if at := r.header.reason; at >= 0 && at < len(found) {
			found = slices.Delete(found, at, at+1)
		}
		if !isBlank(found) && !r.header.isRow(found) {
			return r.lineUp(found, r.csv.begin, fault), nil
		}
	}
}

// clean makes cells valid UTF-8 and takes the blanks around them.
func (r *Rows) clean(cells [][]byte) {
	r.fixes = r.fixes[:cap(r.fixes)]
	for len(r.fixes) < len(cells) {
		r.fixes = append(r.fixes, nil)
	}
	for i, c := range cells {
		cells[i] = trim(repair(c, &r.fixes[i]))
	}
}

// lineUp puts the cells that were found under the columns of the header.
func (r *Rows) lineUp(found [][]byte, line int, fault string) *Row {
	r.row = Row{Line: line, Cells: r.row.Cells[:0], Fault: fault, found: found}
	width := len(r.header.given)
	for _, text := range found[:min(len(found), width)] {
		r.row.Cells = append(r.row.Cells, Cell{Text: text})
	}
	for len(r.row.Cells) < width {
		r.row.Cells = append(r.row.Cells, Cell{})
	}
	surplus := found[min(len(found), width):]
	if fault == "" && (len(found) < r.header.need || !isBlank(surplus)) {
		r.row.Fault = fmt.Sprintf("the row has %d cells, the header has %d", len(found), width)
	}
	return &r.row
}

// spread takes a JSON object apart into cells; what is nested gets dotted names.
func (r *Rows) spread(row *Row) {
	for range r.names {
		row.Cells = append(row.Cells, Cell{})
	}
	r.path = r.path[:0]
	if err := r.members(row.raw); err != nil && row.Fault == "" {
		row.Fault = "the line cannot be read: " + err.Error()
	}
}

// members puts the members of an object into cells.
func (r *Rows) members(object []byte) error {
	outer := len(r.path)
	return jsontext.Members(object, func(key, value []byte) {
		if outer > 0 {
			r.path = append(r.path, '.')
		}
		r.path = append(r.path, key...)
		switch {
		case outer == 0 && string(key) == ReasonColumn:
		case outer == 0 && string(key) == LineKey:
			r.row.Fault = "what stands under " + LineKey + " is not mended yet: put a JSON object in place of the line"
		case jsontext.Kind(value) == jsontext.Object:
			_ = r.members(value) // it was checked with what is around it
		default:
			r.put(value)
		}
		r.path = r.path[:outer]
	})
}

func (r *Rows) put(value []byte) {
	i, ok := r.index[string(r.path)]
	if !ok && len(r.names) == maxColumns {
		r.row.Fault = fmt.Sprintf("the file has more than %d different keys", maxColumns)
		return
	}
	if !ok {
		i = len(r.names)
		r.names = append(r.names, string(r.path))
		r.index[r.names[i]] = i
		r.row.Cells = append(r.row.Cells, Cell{})
	}
	if jsontext.Kind(value) == jsontext.Text {
		r.row.Cells[i] = Cell{Text: trim(jsontext.Unquote(value))}
		return
	}
	r.row.Cells[i] = Cell{Text: value, JSON: true}
}
