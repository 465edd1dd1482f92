package table

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// texts gives the JSON texts of a file one by one: the lines, or the elements of an array.
type texts struct {
	in    *bufio.Reader
	array bool
	line  int // how many lines were read
	begin int // the line on which the last text began
	text  []byte
}

func newTexts(in io.Reader, format Format) *texts {
	return &texts{in: bufio.NewReaderSize(in, 256<<10), array: format == Array}
}

// read gives the next text, without blanks around it, and what is wrong with it
// as a clause. The error is io.EOF at the end.
func (t *texts) read() (text []byte, fault string, err error) {
	if t.array {
		return t.readElement()
	}
	for {
		text, cut, err := t.readLine()
		if err != nil {
			return nil, "", err
		}
		text = bytes.TrimSpace(text)
		switch {
		case cut:
			return text, tooLong, nil
		case len(text) > 0:
			return text, "", nil
		}
	}
}

var tooLong = fmt.Sprintf("the row is longer than %d bytes; only its beginning is kept here", MaxRow)

func (t *texts) readLine() (text []byte, cut bool, err error) {
	text, err = t.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		t.text, cut, err = longLine(t.in, '\n', append(t.text[:0], text...))
		text = t.text
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(text) == 0) {
		return nil, false, err
	}
	t.line++
	t.begin = t.line
	return text, cut, nil
}

// longLine reads on where the buffer was too small, and skips what exceeds MaxRow.
func longLine(in *bufio.Reader, eol byte, text []byte) (_ []byte, cut bool, err error) {
	for err = bufio.ErrBufferFull; errors.Is(err, bufio.ErrBufferFull); {
		var more []byte
		more, err = in.ReadSlice(eol)
		room := MaxRow - len(text)
		cut = cut || len(more) > room
		text = append(text, more[:min(room, len(more))]...)
	}
	return text, cut, err
}

// readElement reads the next element of an array, which may span lines.
func (t *texts) readElement() (text []byte, fault string, err error) {
	if err := t.skipBetween(); err != nil {
		return nil, "", err
	}
	e := element{text: t.text[:0]}
	t.begin = t.line + 1
	for !e.done {
		b, err := t.in.ReadByte()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, "", err
		}
		if b == '\n' {
			t.line++
		}
		if e.ends(b) {
			_ = t.in.UnreadByte() // a byte was just read
			break
		}
		e.add(b)
	}
	t.text = e.text
	if e.cut {
		return bytes.TrimSpace(e.text), tooLong, nil
	}
	return bytes.TrimSpace(e.text), "", nil
}

// skipBetween goes over what stands between elements.
func (t *texts) skipBetween() error {
	for {
		b, err := t.in.ReadByte()
		switch {
		case err != nil:
			return err
		case b == '\n':
			t.line++
		case b != ' ' && b != '\t' && b != '\r' && b != ',' && b != '[' && b != ']':
			return t.in.UnreadByte()
		}
	}
}

// element collects one element of an array: up to the bracket that closes it,
// or, of what is no object, to the comma or bracket behind it.
type element struct {
	text   []byte
	depth  int
	quoted bool
	escape bool
	done   bool
	cut    bool
}

// ends tells whether a byte no longer belongs to the element.
func (e *element) ends(b byte) bool {
	return e.depth == 0 && !e.quoted && (b == ',' || b == ']' || b == '\n')
}

func (e *element) add(b byte) {
	if len(e.text) < MaxRow {
		e.text = append(e.text, b)
	} else {
		e.cut = true
	}
	switch {
	case e.escape:
		e.escape = false
	case e.quoted:
		e.escape = b == '\\'
		e.quoted = b != '"'
	case b == '"':
		e.quoted = true
	case b == '{' || b == '[':
		e.depth++
	case b == '}' || b == ']':
		e.depth--
		e.done = e.depth <= 0
	}
}
