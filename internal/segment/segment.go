// Package segment says what a segment is: a rule or a list with a name, with who
// answers for it, what it is for, who is in or out by hand, and where in its life it
// is; and what a segmentation is, which divides everybody by segments in order.
package segment

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
)

// Kind is the kind of a segment.
type Kind string

// The kinds.
const (
	ByRule       Kind = "rule"         // its rule says who is in
	List         Kind = "list"         // who is included by hand is in, nobody else
	Segmentation Kind = "segmentation" // it has no members; its parts, made from it, divide everybody
	Part         Kind = "part"         // of a segmentation: nobody defines it by itself
)

// Members says whose segment it is.
type Members string

// Whose segments there are.
const (
	People    Members = "people"
	Companies Members = "companies"
)

// Definition is what people say of a segment. Every change of it is a new version.
type Definition struct {
	Name        string     `json:"name"`
	Kind        Kind       `json:"kind"`
	Members     Members    `json:"members,omitempty"` // "" for people, in normal form
	Title       Texts      `json:"title,omitzero"`
	Description Texts      `json:"description,omitzero"`
	Rule        string     `json:"rule,omitempty"` // in canonical form
	Owner       string     `json:"owner,omitempty"`
	Purpose     string     `json:"purpose,omitempty"`
	Tags        []string   `json:"tags,omitempty"`    // in order, without doubles
	MinSize     int        `json:"minSize,omitempty"` // fewer members are worth a warning; 0: none
	MaxSize     int        `json:"maxSize,omitempty"` // more are; 0: none
	Include     []Override `json:"include,omitempty"`
	Exclude     []Override `json:"exclude,omitempty"` // counts before Include
	Parts       []string   `json:"parts,omitempty"`   // of a segmentation: segments; the first that somebody is in wins
	Rest        string     `json:"rest,omitempty"`    // the name of the part of those who are in none of them
	RestTitle   Texts      `json:"restTitle,omitzero"`
	Of          string     `json:"of,omitempty"` // of a part: its segmentation
	State       State      `json:"state"`
}

// Texts is a text in the languages of the pages.
type Texts struct {
	DE string `json:"de,omitempty" yaml:"de,omitempty"`
	EN string `json:"en,omitempty" yaml:"en,omitempty"`
}

// In gives the text in a language (de, en), else in the other one.
func (t Texts) In(language string) string {
	if language == "de" && t.DE != "" || t.EN == "" {
		return t.DE
	}
	return t.EN
}

// Override puts a customer in or out by hand.
type Override struct {
	Customer string           `json:"customer"` // as store.View.Find takes it
	Reason   string           `json:"reason,omitempty"`
	Until    calendar.Instant `json:"until,omitempty"` // when it ends; 0: never
}

// Normal gives the definition in its normal form, in which equal definitions are
// the same text.
func (d Definition) Normal() Definition {
	if d.Kind == "" {
		d.Kind = ByRule
	}
	if d.State == "" {
		d.State = Active
	}
	if d.Members == People {
		d.Members = ""
	}
	d.Tags = slices.Compact(slices.Sorted(slices.Values(d.Tags)))
	d.Include, d.Exclude = normal(d.Include), normal(d.Exclude)
	return d
}

// Firms tells whether the members are companies.
func (d *Definition) Firms() bool { return d.Members == Companies }

// Full gives the rule of the segment the form in which it is checked and evaluated.
func (d *Definition) Full(n rule.Node) rule.Node {
	if d.Firms() {
		return rule.ForCompanies(n)
	}
	return n
}

// normal keeps the last that was said of each customer, in their order.
func normal(list []Override) []Override {
	last := map[string]Override{}
	var names []string
	for _, o := range list {
		if _, known := last[o.Customer]; !known {
			names = append(names, o.Customer)
		}
		last[o.Customer] = o
	}
	slices.Sort(names)
	made := make([]Override, 0, len(names))
	for _, name := range names {
		made = append(made, last[name])
	}
	if len(made) == 0 {
		return nil
	}
	return made
}

// JSON writes the definition as it is kept.
func (d Definition) JSON() string {
	text, err := json.Marshal(d.Normal())
	if err != nil {
		panic(err) // it has no types that cannot be written
	}
	return string(text)
}

// Parse reads what JSON wrote.
func Parse(text string) (d Definition, err error) {
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return d, fmt.Errorf("the definition of a segment cannot be read: %w", err)
	}
	return d.Normal(), nil
}

// The bounds of a definition.
const (
	maxText = 2_000
	maxTags = 50
)

// Check finds what is wrong with the definition apart from its rule, one problem a line.
func (d Definition) Check() []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if !rule.IsName(d.Name) {
		say("%q cannot be the name of a segment: use letters, digits and _, beginning with a letter", d.Name)
	}
	switch d.Kind {
	case ByRule, "":
		if strings.TrimSpace(d.Rule) == "" {
			say("the rule is missing; a list of people without a rule has kind: list")
		}
	case List:
		if d.Rule != "" {
			say("a list has no rule")
		}
	case Segmentation:
		wrong = append(wrong, d.checkParts()...)
	case Part:
		say("a part is made from its segmentation: change that")
	default:
		say("unknown kind %q: it is rule, list or segmentation", d.Kind)
	}
	if d.Kind != Segmentation && (len(d.Parts) > 0 || d.Rest != "" || d.RestTitle != Texts{}) {
		say("only what has kind: segmentation has parts and a rest")
	}
	if d.Members != "" && d.Members != People && d.Members != Companies {
		say("unknown members %q: they are people or companies", d.Members)
	}
	if d.State != "" && !slices.Contains(States, d.State) {
		say("unknown state %q: it is one of %s", d.State, joined(States))
	}
	for _, text := range []string{d.Title.DE, d.Title.EN, d.Description.DE, d.Description.EN, d.Owner, d.Purpose, d.RestTitle.DE, d.RestTitle.EN} {
		if len(text) > maxText {
			say("%.20q… is longer than %d bytes", text, maxText)
		}
	}
	if len(d.Tags) > maxTags {
		say("there are more than %d tags", maxTags)
	}
	if d.MinSize < 0 || d.MaxSize < 0 || d.MaxSize > 0 && d.MinSize > d.MaxSize {
		say("the sensible sizes %d to %d make no sense", d.MinSize, d.MaxSize)
	}
	for _, o := range slices.Concat(d.Include, d.Exclude) {
		if strings.TrimSpace(o.Customer) == "" {
			say("an included or excluded customer has no name")
		}
	}
	return wrong
}

func joined[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, t := range list {
		texts[i] = string(t)
	}
	return strings.Join(texts, ", ")
}
