package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
)

// Role is what a column is for.
type Role string

// The roles. Where a kind of file has no use for a role, its word is a field like others.
const (
	Field        Role = "field"        // an attribute, or a property of an event
	Customer     Role = "customer"     // an identity of the customer: customer, customer:email
	Company      Role = "company"      // the company, or that of the customer: company, company:name
	CompanyField Role = "companyfield" // an attribute of the customer's company: company.industry
	CompanyRole  Role = "role"         // the customer's role in the company
	Time         Role = "time"         // when it happened, or since when it is so
	Event        Role = "event"        // the type of the event
	Message      Role = "message_id"   // an id that only this row has
	Order        Role = "order_id"     // the id of the order
	Product      Role = "product"      // a member of the line's product: product.sku
	Channel      Role = "channel"
	Purpose      Role = "purpose"
	Granted      Role = "granted"
)

const ignored = "ignore"

// Target is where a column goes.
type Target struct {
	Role Role
	// Name is the path of a field, the member of a product, or the namespace of an identity.
	Name string
}

// String writes the target as a mapping has it.
func (t Target) String() string {
	switch {
	case t.Role == Field && isWord(t.Name):
		return "field:" + t.Name
	case t.Role == Field:
		return t.Name
	case t.Role == CompanyField:
		return "company." + t.Name
	case t.Role == Product:
		return "product." + t.Name
	case t.Role == Customer && t.Name != record.UserID, t.Role == Company && t.Name != record.CompanyID:
		return string(t.Role) + ":" + t.Name
	}
	return string(t.Role)
}

// words are the roles that are written as one word.
var words = []Role{Customer, Company, CompanyRole, Time, Event, Message, Order, Channel, Purpose, Granted}

// isWord tells whether a field with this name would be taken for something else.
func isWord(name string) bool {
	first, _, _ := strings.Cut(name, ".")
	return slices.Contains(words, Role(name)) || name == ignored ||
		first != name && (first == string(Company) || first == string(Product)) || strings.Contains(name, ":")
}

func parseTarget(s string) (Target, error) {
	if name, ok := strings.CutPrefix(s, "field:"); ok {
		return Target{Field, name}, checkField(name)
	}
	if name, ok := strings.CutPrefix(s, "product."); ok {
		return Target{Product, name}, checkField(name)
	}
	if name, ok := strings.CutPrefix(s, "company."); ok {
		return Target{CompanyField, name}, checkField(name)
	}
	role, namespace, hasNamespace := strings.Cut(s, ":")
	t := Target{Role: Role(role), Name: namespace}
	switch {
	case hasNamespace && t.Role != Customer && t.Role != Company:
		return t, fmt.Errorf("%q: only customer and company take a namespace, as in customer:email", s)
	case hasNamespace && namespace == "":
		return t, fmt.Errorf("%q: a namespace is missing behind the colon, as in customer:email", s)
	case t.Role == Customer && !hasNamespace:
		t.Name = record.UserID
	case t.Role == Company && !hasNamespace:
		t.Name = record.CompanyID
	case !slices.Contains(words, t.Role):
		return Target{Field, s}, checkField(s)
	}
	return t, nil
}

// checkField refuses paths that no rule could name.
func checkField(path string) error {
	for part := range strings.SplitSeq(path, ".") {
		if part == "" {
			return fmt.Errorf("%q is no name of a field: write a name or a dotted path, such as address.city", path)
		}
	}
	return nil
}

// roles says which roles the kinds of files have.
var roles = map[Kind][]Role{
	Customers: {Customer, Company, CompanyField, CompanyRole, Time},
	Companies: {Company, Time},
	Orders:    {Customer, Company, CompanyField, Time, Message, Order, Product},
	Events:    {Customer, Company, CompanyField, Time, Message, Event},
	Consents:  {Customer, Time, Channel, Purpose, Granted},
}

// needed says which roles a file of a kind cannot do without.
var needed = map[Kind][]Role{
	Customers: {Customer},
	Companies: {Company},
	Orders:    {Customer, Time},
	Events:    {Customer, Time},
	Consents:  {Customer, Channel, Purpose, Granted},
}

// For gives what a target means in files of a kind: a word that is no role there names a field.
func (t Target) For(k Kind) Target {
	switch {
	case t.Role == Field || slices.Contains(roles[k], t.Role):
		return t
	case t.Role == Product || t.Role == CompanyField:
		return Target{Field, strings.TrimSuffix(string(t.Role), "field") + "." + t.Name}
	}
	return Target{Field, string(t.Role)}
}

// meant is a hint at what a wrong word was likely meant to be, or nothing.
func meant(wrong string, candidates []string) string {
	if s, ok := rule.Suggest(wrong, candidates); ok {
		return fmt.Sprintf("; did you mean %q?", s)
	}
	return ""
}
