// Package export writes rows of typed cells as CSV, NDJSON, Parquet or XLSX: as
// a stream, or as a file that is there whole or not at all. It knows nothing of
// customers and rules; whoever exports brings columns and rows.
//
// What each format makes of each type, and what spreadsheets would execute or
// change, is decided here and described in docs/export.md. Memory does not grow
// with the number of rows.
package export

import (
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
)

// Kind is the type of a column and of its known cells.
type Kind uint8

// The kinds. A cell that is not known is Unknown in a column of any kind.
const (
	Unknown Kind = iota
	Text
	Number
	Boolean
	Date  // a day without a zone
	Time  // an instant
	Texts // a list of texts
	JSON  // what has no other form: a text that is JSON
)

var kindNames = [...]string{"unknown", "text", "number", "boolean", "date", "time", "list of text", "JSON"}

// String names the kind for people.
func (k Kind) String() string { return kindNames[k] }

// Column is a column of a table. Names must differ.
type Column struct {
	Name string
	Kind Kind
}

// Cell is a typed value. The zero cell is unknown.
type Cell struct {
	kind  Kind
	n     int64 // number.Number; 0 or 1; days since 1970-01-01; milliseconds since then
	text  string
	texts []string
}

// TextCell makes a cell of a text. Bytes that are not UTF-8 become U+FFFD.
func TextCell(text string) Cell { return Cell{kind: Text, text: strings.ToValidUTF8(text, "\ufffd")} }

// NumberCell makes a cell of a number.
func NumberCell(n number.Number) Cell { return Cell{kind: Number, n: int64(n)} }

// BooleanCell makes a cell of a boolean.
func BooleanCell(is bool) Cell {
	if is {
		return Cell{kind: Boolean, n: 1}
	}
	return Cell{kind: Boolean}
}

// DateCell makes a cell of the day of a wall-clock time, years 1 to 9999.
func DateCell(c calendar.Civil) Cell {
	return Cell{kind: Date, n: time.Date(c.Year, time.Month(c.Month), c.Day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds}
}

// TimeCell makes a cell of an instant.
func TimeCell(t calendar.Instant) Cell { return Cell{kind: Time, n: t} }

// TextsCell makes a cell of a list. The list must not be changed until the row is written.
func TextsCell(texts []string) Cell {
	if !slices.ContainsFunc(texts, notUTF8) {
		return Cell{kind: Texts, texts: texts}
	}
	valid := make([]string, len(texts))
	for i, text := range texts {
		valid[i] = strings.ToValidUTF8(text, "\ufffd")
	}
	return Cell{kind: Texts, texts: valid}
}

// JSONCell makes a cell of one JSON value.
func JSONCell(json string) Cell { return Cell{kind: JSON, text: strings.ToValidUTF8(json, "\ufffd")} }

// Kind tells the kind of the cell, Unknown if it has no value.
func (c *Cell) Kind() Kind { return c.kind }

// Table is what is exported.
type Table struct {
	Columns []Column
	Rows    iter.Seq2[[]Cell, error] // a row is valid until the next one; an error ends the export
	Zone    *calendar.Zone           // of the wall-clock times that people read; nil for UTC
}

// Format is a form of file.
type Format uint8

// The formats.
const (
	CSV Format = iota
	NDJSON
	Parquet
	XLSX
)

var formatNames = [...]string{"csv", "ndjson", "parquet", "xlsx"}

// String gives the name of the format, which is also the ending of its files.
func (f Format) String() string { return formatNames[f] }

// Formats are all formats.
var Formats = []Format{CSV, NDJSON, Parquet, XLSX}

// MediaType gives the type that HTTP names the format by.
func (f Format) MediaType() string {
	return [...]string{"text/csv; charset=utf-8", "application/x-ndjson", "application/vnd.apache.parquet",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[f]
}

// FormatOf finds a format by its name; false if there is none.
func FormatOf(name string) (Format, bool) {
	i := slices.Index(formatNames[:], strings.ToLower(name))
	return Format(max(i, 0)), i >= 0
}

// FormatOfFile finds the format of a file by the ending of its name.
func FormatOfFile(path string) (Format, bool) {
	switch ending := strings.TrimPrefix(filepath.Ext(path), "."); ending {
	case "jsonl":
		return NDJSON, true
	default:
		return FormatOf(ending)
	}
}

// Options say how to write.
type Options struct {
	Format Format
	// Raw leaves texts in CSV as they are, for programs: a spreadsheet may execute them.
	Raw bool
	// German writes CSV for a German Excel: semicolons, decimal commas, 31.12.2026, a
	// mark of UTF-8; in XLSX dates are shown as 31.12.2026.
	German bool
	// Progress, if not nil, is told now and then how many rows were written.
	Progress func(rows int64)
}

// Check refuses options that do not fit together.
func (o Options) Check() error {
	switch {
	case o.Raw && o.Format != CSV:
		return errors.New("raw is for CSV; the other formats keep texts as they are anyway")
	case o.German && o.Format != CSV && o.Format != XLSX:
		return errors.New("german is for CSV and XLSX")
	}
	return nil
}

// Unfit is the error for columns that no export can have.
type Unfit struct{ text string }

func (u *Unfit) Error() string { return u.text }

// Result tells what was written.
type Result struct {
	Rows int64
	Cut  int64 // texts that a cell of a spreadsheet cannot hold and that were cut
}
