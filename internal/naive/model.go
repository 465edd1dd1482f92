package naive

import (
	"time"

	"github.com/kohorte/kohorte/internal/catalog"
)

// A value of an attribute or property is a string, a number.Number, a bool, an
// int64 (a time in milliseconds since 1970; of a date, its midnight in the
// workspace's zone), a []string, a []map[string]any (objects, by dotted path) or
// nil (unknown).

// Change sets an attribute; a nil Value unsets it.
type Change struct {
	Path  string // dotted
	Time  int64
	Value any
}

// Company is a company with the history of its attributes, in order of receipt.
type Company struct {
	ID          string
	Attributes  []Change
	Memberships []Membership
}

// Join says that a person belongs to a company from a time on, in a role that may be empty.
type Join struct {
	Company *Company
	Time    int64
	Role    string
}

// Event is a fact about a customer.
type Event struct {
	Type  string
	Time  int64
	Seq   int64          // in order of receipt over all customers; 0 where that of one customer will do
	Props map[string]any // by dotted path
}

// Consent is a decision about a channel and a purpose.
type Consent struct {
	Channel, Purpose string
	Granted          bool
	Time             int64
}

// Membership is a stay in a segment: From included, To not; a nil To lasts.
type Membership struct {
	Segment string
	From    int64
	To      *int64
}

// Customer is all that is known of one customer; every list is in order of receipt.
type Customer struct {
	ID          string
	Attributes  []Change
	Companies   []Join
	Events      []Event
	Consents    []Consent
	Memberships []Membership
	Firm        *Company // of a company that is evaluated as a customer; see World.Firm
}

// Point is a place on earth in degrees.
type Point struct{ Latitude, Longitude float64 }

// World is what rules are evaluated in.
type World struct {
	Zone      *time.Location
	Catalog   *catalog.Catalog
	Customers []*Customer      // whom `top` ranks
	Companies []*Company       // those to which nobody belongs among them; the others need not be
	Postcodes map[string]Point // by "DE-70173"
}
