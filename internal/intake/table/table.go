// Package table reads rows out of the files that people have: CSV in any of the
// usual dialects and encodings, JSON lines and JSON arrays, all of them also
// gzipped. It knows nothing of what the rows mean.
package table

// MaxRow is the longest row in bytes. A longer one is reported, not read.
const MaxRow = 1 << 20

// ReasonColumn is the column, or the JSON key, in which a file of rejected rows
// says what is wrong with each. Readers leave it out.
const ReasonColumn = "kohorte_reason"

// LineKey is the JSON key under which a file of rejected rows keeps a line that is no JSON object.
const LineKey = "kohorte_line"

// Format is the form of a file.
type Format uint8

// The formats.
const (
	CSV   Format = iota // cells with a delimiter
	Lines               // one JSON object a line
	Array               // a JSON array of objects
)

// String names the format as messages do.
func (f Format) String() string { return [...]string{"CSV", "NDJSON", "JSON array"}[f] }

// Cell is one value of a row. Its bytes are valid until the next row is read.
type Cell struct {
	// Text is UTF-8 without blanks around it. Empty means that nothing was given.
	Text []byte
	// JSON is set if Text is a JSON literal that is no text: a number, a boolean, null or a list.
	JSON bool
}

// Row is one row of a table. It is valid until the next one is read.
type Row struct {
	// Line is where the row begins in the file, from 1.
	Line int
	// Cells are the values in the order of the header.
	Cells []Cell
	// Fault says why the row is no good, as a clause; empty for a sound one. A
	// row with a fault has the cells that could be made out, at most those of the header.
	Fault string

	raw   []byte   // a row of JSON as it is in the file
	found [][]byte // a row of CSV: all its cells, also those that the header knows nothing of
}

// Text gives the JSON text of a row of JSON.
func (r *Row) Text() []byte { return r.raw }

// Columns are the names of the cells, without blanks around them, each only once.
type Columns []string

// Index finds a column by its name; where no name is equal, one that differs in
// case only will do. It is -1 if there is none.
func (c Columns) Index(name string) int {
	for i, n := range c {
		if n == name {
			return i
		}
	}
	for i, n := range c {
		if sameFold(n, name) {
			return i
		}
	}
	return -1
}
