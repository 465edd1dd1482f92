package code

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
	"gopkg.in/yaml.v3"
)

// strange are characters that YAML takes for ends of lines and hardly anybody else does.
const strange = "\r\u0085\u2028\u2029"

// parse reads the YAML of a document; nil if there is nothing but comments.
func (c *chunk) parse() (*yaml.Node, *rule.Problem) {
	text := c.text()
	if len(text) > maxDocument {
		return nil, &rule.Problem{Span: rule.Span{Start: c.start, End: c.start}, Message: fmt.Sprintf("the segment has %d bytes; at most %d (1 MiB) are allowed", len(text), maxDocument),
			Hint: "long lists of customers can stand in a file of their own: list: members.csv"}
	}
	if i := strings.IndexAny(text, strange); i >= 0 {
		return nil, &rule.Problem{Span: rule.Span{Start: c.start + i, End: c.start + i + 1}, Message: "a character that YAML takes for the end of a line",
			Hint: `write it as an escape such as "\u2028" in double quotes, or leave it out`}
	}
	root, err := decode(text)
	if err != nil {
		return nil, c.syntax(text, err)
	}
	if root == nil {
		return nil, nil
	}
	if odd := unwanted(root, 1); odd != nil {
		return nil, &rule.Problem{Span: c.span(odd), Message: "anchors, aliases, tags, keys of several lines and deep nesting have no meaning here", Hint: "write the value itself"}
	}
	return root, nil
}

func decode(text string) (*yaml.Node, error) {
	var document yaml.Node
	err := yaml.NewDecoder(strings.NewReader(text)).Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	case len(document.Content) == 0:
		return nil, nil
	}
	if n := document.Content[0]; n.Kind != yaml.ScalarNode || n.Value != "" || n.Style != 0 {
		return n, nil
	}
	return nil, nil
}

// mostSearched bounds the lines in which the place of a mistake is looked for.
const mostSearched = 400

// syntax makes a problem of what the library says, whose line is often that of the
// beginning. The mistake is on the first line with which no reading goes well again.
func (c *chunk) syntax(text string, err error) *rule.Problem {
	message := err.Error()
	if strings.HasPrefix(message, "line ") {
		_, message, _ = strings.Cut(message, ": ")
	}
	lines := strings.SplitAfter(text, "\n")
	last := 1
	if len(lines) <= mostSearched {
		for n := len(lines) - 1; n > 0; n-- {
			if _, err := decode(strings.Join(lines[:n], "")); err == nil {
				last = n + 1
				break
			}
		}
	}
	for last < len(lines) && strings.TrimSpace(lines[last-1]) == "" {
		last++
	}
	hint := "indent with spaces, put texts with : or # in quotes"
	if strings.Contains(lines[last-1], "\t") {
		hint = "indent with spaces, not with tabs"
	}
	return &rule.Problem{Span: c.lineAt(last), Message: "this is no YAML: " + message, Hint: hint}
}

// deepest is how deep values can stand in each other.
const deepest = 10

// unwanted finds what YAML can do and files of segments do not need.
func unwanted(n *yaml.Node, level int) *yaml.Node {
	if n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 || level > deepest {
		return n
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && (child.Kind != yaml.ScalarNode || strings.Contains(child.Value, "\n")) {
			return child
		}
		if odd := unwanted(child, level+1); odd != nil {
			return odd
		}
	}
	return nil
}
