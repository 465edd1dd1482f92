package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// tree is a JSON value with the order of its members and with its place.
type tree struct {
	kind    treeKind
	text    string // textTree, numberTree
	truth   bool   // boolTree
	items   []tree // listTree
	members []member
	at      string // JSON pointer
}

type member struct {
	name  string
	value tree
}

type treeKind uint8

const (
	nullTree treeKind = iota
	textTree
	numberTree
	boolTree
	listTree
	objectTree
)

func (k treeKind) String() string {
	return [...]string{"null", "a text", "a number", "true or false", "a list", "an object"}[k]
}

const (
	maxJSONBytes = 1 << 20 // the largest rule, each of its characters escaped, has less
	maxJSONDepth = 256     // a rule of 32 levels has less
)

// readTree reads JSON strictly: one value, valid UTF-8, no member twice.
func readTree(data []byte) (tree, error) {
	switch {
	case len(data) > maxJSONBytes:
		return tree{}, fmt.Errorf("the rule has %d bytes as JSON; at most %d (1 MiB) are allowed", len(data), maxJSONBytes)
	case !utf8.Valid(data):
		return tree{}, errors.New("the rule is not valid UTF-8 text")
	case loneSurrogate(string(data)):
		return tree{}, errors.New(`the rule contains half a character: \ud800 to \udfff stand in pairs`)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	t, err := nextTree(d, "", 1)
	if err == nil {
		if _, end := d.Token(); end != io.EOF {
			err = errors.New("something follows the rule")
		}
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errors.New("it ends too early")
	}
	if err != nil {
		return tree{}, fmt.Errorf("the rule cannot be read as JSON: %w, near byte %d", err, d.InputOffset())
	}
	return t, nil
}

func nextTree(d *json.Decoder, at string, depth int) (tree, error) {
	token, err := d.Token()
	if err != nil {
		return tree{}, err
	}
	t := tree{at: at}
	switch token := token.(type) {
	case string:
		t.kind, t.text = textTree, token
	case json.Number:
		t.kind, t.text = numberTree, token.String()
	case bool:
		t.kind, t.truth = boolTree, token
	case json.Delim:
		if depth > maxJSONDepth {
			return tree{}, errors.New("it is nested too deep")
		}
		if token == '[' {
			return t.readItems(d, depth)
		}
		return t.readMembers(d, depth)
	}
	return t, nil
}

func (t tree) readItems(d *json.Decoder, depth int) (tree, error) {
	t.kind = listTree
	for d.More() {
		item, err := nextTree(d, t.at+"/"+strconv.Itoa(len(t.items)), depth+1)
		if err != nil {
			return t, err
		}
		t.items = append(t.items, item)
	}
	_, err := d.Token()
	return t, err
}

func (t tree) readMembers(d *json.Decoder, depth int) (tree, error) {
	t.kind = objectTree
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return t, err
		}
		name, _ := token.(string)
		if _, twice := t.member(name); twice {
			return t, fmt.Errorf("the member %q stands twice in one object", clip(name))
		}
		value, err := nextTree(d, t.at+"/"+escapePointer(name), depth+1)
		if err != nil {
			return t, err
		}
		t.members = append(t.members, member{name, value})
	}
	_, err := d.Token()
	return t, err
}

func (t tree) member(name string) (tree, bool) {
	for _, m := range t.members {
		if m.name == name {
			return m.value, true
		}
	}
	return tree{}, false
}

func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(clip(name))
}

// loneSurrogate finds escapes of half a character, which encoding/json would quietly replace.
func loneSurrogate(s string) bool {
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+2 > len(s) {
			return false
		}
		s = s[i:]
		size := 2
		if first, ok := hexEscape(s); ok && utf16.IsSurrogate(first) {
			second, _ := hexEscape(s[6:])
			if utf16.DecodeRune(first, second) == utf8.RuneError {
				return true
			}
			size = 12
		}
		s = s[size:]
	}
}
