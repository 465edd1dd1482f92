package catalog

import "strings"

// Base says whose field a path reads.
type Base uint8

// The bases.
const (
	OfCustomer Base = iota // the customer's own attribute
	OfCompany              // an attribute of the company the customer belongs to
	OfRecord               // a field of the innermost event or object
	OfRole                 // the role in which the customer belongs to the company
)

// Ref is a path that was resolved: a field and whose it is.
type Ref struct {
	Base Base
	Path string // dotted, relative to the base
	Type Type
}

// Scope is the place where a path stands: outside, or inside a `where`, `any`,
// `every` or `no`, where paths mean fields of the innermost event or object.
type Scope struct {
	Catalog *Catalog
	Inside  bool
	Record  Fields // with Inside: the fields of the innermost event or object
	Staff   bool   // the customer is one of a company's people: the path role is the role there
}

// Role is the path of the role in which a person belongs to the company.
const Role = "role"

// Within gives the scope inside an event or object with these fields.
func (s Scope) Within(record Fields) Scope {
	return Scope{Catalog: s.Catalog, Inside: true, Record: record}
}

// Resolve finds the field that a path means. The reference is filled in even if
// the field is not known, so that messages can name the base and the path.
func (s Scope) Resolve(names []string) (Ref, bool) {
	ref := Ref{Path: strings.Join(names, ".")}
	fields := s.Catalog.Attributes
	switch {
	case len(names) > 1 && names[0] == "company":
		ref.Base, ref.Path, fields = OfCompany, strings.Join(names[1:], "."), s.Catalog.Company
		if _, own := fields[ref.Path]; ref.Path == Role && !own {
			return Ref{OfRole, Role, Type{Kind: Text}}, true
		}
	case len(names) > 1 && names[0] == "customer":
		ref.Path = strings.Join(names[1:], ".")
	case s.Staff && ref.Path == Role && !s.Inside:
		return Ref{OfRole, Role, Type{Kind: Text}}, true
	case s.Inside:
		ref.Base, fields = OfRecord, s.Record
	}
	t, ok := fields[ref.Path]
	ref.Type = t
	return ref, ok
}
