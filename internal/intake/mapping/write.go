package mapping

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/kohorte/kohorte/internal/intake/value"
)

// String writes the mapping as YAML that Parse reads, with the comments of its columns.
func (m *Mapping) String() string {
	top := &object{}
	top.add("kind", string(m.Kind))
	top.add("source", m.Source)
	top.add("event", m.Event)
	top.add("currency", m.Currency)
	top.add("zone", m.Zone)
	top.add("encoding", m.Encoding)
	top.add("delimiter", delimiterName(m.Delimiter))
	top.addList("header", m.Header)
	top.add("numbers", m.Numbers.String())
	top.add("dates", m.Dates.String())
	top.addNode("columns", columnsNode(m.Columns))
	if m.IgnoreOthers {
		top.add("others", "ignore")
	}
	top.addNode("constants", constantsNode(m.Constants))
	top.addNode("lookup", lookupsNode(m.Lookups))
	top.addNode("skip", conditionsNode(m.Skip))
	top.addNode("refunds", conditionsNode(m.Refunds))
	top.addNode("charges", conditionsNode(m.Charges))
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(top.node()); err != nil {
		panic(fmt.Sprintf("writing a mapping: %v", err)) // the nodes are made here
	}
	return out.String()
}

func delimiterName(b byte) string {
	switch b {
	case 0:
		return ""
	case '\t':
		return "tab"
	}
	return string(b)
}

// object builds a YAML mapping.
type object struct{ content []*yaml.Node }

func (o *object) node() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Content: o.content} }

// add adds a text, unless it is empty.
func (o *object) add(key, text string) {
	if text != "" {
		o.content = append(o.content, textNode(key), textNode(text))
	}
}

func (o *object) addNode(key string, n *yaml.Node) {
	if n != nil {
		o.content = append(o.content, textNode(key), n)
	}
}

func (o *object) addList(key string, texts []string) {
	if texts != nil {
		o.addNode(key, listNode(texts))
	}
}

// textNode is a text that reads back as itself; what YAML would take for a
// number or a date stands in quotes.
func textNode(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

func listNode(texts []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, s := range texts {
		n.Content = append(n.Content, textNode(s))
	}
	return n
}

func columnsNode(columns []Column) *yaml.Node {
	if columns == nil {
		return nil
	}
	o := &object{}
	for _, c := range columns {
		n := c.node()
		if n.Kind == yaml.ScalarNode {
			n.LineComment = c.Comment
		}
		o.addNode(c.Name, n)
		if n.Kind != yaml.ScalarNode && c.Comment != "" {
			o.content[len(o.content)-2].HeadComment = c.Comment
		}
	}
	return o.node()
}

// node writes the column in the shortest of its forms.
func (c *Column) node() *yaml.Node {
	targets := make([]string, len(c.Targets))
	for i, t := range c.Targets {
		targets[i] = t.String()
	}
	typed := c.Type.Kind != value.Unknown
	if c.Unset || c.Default != "" || c.Values != nil || len(targets) > 1 && typed {
		return c.longNode(targets)
	}
	switch {
	case len(targets) == 0:
		return textNode(ignored)
	case len(targets) > 1:
		return listNode(targets)
	case typed && c.Targets[0].Role == Time && c.Type.Order != value.AnyOrder:
		return textNode(targets[0] + " " + c.Type.Order.String())
	case typed:
		return textNode(targets[0] + " " + c.Type.String())
	}
	return textNode(targets[0])
}

func (c *Column) longNode(targets []string) *yaml.Node {
	o := &object{}
	if len(targets) == 1 {
		o.add("to", targets[0])
	} else {
		o.addList("to", targets)
	}
	if c.Type.Kind != value.Unknown {
		o.add("type", c.Type.String())
	}
	if c.Unset {
		o.add("empty", "unset")
	}
	o.add("default", c.Default)
	if c.Values != nil {
		values := &object{}
		for _, from := range slices.Sorted(maps.Keys(c.Values)) {
			values.addNode(from, textNode(c.Values[from]))
		}
		n := values.node()
		n.Style = yaml.FlowStyle
		o.addNode("values", n)
	}
	n := o.node()
	n.Style = yaml.FlowStyle
	return n
}

func constantsNode(constants []Constant) *yaml.Node {
	if constants == nil {
		return nil
	}
	o := &object{}
	for _, c := range constants {
		var n yaml.Node
		if err := yaml.Unmarshal(c.JSON, &n); err != nil || len(n.Content) != 1 {
			panic(fmt.Sprintf("the constant %s is not JSON: %s", c.Field, c.JSON)) // JSON is YAML
		}
		o.addNode(c.Field, n.Content[0])
	}
	return o.node()
}

func conditionsNode(conditions []Condition) *yaml.Node {
	if conditions == nil {
		return nil
	}
	o := &object{}
	for _, c := range conditions {
		if len(c.Patterns) == 1 {
			o.addNode(c.Column, textNode(c.Patterns[0]))
		} else {
			o.addNode(c.Column, listNode(c.Patterns))
		}
	}
	return o.node()
}

func lookupsNode(lookups []Lookup) *yaml.Node {
	if lookups == nil {
		return nil
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, l := range lookups {
		o := &object{}
		o.add("file", l.File)
		on := l.Column
		if l.Key != l.Column {
			on += "=" + l.Key
		}
		o.add("on", on)
		o.addNode("columns", columnsNode(l.Columns))
		list.Content = append(list.Content, o.node())
	}
	return list
}
