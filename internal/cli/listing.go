package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
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

func newTable(out io.Writer, format string, header []string) *listing {
	t := &listing{out: out, format: format, header: header}
	if format == "csv" {
		t.csv = csv.NewWriter(out)
		t.err = t.csv.Write(header)
	}
	return t
}

func (t *listing) row(cells []string) {
	switch {
	case t.err != nil:
	case t.csv != nil:
		safe := make([]string, len(cells))
		for i, c := range cells {
			safe[i] = withoutFormula(c)
		}
		t.err = t.csv.Write(safe)
	case t.format == "ndjson":
		t.err = t.object(cells)
	default:
		t.rows = append(t.rows, cells)
	}
}

// object writes the cells as a JSON object in the order of the columns.
func (t *listing) object(cells []string) error {
	var b strings.Builder
	for i, c := range cells {
		key, _ := json.Marshal(t.header[i])
		value, _ := json.Marshal(c)
		if c == "" {
			value = []byte("null")
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.Write(key)
		b.WriteString(": ")
		b.Write(value)
	}
	_, err := fmt.Fprintf(t.out, "{%s}\n", b.String())
	return err
}

// withoutFormula keeps spreadsheets from executing a cell.
func withoutFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && !looksNumeric(cell) {
		return "'" + cell
	}
	return cell
}

func looksNumeric(cell string) bool {
	return strings.Trim(cell, "+-0123456789.,") == ""
}

func (t *listing) finish() error {
	if t.csv != nil {
		t.csv.Flush()
		return t.csv.Error()
	}
	if t.err != nil || t.format == "ndjson" {
		return t.err
	}
	widths := make([]int, len(t.header))
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	t.line(t.header, widths)
	for _, row := range t.rows {
		t.line(row, widths)
	}
	return t.err
}

func (t *listing) line(cells []string, widths []int) {
	var b strings.Builder
	for i, c := range cells {
		b.WriteString(c)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c)+2))
		}
	}
	if _, err := fmt.Fprintln(t.out, strings.TrimRight(b.String(), " ")); t.err == nil {
		t.err = err
	}
}
