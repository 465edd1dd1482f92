package table

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// UTF8 and Windows1252 are the encodings of nearly all files. ISO-8859-1 is read
// as Windows-1252, as browsers do: the two differ in control characters only.
const (
	UTF8        = "utf-8"
	Windows1252 = "windows-1252"
)

var utf8Mark = []byte("\xef\xbb\xbf")

// detectEncoding names the encoding of a sample. One with more characters of
// UTF-8 than bytes that are none is UTF-8 with a few rows from elsewhere, see repair.
func detectEncoding(sample []byte) string {
	switch {
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return "utf-16le"
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return "utf-16be"
	}
	characters, others := 0, 0
	for rest := wholeRunes(sample); len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case size > 1:
			characters++
		case r == utf8.RuneError:
			others++
		}
		rest = rest[size:]
	}
	if others > characters {
		return Windows1252
	}
	return UTF8
}

// wholeRunes cuts a character off that the end of a sample broke.
func wholeRunes(sample []byte) []byte {
	for i := len(sample) - 1; i >= 0 && i > len(sample)-utf8.UTFMax; i-- {
		if utf8.RuneStart(sample[i]) {
			if !utf8.FullRune(sample[i:]) {
				return sample[:i]
			}
			break
		}
	}
	return sample
}

// decoder turns a stream into UTF-8. One that is UTF-8 stays as it is, with its faults, see repair.
func decoder(in io.Reader, name string) (io.Reader, error) {
	switch name {
	case UTF8:
		buffered := bufio.NewReaderSize(in, 64<<10)
		if start, _ := buffered.Peek(len(utf8Mark)); bytes.Equal(start, utf8Mark) {
			_, _ = buffered.Discard(len(utf8Mark))
		}
		return buffered, nil
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(in), nil
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(in), nil
	}
	e, ok := charsets[name]
	if !ok {
		return nil, CheckEncoding(name)
	}
	return e.NewDecoder().Reader(in), nil
}

// charsets are the encodings that a mapping can declare besides those that are detected.
var charsets = map[string]*charmap.Charmap{
	Windows1252:    charmap.Windows1252,
	"windows-1250": charmap.Windows1250,
	"windows-1251": charmap.Windows1251,
	"iso-8859-2":   charmap.ISO8859_2,
	"iso-8859-15":  charmap.ISO8859_15,
	"macintosh":    charmap.Macintosh,
	"cp437":        charmap.CodePage437,
	"cp850":        charmap.CodePage850,
}

// CheckEncoding gives an error unless files can be read in an encoding.
func CheckEncoding(name string) error {
	known := append([]string{UTF8, "utf-16le", "utf-16be"}, slices.Sorted(maps.Keys(charsets))...)
	if slices.Contains(known, name) {
		return nil
	}
	return fmt.Errorf("unknown encoding %q: it is one of %s", name, strings.Join(known, ", "))
}

// repair makes a row valid UTF-8. A byte that is none is read as Windows-1252:
// so a file that was joined from several, or whose first umlaut comes after the
// sample, comes out right. Text is hardly ever valid UTF-8 by chance.
func repair(row []byte, scratch *[]byte) []byte {
	if utf8.Valid(row) && bytes.IndexByte(row, 0) < 0 {
		return row
	}
	out := (*scratch)[:0]
	for len(row) > 0 {
		r, size := utf8.DecodeRune(row)
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(row[0])
			if r == utf8.RuneError {
				r = rune(row[0]) // the five bytes that Windows-1252 leaves open
			}
		}
		if r != 0 {
			out = utf8.AppendRune(out, r)
		}
		row = row[size:]
	}
	*scratch = out
	return out
}
