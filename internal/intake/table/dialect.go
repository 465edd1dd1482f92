package table

import (
	"bytes"
	"errors"
	"io"
)

// Dialect is how a CSV file separates its cells.
type Dialect struct {
	Delimiter byte
	// Backslash is set if a quote inside quotes is written \" and not "".
	Backslash bool
	// Return is set if lines end in a carriage return alone.
	Return bool
	// Preamble is how many lines stand before the header: a title, or Excel's sep=;
	Preamble int
}

// delimiters are the ones that are looked for, the most usual first.
var delimiters = []byte{',', ';', '\t', '|'}

const dialectRows = 500 // the rows that are looked at to find the dialect

// detectDialect finds the dialect in which most rows of a sample have as many
// cells as the header. If the sample is cut, its last row is not looked at.
func detectDialect(sample []byte, cut bool) Dialect {
	lone := bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0
	declared, preamble := declaredDelimiter(sample)
	best, most := Dialect{Delimiter: ',', Return: lone, Preamble: preamble}, 0
	for _, backslash := range []bool{false, true} {
		if backslash && !bytes.Contains(sample, []byte(`\"`)) {
			break
		}
		for _, delimiter := range delimiters {
			if declared != 0 && delimiter != declared {
				continue
			}
			d := Dialect{Delimiter: delimiter, Backslash: backslash, Return: lone, Preamble: preamble}
			if score := d.fit(sample, cut); score > most {
				best, most = d, score
			}
		}
	}
	if declared != 0 {
		best.Delimiter = declared
	}
	return best
}

// declaredDelimiter reads the line "sep=;" with which Excel's files may begin.
func declaredDelimiter(sample []byte) (delimiter byte, lines int) {
	line, _, _ := bytes.Cut(sample, []byte("\n"))
	line = bytes.Trim(line, "\"\r")
	if len(line) == 5 && bytes.EqualFold(line[:4], []byte("sep=")) {
		return line[4], 1
	}
	return 0, 0
}

// fit tells how well a dialect fits a sample; it finds the title lines before
// the header on the way. What counts is how many rows are as wide as the
// header, then how wide they are; a title speaks against a dialect.
func (d *Dialect) fit(sample []byte, cut bool) int {
	widths := d.widths(sample, cut)
	if len(widths) == 0 {
		return 0
	}
	usual, best := mostFrequent(widths), 1000
	for usual > 1 && len(widths) > 1 && widths[0] == 1 && isTitle(sample) {
		d.Preamble, widths, best = d.Preamble+1, widths[1:], 500
	}
	same := 0
	for _, w := range widths {
		if w == widths[0] {
			same++
		}
	}
	if widths[0] == 1 {
		return 0
	}
	return same*best/len(widths)*1000 + min(widths[0], 999)
}

// isTitle tells whether a sample begins with a line that is not several cells in any dialect.
func isTitle(sample []byte) bool {
	line, _, _ := bytes.Cut(sample, []byte("\n"))
	return !bytes.ContainsAny(line, string(delimiters))
}

// widths counts the cells of the rows of a sample, 0 for one whose quotes do not close.
func (d *Dialect) widths(sample []byte, cut bool) []int {
	r := newCSV(bytes.NewReader(sample), *d)
	var widths []int
	for len(widths) <= dialectRows {
		cells, fault, err := r.read()
		if errors.Is(err, io.EOF) {
			break
		}
		n := len(cells)
		if fault != "" {
			n = 0
		} else if n == 1 && isBlank(cells) {
			continue
		}
		widths = append(widths, n)
	}
	if cut && len(widths) > 1 {
		widths = widths[:len(widths)-1]
	}
	return widths
}

func mostFrequent(widths []int) int {
	counts := map[int]int{}
	best := 0
	for _, w := range widths {
		counts[w]++
		if counts[w] > counts[best] {
			best = w
		}
	}
	return best
}
