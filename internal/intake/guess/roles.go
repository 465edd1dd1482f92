package guess

import (
	"fmt"
	"path"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/value"
	"github.com/kohorte/kohorte/internal/record"
)

// take gives a column its targets, if there is one.
func (f *file) take(c *column, comment string, targets ...mapping.Target) bool {
	if c == nil || f.taken[c.index] {
		return c != nil
	}
	f.taken[c.index] = true
	for _, t := range targets {
		if t.Role == mapping.Field || t.Role == mapping.Product {
			f.fields[t.String()] = true
		}
	}
	m := &f.mapping.Columns[c.index]
	m.Targets = targets
	m.Comment = comment
	if m.Comment == "" {
		m.Comment = examples(c)
	}
	return true
}

// examples gives a few values of a column.
func examples(c *column) string {
	const longest = 60
	text := strings.Join(c.profile.Examples, ", ")
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return "e.g. " + text
}

// ordered writes into the mapping how a date is written, where the dates do not show it.
func (f *file) ordered(c *column) {
	declared := f.at(c).Type.Kind != value.Unknown
	if !declared && (c.kind.Order != value.AnyOrder || c.doubt != value.Sure) {
		f.at(c).Type = c.kind
		f.at(c).Comment += doubts[c.doubt]
	}
}

func role(r mapping.Role) mapping.Target { return mapping.Target{Role: r} }

func target(r mapping.Role, name string) mapping.Target { return mapping.Target{Role: r, Name: name} }

// customers takes the id, and the company that a customer belongs to.
func (f *file) customers() error {
	if f.isProductList() {
		return fmt.Errorf("%w: it looks like a list of products", ErrNobody)
	}
	if f.given(mapping.Customer) == nil {
		if err := f.nameCustomers(); err != nil {
			return err
		}
	}
	f.company()
	return nil
}

// nameCustomers takes the column that names the customers: an id, an address, or for want of them a hash.
func (f *file) nameCustomers() error {
	id := f.plainID()
	if c := f.idOf(customerNouns); c != nil && c.profile.Unique() || id == nil && c != nil {
		id = c
	}
	mail := f.find("email")
	switch {
	case f.take(id, f.idComment(id), target(mapping.Customer, record.UserID)):
	case mail != nil && mail.profile.Mails() && mail.profile.Unique():
		f.take(mail, "names the customer, as there is no id", target(mapping.Customer, "email"), target(mapping.Field, "email"))
	case !f.certain:
		return errUnknown
	default:
		f.hashRows()
	}
	return nil
}

// idComment says whether an id names each row.
func (f *file) idComment(c *column) string {
	if c == nil {
		return ""
	}
	if c.profile.Unique() {
		return "names the customer: different in each row, " + examples(c)
	}
	return "names the customer, " + examples(c)
}

// isProductList tells whether the rows are products and not persons.
func (f *file) isProductList() bool {
	if f.count("first_name", "last_name", "birthday", "email") > 0 || f.idOf(customerNouns) != nil {
		return false
	}
	for _, m := range []meaning{"sku", "product"} {
		if c := f.find(m); c != nil && c.profile.Unique() && (m == "sku" || f.count("price", "category") > 0) {
			return true
		}
	}
	return false
}

// hashRows lets the content of the row name the customer, for want of anything better.
func (f *file) hashRows() {
	f.mapping.Columns = append([]mapping.Column{{
		Name: mapping.RowHash, Targets: []mapping.Target{target(mapping.Customer, record.UserID)},
		Comment: "a hash of the row names the customer, as no column does",
	}}, f.mapping.Columns...)
	for _, c := range f.columns {
		c.index++
	}
}

// company takes the company of a customer: by its id, else by its name.
func (f *file) company() {
	if f.given(mapping.Company) != nil {
		return
	}
	id, name := f.find("company_id"), f.find("company_name")
	if f.mapping.Kind == mapping.Customers {
		f.take(f.find("role"), "the customer's role in the company", role(mapping.CompanyRole))
	}
	switch {
	case id != nil:
		f.take(id, "the company that the customer belongs to, "+examples(id), target(mapping.Company, record.CompanyID))
		f.take(name, "", target(mapping.CompanyField, "name"))
	case name != nil:
		f.take(name, "the company that the customer belongs to, by its name", target(mapping.Company, "name"), target(mapping.CompanyField, "name"))
	}
}

func (f *file) companies() error {
	if f.given(mapping.Company) != nil {
		return nil
	}
	id := f.plainID()
	if id == nil {
		id = f.find("company_id")
	}
	if name := f.find("company_name"); id == nil && name != nil {
		f.take(name, "names the company, as there is no id", target(mapping.Company, record.CompanyID), target(mapping.Field, "name"))
		f.fields["name"] = true
		return nil
	}
	if id == nil {
		if id = f.textKey(); id == nil {
			return fmt.Errorf("%w: there is no column with an id", ErrNobody)
		}
	}
	f.take(id, "names the company, "+examples(id), target(mapping.Company, record.CompanyID))
	return nil
}

// textKey gives a first column whose values are all different texts.
func (f *file) textKey() *column {
	c := f.columns[0]
	if c.kind.Kind == value.Text && c.profile.Unique() && c.profile.Filled >= f.survey.Rows*9/10 {
		return c
	}
	return nil
}

// events takes who did what when.
func (f *file) events() error {
	who := f.someone()
	if who == nil {
		if who = f.plainID(); who == nil {
			return fmt.Errorf("%w: of whom the events are, the columns do not tell", ErrNobody)
		}
	}
	f.whose(who)
	when := f.when()
	if when == nil {
		return fmt.Errorf("no column is a date or a time: when the events happened, the columns do not tell")
	}
	f.take(when, "when it happened, "+examples(when), role(mapping.Time))
	f.ordered(when)
	if event := f.eventColumn(); event != nil && f.mapping.Event == "" {
		f.take(event, "what happened, "+examples(event), role(mapping.Event))
	} else if f.mapping.Event == "" {
		f.mapping.Event = eventOf(f.name)
	}
	if id := f.plainID(); id != nil && f.given(mapping.Message) == nil {
		f.take(id, "different in each row, "+examples(id), role(mapping.Message))
	}
	return nil
}

// eventOf makes the type of events of the name of their file.
func eventOf(file string) string {
	base, _, _ := strings.Cut(path.Base(strings.ReplaceAll(file, `\\`, "/")), ".")
	if event := value.Snake(base); event != "" {
		return event
	}
	return "imported"
}

// whose takes the column that names the customer.
func (f *file) whose(c *column) {
	switch {
	case c.profile.Mails():
		f.take(c, "names the customer, "+examples(c), target(mapping.Customer, "email"))
	default:
		f.take(c, "names the customer, "+examples(c), target(mapping.Customer, record.UserID))
	}
}

// consents takes what a decision consists of, and nothing else.
func (f *file) consents() error {
	who := f.someone()
	if who == nil {
		who = f.plainID()
	}
	if who == nil {
		return fmt.Errorf("%w: whose consents they are, the columns do not tell", ErrNobody)
	}
	f.whose(who)
	for _, r := range []mapping.Role{mapping.Channel, mapping.Purpose, mapping.Granted} {
		if f.given(r) == nil {
			f.take(f.find(meaning(r)), "", role(r)) // their meanings are called the same
		}
	}
	if when := f.when(); when != nil {
		f.take(when, "", role(mapping.Time))
		f.ordered(when)
	}
	for _, c := range f.columns {
		f.taken[c.index] = true // a consent has no other fields
	}
	return nil
}
