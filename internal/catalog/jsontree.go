package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxDepth is how deep a declaration may nest; lists of objects within lists need a few levels.
const maxDepth = 32

// tree is a JSON value that remembers its line, so that messages can name it.
type tree struct {
	line    int
	text    string  // of a text
	members []named // of an object, in the order of the file
	items   []tree  // of a list
	kind    treeKind
}

type named struct {
	name  string
	value tree
}

type treeKind uint8

const (
	otherTree treeKind = iota // a number, true, false or null
	textTree
	objectTree
	listTree
)

// treeReader reads JSON by tokens and counts lines as it goes.
type treeReader struct {
	data    []byte
	decoder *json.Decoder
	line    int   // of counted
	counted int64 // bytes whose line breaks are counted
}

func readTree(data []byte) (tree, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return tree{}, errors.New("the file is not UTF-8 text")
	}
	r := &treeReader{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1}
	root, err := r.value(0)
	if err != nil {
		return tree{}, r.explain(err)
	}
	if _, err := r.decoder.Token(); err != io.EOF {
		return tree{}, fmt.Errorf("line %d: something follows after the end of the declaration", r.here())
	}
	return root, nil
}

// here gives the line of the last token.
func (r *treeReader) here() int {
	offset := min(r.decoder.InputOffset(), int64(len(r.data)))
	r.line += bytes.Count(r.data[r.counted:offset], []byte("\n"))
	r.counted = offset
	return r.line
}

func (r *treeReader) value(depth int) (tree, error) {
	if depth > maxDepth {
		return tree{}, fmt.Errorf("line %d: the declaration nests deeper than %d levels", r.here(), maxDepth)
	}
	token, err := r.decoder.Token()
	if err != nil {
		return tree{}, err
	}
	t := tree{line: r.here()}
	switch token := token.(type) {
	case string:
		t.kind, t.text = textTree, token
	case json.Delim:
		if token == '{' {
			t.kind = objectTree
			t.members, err = r.members(depth)
		} else {
			t.kind = listTree
			t.items, err = r.items(depth)
		}
	}
	return t, err
}

func (r *treeReader) members(depth int) ([]named, error) {
	var members []named
	seen := map[string]bool{}
	for r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // the decoder lets only texts be keys
		if seen[name] {
			return nil, fmt.Errorf("line %d: %q stands here twice", r.here(), name)
		}
		seen[name] = true
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		members = append(members, named{name, value})
	}
	_, err := r.decoder.Token()
	return members, err
}

func (r *treeReader) items(depth int) ([]tree, error) {
	var items []tree
	for r.decoder.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := r.decoder.Token()
	return items, err
}

// explain says in words what the JSON decoder found, with the line.
func (r *treeReader) explain(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		end := min(max(syntax.Offset-1, 0), int64(len(r.data)))
		return fmt.Errorf("line %d: not valid JSON: %w", 1+bytes.Count(r.data[:end], []byte("\n")), err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends before the declaration does: a bracket or brace is not closed, or it is empty")
	}
	return err
}
