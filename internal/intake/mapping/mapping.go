// Package mapping says which column of a file is what: the order's id, its time,
// a field of the customer. It reads and writes mappings as YAML and as flags.
package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/value"
)

// Kind is what the rows of a file are.
type Kind string

// The kinds.
const (
	Customers Kind = "customers" // one row a person
	Companies Kind = "companies" // one row a company
	Orders    Kind = "orders"    // one row an order, or one a line item of an order
	Events    Kind = "events"    // one row an event
	Calls     Kind = "calls"     // one call of the Segment specification a line
	Consents  Kind = "consents"  // one row a decision about a channel and a purpose
	Postcodes Kind = "postcodes" // one row a place with its coordinates
)

// Kinds are all kinds.
var Kinds = []Kind{Customers, Companies, Orders, Events, Calls, Consents, Postcodes}

// ParseKind finds a kind by its name.
func ParseKind(s string) (Kind, error) {
	if k := Kind(strings.ToLower(s)); slices.Contains(Kinds, k) {
		return k, nil
	}
	return "", fmt.Errorf("unknown kind %q%s: it is one of %s", s, meant(s, names(Kinds)), strings.Join(names(Kinds), ", "))
}

func names[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = string(x)
	}
	return texts
}

// Mapping says how the rows of a file become records. Its YAML form is described in examples/README.md.
type Mapping struct {
	Kind Kind
	// Source names where the rows come from. Rows of one source with the same order
	// id, or the same content, are the same. Without it, the source is the kind.
	Source string
	// Event is the type of all events of a file that has no column for it.
	Event string
	// Currency is that of all amounts of a file that has no column for it.
	Currency string
	// Zone is the time zone of times without one, by its IANA name; without it the workspace's.
	Zone string

	Encoding  string
	Delimiter byte
	Header    []string // the columns of a file that begins with its data
	Numbers   value.Style
	Dates     value.Order

	Columns []Column
	// Partial is set if the columns that the mapping does not name are to be guessed.
	Partial bool
	// IgnoreOthers leaves out the columns that the mapping does not name. Else each
	// becomes a field with its name in snake_case.
	IgnoreOthers bool
	Constants    []Constant
	Lookups      []Lookup
	// Skip says which rows are passed over, without being rejected.
	Skip []Condition
	// Refunds says which orders are refunds, besides those with negative quantities.
	Refunds []Condition
	// Charges says which lines of an order are no products, but postage and the
	// like: they count in the total and are not in the list of products.
	Charges []Condition
}

// RowHash is the name of a column that no file has: a hash of the row, which
// names a customer where nothing else does.
const RowHash = "#"

// Column says what one column is.
type Column struct {
	Name    string
	Targets []Target // none if the column is ignored
	Type    value.Type
	// Unset makes an empty cell unset the field. Else it says nothing.
	Unset bool
	// Default stands for an empty cell.
	Default string
	// Values replaces cells, by their text.
	Values map[string]string
	// Comment is printed beside the column.
	Comment string

	line int // where it stands in the YAML text
}

// Constant is a field that all rows have.
type Constant struct {
	Field string
	JSON  []byte
}

// Lookup fetches columns from another file.
type Lookup struct {
	File    string
	Column  string // of the file that is imported
	Key     string // the column of the other file with the same values
	Columns []Column
}

// Condition holds for a row if the cell of a column fits one of the patterns.
type Condition struct {
	Column   string
	Patterns []string
}

// Fits tells whether a cell fits a pattern: equals it without regard to case,
// where * stands for any text at the beginning or the end. The empty pattern is the empty cell.
func (c Condition) Fits(cell string) bool {
	for _, p := range c.Patterns {
		core, begins := strings.CutSuffix(p, "*")
		core, ends := strings.CutPrefix(core, "*")
		n := len(core)
		switch {
		case begins && ends:
			if strings.Contains(strings.ToLower(cell), strings.ToLower(core)) {
				return true
			}
		case begins:
			if len(cell) >= n && strings.EqualFold(cell[:n], core) {
				return true
			}
		case ends:
			if len(cell) >= n && strings.EqualFold(cell[len(cell)-n:], core) {
				return true
			}
		case strings.EqualFold(cell, core):
			return true
		}
	}
	return false
}

// Set takes in a column as a flag declares it: Column=target, with everything
// that may stand behind the target in YAML. It replaces what was said of the column.
func (m *Mapping) Set(flag string) error {
	name, spec, ok := strings.Cut(flag, "=")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return fmt.Errorf("%q says nothing of a column: write column=target, such as CustomerID=customer", flag)
	}
	c, err := parseColumn(name, spec)
	if err != nil {
		return err
	}
	m.Partial = m.Partial || m.Columns == nil
	i := slices.IndexFunc(m.Columns, func(other Column) bool { return strings.EqualFold(other.Name, name) })
	if i < 0 {
		m.Columns = append(m.Columns, c)
	} else {
		m.Columns[i] = c
	}
	return nil
}

// parseColumn reads what a column is from one line: target, type, format.
func parseColumn(name, spec string) (Column, error) {
	c := Column{Name: name}
	words := strings.Fields(spec)
	if len(words) == 0 || words[0] == ignored {
		return c, nil
	}
	target, err := parseTarget(words[0])
	if err != nil {
		return c, fmt.Errorf("column %s: %w", name, err)
	}
	c.Targets = []Target{target}
	if len(words) > 1 {
		if c.Type, err = value.ParseType(words[1:]); err != nil {
			return c, fmt.Errorf("column %s: %w", name, err)
		}
	}
	return c, nil
}
