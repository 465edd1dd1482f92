package columns

import (
	"maps"
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
	Roles    *Fields // one: the role of a person in the company
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
		Roles:    newFields(catalog.Fields{catalog.Role: {Kind: catalog.Text}}),
		Consents: slices.Clone(c.Consents), Segments: slices.Clone(c.Segments), eventIDs: map[string]int{},
	}
	for i, name := range sortedKeys(c.Events) {
		s.eventIDs[name] = i
		s.Events = append(s.Events, Event{Name: name, Fields: newFields(c.Events[name])})
	}
	s.ShareRoles()
	return s
}

// ShareRoles has the attribute of persons that is called as the role in the company
// have the dictionary of these roles: it stands in for them where none is told, and
// what reads texts relies on their being codes of one dictionary.
func (s *Schema) ShareRoles() {
	if id, ok := s.Attrs.ID(catalog.Role); ok && s.Attrs.List[id].Type.Kind == catalog.Text {
		s.Attrs.List[id].Dict = s.Roles.List[0].Dict
	}
}

func newFields(types catalog.Fields) *Fields {
	f := &Fields{ids: make(map[string]int, len(types))}
	f.extend(types)
	return f
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

// Extend takes in a later catalogue: what is new gets the next numbers. It tells
// whether it could; it cannot if a known field has another type now, since the
// values of that field must be read anew.
func (s *Schema) Extend(c *catalog.Catalog) bool {
	if !s.Attrs.fits(c.Attributes) || !s.Company.fits(c.Company) {
		return false
	}
	for i := range s.Events {
		if !s.Events[i].Fields.fits(c.Events[s.Events[i].Name]) {
			return false
		}
	}
	s.Attrs.extend(c.Attributes)
	s.Company.extend(c.Company)
	s.ShareRoles()
	for _, name := range sortedKeys(c.Events) {
		id, known := s.eventIDs[name]
		if !known {
			id = len(s.Events)
			s.eventIDs[name] = id
			s.Events = append(s.Events, Event{Name: name, Fields: &Fields{ids: map[string]int{}}})
		}
		s.Events[id].Fields.extend(c.Events[name])
	}
	for _, consent := range c.Consents {
		if !slices.Contains(s.Consents, consent) {
			s.Consents = append(s.Consents, consent)
		}
	}
	s.Catalog = c
	return true
}

// fits tells whether the fields have the same types in a later catalogue. A field
// of which nothing but null was known can get any.
func (f *Fields) fits(types catalog.Fields) bool {
	for i := range f.List {
		field := &f.List[i]
		now, ok := types[field.Path]
		switch {
		case !ok || field.Type.Kind != catalog.Unknown && now.Kind != field.Type.Kind:
			return false
		case field.Members != nil && !field.Members.fits(now.Fields):
			return false
		}
	}
	return true
}

func (f *Fields) extend(types catalog.Fields) {
	for _, path := range sortedKeys(types) {
		id, known := f.ids[path]
		if !known {
			id = len(f.List)
			f.ids[path] = id
			f.List = append(f.List, Field{Path: path})
		}
		f.List[id].become(types[path])
	}
}

// become gives a field its type.
func (f *Field) become(t catalog.Type) {
	f.Type = t
	switch t.Kind {
	case catalog.Text, catalog.TextList:
		if f.Dict == nil {
			f.Dict = NewDict()
		}
	case catalog.ObjectList:
		if f.Members == nil {
			f.Members = &Fields{ids: map[string]int{}}
		}
		f.Members.extend(t.Fields)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Paths lists the fields in order of their numbers.
func (f *Fields) Paths() []string {
	paths := make([]string, len(f.List))
	for i := range f.List {
		paths[i] = f.List[i].Path
	}
	return paths
}

// Arrange numbers the fields in another order, in which a file was written. It tells
// whether that names each field once.
func (f *Fields) Arrange(paths []string) bool {
	order, ok := arrangement(f.ids, paths)
	if ok {
		f.List = pick(f.List, order)
		for i := range f.List {
			f.ids[f.List[i].Path] = i
		}
	}
	return ok
}

// ArrangeEvents does the same for the types of events, ArrangeConsents for the consents.
func (s *Schema) ArrangeEvents(names []string) bool {
	order, ok := arrangement(s.eventIDs, names)
	if ok {
		s.Events = pick(s.Events, order)
		for i := range s.Events {
			s.eventIDs[s.Events[i].Name] = i
		}
	}
	return ok
}

// ArrangeConsents numbers the consents in another order.
func (s *Schema) ArrangeConsents(consents []catalog.Consent) bool {
	for _, c := range consents {
		if !slices.Contains(s.Consents, c) {
			return false
		}
	}
	if len(consents) != len(s.Consents) {
		return false
	}
	s.Consents = consents
	return true
}

// arrangement gives the numbers of names; false if they are not all that there are.
func arrangement(ids map[string]int, names []string) (order []int32, ok bool) {
	seen := map[string]bool{}
	for _, name := range names {
		id, known := ids[name]
		if !known || seen[name] {
			return nil, false
		}
		seen[name] = true
		order = append(order, int32(id))
	}
	return order, len(names) == len(ids)
}
