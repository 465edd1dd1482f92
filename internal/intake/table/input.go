package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// Source is a file to be read, gzipped or not.
type Source struct {
	// Name is what messages call it.
	Name string
	// Reader gives its bytes. It is read several times if it can seek; else what
	// has to be read again goes through a temporary file.
	Reader io.Reader
	// Size is how many bytes it has, 0 if that is not known.
	Size int64
}

// Settings are what is declared of the form of a file. What is not is detected.
type Settings struct {
	Encoding  string
	Delimiter byte
	Header    []string // the names of the columns of a CSV file that begins with its data
}

// Form is what was detected, or declared, of the form of a file.
type Form struct {
	Format
	Dialect
	Gzip     bool
	Encoding string
	// NoHeader is set if a CSV file seems to begin with its data.
	NoHeader bool
}

// Input is a source whose form is known.
type Input struct {
	Source
	Form
	head   []byte // the first bytes of the file
	sample []byte // the beginning of its text
	cut    bool   // the sample is not all of it
	header *header
	start  int64 // where the source begins in its Reader
	seeker io.Seeker
	first  io.Reader // all of a source that cannot seek, for the first pass
	spool  *os.File
}

const (
	headSize   = 256 << 10
	sampleSize = 256 << 10
)

// Open looks at the beginning of a source and finds out its form.
func Open(source Source) (*Input, error) {
	in := &Input{Source: source}
	if s, ok := source.Reader.(io.Seeker); ok {
		if at, err := s.Seek(0, io.SeekCurrent); err == nil {
			in.seeker, in.start = s, at
		}
	}
	buffered := bufio.NewReaderSize(source.Reader, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading %s: %w", source.Name, err)
	}
	in.head, in.first = head, buffered
	if err := in.detect(Settings{}); err != nil {
		return nil, fmt.Errorf("%s: %w", source.Name, err)
	}
	return in, nil
}

// Declare takes what a mapping says of the form of the file instead of what was detected.
func (in *Input) Declare(s Settings) error {
	if err := in.detect(s); err != nil {
		return fmt.Errorf("%s: %w", in.Name, err)
	}
	return nil
}

func (in *Input) detect(s Settings) error {
	in.Form = Form{Gzip: bytes.HasPrefix(in.head, []byte("\x1f\x8b"))}
	raw, err := in.unpack(bytes.NewReader(in.head))
	if err != nil {
		return err
	}
	start, broken := io.ReadAll(io.LimitReader(raw, sampleSize))
	in.cut = broken != nil || len(start) == sampleSize || !in.Gzip && len(in.head) == headSize
	if err := recognize(start); err != nil {
		return err
	}
	if in.Encoding = s.Encoding; in.Encoding == "" || bytes.HasPrefix(start, utf8Mark) {
		in.Encoding = detectEncoding(start)
	}
	text, err := decoder(bytes.NewReader(start), in.Encoding)
	if err != nil {
		return err
	}
	in.sample, _ = io.ReadAll(text)
	in.Format = detectFormat(in.sample)
	if in.Format == CSV {
		in.detectCSV(s)
	}
	return nil
}

// recognize refuses what is no text.
func recognize(start []byte) error {
	switch {
	case len(start) == 0:
		return errors.New("the file is empty")
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return errors.New("this is a ZIP archive or an Excel workbook: unpack it, or save the sheet as CSV")
	case bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0")):
		return errors.New("this is an Excel workbook: save the sheet as CSV")
	case bytes.HasPrefix(start, []byte("%PDF")):
		return errors.New("this is a PDF; CSV, NDJSON and JSON can be read")
	}
	return nil
}

func detectFormat(sample []byte) Format {
	text := bytes.TrimLeft(sample, " \t\r\n")
	switch {
	case bytes.HasPrefix(text, []byte("{")):
		return Lines
	case bytes.HasPrefix(text, []byte("[")):
		inner := bytes.TrimLeft(text[1:], " \t\r\n")
		if bytes.HasPrefix(inner, []byte("{")) || bytes.HasPrefix(inner, []byte("]")) {
			return Array
		}
	}
	return CSV
}

func (in *Input) detectCSV(s Settings) {
	in.Dialect = detectDialect(in.sample, in.cut)
	if s.Delimiter != 0 {
		in.Delimiter = s.Delimiter
		_, in.Preamble = declaredDelimiter(in.sample)
		in.fit(in.sample, in.cut)
	}
	first, others := in.firstRows()
	in.header = newHeader(first)
	in.NoHeader = in.header.reason < 0 && (s.Header != nil || looksLikeData(first, others))
	switch {
	case s.Header != nil:
		reason := in.header.reason
		in.header = newHeader(s.Header)
		in.header.reason = reason
	case in.NoHeader:
		in.header = newHeader(make([]string, len(first)))
		in.header.need = len(first)
	}
}

// firstRows gives the first row of the sample and some that follow.
func (in *Input) firstRows() (first []string, others [][]string) {
	r := newCSV(bytes.NewReader(in.sample), in.Dialect)
	var scratch []byte
	const enough = 20
	for len(others) < enough {
		cells, _, err := r.read()
		if err != nil {
			break
		}
		if isBlank(cells) {
			continue
		}
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = string(trim(repair(c, &scratch)))
		}
		if first == nil {
			first = row
		} else {
			others = append(others, row)
		}
	}
	return first, others
}

// looksLikeData tells whether a first row has more columns with values like
// those below than columns that are named above values of another kind.
func looksLikeData(first []string, others [][]string) bool {
	data, names := 0, 0
	for i, name := range first {
		if isValue(name) && !isYear(name) {
			data++
			continue
		}
		for _, row := range others {
			if i < len(row) && isValue(row[i]) {
				names++
				break
			}
		}
	}
	return data > names
}

// isValue tells whether a cell has the form of a number, a date or an e-mail
// address, which no name of a column has.
func isValue(cell string) bool {
	digits, others := 0, 0
	for _, b := range []byte(cell) {
		switch {
		case b == '@':
			return true
		case b >= '0' && b <= '9':
			digits++
		case bytes.IndexByte([]byte("+-.,:/ "), b) < 0:
			others++
		}
	}
	return digits > 0 && others == 0
}

// isYear tells whether a cell is a year, as names of columns can be.
func isYear(cell string) bool {
	return len(cell) == 4 && (cell[:2] == "19" || cell[:2] == "20")
}

// unpack undoes gzip where the file is gzipped.
func (in *Input) unpack(raw io.Reader) (io.Reader, error) {
	if !in.Gzip {
		return raw, nil
	}
	unpacked, err := gzip.NewReader(raw)
	if err != nil {
		return nil, fmt.Errorf("the file begins like gzip but is not: %w", err)
	}
	return unpacked, nil
}

// Sample is the beginning of the file's text, for a look at it; its end may be broken off.
func (in *Input) Sample() []byte { return in.sample }

// Width is how many columns a CSV file has.
func (in *Input) Width() int { return len(in.header.names) }
