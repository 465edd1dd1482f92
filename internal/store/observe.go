package store

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/store/flat"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// The bases of fields and of what is declared; see migrations/0001.sql.
const (
	baseCustomer = iota
	baseCompany
	baseEvent
	baseEventType
	baseSegment
	baseScore
	baseConsent
	baseDimension
)

// Bounds of what is remembered of a field, so that hostile data stays small.
const (
	maxExamples    = 3
	maxExampleSize = 60 // characters
	maxGiven       = 5  // names that sources gave an event type
	maxFields      = 5_000
)

// field is what was observed of one attribute or event property.
type field struct {
	id       int64
	base     int
	event    int64
	path     string
	counts   [flat.Kinds]int64
	examples []string
	dirty    bool
	fresh    bool         // it is not in the file yet
	adopted  catalog.Kind // the kind that the catalogue gives it
	serial   int64        // of the record that set it last
	covers   []*field     // setting one of these as a whole unsets this one
	inside   []*field     // the other way round
}

// fieldSet are the fields of persons, of companies or of an event type.
type fieldSet struct {
	base   int
	event  int64
	byPath map[string]*field
}

// eventType is what was observed of a type of event.
type eventType struct {
	id         int64
	name       string
	given      []string
	events     int64
	properties fieldSet
	dirty      bool
}

// field gives the field of a path, a new one if need be.
func (s *fieldSet) field(w *writer, path []byte) *field {
	if f, ok := s.byPath[string(path)]; ok {
		return f
	}
	w.change() // a rule that names it is right from now on
	w.lastField++
	f := &field{id: w.lastField, base: s.base, event: s.event, path: string(path), fresh: true}
	s.add(f)
	w.touch(f)
	return f
}

func (s *fieldSet) add(f *field) {
	s.byPath[f.path] = f
	if s.base == baseEvent {
		return // properties have no history
	}
	for _, other := range s.byPath {
		f.relate(other)
		other.relate(f)
	}
}

// relate notes if setting this field unsets another: if this one is the object,
// or a value, in whose place the other or an object around it stands.
func (f *field) relate(other *field) {
	name, isMark := strings.CutSuffix(f.path, replaceMark)
	if rest, ok := strings.CutPrefix(other.path, name); ok && !isReplaceMark(other.path) &&
		(rest == "" && isMark || strings.HasPrefix(rest, ".")) {
		f.inside = append(f.inside, other)
		other.covers = append(other.covers, f)
	}
}

// admit refuses a record with so many new attributes that their names are likely data.
func (s *fieldSet) admit(walker *flat.Walker) error {
	if len(s.byPath)+len(walker.Fields) <= maxFields {
		return nil
	}
	for i := range walker.Fields {
		if path := walker.Path(&walker.Fields[i]); s.byPath[string(path)] == nil && !walker.Fields[i].Member {
			return refuse("has the new attribute %q, but there are %d different ones already: are the names of attributes data?", path, len(s.byPath))
		}
	}
	return nil
}

// observeAttribute counts a value that was set, with the members of the objects in it, which stand before it.
func (w *writer) observeAttribute(kind Kind, f *field, i int) {
	for first := i; first > 0 && w.walker.Fields[first-1].Member; first-- {
		w.observeIn(&w.attributes[kind], &w.walker.Fields[first-1])
	}
	leaf := &w.walker.Fields[i]
	w.observe(f, leaf.Kind, w.walker.Value(leaf))
}

// observeIn counts a value; beyond the limit, new fields are not observed any more.
func (w *writer) observeIn(s *fieldSet, leaf *flat.Field) {
	path := w.walker.Path(leaf)
	f, ok := s.byPath[string(path)]
	if !ok {
		if len(s.byPath) >= maxFields {
			return
		}
		f = s.field(w, path)
	}
	w.observe(f, leaf.Kind, w.walker.Value(leaf))
}

func (w *writer) observe(f *field, kind flat.Kind, value []byte) {
	f.counts[kind]++
	w.touch(f)
	if kind != flat.Null && len(f.examples) < maxExamples {
		f.addExample(value)
	}
}

func (w *writer) touch(f *field) {
	if !f.dirty {
		f.dirty = true
		w.dirty = append(w.dirty, f)
	}
}

func (f *field) addExample(value []byte) {
	if n := len(value); value[0] == '"' {
		value = value[1 : n-1]
	}
	for _, e := range f.examples {
		if e == string(value) {
			return
		}
	}
	if shown := show(value); !slices.Contains(f.examples, shown) {
		f.examples = append(f.examples, shown)
	}
}

// show gives a value, without its quotes, as people read it, cut if it is long.
func show(value []byte) string {
	text := string(value)
	var unescaped string
	if strings.Contains(text, `\`) && json.Unmarshal([]byte(`"`+text+`"`), &unescaped) == nil {
		text = unescaped
	}
	if utf8.RuneCountInString(text) > maxExampleSize {
		text = string([]rune(text)[:maxExampleSize-1]) + "…"
	}
	return text
}

// eventType gives the type of a name and notes how the source wrote it.
func (w *writer) eventType(name, given string) *eventType {
	t := w.types[name]
	if t == nil {
		id := int64(len(w.types)) + 1
		t = &eventType{id: id, name: name, properties: fieldSet{baseEvent, id, map[string]*field{}}}
		w.types[name] = t
		w.unlike = true
	}
	if given != "" && len(t.given) < maxGiven && !slices.Contains(t.given, given) {
		t.given = append(t.given, given)
	}
	if !t.dirty {
		t.dirty = true
		w.dirtyTypes = append(w.dirtyTypes, t)
	}
	return t
}

// flushFields writes the observations of the batch.
func (w *writer) flushFields() error {
	for _, f := range w.dirty {
		f.dirty = false
		if f.adopt() || f.fresh {
			f.fresh, w.unlike = false, true
		}
		examples, err := json.Marshal(append([]string{}, f.examples...))
		if err != nil {
			return err
		}
		if err := w.conn.Run("INSERT OR REPLACE INTO fields (id, base, event, path, counts, examples, kind) VALUES (?, ?, ?, ?, ?, ?, ?)",
			f.id, f.base, f.event, f.path, formatCounts(&f.counts), string(examples), int(f.adopted)); err != nil {
			return err
		}
	}
	for _, t := range w.dirtyTypes {
		t.dirty = false
		given, err := json.Marshal(append([]string{}, t.given...))
		if err != nil {
			return err
		}
		if err := w.conn.Run("INSERT OR REPLACE INTO event_types (id, name, given, events) VALUES (?, ?, ?, ?)", t.id, t.name, string(given), t.events); err != nil {
			return err
		}
	}
	w.dirty, w.dirtyTypes = w.dirty[:0], w.dirtyTypes[:0]
	return nil
}

func formatCounts(counts *[flat.Kinds]int64) string {
	b := []byte{'['}
	for i, n := range counts {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(append(b, ']'))
}

func (w *writer) loadFields() error {
	fields, types, err := readFields(w.conn)
	if err != nil {
		return err
	}
	w.types = map[string]*eventType{}
	byID := map[int64]*eventType{}
	for _, t := range types {
		w.types[t.name], byID[t.id] = t, t
	}
	w.attributes = [2]fieldSet{{baseCustomer, 0, map[string]*field{}}, {baseCompany, 0, map[string]*field{}}}
	for _, f := range fields {
		if f.base == baseEvent {
			byID[f.event].properties.byPath[f.path] = f
			continue
		}
		w.attributes[f.base].add(f)
	}
	w.dirty, w.dirtyTypes = nil, nil
	return nil
}

// readFields reads all observations, in the order in which the fields were first seen.
func readFields(conn *lite.Conn) (fields []*field, types []*eventType, err error) {
	q := conn.Query("SELECT id, base, event, path, counts, examples, kind FROM fields ORDER BY id")
	for q.Next() {
		f := &field{id: q.Int(0), base: int(q.Int(1)), event: q.Int(2), path: q.Text(3)}
		err = errors.Join(err, json.Unmarshal(q.Bytes(4), &f.counts), json.Unmarshal(q.Bytes(5), &f.examples))
		f.adopted = catalog.Kind(q.Int(6))
		if f.adopted == catalog.Unknown {
			f.adopt()
		}
		fields = append(fields, f)
	}
	err = errors.Join(err, q.Close())
	q = conn.Query("SELECT id, name, given, events FROM event_types ORDER BY id")
	for q.Next() {
		t := &eventType{id: q.Int(0), name: q.Text(1), events: q.Int(3)}
		t.properties = fieldSet{baseEvent, t.id, map[string]*field{}}
		err = errors.Join(err, json.Unmarshal(q.Bytes(2), &t.given))
		types = append(types, t)
	}
	return fields, types, errors.Join(err, q.Close())
}
