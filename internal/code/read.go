package code

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
	"gopkg.in/yaml.v3"
)

// reader reads one document.
type reader struct {
	*chunk
	set  *Set
	open opener // of files beside
}

func (r *reader) report(at rule.Span, hint, format string, args ...any) {
	r.set.report(r.source, rule.Problem{Span: at, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// document reads a document and adds its segment; one of nothing but comments is none.
func (r *reader) document() {
	root, problem := r.parse()
	switch {
	case problem != nil:
		r.set.report(r.source, *problem)
		return
	case root == nil:
		return
	}
	s := &Segment{file: r.chunk, at: r.span(root), places: map[string]rule.Span{}}
	r.each(root, keys, "a segment", func(k *key, n *yaml.Node) {
		s.places[k.name] = r.span(n)
		k.take(r, n, s)
	})
	if s.Name == "" {
		return // which was said; nothing can be put together with it
	}
	r.whole(s)
	r.set.Segments = append(r.set.Segments, s)
}

// each goes over the entries of an object and says what is wrong with its keys.
func (r *reader) each(n *yaml.Node, table []key, what string, take func(*key, *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.report(r.span(n), "there are "+strings.Join(namesOf(table), ", "), "%s must be lines with a key and a value", what)
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if line, twice := seen[name.Value]; twice {
			r.report(r.span(name), "", "%q stands here twice, first on line %d", name.Value, line)
			continue
		}
		seen[name.Value], _ = r.position(r.at(name))
		k := find(table, name.Value)
		if k == nil {
			r.report(r.span(name), meant(name.Value, namesOf(table)), "unknown key %q", name.Value)
			continue
		}
		if r.fits(k, value) {
			take(k, value)
		}
	}
	for i := range table {
		if _, there := seen[table[i].name]; !there && table[i].required {
			r.report(r.span(n), "", "%s needs `%s`", what, table[i].name)
		}
	}
}

// meant says which name was likely meant, else which ones there are.
func meant(name string, names []string) string {
	if name == "name" && names[0] == "segment" {
		return `did you mean "segment"?`
	}
	if better, ok := rule.Suggest(name, names); ok {
		return fmt.Sprintf("did you mean %q?", better)
	}
	return "there are " + strings.Join(names, ", ")
}

// kinds are what YAML has, for messages.
var kinds = map[yaml.Kind]string{yaml.ScalarNode: "a single value", yaml.SequenceNode: "a list", yaml.MappingNode: "keys with values"}

// fits tells whether a value has the form of its key, and says so if not.
func (r *reader) fits(k *key, n *yaml.Node) bool {
	wanted := yaml.ScalarNode
	switch k.form {
	case someTexts, someObjects:
		wanted = yaml.SequenceNode
	case someObject:
		wanted = yaml.MappingNode
	}
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style == 0:
		if k.required {
			r.report(r.span(n), "", "`%s` has no value", k.name)
		}
		return false // nothing is said
	case n.Kind != wanted:
		r.report(r.span(n), r.example(k), "`%s` is %s, not %s", k.name, kinds[wanted], kinds[n.Kind])
		return false
	case k.form == aName && !rule.IsName(n.Value):
		r.report(r.span(n), "use letters, digits and _, beginning with a letter", "%q cannot be the name of a segment", n.Value)
	case len(k.of) > 0:
		return r.oneOf(k, n)
	case wanted == yaml.ScalarNode && k.most > 0 && utf8.RuneCountInString(n.Value) > k.most:
		r.report(r.span(n), "", "the text has %d characters; at most %d are allowed", utf8.RuneCountInString(n.Value), k.most)
	case k.form == someTexts && len(n.Content) > k.most:
		r.report(r.span(n), "", "there are %d; at most %d are allowed", len(n.Content), k.most)
	}
	return true
}

func (r *reader) oneOf(k *key, n *yaml.Node) bool {
	for _, value := range k.of {
		if value == n.Value {
			return true
		}
	}
	hint := "it is one of " + strings.Join(k.of, ", ")
	if better, ok := rule.Suggest(n.Value, k.of); ok {
		hint = fmt.Sprintf("did you mean %q?", better)
	}
	r.report(r.span(n), hint, "unknown %s %q", k.name, n.Value)
	return false
}

// example says how a key that is not a single value is written.
func (r *reader) example(k *key) string {
	switch k.form {
	case someTexts:
		return fmt.Sprintf("write %s: [one, two]", k.name)
	case someObject:
		return fmt.Sprintf("write %s: {%s: …}", k.name, strings.Join(namesOf(k.keys), ": …, "))
	case someObjects:
		return fmt.Sprintf("write %s: [{customer: …}]", k.name)
	}
	return ""
}

// value gives the text of a single value.
func (r *reader) value(n *yaml.Node) string { return strings.TrimSpace(n.Value) }

func (r *reader) texts(n *yaml.Node, s *Segment, name string) (t segment.Texts) {
	r.each(n, textKeys, "`"+name+"`", func(k *key, n *yaml.Node) {
		s.places[name+"."+k.name] = r.span(n)
		if k.name == "de" {
			t.DE = r.value(n)
		} else {
			t.EN = r.value(n)
		}
	})
	return t
}

// parts reads the segments of a segmentation; where each stands counts for what is wrong with it.
func (r *reader) parts(n *yaml.Node, s *Segment) {
	s.Parts = r.list(n)
	if len(s.Parts) < len(n.Content) {
		return // which was said
	}
	for i, item := range n.Content {
		name := s.Parts[i]
		switch first := slices.Index(s.Parts, name); {
		case !rule.IsName(name):
			r.report(r.span(item), "parts are the names of segments", "%q cannot be a part", name)
		case first < i:
			r.report(r.span(item), "", "%s is a part twice", name)
		default:
			s.places["parts."+name] = r.span(item)
		}
	}
}

func (r *reader) list(n *yaml.Node) (list []string) {
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || r.value(item) == "" {
			r.report(r.span(item), "", "an entry is a single value")
			continue
		}
		list = append(list, r.value(item))
	}
	return list
}

func (r *reader) size(n *yaml.Node, s *Segment) {
	r.each(n, sizeKeys, "`size`", func(k *key, n *yaml.Node) {
		s.places["size."+k.name] = r.span(n)
		number, err := strconv.ParseUint(n.Value, 10, 31)
		if err != nil {
			r.report(r.span(n), "", "%q is no whole number from 0 to 2147483647", n.Value)
			return
		}
		if k.name == "min" {
			s.MinSize = int(number)
		} else {
			s.MaxSize = int(number)
		}
	})
}

func (r *reader) overrides(n *yaml.Node, name string) (list []segment.Override) {
	for _, item := range n.Content {
		if item.Kind == yaml.ScalarNode && r.value(item) != "" {
			list = append(list, segment.Override{Customer: r.value(item)})
			continue
		}
		var o segment.Override
		r.each(item, overrideKeys, "an entry of `"+name+"`", func(k *key, n *yaml.Node) {
			switch k.name {
			case "customer":
				if o.Customer = r.value(n); o.Customer == "" {
					r.report(r.span(n), "", "the customer has no name")
				}
			case "reason":
				o.Reason = r.value(n)
			case "until":
				o.Until = r.date(n)
			}
		})
		list = append(list, o)
	}
	return list
}

func (r *reader) date(n *yaml.Node) calendar.Instant {
	d, err := calendar.ParseDate(strings.Replace(r.value(n), " ", "T", 1))
	if err != nil {
		r.report(r.span(n), "", "%q is no date: %v", n.Value, err)
		return 0
	}
	return r.set.zone.Resolve(d)
}

// rule reads a rule; its problems stand at their places in the file.
func (r *reader) rule(n *yaml.Node, s *Segment) {
	s.Rule, s.text = n.Value, n
	parsed, problems := rule.Parse(n.Value)
	for _, p := range problems {
		p.Span = r.inFile(n, p.Span)
		r.set.report(r.source, p)
	}
	if !problems.Fatal() {
		s.rule = parsed
	}
}

// whole says what is wrong with a segment apart from its single values.
func (r *reader) whole(s *Segment) {
	if s.Kind == segment.Segmentation {
		r.divides(s)
		return
	}
	list := s.Kind == segment.List
	_, ruled := s.places["rule"]
	_, listed := s.places["list"]
	for _, key := range []string{"parts", "rest", "restTitle"} {
		if at, there := s.places[key]; there {
			r.report(at, "add kind: segmentation", "`%s` is for segmentations", key)
			return
		}
	}
	switch {
	case list && ruled:
		r.report(s.place("rule"), "leave out the rule, or kind: list", "a list has no rule")
	case !list && listed:
		r.report(s.place("list"), "add kind: list", "`list` is for segments that are lists")
	case !list && strings.TrimSpace(s.Rule) == "" && !ruled:
		r.report(s.at, "a list of people without a rule has kind: list", "segment %s has no rule", s.Name)
	}
	if s.MaxSize > 0 && s.MinSize > s.MaxSize {
		r.report(s.place("size"), "", "min %d is more than max %d", s.MinSize, s.MaxSize)
	}
}

// divides says what is wrong with a segmentation apart from its single values.
func (r *reader) divides(s *Segment) {
	for _, key := range []string{"rule", "list", "include", "exclude", "size"} {
		if at, there := s.places[key]; there {
			r.report(at, "say it of the segments that are its parts", "a segmentation has no `%s`", key)
		}
	}
	if len(s.Parts) == 0 {
		r.report(s.at, "name segments in order: parts: [best, good]", "segmentation %s has no parts", s.Name)
	}
	if s.Rest == "" {
		r.report(s.at, "say who is in none of the parts, such as rest: others", "segmentation %s has no name for its rest", s.Name)
	}
	if at, there := s.places["parts."+s.Rest]; there {
		r.report(at, "give the rest another name", "the rest has the name of this part: %s", s.Rest)
	}
	if at, there := s.places["parts."+s.Name]; there {
		r.report(at, "", "a segmentation is not a part of itself")
	}
}
