package cli

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode"

	"github.com/kohorte/kohorte/internal/projection"
	"golang.org/x/text/width"
)

// listing writes rows as a table for people, as CSV or as NDJSON.
type listing struct {
	out    io.Writer
	format string
	header []string
	rows   [][]string // of a table for people, whose widths come last
	csv    *csv.Writer
	err    error
}

// cell is what stands in a row of a list: for people and, in NDJSON, for programs.
type cell struct {
	text string
	json []byte
}

func newTable(out io.Writer, format string, header ...string) *listing {
	t := &listing{out: out, format: format, header: header}
	if format == "csv" {
		t.csv = csv.NewWriter(out)
		t.row(header...)
	}
	return t
}

// row adds a row of texts.
func (t *listing) row(texts ...string) {
	cells := make([]cell, len(texts))
	for i, text := range texts {
		cells[i] = cell{text, projection.Quoted(text)}
	}
	t.cells(cells)
}

// cells adds a row.
func (t *listing) cells(cells []cell) {
	if t.err != nil {
		return
	}
	if t.format == "ndjson" {
		t.err = t.object(cells)
		return
	}
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = c.text
	}
	if t.csv == nil {
		t.rows = append(t.rows, texts)
		return
	}
	for i, text := range texts {
		texts[i] = withoutFormula(text)
	}
	t.err = t.csv.Write(texts)
}

// object writes the cells as a JSON object in the order of the columns.
func (t *listing) object(cells []cell) error {
	b := []byte{'{'}
	for i, c := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, projection.Quoted(t.header[i])...), ':')
		b = append(b, c.json...)
	}
	_, err := t.out.Write(append(b, '}', '\n'))
	return err
}

// withoutFormula keeps spreadsheets from executing a cell.
func withoutFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) && !looksNumeric(cell) {
		return "'" + cell
	}
	return cell
}

func looksNumeric(cell string) bool {
	return strings.Trim(cell, "+-0123456789.,") == ""
}

func (t *listing) finish() error {
	if t.csv != nil && t.err == nil {
		t.csv.Flush()
		return t.csv.Error()
	}
	if t.err != nil || t.format == "ndjson" {
		return t.err
	}
	rows := append([][]string{t.header}, t.rows...)
	widths := make([]int, len(t.header))
	for _, row := range rows {
		for i, text := range row {
			row[i] = harmless(text)
			widths[i] = max(widths[i], breadth(row[i]))
		}
	}
	for _, row := range rows {
		if _, err := io.WriteString(t.out, line(row, widths)); err != nil {
			return err
		}
	}
	return nil
}

// line pads the cells of a row to the widths of their columns.
func line(cells []string, widths []int) string {
	var b strings.Builder
	for i, c := range cells {
		b.WriteString(c)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-breadth(c)+2))
		}
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}

// harmless replaces what would break a table or command a terminal: data come
// from anywhere.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("\t\n\v\f\r\u0085\u2028\u2029", r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// breadth gives the number of columns that a text takes on a terminal: none for
// what combines with the letter before, two for wide letters.
func breadth(text string) int {
	n := 0
	for _, r := range text {
		if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
			continue
		}
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
