package table

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/kohorte/kohorte/internal/intake/jsontext"
)

// Rejects writes rows that were not taken, so that they can be mended and read
// again: as CSV in UTF-8 with the columns and the delimiter of the file they
// come from, preceded by one for the reason; or as NDJSON with the reason as a key more.
type Rejects struct {
	out    *bufio.Writer
	form   Form
	header *header
	begun  bool
	line   []byte
}

// Rejects begins a file for the rejected rows of an input.
func (in *Input) Rejects(out io.Writer) *Rejects {
	return &Rejects{out: bufio.NewWriter(out), form: in.Form, header: in.header}
}

// Extension is what the name of a file of rejected rows ends in.
func (in *Input) Extension() string {
	if in.Format == CSV {
		return ".csv"
	}
	return ".ndjson"
}

// Write adds a row with the reason why it was not taken.
func (w *Rejects) Write(row *Row, reason string) error {
	if !w.begun {
		w.begun = true
		if err := w.begin(); err != nil {
			return err
		}
	}
	if w.form.Format != CSV {
		return w.writeJSON(row.raw, reason)
	}
	return w.writeCSV(reason, row.found)
}

// begin writes the mark by which spreadsheets know UTF-8, where the file was
// not plain UTF-8 itself, and the header.
func (w *Rejects) begin() error {
	if w.form.Encoding != UTF8 || w.form.Delimiter == ';' {
		if _, err := w.out.Write(utf8Mark); err != nil {
			return err
		}
	}
	if w.form.Format != CSV {
		return nil
	}
	var names [][]byte
	for i, name := range w.header.given {
		if name == "" && w.form.NoHeader {
			name = w.header.names[i]
		}
		names = append(names, []byte(name))
	}
	return w.writeCSV(ReasonColumn, names)
}

func (w *Rejects) writeCSV(first string, cells [][]byte) error {
	w.line = w.appendCell(w.line[:0], []byte(first))
	for _, cell := range cells {
		w.line = append(w.line, w.form.Delimiter)
		w.line = w.appendCell(w.line, cell)
	}
	_, err := w.out.Write(append(w.line, '\n'))
	return err
}

func (w *Rejects) appendCell(line, cell []byte) []byte {
	if bytes.IndexByte(cell, w.form.Delimiter) < 0 && !bytes.ContainsAny(cell, "\"\r\n") {
		return append(line, cell...)
	}
	line = append(line, '"')
	for _, b := range cell {
		switch {
		case b == '\\' && w.form.Backslash:
			line = append(line, '\\')
		case b == '"' && w.form.Backslash:
			line = append(line, '\\')
		case b == '"':
			line = append(line, '"')
		}
		line = append(line, b)
	}
	return append(line, '"')
}

// writeJSON puts the reason into the object, or around what is none.
func (w *Rejects) writeJSON(text []byte, reason string) error {
	line := append(w.line[:0], `{"`+ReasonColumn+`":`...)
	line = appendJSON(line, reason)
	inner, isObject := withoutReason(text)
	switch {
	case !isObject:
		line = append(line, `,"`+LineKey+`":`...)
		line = append(appendJSON(line, string(text)), '}')
	case len(inner) == 1:
		line = append(line, '}')
	default:
		line = append(append(line, ','), inner...)
	}
	w.line = append(line, '\n')
	_, err := w.out.Write(w.line)
	return err
}

// withoutReason gives what stands behind the opening brace of an object on one
// line, without the reason of an earlier time.
func withoutReason(text []byte) (inner []byte, isObject bool) {
	err := jsontext.Members(text, func(key, value []byte) {
		if string(key) == ReasonColumn {
			return
		}
		if len(inner) > 0 {
			inner = append(inner, ',')
		}
		inner = append(append(appendJSON(inner, string(key)), ':'), value...)
	})
	inner = bytes.Map(withoutBreaks, inner)
	return append(inner, '}'), err == nil
}

// withoutBreaks drops line breaks, which stand between the parts of valid JSON only.
func withoutBreaks(r rune) rune {
	if r == '\n' || r == '\r' {
		return -1
	}
	return r
}

func appendJSON(dst []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	return append(dst, quoted...)
}

// Close writes what is not written yet. It does not close the writer below.
func (w *Rejects) Close() error { return w.out.Flush() }
