package columns

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
)

// Schema numbers the fields of a catalogue, so that columns are found by number,
// and owns the dictionaries of the text fields.
type Schema struct {
	Catalog  *catalog.Catalog
	Zone     *calendar.Zone
	Attrs    *Fields
	Company  *Fields
	Events   []Event
	Consents []catalog.Consent
	Segments []string

	eventIDs map[string]int
}

// Event is a type of event and its properties.
type Event struct {
	Name   string
	Fields *Fields
}

// Fields numbers the fields of one kind of record, in order of their paths.
type Fields struct {
	List []Field
	ids  map[string]int
}

// Field is one field: its dotted path and type; a text field has a dictionary,
// a list of objects the fields of its members.
type Field struct {
	Path    string
	Type    catalog.Type
	Dict    *Dict
	Members *Fields
}

// NewSchema numbers the fields of a catalogue in a fixed order.
func NewSchema(c *catalog.Catalog, zone *calendar.Zone) *Schema {
	s := &Schema{
		Catalog: c, Zone: zone, Attrs: newFields(c.Attributes), Company: newFields(c.Company),
		Consents: slices.Clone(c.Consents), Segments: slices.Clone(c.Segments), eventIDs: map[string]int{},
	}
	names := make([]string, 0, len(c.Events))
	for name := range c.Events {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		s.eventIDs[name] = i
		s.Events = append(s.Events, Event{Name: name, Fields: newFields(c.Events[name])})
	}
	return s
}

func newFields(types catalog.Fields) *Fields {
	f := &Fields{ids: make(map[string]int, len(types))}
	for path := range types {
		f.List = append(f.List, Field{Path: path, Type: types[path]})
	}
	slices.SortFunc(f.List, func(a, b Field) int { return compare(a.Path, b.Path) })
	for i := range f.List {
		field := &f.List[i]
		f.ids[field.Path] = i
		switch field.Type.Kind {
		case catalog.Text, catalog.TextList:
			field.Dict = NewDict()
		case catalog.ObjectList:
			field.Members = newFields(field.Type.Fields)
		}
	}
	return f
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// ID finds a field by its dotted path.
func (f *Fields) ID(path string) (int, bool) {
	id, ok := f.ids[path]
	return id, ok
}

// EventID finds a type of event by its name.
func (s *Schema) EventID(name string) (int, bool) {
	id, ok := s.eventIDs[name]
	return id, ok
}

// ConsentID finds a channel and purpose.
func (s *Schema) ConsentID(c catalog.Consent) (int, bool) {
	id := slices.Index(s.Consents, c)
	return id, id >= 0
}

// SegmentID finds a segment by its name.
func (s *Schema) SegmentID(name string) (int, bool) {
	id := slices.Index(s.Segments, name)
	return id, id >= 0
}
