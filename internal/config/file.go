package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
	"gopkg.in/yaml.v3"
)

// entry is a value in the file.
type entry struct {
	text string
	line int
}

// reader collects problems on its way through the file.
type reader struct {
	path     string
	settings []Setting
	problems []error
}

func (r *reader) report(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s:%d: %s", r.path, n.Line, fmt.Sprintf(format, args...)))
}

// read gives the entries by the names of their settings.
func (r *reader) read(text []byte) map[string]entry {
	var document, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&document); err != nil {
		if !errors.Is(err, io.EOF) {
			r.problems = append(r.problems, fmt.Errorf("%s: %s", r.path, strings.TrimPrefix(err.Error(), "yaml: ")))
		}
		return nil
	}
	if decoder.Decode(&second) == nil {
		r.report(&second, "the file goes on after ---; only what stands before is read")
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		if root.Tag != "!!null" {
			r.report(root, "lines of the form \"setting: value\" are expected")
		}
		return nil
	}
	entries := map[string]entry{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		r.entry(root.Content[i], root.Content[i+1], entries)
	}
	return entries
}

func (r *reader) entry(key, value *yaml.Node, entries map[string]entry) {
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	before, twice := entries[key.Value]
	switch {
	case !r.known(key):
	case twice:
		r.report(key, "%s stands in line %d already", key.Value, before.line)
	case value.Kind != yaml.ScalarNode:
		r.report(key, "%s: a single value is expected", key.Value)
	case value.Tag == "!!null":
		entries[key.Value] = entry{"", key.Line}
	default:
		entries[key.Value] = entry{value.Value, key.Line}
	}
}

// known reports a key that is no setting.
func (r *reader) known(key *yaml.Node) bool {
	var names []string
	for i := range r.settings {
		if r.settings[i].Name == key.Value {
			return true
		}
		names = append(names, r.settings[i].Name)
	}
	hint := "there are " + strings.Join(names, ", ")
	if meant, ok := rule.Suggest(key.Value, names); ok {
		hint = "did you mean " + meant + "?"
	}
	r.report(key, "there is no setting %q; %s", key.Value, hint)
	return false
}
