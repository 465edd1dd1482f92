package segment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Change is what differs between two definitions in one of their fields.
type Change struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Diff lists the fields in which two definitions differ, in a fixed order.
func Diff(before, after Definition) []Change {
	before, after = before.Normal(), after.Normal()
	var changes []Change
	add := func(field, b, a string) {
		if a != b {
			changes = append(changes, Change{field, b, a})
		}
	}
	add("state", string(before.State), string(after.State))
	add("kind", string(before.Kind), string(after.Kind))
	add("members", string(before.Members), string(after.Members))
	add("rule", before.Rule, after.Rule)
	add("parts", strings.Join(before.Parts, ", "), strings.Join(after.Parts, ", "))
	add("rest", before.Rest, after.Rest)
	add("restTitle.de", before.RestTitle.DE, after.RestTitle.DE)
	add("restTitle.en", before.RestTitle.EN, after.RestTitle.EN)
	add("of", before.Of, after.Of)
	add("title.de", before.Title.DE, after.Title.DE)
	add("title.en", before.Title.EN, after.Title.EN)
	add("description.de", before.Description.DE, after.Description.DE)
	add("description.en", before.Description.EN, after.Description.EN)
	add("owner", before.Owner, after.Owner)
	add("purpose", before.Purpose, after.Purpose)
	add("tags", strings.Join(before.Tags, ", "), strings.Join(after.Tags, ", "))
	add("minSize", size(before.MinSize), size(after.MinSize))
	add("maxSize", size(before.MaxSize), size(after.MaxSize))
	changes = append(changes, overrides("include", before.Include, after.Include)...)
	return append(changes, overrides("exclude", before.Exclude, after.Exclude)...)
}

func size(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// mostOverrides bounds how many customers a diff names; of a list of a million nobody reads all.
const mostOverrides = 20

func overrides(field string, before, after []Override) []Change {
	texts := func(list []Override) map[string]string {
		m := map[string]string{}
		for _, o := range list {
			m[o.Customer] = o.String()
		}
		return m
	}
	b, a := texts(before), texts(after)
	var names []string
	for name := range b {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range a {
		if _, known := b[name]; !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var changes []Change
	for i, name := range names {
		if i == mostOverrides {
			changes = append(changes, Change{Field: field, After: fmt.Sprintf("… and %d more", len(names)-i)})
			break
		}
		changes = append(changes, Change{field, b[name], a[name]})
	}
	return changes
}

// String writes an override on one line.
func (o Override) String() string {
	text := o.Customer
	if o.Until != 0 {
		text += " until " + calendar.Format(o.Until)
	}
	if o.Reason != "" {
		text += " (" + o.Reason + ")"
	}
	return text
}
