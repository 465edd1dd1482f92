package intake

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
)

// object writes the fields of a record. Fields with dotted names become objects
// in objects, or stay as they are: an object takes the place of the one before,
// and an empty cell of a table must not unset what a customer has.
type object struct {
	members []*field
	dotted  bool
}

// field is a member of an object: a constant, an object, or the first column that says something.
type field struct {
	name     string
	key      []byte // with quotes and colon
	constant []byte
	columns  []*column
	inner    *object
}

// at gives the field of a dotted path, which it makes if need be.
func (o *object) at(path string) (*field, error) {
	name, rest, nested := strings.Cut(path, ".")
	if o.dotted {
		name, nested = path, false
	}
	f := o.find(name)
	if f == nil {
		f = &field{name: name, key: append(value.AppendText(nil, []byte(name)), ':')}
		o.members = append(o.members, f)
	}
	if !nested {
		if f.inner != nil {
			return nil, fmt.Errorf("%s is a field and has fields in it: one of the two needs another name", name)
		}
		return f, nil
	}
	if f.columns != nil || f.constant != nil {
		return nil, fmt.Errorf("%s is a field and has fields in it: one of the two needs another name", name)
	}
	if f.inner == nil {
		f.inner = &object{}
	}
	return f.inner.at(rest)
}

func (o *object) find(name string) *field {
	for _, f := range o.members {
		if f.name == name {
			return f
		}
	}
	return nil
}

// addColumn adds a column under a path, behind those that are there.
func (o *object) addColumn(path string, c *column) error {
	f, err := o.at(path)
	if err == nil {
		f.columns = append(f.columns, c)
	}
	return err
}

func (o *object) addConstant(path string, json []byte) error {
	f, err := o.at(path)
	if err == nil {
		f.constant = json
	}
	return err
}

// write appends the members, each followed by a comma, without braces.
func (o *object) write(dst []byte, cells []table.Cell, r *value.Reader) ([]byte, error) {
	var err error
	for _, f := range o.members {
		start := len(dst)
		dst = append(dst, f.key...)
		value := len(dst)
		switch {
		case f.inner != nil:
			dst, err = f.inner.writeObject(dst, cells, r)
			if err == nil && len(dst) == value+len("{}") {
				dst = dst[:start] // nothing in it
				continue
			}
		case f.constant != nil:
			dst = append(dst, f.constant...)
		default:
			dst, err = f.writeFirst(dst, cells, r)
		}
		if err != nil {
			return dst, err
		}
		if len(dst) == value {
			dst = dst[:start]
		} else {
			dst = append(dst, ',')
		}
	}
	return dst, nil
}

// writeFirst appends the value of the first column that says something; else
// null if an empty cell unsets the field; else nothing.
func (f *field) writeFirst(dst []byte, cells []table.Cell, r *value.Reader) ([]byte, error) {
	unset := false
	for _, c := range f.columns {
		cell := c.cell(cells)
		if !c.isEmpty(cell) {
			return c.appendJSON(dst, cell, r)
		}
		unset = unset || c.unset
	}
	if unset {
		return append(dst, "null"...), nil
	}
	return dst, nil
}

// writeObject appends the whole object.
func (o *object) writeObject(dst []byte, cells []table.Cell, r *value.Reader) ([]byte, error) {
	start := len(dst)
	dst, err := o.write(append(dst, '{'), cells, r)
	return closeObject(dst, start), err
}

// closeObject puts a brace in the place of the last comma.
func closeObject(dst []byte, start int) []byte {
	if last := len(dst) - 1; last > start && dst[last] == ',' {
		dst[last] = '}'
		return dst
	}
	return append(dst, '}')
}
