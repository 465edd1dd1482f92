package export

import (
	"bufio"
	"encoding/json"
	"strings"
)

// ndjsonEncoder writes an object a line, with its members in the order of the columns.
type ndjsonEncoder struct {
	out  *bufio.Writer
	keys [][]byte // with what stands before and behind them
	line []byte
}

func newNDJSON(out *bufio.Writer, t *Table) *ndjsonEncoder {
	e := &ndjsonEncoder{out: out}
	for i, c := range t.Columns {
		key := []byte{','}
		if i == 0 {
			key = []byte{'{'}
		}
		e.keys = append(e.keys, append(appendQuoted(key, c.Name), ':'))
	}
	return e
}

func (e *ndjsonEncoder) row(cells []Cell) error {
	b := e.line[:0]
	for i := range cells {
		b = cells[i].AppendJSON(append(b, e.keys[i]...))
	}
	e.line = append(b, '}', '\n')
	_, err := e.out.Write(e.line)
	return err
}

func (e *ndjsonEncoder) close() error { return nil }

// AppendJSON appends the cell as JSON: what is unknown as null, dates and times as
// texts, numbers with all their places.
func (c *Cell) AppendJSON(b []byte) []byte {
	switch c.kind {
	case Unknown:
		return append(b, "null"...)
	case Text:
		return appendQuoted(b, c.text)
	case Number, Boolean, JSON:
		return append(b, c.plain()...)
	case Texts:
		b = append(b, '[')
		for i, text := range c.texts {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendQuoted(b, text)
		}
		return append(b, ']')
	}
	return append(append(append(b, '"'), c.plain()...), '"')
}

// appendQuoted appends a text as JSON.
func appendQuoted(b []byte, text string) []byte {
	if simple(text) {
		return append(append(append(b, '"'), text...), '"')
	}
	var quoted strings.Builder
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a text cannot fail
	return append(b, strings.TrimSuffix(quoted.String(), "\n")...)
}

// simple tells whether JSON has a text as it is.
func simple(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
