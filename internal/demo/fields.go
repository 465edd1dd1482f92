package demo

import (
	"strconv"
	"unicode/utf8"
)

// fields is a JSON object as it is written: names and values, without the closing brace.
type fields []byte

func newFields() fields { return append(make(fields, 0, 192), '{') }

// done closes the object.
func (f fields) done() []byte { return append(f, '}') }

func (f fields) name(name string) fields {
	if len(f) > 1 {
		f = append(f, ',')
	}
	return append(appendText(f, name), ':')
}

// text adds a text. Empty ones are left out: nobody sends what they do not know.
func (f fields) text(name, value string) fields {
	if value == "" {
		return f
	}
	return appendText(f.name(name), value)
}

// whole adds a whole number.
func (f fields) whole(name string, value int) fields {
	return strconv.AppendInt(f.name(name), int64(value), 10)
}

// cents adds an amount of money, given in cents.
func (f fields) cents(name string, value int) fields {
	f = f.name(name)
	if value < 0 {
		f, value = append(f, '-'), -value
	}
	f = strconv.AppendInt(f, int64(value/100), 10)
	return append(f, '.', byte('0'+value/10%10), byte('0'+value%10))
}

func (f fields) yes(name string, value bool) fields {
	return strconv.AppendBool(f.name(name), value)
}

func (f fields) null(name string) fields { return append(f.name(name), "null"...) }

// raw adds a value that is JSON already.
func (f fields) raw(name string, value []byte) fields { return append(f.name(name), value...) }

// list adds an array with one element for each of n, written by element.
func (f fields) list(name string, n int, element func(i int) []byte) fields {
	f = append(f.name(name), '[')
	for i := range n {
		if i > 0 {
			f = append(f, ',')
		}
		f = append(f, element(i)...)
	}
	return append(f, ']')
}

func appendText(f fields, s string) fields {
	f = append(f, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			f = append(f, '\\', byte(r))
		case r < 0x20:
			f = append(f, `\u00`...)
			f = append(f, "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		default:
			f = utf8.AppendRune(f, r)
		}
	}
	return append(f, '"')
}
