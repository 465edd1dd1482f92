// Package flat takes a JSON object apart into its fields: nested objects become
// dotted paths, each value gets a kind. It checks the JSON on the way and writes
// it in one compact form, so that equal values have equal bytes.
package flat

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds. A text that is a date or a time as calendar.ParseDate reads them has a kind of its own.
const (
	Null Kind = iota
	Text
	Date
	Time
	Number
	Boolean
	EmptyList  // a list without elements other than null
	TextList   // a list of text; it may have nulls
	ObjectList // a list of objects; it may have nulls
	Other      // any other list
	Kinds      // how many kinds there are
)

// MemberMark stands between the path of a list and the path of a field of its
// objects: the price in the list products has the path "products[].price".
const MemberMark = "[]."

// maxDepth is how deep objects and lists may nest.
const maxDepth = 64

// Field is one value of an object.
type Field struct {
	Kind   Kind
	Member bool // a field of an object in a list; its list is a Field itself
	path   span
	value  span
}

// span is a range of bytes.
type span struct{ from, to int }

// Walker takes objects apart. Its results are valid until the next Walk.
type Walker struct {
	// Fields are the values in the order of the text; a list comes after the members of its objects.
	Fields []Field

	objects []span // the names of the members that are objects themselves

	in     []byte
	at     int
	out    []byte // the compact form
	prefix []byte // the path so far
	paths  []byte // of all fields
	inList int    // lists around the value; above 0 fields are members
	silent int    // lists in lists around the value: their fields are nobody's
	depth  int
}

// Path gives the dotted path of a field.
func (w *Walker) Path(f *Field) []byte { return w.paths[f.path.from:f.path.to] }

// Value gives the compact JSON of a field.
func (w *Walker) Value(f *Field) []byte { return w.out[f.value.from:f.value.to] }

// EachObject calls fn with the name of each member of the object that is an object itself.
func (w *Walker) EachObject(fn func(name []byte) error) error {
	for _, o := range w.objects {
		if err := fn(w.paths[o.from:o.to:o.to]); err != nil {
			return err
		}
	}
	return nil
}

// Compact gives the compact JSON of the whole object.
func (w *Walker) Compact() []byte { return w.out }

// Walk takes an object apart; nothing counts as an empty object. The error says
// what is wrong with the JSON, and where.
func (w *Walker) Walk(object []byte) error {
	*w = Walker{in: object, Fields: w.Fields[:0], objects: w.objects[:0], out: w.out[:0], prefix: w.prefix[:0], paths: w.paths[:0]}
	w.space()
	if w.at == len(object) {
		w.out = append(w.out, "{}"...)
		return nil
	}
	if !utf8.Valid(object) {
		return errors.New("not valid UTF-8")
	}
	if w.peek() != '{' {
		return errors.New("not a JSON object")
	}
	if err := w.object(); err != nil {
		return err
	}
	w.space()
	if w.at < len(object) {
		return w.wrong("nothing may follow after the object")
	}
	return nil
}

func (w *Walker) wrong(what string) error {
	return fmt.Errorf("not valid JSON at character %d: %s", utf8.RuneCount(w.in[:w.at])+1, what)
}

// peek gives the next byte, 0 at the end.
func (w *Walker) peek() byte {
	if w.at < len(w.in) {
		return w.in[w.at]
	}
	return 0
}

func (w *Walker) space() {
	for w.at < len(w.in) {
		switch w.in[w.at] {
		case ' ', '\n', '\r', '\t':
			w.at++
		default:
			return
		}
	}
}

// accept takes a byte, with the space before it, if it is the next.
func (w *Walker) accept(c byte) bool {
	w.space()
	if w.peek() != c {
		return false
	}
	w.at++
	w.out = append(w.out, c)
	return true
}

func (w *Walker) enter() error {
	if w.depth++; w.depth > maxDepth {
		return w.wrong(fmt.Sprintf("nested deeper than %d levels", maxDepth))
	}
	return nil
}

// object takes apart the object that begins here; its fields get the prefix.
func (w *Walker) object() error {
	if err := w.enter(); err != nil {
		return err
	}
	w.accept('{')
	if !w.accept('}') {
		for {
			if err := w.member(); err != nil {
				return err
			}
			if w.accept('}') {
				break
			}
			if !w.accept(',') {
				return w.wrong(`"," or "}" expected`)
			}
		}
	}
	w.depth--
	return nil
}

func (w *Walker) member() error {
	outer := len(w.prefix)
	if outer > 0 && w.prefix[outer-1] != MemberMark[2] {
		w.prefix = append(w.prefix, '.')
	}
	w.space()
	if w.peek() != '"' {
		return w.wrong("a name in quotes expected")
	}
	if err := w.text(&w.prefix); err != nil {
		return err
	}
	if !w.accept(':') {
		return w.wrong(`":" expected`)
	}
	w.space()
	if w.peek() == '{' {
		if outer == 0 {
			w.objects = append(w.objects, span{len(w.paths), len(w.paths) + len(w.prefix)})
			w.paths = append(w.paths, w.prefix...)
		}
		if err := w.object(); err != nil {
			return err
		}
		w.prefix = w.prefix[:outer]
		return nil
	}
	from := len(w.out)
	kind, err := w.value()
	if err != nil {
		return err
	}
	w.field(kind, span{from, len(w.out)})
	w.prefix = w.prefix[:outer]
	return nil
}

func (w *Walker) field(kind Kind, value span) {
	if w.silent > 0 {
		return
	}
	from := len(w.paths)
	w.paths = append(w.paths, w.prefix...)
	w.Fields = append(w.Fields, Field{Kind: kind, Member: w.inList > 0, path: span{from, len(w.paths)}, value: value})
}

// value takes any value but an object.
func (w *Walker) value() (Kind, error) {
	switch c := w.peek(); {
	case c == '"':
		from := len(w.out) + 1
		if err := w.text(nil); err != nil {
			return 0, err
		}
		return kindOfText(w.out[from : len(w.out)-1]), nil
	case c == '-' || c >= '0' && c <= '9':
		return Number, w.number()
	case c == '[':
		return w.list()
	case c == 't':
		return Boolean, w.word("true")
	case c == 'f':
		return Boolean, w.word("false")
	case c == 'n':
		return Null, w.word("null")
	}
	return 0, w.wrong("a value expected")
}

// kindOfText looks closer only at what has the shape of a date.
func kindOfText(s []byte) Kind {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' || s[0] < '0' || s[0] > '9' || len(s) > 40 {
		return Text
	}
	date, err := calendar.ParseDate(string(s))
	switch {
	case err != nil:
		return Text
	case date.HasTime:
		return Time
	}
	return Date
}

func (w *Walker) word(word string) error {
	if end := w.at + len(word); end > len(w.in) || string(w.in[w.at:end]) != word {
		return w.wrong("a value expected")
	}
	w.at += len(word)
	w.out = append(w.out, word...)
	return nil
}

// number takes -? ( 0 | 1-9 digits ) ( . digits )? ( e [+-]? digits )?.
func (w *Walker) number() error {
	from := w.at
	if w.peek() == '-' {
		w.at++
	}
	zero := w.peek() == '0'
	whole := w.digits()
	ok := whole == 1 || whole > 1 && !zero
	if ok && w.peek() == '.' {
		w.at++
		ok = w.digits() > 0
	}
	if c := w.peek(); ok && (c == 'e' || c == 'E') {
		w.at++
		if c := w.peek(); c == '+' || c == '-' {
			w.at++
		}
		ok = w.digits() > 0
	}
	if !ok {
		return w.wrong("not a number")
	}
	w.out = append(w.out, w.in[from:w.at]...)
	return nil
}

func (w *Walker) digits() int {
	from := w.at
	for w.at < len(w.in) && w.in[w.at] >= '0' && w.in[w.at] <= '9' {
		w.at++
	}
	return w.at - from
}

// list takes a list. The fields of its objects become members of the list at
// the prefix; those of objects in a list in a list are nobody's.
func (w *Walker) list() (Kind, error) {
	if err := w.enter(); err != nil {
		return 0, err
	}
	outer := len(w.prefix)
	w.inList++
	w.accept('[')
	kind := EmptyList
	if !w.accept(']') {
		for {
			w.space()
			element, err := w.element(outer)
			if err != nil {
				return 0, err
			}
			kind = kind.with(element)
			if w.accept(']') {
				break
			}
			if !w.accept(',') {
				return 0, w.wrong(`"," or "]" expected`)
			}
		}
	}
	w.inList--
	w.depth--
	return kind, nil
}

// element takes an element of a list and gives the kind of list that it speaks for.
func (w *Walker) element(outer int) (Kind, error) {
	switch w.peek() {
	case '{':
		w.prefix = append(w.prefix, MemberMark...)
		err := w.object()
		w.prefix = w.prefix[:outer]
		return ObjectList, err
	case '[':
		w.silent++
		_, err := w.list()
		w.silent--
		return Other, err
	}
	kind, err := w.value()
	switch kind {
	case Null:
		return EmptyList, err
	case Text, Date, Time:
		return TextList, err
	}
	return Other, err
}

// with joins the kinds of list that two elements speak for.
func (k Kind) with(other Kind) Kind {
	switch {
	case k == EmptyList || k == other:
		return other
	case other == EmptyList:
		return k
	}
	return Other
}
