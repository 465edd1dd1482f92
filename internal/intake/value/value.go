// Package value tells what the cells of a column are (numbers, dates, truth
// values, text) and turns them into JSON, whatever the country they were written in.
package value

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Kind is the kind of the values of a column.
type Kind uint8

// The kinds, as a mapping names them.
const (
	Unknown Kind = iota // not declared; or a column without any value
	Text
	Number
	Boolean
	Date // a bare day
	Time // an instant
	List // several texts in one cell
	JSON // a JSON literal
)

var kindNames = [...]string{"unknown", "text", "number", "boolean", "date", "time", "list", "json"}

// String gives the kind's name.
func (k Kind) String() string { return kindNames[k] }

// Type says how the cells of a column are read.
type Type struct {
	Kind  Kind
	Order Order // of a Date or Time
	Style Style // of a Number
	// Separator stands between the texts of a List.
	Separator byte
	// PointZero is set if a number column was written with a decimal too many: 17850.0 is the id 17850.
	PointZero bool
	// Past is set if no date of the column can lie in the future, which tells the century of two digits.
	Past bool
}

// Types of a kind with its usual form.
var (
	IsText   = Type{Kind: Text}
	IsNumber = Type{Kind: Number}
)

// ParseType reads a type as a mapping writes it: a kind, and behind it how its
// values are written: number 1.234,56 · date d.m.y · time m/d/y · list ; · text.
// The form of a date or a number will do alone.
func ParseType(words []string) (Type, error) {
	if order, err := ParseOrder(words[0]); err == nil && len(words) == 1 {
		return Type{Kind: Date, Order: order}, nil
	}
	if style, err := ParseStyle(words[0]); err == nil && len(words) == 1 {
		return Type{Kind: Number, Style: style}, nil
	}
	var t Type
	for k, name := range kindNames {
		if strings.EqualFold(words[0], name) && Kind(k) != Unknown {
			t.Kind = Kind(k)
		}
	}
	if t.Kind == Unknown {
		return t, fmt.Errorf("unknown type %q: it is one of %s", words[0], strings.Join(kindNames[1:], ", "))
	}
	if t.Kind == List {
		t.Separator = ';'
	}
	if len(words) == 1 {
		return t, nil
	}
	return t, t.parseFormat(strings.Join(words[1:], " "))
}

func (t *Type) parseFormat(format string) (err error) {
	switch t.Kind {
	case Number:
		t.Style, err = ParseStyle(format)
	case Date, Time:
		t.Order, err = ParseOrder(format)
	case List:
		t.Separator = format[0]
		if len(format) != 1 {
			err = fmt.Errorf("a list needs one character that separates its values, not %q", format)
		}
	default:
		err = fmt.Errorf("%s takes no format: %q", t.Kind, format)
	}
	return err
}

// String writes the type as ParseType reads it.
func (t Type) String() string {
	switch {
	case t.Kind == Number && t.Style != AnyStyle:
		return "number " + t.Style.String()
	case (t.Kind == Date || t.Kind == Time) && t.Order != AnyOrder:
		return t.Kind.String() + " " + t.Order.String()
	case t.Kind == List:
		return "list " + string(t.Separator)
	}
	return t.Kind.String()
}

// Reader turns cells into JSON.
type Reader struct {
	Zone *calendar.Zone
	Year int // the present year, which tells the century of years with two digits
}

// Append appends the JSON form of a cell that is not empty. The error says what is wrong with the cell.
func (r *Reader) Append(dst, cell []byte, t Type) ([]byte, error) {
	switch t.Kind {
	case Number:
		return appendNumber(dst, cell, t.Style)
	case Boolean:
		return appendBoolean(dst, cell)
	case Date:
		return r.appendDate(dst, cell, t)
	case Time:
		return r.appendTime(dst, cell, t)
	case List:
		return appendList(dst, cell, t.Separator), nil
	case JSON:
		return appendLiteral(dst, cell)
	}
	return AppendText(dst, Plain(cell, t)), nil
}

// Plain gives a cell as the text that it stands for.
func Plain(cell []byte, t Type) []byte {
	if t.PointZero && len(cell) > 2 && string(cell[len(cell)-2:]) == ".0" {
		return cell[:len(cell)-2]
	}
	return cell
}

// missing are the ways in which files write that there is no value, in columns that are not text.
var missing = map[string]bool{
	"null": true, "n/a": true, "na": true, "nan": true, "#n/a": true, "#nv": true, `\n`: true, "none": true, "nil": true,
	"-": true, "--": true, "?": true, "k.a.": true, "k. a.": true, "unknown": true, "unbekannt": true, "(null)": true, "undefined": true,
	"0000-00-00": true, "0000-00-00 00:00:00": true, "00.00.0000": true, "00/00/0000": true,
}

// IsMissing tells whether a cell of a column of numbers, dates or truth values
// says that there is no value: n/a, NULL, -.
func IsMissing(cell []byte) bool {
	if len(cell) == 0 {
		return true
	}
	const longest = len("0000-00-00 00:00:00")
	if len(cell) > longest || cell[0] > '0' && cell[0] <= '9' {
		return false
	}
	var lower [longest]byte
	for i, b := range cell {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		lower[i] = b
	}
	return missing[string(lower[:len(cell)])]
}
