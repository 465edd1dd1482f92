// Package catalog knows the fields of a workspace: which attributes customers
// and companies have, which events exist with which properties, and of which
// type each one is. Rules are checked against it, columns are typed by it.
package catalog

// Kind is the kind of a field's values.
type Kind uint8

// The kinds, as the rule language names them.
const (
	Unknown Kind = iota // seen, but never with a value
	Text
	Number
	Boolean
	Date       // a bare day
	Time       // an instant
	TextList   // a list of text
	ObjectList // a list of objects, whose members have types of their own
)

// Type is the type of a field.
type Type struct {
	Kind Kind
	// Fields are the members of the objects of an ObjectList, by dotted path.
	Fields map[string]Type
}

// Fields are fields by dotted path: "plan", "address.city".
type Fields = map[string]Type

// Catalog is what is known of a workspace's fields. A nil map is empty.
type Catalog struct {
	Zone       string // IANA name of the workspace's time zone
	Attributes Fields // of customers
	Company    Fields // of companies
	Events     map[string]Fields
	Segments   []string
	Firms      []string // those of the segments whose members are companies
	Scores     []string
	Consents   []Consent
	// Dimensions are those that were declared, of attributes and events by their names,
	// of attributes of companies with company. before it.
	Dimensions map[string]Dimension
}

// Consent is a channel and a purpose that consents were given or refused for.
type Consent struct{ Channel, Purpose string }
