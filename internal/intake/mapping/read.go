package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
	"github.com/kohorte/kohorte/internal/number"
)

// Parse reads a mapping from YAML. The error lists all problems, one a line,
// each with the name of the file and the line.
func Parse(name string, text []byte) (*Mapping, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	r := &reader{name: name}
	m := &Mapping{}
	if len(document.Content) > 0 {
		r.mapping(document.Content[0], m)
	}
	if r.problems == nil {
		for _, problem := range m.problems() {
			r.problems = append(r.problems, fmt.Errorf("%s: %w", name, problem))
		}
	}
	if r.problems != nil {
		return nil, errors.Join(r.problems...)
	}
	return m, nil
}

// reader collects problems on its way through the YAML.
type reader struct {
	name     string
	problems []error
}

func (r *reader) report(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s:%d: %s", r.name, n.Line, fmt.Sprintf(format, args...)))
}

// try reports an error at a node.
func (r *reader) try(n *yaml.Node, err error) {
	if err != nil {
		r.report(n, "%s", err)
	}
}

// each goes over the entries of a YAML mapping.
func (r *reader) each(n *yaml.Node, what string, entry func(key, value *yaml.Node)) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		r.report(n, "%s must be a list of lines with a key and a value", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; seen[key.Value] {
			r.report(key, "%q stands here twice", key.Value)
		} else {
			seen[key.Value] = true
			entry(key, n.Content[i+1])
		}
	}
}

// keys goes over the entries of a YAML mapping whose keys are known.
func (r *reader) keys(n *yaml.Node, what string, known map[string]func(*yaml.Node)) {
	r.each(n, what, func(key, value *yaml.Node) {
		if take, ok := known[key.Value]; ok {
			take(value)
			return
		}
		var all []string
		for k := range known {
			all = append(all, k)
		}
		slices.Sort(all)
		hint := meant(key.Value, all)
		if hint == "" {
			hint = "; there are " + strings.Join(all, ", ")
		}
		r.report(key, "unknown key %q%s", key.Value, hint)
	})
}

func (r *reader) mapping(n *yaml.Node, m *Mapping) {
	r.keys(n, "a mapping", map[string]func(*yaml.Node){
		"kind":      func(n *yaml.Node) { k, err := ParseKind(r.text(n)); r.try(n, err); m.Kind = k },
		"source":    func(n *yaml.Node) { m.Source = r.text(n) },
		"event":     func(n *yaml.Node) { m.Event = r.text(n) },
		"currency":  func(n *yaml.Node) { m.Currency = strings.ToUpper(r.text(n)) },
		"zone":      func(n *yaml.Node) { m.Zone = r.text(n) },
		"encoding":  func(n *yaml.Node) { m.Encoding = strings.ToLower(r.text(n)); r.try(n, table.CheckEncoding(m.Encoding)) },
		"delimiter": func(n *yaml.Node) { m.Delimiter = r.delimiter(n) },
		"header":    func(n *yaml.Node) { m.Header = r.list(n) },
		"numbers":   func(n *yaml.Node) { s, err := value.ParseStyle(r.text(n)); r.try(n, err); m.Numbers = s },
		"dates":     func(n *yaml.Node) { o, err := value.ParseOrder(r.text(n)); r.try(n, err); m.Dates = o },
		"columns":   func(n *yaml.Node) { m.Columns = r.columns(n) },
		"others":    func(n *yaml.Node) { m.IgnoreOthers = r.choice(n, "ignore", "keep") },
		"constants": func(n *yaml.Node) { m.Constants = r.constants(n) },
		"lookup":    func(n *yaml.Node) { m.Lookups = r.lookups(n) },
		"skip":      func(n *yaml.Node) { m.Skip = r.conditions(n) },
		"refunds":   func(n *yaml.Node) { m.Refunds = r.conditions(n) },
		"charges":   func(n *yaml.Node) { m.Charges = r.conditions(n) },
	})
}

func (r *reader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		r.report(n, "a single value is expected here")
		return ""
	}
	if n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// list reads one value or several.
func (r *reader) list(n *yaml.Node) []string {
	if n.Kind != yaml.SequenceNode {
		return []string{r.text(n)}
	}
	list := []string{}
	for _, item := range n.Content {
		list = append(list, r.text(item))
	}
	return list
}

// choice tells whether the first of two words stands there.
func (r *reader) choice(n *yaml.Node, first, second string) bool {
	word := r.text(n)
	if word != first && word != second {
		r.report(n, "%q: it is %s or %s", word, first, second)
	}
	return word == first
}

func (r *reader) delimiter(n *yaml.Node) byte {
	s := r.text(n)
	if s == "tab" {
		return '\t'
	}
	if len(s) != 1 {
		r.report(n, "a delimiter is one character or the word tab, not %q", s)
		return 0
	}
	return s[0]
}

func (r *reader) columns(n *yaml.Node) []Column {
	var columns []Column
	r.each(n, "columns", func(key, value *yaml.Node) {
		columns = append(columns, r.column(key, value))
	})
	return columns
}

// column reads one column: a line with target, type and format, a list of targets, or all in keys.
func (r *reader) column(key, n *yaml.Node) Column {
	c := Column{Name: key.Value}
	switch n.Kind {
	case yaml.ScalarNode:
		var err error
		c, err = parseColumn(key.Value, r.text(n))
		r.try(n, err)
	case yaml.SequenceNode:
		c.Targets = r.targets(n)
	default:
		r.columnKeys(n, &c)
	}
	c.line = key.Line
	return c
}

func (r *reader) columnKeys(n *yaml.Node, c *Column) {
	var kind, format string
	r.keys(n, "a column", map[string]func(*yaml.Node){
		"to":      func(n *yaml.Node) { c.Targets = r.targets(n) },
		"type":    func(n *yaml.Node) { kind = r.text(n) },
		"format":  func(n *yaml.Node) { format = r.text(n) },
		"empty":   func(n *yaml.Node) { c.Unset = r.choice(n, "unset", "keep") },
		"default": func(n *yaml.Node) { c.Default = r.text(n) },
		"values": func(n *yaml.Node) {
			c.Values = map[string]string{}
			r.each(n, "values", func(from, to *yaml.Node) { c.Values[from.Value] = r.text(to) })
		},
	})
	if words := strings.Fields(kind + " " + format); len(words) > 0 {
		var err error
		c.Type, err = value.ParseType(words)
		r.try(n, err)
	}
	if c.Targets == nil {
		r.report(n, "column %s: `to` is missing, which says what the column is", c.Name)
	}
}

func (r *reader) targets(n *yaml.Node) []Target {
	targets := []Target{}
	for _, s := range r.list(n) {
		if s == ignored {
			continue
		}
		t, err := parseTarget(s)
		r.try(n, err)
		targets = append(targets, t)
	}
	return targets
}

func (r *reader) constants(n *yaml.Node) []Constant {
	var constants []Constant
	r.each(n, "constants", func(key, value *yaml.Node) {
		r.try(key, checkField(key.Value))
		constants = append(constants, Constant{key.Value, r.literal(value)})
	})
	return constants
}

// literal gives the JSON form of a YAML value.
func (r *reader) literal(n *yaml.Node) []byte {
	text := r.text(n)
	switch n.Tag {
	case "!!bool":
		var b bool
		r.try(n, n.Decode(&b))
		return fmt.Append(nil, b)
	case "!!int", "!!float":
		if v, err := number.Parse(text); err == nil {
			return []byte(v.String())
		}
	}
	quoted, err := json.Marshal(text)
	r.try(n, err)
	return quoted
}

func (r *reader) conditions(n *yaml.Node) []Condition {
	var conditions []Condition
	r.each(n, "conditions", func(key, value *yaml.Node) {
		conditions = append(conditions, Condition{key.Value, r.list(value)})
	})
	return conditions
}

func (r *reader) lookups(n *yaml.Node) []Lookup {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	var lookups []Lookup
	for _, item := range items {
		var l Lookup
		r.keys(item, "a lookup", map[string]func(*yaml.Node){
			"file":    func(n *yaml.Node) { l.File = r.text(n) },
			"on":      func(n *yaml.Node) { l.Column, l.Key = r.pair(n) },
			"columns": func(n *yaml.Node) { l.Columns = r.columns(n) },
		})
		if l.File == "" || l.Column == "" || l.Columns == nil {
			r.report(item, "a lookup needs a file, the column that it is looked up `on`, and the columns that it brings")
		}
		lookups = append(lookups, l)
	}
	return lookups
}

// pair reads the column of this file, and that of the other one if it has another name: Product=Id.
func (r *reader) pair(n *yaml.Node) (column, key string) {
	column, key, ok := strings.Cut(r.text(n), "=")
	if !ok {
		key = column
	}
	return strings.TrimSpace(column), strings.TrimSpace(key)
}
