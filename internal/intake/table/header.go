package table

import (
	"bytes"
	"strconv"
	"strings"
)

func sameFold(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// header is what the first row of a CSV file says about the others.
type header struct {
	given  []string // the names as the file has them, without the column of reasons
	names  Columns  // the names that count
	reason int      // the place of the column of reasons in the file, -1 if there is none
	need   int      // how many cells a row needs: up to the last column with a name
}

// newHeader cleans the names: blanks go, a column without a name is called
// column_N, and the second of one name gets _2 behind it.
func newHeader(given []string) *header {
	h := &header{reason: -1}
	seen := map[string]int{}
	for i, name := range given {
		cleaned := clean(name)
		if cleaned == ReasonColumn && h.reason < 0 {
			h.reason = i
			continue
		}
		h.given = append(h.given, strings.TrimSpace(name))
		if cleaned == "" {
			cleaned = "column_" + strconv.Itoa(len(h.given))
		} else {
			h.need = len(h.given)
		}
		h.names = append(h.names, unique(cleaned, seen))
	}
	return h
}

func unique(name string, seen map[string]int) string {
	for {
		seen[name]++
		n := seen[name]
		if n == 1 {
			return name
		}
		name += "_" + strconv.Itoa(n)
	}
}

// clean takes the blanks from around a name, and makes one of those inside it.
func clean(name string) string {
	return strings.Join(strings.Fields(string(trim([]byte(name)))), " ")
}

// trim takes blanks from around a cell: also those that do not break a line and those of no width.
func trim(cell []byte) []byte {
	if n := len(cell); n == 0 || cell[0] > ' ' && cell[0] < 0x80 && cell[n-1] > ' ' && cell[n-1] < 0x80 {
		return cell
	}
	return bytes.Trim(cell, " \t\r\n\v\f\u00a0\u202f\ufeff\u200b")
}

// isRow tells whether a row repeats the header, as files do that were joined from several.
func (h *header) isRow(cells [][]byte) bool {
	if len(cells) != len(h.given) {
		return false
	}
	for i, c := range cells {
		if string(c) != h.given[i] {
			return false
		}
	}
	return true
}

// isBlank tells whether a row has no value at all, as the rows that a
// spreadsheet leaves behind.
func isBlank(cells [][]byte) bool {
	for _, c := range cells {
		if len(trim(c)) > 0 {
			return false
		}
	}
	return true
}
