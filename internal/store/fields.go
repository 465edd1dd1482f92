package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store/flat"
)

// typedPath is a path, with the mark of members, and its kind.
type typedPath struct {
	path string
	kind catalog.Kind
}

type typedPaths []typedPath

// fields makes a tree of the paths: members of lists belong to their list.
func (ps typedPaths) fields() catalog.Fields { return ps.below("") }

func (ps typedPaths) below(prefix string) catalog.Fields {
	fields := catalog.Fields{}
	for _, p := range ps {
		path, ok := strings.CutPrefix(p.path, prefix)
		if !ok || strings.Contains(path, flat.MemberMark) {
			continue
		}
		t := catalog.Type{Kind: p.kind}
		if p.kind == catalog.ObjectList {
			t.Fields = ps.below(p.path + flat.MemberMark)
		}
		fields[path] = t
	}
	return fields
}

// kind gives the kind that most of the values of a field have. Texts are dates
// if all are, times if all are dates and times.
func (f *field) kind() catalog.Kind {
	texts := f.counts[flat.Text] + f.counts[flat.Date] + f.counts[flat.Time]
	lists, objects := f.counts[flat.TextList], f.counts[flat.ObjectList]
	if lists >= objects {
		lists += f.counts[flat.EmptyList]
	} else {
		objects += f.counts[flat.EmptyList]
	}
	best, most := catalog.Unknown, int64(0)
	for _, c := range []struct {
		kind  catalog.Kind
		count int64
	}{
		{catalog.Text, texts}, {catalog.Number, f.counts[flat.Number]}, {catalog.Boolean, f.counts[flat.Boolean]},
		{catalog.TextList, lists}, {catalog.ObjectList, objects},
	} {
		if c.count > most {
			best, most = c.kind, c.count
		}
	}
	switch {
	case best != catalog.Text || f.counts[flat.Text] > 0:
		return best
	case f.counts[flat.Time] > 0:
		return catalog.Time
	}
	return catalog.Date
}

// settled is the number of values from which on a type is changed only for a good reason.
const settled = 1_000

// adopt decides which kind the catalogue gives the field, and tells whether it is
// another one. With few values it is the kind of most. With many it stays, so
// that values which come half and half do not turn it to and fro, unless texts
// came among dates or another kind has twice the values.
func (f *field) adopt() (changed bool) {
	before, kind := f.adopted, f.kind()
	moment := before == catalog.Date || before == catalog.Time
	if before == catalog.Unknown || f.values() <= settled || moment && (kind == catalog.Time || kind == catalog.Text) ||
		f.fitting(kind) >= 2*f.fitting(before) {
		f.adopted = kind
	}
	return f.adopted != before
}

// fitting gives how many values a type of this kind can hold.
func (f *field) fitting(kind catalog.Kind) int64 {
	c := &f.counts
	switch kind {
	case catalog.Text:
		return c[flat.Text] + c[flat.Date] + c[flat.Time]
	case catalog.Number:
		return c[flat.Number]
	case catalog.Boolean:
		return c[flat.Boolean]
	case catalog.Date:
		return c[flat.Date]
	case catalog.Time:
		return c[flat.Date] + c[flat.Time]
	case catalog.TextList:
		return c[flat.TextList] + c[flat.EmptyList]
	case catalog.ObjectList:
		return c[flat.ObjectList] + c[flat.EmptyList]
	}
	return 0
}

// values counts the values that were not null.
func (f *field) values() int64 {
	var n int64
	for _, c := range f.counts {
		n += c
	}
	return n - f.counts[flat.Null]
}

// observed makes a catalogue of what was seen.
func observed(fields []*field, types []*eventType) *catalog.Catalog {
	var attributes, company typedPaths
	events := map[int64]typedPaths{}
	for _, f := range fields {
		if f.base != baseEvent && isReplaceMark(f.path) {
			continue // not a field: see replaceMark
		}
		typed := typedPath{f.path, f.adopted}
		switch f.base {
		case baseCustomer:
			attributes = append(attributes, typed)
		case baseCompany:
			company = append(company, typed)
		default:
			events[f.event] = append(events[f.event], typed)
		}
	}
	c := &catalog.Catalog{Attributes: attributes.fields(), Company: company.fields(), Events: map[string]catalog.Fields{}}
	for _, t := range types {
		c.Events[t.name] = events[t.id].fields()
	}
	return c
}

// Catalog gives what is known of the fields: what was declared, else what was seen.
func (v *View) Catalog(ctx context.Context) (*catalog.Catalog, error) {
	fields, types, err := readFields(v.conn)
	if err != nil {
		return nil, err
	}
	return v.catalog(ctx, fields, types)
}

func (v *View) catalog(ctx context.Context, fields []*field, types []*eventType) (*catalog.Catalog, error) {
	c := observed(fields, types)
	declared, err := readDeclared(v.conn)
	if err != nil {
		return nil, err
	}
	settings, err := v.Settings(ctx)
	if err != nil {
		return nil, err
	}
	q := v.conn.Query("SELECT channel, purpose FROM topics ORDER BY channel, purpose")
	for q.Next() {
		c.Consents = append(c.Consents, catalog.Consent{Channel: q.Text(0), Purpose: q.Text(1)})
	}
	if err := q.Close(); err != nil {
		return nil, err
	}
	// Rules name the parts of a segmentation, not itself.
	q = v.conn.Query("SELECT s.name, " + membersOf("v.definition") + `
		FROM segments s LEFT JOIN segment_versions v ON v.segment = s.id AND v.version = s.version
		WHERE s.deleted = 0 AND NOT EXISTS (
			SELECT 1 FROM segments p WHERE p.deleted = 0 AND p.name > s.name || '.' AND p.name < s.name || '/') ORDER BY s.name`)
	for q.Next() {
		c.Segments = append(c.Segments, q.Text(0))
		if segment.Members(q.Text(1)) == segment.Companies {
			c.Firms = append(c.Firms, q.Text(0))
		}
	}
	c.Merge(declared)
	c.Zone = settings.Zone
	return c, q.Close()
}

// membersOf writes what a definition says of its members in SQL; ” where it says nothing.
func membersOf(definition string) string { return saidOf(definition, "members") }

// saidOf writes what a definition says under a key in SQL.
func saidOf(definition, key string) string {
	return "CASE " + definition + " WHEN '' THEN '' ELSE COALESCE(json_extract(" + definition + ", '$." + key + "'), '') END"
}

// FieldReport is what is known of one field.
type FieldReport struct {
	Path     string // members of the objects of a list as list[].member
	Type     catalog.Type
	Declared bool
	Values   int64    // how often it was set, without null
	Misfits  int64    // how many of these its type cannot hold
	Owners   int64    // how many customers have a value now; of a property: how many events
	Examples []string // the first few different values
}

// EventReport is what is known of one type of event.
type EventReport struct {
	Name   string
	Given  []string // the names that sources gave it
	Events int64
	Fields []FieldReport
}

// FieldsReport is what is known of all fields, in order of name.
type FieldsReport struct {
	Customers, Company []FieldReport
	Events             []EventReport
}

// Fields tells what is known of the fields. It reads all attributes.
func (v *View) Fields(ctx context.Context) (*FieldsReport, error) {
	fields, types, err := readFields(v.conn)
	if err != nil {
		return nil, err
	}
	c, err := v.catalog(ctx, fields, types)
	if err != nil {
		return nil, err
	}
	declared, err := readDeclared(v.conn)
	if err != nil {
		return nil, err
	}
	owners, err := v.owners(ctx)
	if err != nil {
		return nil, err
	}
	of := func(base int, event int64, all, declared catalog.Fields) []FieldReport {
		r := reporter{declared: declared, seen: map[string]*field{}, owners: owners[Kind(min(base, baseCompany))]}
		for _, f := range fields {
			if f.base == base && f.event == event {
				r.seen[f.path] = f
			}
		}
		return r.report("", all)
	}
	report := &FieldsReport{Customers: of(baseCustomer, 0, c.Attributes, declared.Attributes), Company: of(baseCompany, 0, c.Company, declared.Company)}
	for _, name := range slices.Sorted(maps.Keys(c.Events)) {
		e := EventReport{Name: name}
		id := int64(-1)
		if i := slices.IndexFunc(types, func(t *eventType) bool { return t.name == name }); i >= 0 {
			e.Given, e.Events, id = types[i].given, types[i].events, types[i].id
		}
		e.Fields = of(baseEvent, id, c.Events[name], declared.Events[name])
		report.Events = append(report.Events, e)
	}
	return report, nil
}

// owners counts the customers who have a value now, by path.
func (v *View) owners(ctx context.Context) ([2]map[string]int64, error) {
	counts := [2]map[string]int64{{}, {}}
	var last Attribute
	var has bool
	done := func() {
		if has {
			counts[last.Kind][last.Path]++
		}
	}
	err := v.Attributes(ctx, func(a *Attribute) error {
		if a.Customer != last.Customer || a.Path != last.Path {
			done()
		}
		last, has = *a, a.Value[0] != 'n'
		return nil
	})
	done()
	return counts, err
}

// reporter describes the fields of one kind of customer or type of event.
type reporter struct {
	declared catalog.Fields
	seen     map[string]*field
	owners   map[string]int64 // of attributes
}

func (r *reporter) report(prefix string, fields catalog.Fields) []FieldReport {
	var list []FieldReport
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		t := fields[name]
		report := FieldReport{Path: prefix + name, Type: t, Declared: isDeclared(r.declared, prefix+name)}
		if f := r.seen[report.Path]; f != nil {
			report.Values, report.Examples = f.values(), f.examples
			report.Misfits = report.Values - f.fitting(t.Kind)
			report.Owners = report.Values
			if f.base != baseEvent && prefix == "" {
				report.Owners = r.owners[f.path]
			}
		}
		list = append(list, report)
		list = append(list, r.report(report.Path+flat.MemberMark, t.Fields)...)
	}
	return list
}

func isDeclared(fields catalog.Fields, path string) bool {
	list, member, ok := strings.Cut(path, flat.MemberMark)
	t, known := fields[list]
	if ok {
		return isDeclared(t.Fields, member)
	}
	return known
}
