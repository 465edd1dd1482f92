package guess

import (
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/value"
)

// known are the meanings whose fields have the same name for everybody, so that
// rules read the same whatever the file called them.
var known = map[mapping.Kind][]meaning{
	mapping.Customers: {"email", "phone", "first_name", "last_name", "street", "postal_code", "city", "country", "birthday", "gender", "salutation", "job_title"},
	mapping.Companies: {"name", "email", "phone", "street", "postal_code", "city", "country", "industry", "employees", "website"},
}

// field lets a column become a field.
func (f *file) field(c *column) {
	m := f.at(c)
	switch {
	case c.profile.Empty():
		m.Comment = "empty"
		return
	case strings.HasPrefix(c.name, "_") && f.mapping.Kind != mapping.Consents && len(c.name) > 3:
		m.Comment = "of the program that wrote the file, " + examples(c)
		return
	}
	m.Targets = []mapping.Target{{Role: mapping.Field, Name: f.free(f.fieldName(c))}}
	m.Comment = examples(c)
	if c.kind.Kind == value.Text && f.isList(c) {
		c.kind = value.Type{Kind: value.List, Separator: ';'}
	}
	switch c.kind.Kind {
	case value.Text, value.Unknown:
	case value.JSON:
		if !f.survey.Texts {
			m.Type = c.kind
		}
	default:
		m.Type = c.kind
	}
	m.Comment += doubts[c.doubt]
}

// doubts are what the comment of a column adds where it can be read in more than one way.
var doubts = map[value.Doubt]string{
	value.DoubtOrder: " - day/month or month/day? write d/m/y or m/d/y behind it",
	value.DoubtMixed: " - some day/month, some month/day? write d/m/y or m/d/y behind it",
	value.DoubtStyle: " - thousands or decimals? correct it if the other is meant",
}

// at gives the column of the mapping.
func (f *file) at(c *column) *mapping.Column { return &f.mapping.Columns[c.index] }

// fieldName gives the name of a field.
func (f *file) fieldName(c *column) string {
	for _, m := range known[f.mapping.Kind] {
		if f.find(m) == c && !f.fields[string(m)] {
			return string(m)
		}
	}
	if strings.Contains(c.name, ".") && f.survey.Texts {
		parts := strings.Split(c.name, ".")
		for i := range parts {
			parts[i] = value.Snake(parts[i])
		}
		if !slices.Contains(parts, "") {
			return strings.Join(parts, ".")
		}
	}
	name := strings.Join(c.words, "_")
	if name == "" {
		name = value.Snake(c.name)
	}
	if name == "" {
		name = "field"
	}
	return name
}

// free gives a name that no other field has.
func (f *file) free(name string) string {
	for f.fields[name] || f.mapping.Kind == mapping.Orders && slices.Contains([]string{"products", "order_id", "total", "currency"}, name) {
		name += "_2"
	}
	f.fields[name] = true
	return name
}

// isList tells whether the cells of a column are several values with semicolons between them.
func (f *file) isList(c *column) bool {
	last := c.words[len(c.words)-1]
	plural := strings.HasSuffix(last, "s") || slices.Contains([]string{"interessen", "themen", "kategorien", "listen", "gruppen"}, last)
	return plural && c.profile.Semicolons > 0
}

// skipDeleted passes over rows that the source has deleted.
func (f *file) skipDeleted() {
	for _, c := range f.columns {
		last := c.words[len(c.words)-1]
		if c.kind.Kind != value.Boolean || last != "deleted" && last != "gelöscht" || f.mapping.Skip != nil || len(c.profile.Examples) == 0 {
			continue
		}
		f.mapping.Skip = []mapping.Condition{{Column: c.name, Patterns: []string{value.Yes(c.profile.Examples[0])}}}
		m := f.at(c)
		m.Targets, m.Type, m.Comment = nil, value.Type{}, "rows that are deleted are skipped"
	}
}
