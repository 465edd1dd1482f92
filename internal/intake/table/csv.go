package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// csvReader splits a CSV file into rows. A quote that never closes costs its own
// line only: what follows is read as if it were not there.
type csvReader struct {
	Dialect
	in    *bufio.Reader
	eol   byte
	line  int       // how many lines were read
	begin int       // the line on which the last row began
	ahead []oneLine // lines that were read for the sake of an open quote and are to be read again
	reach int       // how many lines an open quote may span; less after each that did not close
	long  []byte    // a line longer than the buffer of in
	scan  scan
	cells [][]byte
}

// oneLine is a line without its end.
type oneLine struct {
	text []byte
	cut  bool // it was longer than MaxRow
}

const (
	firstReach = 10_000
	leastReach = 16
)

func newCSV(in io.Reader, d Dialect) *csvReader {
	c := &csvReader{Dialect: d, in: bufio.NewReaderSize(in, 64<<10), eol: '\n', reach: firstReach}
	if d.Return {
		c.eol = '\r'
	}
	for range d.Preamble {
		_, _ = c.nextLine() // an error comes again with the next line
	}
	return c
}

// read gives the cells of the next row, and what is wrong with it as a clause.
// The error is io.EOF at the end.
func (c *csvReader) read() (cells [][]byte, fault string, err error) {
	line, err := c.nextLine()
	if err != nil {
		return nil, "", err
	}
	c.begin = c.line
	switch {
	case line.cut:
		return c.split(line.text), tooLong, nil
	case bytes.IndexByte(line.text, '"') < 0:
		return c.split(line.text), "", nil
	}
	return c.quoted(line)
}

// split takes a line apart in which quotes mean nothing.
func (c *csvReader) split(line []byte) [][]byte {
	c.cells = c.cells[:0]
	for {
		i := bytes.IndexByte(line, c.Delimiter)
		if i < 0 {
			c.cells = append(c.cells, line)
			return c.cells
		}
		c.cells = append(c.cells, line[:i])
		line = line[i+1:]
	}
}

func (c *csvReader) nextLine() (oneLine, error) {
	if len(c.ahead) > 0 {
		line := c.ahead[0]
		c.ahead = c.ahead[1:]
		c.line++
		return line, nil
	}
	text, err := c.in.ReadSlice(c.eol)
	cut := false
	if errors.Is(err, bufio.ErrBufferFull) {
		c.long, cut, err = longLine(c.in, c.eol, append(c.long[:0], text...))
		text = c.long
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(text) == 0) {
		return oneLine{}, err
	}
	c.line++
	text = bytes.TrimSuffix(text, []byte{c.eol})
	return oneLine{bytes.TrimSuffix(text, []byte{'\r'}), cut}, nil
}

// quoted reads a row with quotes, which may span lines.
func (c *csvReader) quoted(line oneLine) ([][]byte, string, error) {
	s := &c.scan
	s.start(c.Dialect)
	s.feed(line.text)
	if s.open {
		if err := c.readOn(line); err != nil {
			return nil, "", err
		}
	}
	if s.open {
		c.line = c.begin
		return c.split(s.text), "a quote is opened and not closed", nil
	}
	c.cells = s.cut(c.cells)
	return c.cells, "", nil
}

// readOn feeds lines to an open quote until it closes. If it does not, the scan
// is left open with the first line as its text, and the others are read again later.
func (c *csvReader) readOn(first oneLine) error {
	s := &c.scan
	lines := []oneLine{{text: bytes.Clone(first.text)}}
	size := len(first.text)
	for s.open && !s.stray && len(lines) < c.reach && size < MaxRow {
		line, err := c.nextLine()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		lines = append(lines, oneLine{bytes.Clone(line.text), line.cut})
		size += len(line.text)
		s.text = append(s.text, '\n')
		s.feed(line.text)
	}
	if s.open {
		c.ahead = append(lines[1:], c.ahead...)
		c.reach = max(c.reach/2, leastReach)
		s.text = append(s.text[:0], lines[0].text...)
	}
	return nil
}
