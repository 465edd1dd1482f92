package table

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// Rows begins to read the file from its start. Last says that it will not be read again.
func (in *Input) Rows(last bool) (*Rows, error) {
	r, err := in.rows(last)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", in.Name, err)
	}
	return r, nil
}

func (in *Input) rows(last bool) (*Rows, error) {
	file, err := in.rewind(last)
	if err != nil {
		return nil, err
	}
	counted := &counter{in: file}
	unpacked, err := in.unpack(bufio.NewReaderSize(counted, 256<<10))
	if err != nil {
		return nil, err
	}
	text, err := decoder(unpacked, in.Encoding)
	if err != nil {
		return nil, err
	}
	r := &Rows{bytes: func() int64 { return counted.n }}
	if in.Format != CSV {
		r.texts, r.index = newTexts(text, in.Format), map[string]int{}
		return r, nil
	}
	r.csv, r.header, r.names = newCSV(text, in.Dialect), in.header, in.header.names
	return r, in.skipHeader(r)
}

// skipHeader reads over the header and the blank rows before it.
func (in *Input) skipHeader(r *Rows) error {
	for !in.NoHeader {
		cells, _, err := r.csv.read()
		if errors.Is(err, io.EOF) {
			break // the file is blank, and so says the next row
		}
		if err != nil {
			return err
		}
		if !isBlank(cells) {
			break
		}
	}
	return nil
}

// rewind gives all bytes of the source, from whichever place has them.
func (in *Input) rewind(last bool) (io.Reader, error) {
	switch {
	case in.seeker != nil:
		_, err := in.seeker.Seek(in.start, io.SeekStart)
		return in.Reader, err
	case in.spool != nil:
		return in.rewindSpool()
	case in.first == nil:
		return nil, fmt.Errorf("%s can be read only once", in.Name)
	case last:
		first := in.first
		in.first = nil
		return first, nil
	}
	spool, err := os.CreateTemp("", "kohorte-import-*")
	if err != nil {
		return nil, fmt.Errorf("a temporary file for what is to be read twice: %w", err)
	}
	in.spool = spool
	return io.TeeReader(in.first, spool), nil
}

// rewindSpool completes the temporary file, should the first pass have ended early.
func (in *Input) rewindSpool() (io.Reader, error) {
	if in.first != nil {
		if _, err := io.Copy(in.spool, in.first); err != nil {
			return nil, err
		}
		in.first = nil
	}
	_, err := in.spool.Seek(0, io.SeekStart)
	return in.spool, err
}

// Close removes what was kept aside to be read again. It leaves the Reader of the source open.
func (in *Input) Close() error {
	if in.spool == nil {
		return nil
	}
	defer func() { _ = os.Remove(in.spool.Name()) }() // best effort: the system clears its temporary files
	return in.spool.Close()
}

// counter counts the bytes that are read.
type counter struct {
	in io.Reader
	n  int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}
