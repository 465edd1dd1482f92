package language

import "github.com/kohorte/kohorte/internal/catalog"

// Zone is the time zone of the examples.
const Zone = "Europe/Berlin"

// Now is the instant of the examples that name no other.
const Now = "2026-11-21T12:00"

// Customer is somebody whom the examples are about. Attributes and properties
// are JSON objects; times are dates of the rule language in the zone of the examples.
type Customer struct {
	Name        string
	Attributes  string
	Company     string // the attributes of the company that the customer belongs to; empty without one
	Events      []Event
	Consents    []Consent
	Memberships []Membership
}

// Event is an event of a customer; without properties Properties is empty.
type Event struct{ Type, Time, Properties string }

// Consent is a decision of a customer.
type Consent struct {
	Channel, Purpose string
	Granted          bool
	Time             string
}

// Membership is a stay of a customer in a segment, from included, to not; an empty To lasts.
type Membership struct{ Segment, From, To string }

// Cast are the customers of the examples; `top` ranks them.
func Cast() []*Customer { return []*Customer{anna, ben} }

var anna = &Customer{
	Name: "Anna",
	Attributes: `{"first_name": "Anna", "country": "DE", "plan": "Premium", "email": "Anna@Example.de", "credit": 12.5, "vip": true,
 "birthday": "1992-02-29", "tags": ["Beta-Test", "vegan"], "address": {"city": "KÖLN", "postal_code": "50667"},
 "contract_ends_on": "2026-12-31", "trial_ends_at": "2026-11-21T17:00:00Z",
 "subscriptions": [{"sku": "MAG-1", "price": 9.9, "paused": false}, {"sku": "NEWS", "price": 4, "paused": true}]}`,
	Company: `{"industry": "Maschinenbau", "employees": 250, "founded_on": "1924-05-01"}`,
	Events: []Event{
		{"order_completed", "2025-11-21T12:00", `{"total": 80, "currency": "EUR"}`},
		{"order_completed", "2026-10-22T09:00", `{"total": 120.5, "currency": "eur", "coupon": "SPRING10",
  "products": [{"sku": "A-100", "price": 100.5}, {"sku": "B-7", "price": 20}]}`},
		{"order_refunded", "2026-11-05T10:00", `{"total": 120.5, "reason": "too small"}`},
		{"product_viewed", "2026-11-19T20:00", `{"sku": "A-100", "price": 35}`},
		{"order_completed", "2026-11-20T18:30", `{"total": 49.9, "currency": "CHF", "gift": true, "products": [{"sku": "C-1", "price": 49.9}]}`},
		{"cart_viewed", "2026-11-21T08:00", `{"value": 35}`},
	},
	Consents: []Consent{
		{"email", "newsletter", true, "2026-01-10T09:00"},
		{"sms", "newsletter", true, "2026-01-10T09:00"},
		{"sms", "newsletter", false, "2026-06-01T09:00"},
	},
	Memberships: []Membership{
		{"complaint_open", "2026-11-06T10:00", "2026-11-12T15:00"},
		{"win_back", "2026-08-01T00:00", "2026-09-01T00:00"},
		{"win_back", "2026-10-01T00:00", ""},
		{"lifecycle.loyal", "2026-09-01T00:00", ""},
	},
}

var ben = &Customer{
	Name:       "Ben",
	Attributes: `{"first_name": "Ben", "country": "AT", "credit": 40}`,
	Events:     []Event{{"product_viewed", "2026-11-21T11:59:30", `{"sku": "B-7"}`}},
}

// Declared is the declaration of the fields of the examples.
const Declared = `{
 "zone": "Europe/Berlin",
 "attributes": {
  "first_name": "text", "country": "text", "plan": "text", "email": "text", "credit": "number", "vip": "boolean",
  "birthday": "date", "tags": "list of text", "address.city": "text", "address.postal_code": "text",
  "contract_ends_on": "date", "trial_ends_at": "time",
  "subscriptions": {"list of": {"sku": "text", "price": "number", "paused": "boolean"}}
 },
 "company": {"industry": "text", "employees": "number", "founded_on": "date"},
 "events": {
  "order_completed": {"total": "number", "currency": "text", "coupon": "text", "gift": "boolean",
                      "products": {"list of": {"sku": "text", "price": "number"}}},
  "order_refunded": {"total": "number", "reason": "text"},
  "product_viewed": {"sku": "text", "price": "number"},
  "cart_viewed": {"value": "number"}
 },
 "segments": ["complaint_open", "win_back", "lifecycle.loyal"],
 "scores": ["churn"],
 "consents": [{"channel": "email", "purpose": "newsletter"}, {"channel": "sms", "purpose": "newsletter"}]
}`

// Postcodes are the places of the examples in degrees: latitude, longitude.
var Postcodes = map[string][2]float64{
	"DE-70173": {48.7758, 9.1829}, // Stuttgart
	"DE-50667": {50.9389, 6.9573}, // Köln
}

// Catalog gives the catalogue of the examples.
func Catalog() (*catalog.Catalog, error) { return catalog.ParseDeclaration([]byte(Declared)) }

// in and out make examples about Anna, now.
func in(rule, why string) Example {
	return Example{Rule: rule, Now: Now, Customer: anna, In: true, Why: why}
}

func out(rule, why string) Example {
	return Example{Rule: rule, Now: Now, Customer: anna, Why: why}
}

// at moves an example to another instant.
func (e Example) at(now string) Example {
	e.Now = now
	return e
}

// of gives an example about somebody else.
func (e Example) of(c *Customer) Example {
	e.Customer = c
	return e
}
