// Package record defines the one normal form in which customers, companies,
// events, orders and consents enter Kohorte, whatever file or call they come
// from. Readers (package intake) produce records; the store keeps them.
package record

// Kind tells what a Record says.
type Kind uint8

// The kinds of records.
const (
	Identify Kind = iota // attributes of a person
	Track                // an event of a person
	Group                // attributes of a company; with a customer, also that the person joined it
	Alias                // two identities name one person
	Consent              // a person's decision about a channel and a purpose
)

// Identity is a namespace and a value that name a customer, such as email and anna@example.de.
type Identity struct{ Namespace, Value string }

// UserID is the namespace of the id by which a source names its users, the id that lists print.
const UserID = "user"

// CompanyID is the namespace of the id by which a source names its companies.
const CompanyID = "company"

// Record is one fact in normal form.
type Record struct {
	Kind Kind
	// Customer names the person, the strongest identity first; empty only for a Group that is about the company alone.
	Customer []Identity
	// Company names the company of a Group record.
	Company Identity
	// Role is the person's role in the company of a Group record; may be empty.
	Role string
	// Event is the type of a Track record in snake_case, EventGiven the name as the source wrote it.
	Event, EventGiven string
	// Time is when the fact became true, in milliseconds since 1970; without HasTime it is the time of import.
	Time    int64
	HasTime bool
	// Original is the time by the client's clock, only with Corrected: then Time is what that clock should have said.
	Original  int64
	Corrected bool
	// Fields is a JSON object: the traits of Identify and Group, the properties of Track.
	// Dates are "2025-12-31", times RFC 3339, numbers JSON numbers, null unsets.
	Fields []byte
	// Previous is the identity that an Alias joins to Customer.
	Previous Identity
	// Channel, Purpose and Granted are a Consent's.
	Channel, Purpose string
	Granted          bool
	// Key makes importing the same fact again harmless: two records of one key are one fact.
	// Empty for records that are harmless by nature (an attribute set again to the same value).
	Key [16]byte
	// Retry says that a repeated Key is the same fact sent again, whatever it says now: it
	// counts once and is not refused, though its corrected time may be another one.
	Retry bool
	// Source names where the record comes from, such as "shop" or "orders.csv".
	Source string
	// Row is the line or row of the input, from 1, for messages about it.
	Row int
}
