// Package guess makes a mapping out of the names and values of a file's columns.
package guess

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/jsontext"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/survey"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
)

// Calls tells whether lines of JSON are calls of the Segment specification: the
// first of the sample has their type.
func Calls(sample []byte) bool {
	first, _, _ := bytes.Cut(bytes.TrimLeft(sample, "[ \t\r\n"), []byte("\n"))
	found := false
	err := jsontext.Members(bytes.TrimRight(first, ", \r]"), func(key, v []byte) {
		if string(key) == "type" && jsontext.Kind(v) == jsontext.Text {
			switch string(jsontext.Unquote(v)) {
			case "identify", "track", "page", "screen", "group", "alias":
				found = true
			}
		}
	})
	return err == nil && found
}

// file is a file whose columns are guessed.
type file struct {
	columns  []*column
	prefix   string
	survey   *survey.Survey
	noHeader bool
	mapping  *mapping.Mapping
	taken    map[int]bool    // columns that have a target
	fields   map[string]bool // names that are in use
	lines    bool            // orders have several rows
	name     string          // of the file
	certain  bool            // the rows are what the kind says
}

// Mapping guesses what the columns of a file are. What is given of the mapping
// stays. The comments say what the guess rests on. The error tells what is missing.
func Mapping(s *survey.Survey, in *table.Input, given *mapping.Mapping) (*mapping.Mapping, error) {
	m := *given
	m.Partial = false
	f := &file{name: in.Name, survey: s, mapping: &m, noHeader: in.NoHeader, taken: map[int]bool{}, fields: map[string]bool{}}
	f.describe()
	if len(f.columns) == 0 {
		return nil, errors.New("the file has no columns")
	}
	f.fix(given.Columns)
	f.certain = m.Kind != ""
	if m.Kind == "" {
		m.Kind = f.kind()
		f.certain = m.Kind != mapping.Customers || f.count("first_name", "last_name", "email", "birthday") > 1
	}
	if m.Kind == mapping.Postcodes {
		m.Columns = given.Columns // their columns are found when they are read
		return &m, nil
	}
	if m.Header == nil && f.noHeader {
		m.Header = s.Columns
	}
	if err := f.roles(); err != nil {
		return nil, err
	}
	for _, c := range f.columns {
		if !f.taken[c.index] {
			f.field(c)
		}
	}
	f.skipDeleted()
	return &m, nil
}

// fix puts the columns that are given in their places.
func (f *file) fix(given []mapping.Column) {
	f.mapping.Columns = make([]mapping.Column, len(f.columns))
	for i, c := range f.columns {
		f.mapping.Columns[i].Name = c.name
	}
	for _, g := range given {
		i := f.survey.Columns.Index(g.Name)
		if i < 0 {
			f.mapping.Columns = append(f.mapping.Columns, g) // reading the file will say that it is not there
			continue
		}
		f.mapping.Columns[i] = g
		f.taken[i] = true
		for _, t := range g.Targets {
			f.fields[t.String()] = true
		}
	}
}

// given gives the column that has a role already.
func (f *file) given(r mapping.Role) *column {
	for _, c := range f.columns {
		for _, t := range f.mapping.Columns[c.index].Targets {
			if t.Role == r {
				return c
			}
		}
	}
	return nil
}

// describe gathers what is known of the columns.
func (f *file) describe() {
	h := f.survey.Hints
	if f.mapping.Numbers != value.AnyStyle {
		h.Style = f.mapping.Numbers
	}
	if f.mapping.Dates != value.AnyOrder {
		h.Order = f.mapping.Dates
	}
	for i, name := range f.survey.Columns {
		c := &column{name: name, index: i, words: value.Words(name), profile: f.survey.Profiles[i]}
		c.kind, c.doubt = f.survey.Type(i, h)
		if f.noHeader && c.profile.Mails() {
			c.words = []string{"email"}
		}
		f.columns = append(f.columns, c)
	}
	if f.prefix = sharedPrefix(f.columns); f.prefix != "" && !f.noHeader {
		for _, c := range f.columns {
			if len(c.words) > 1 && c.words[0] == f.prefix {
				c.words = c.words[1:]
			}
		}
	}
}

// find gives the first column with a meaning that is not empty and not taken
// yet, one whose name says it exactly first.
func (f *file) find(m meaning) *column {
	for _, fits := range []func([]string, meaning) bool{isExactly, speaks} {
		for _, c := range f.columns {
			if !f.taken[c.index] && !c.profile.Empty() && fits(c.words, m) {
				return c
			}
		}
	}
	return nil
}

// has tells whether columns have all of some meanings.
func (f *file) has(all ...meaning) bool {
	for _, m := range all {
		if f.find(m) == nil {
			return false
		}
	}
	return true
}

// exact tells whether columns are called by all of some meanings, without words that add nothing.
func (f *file) exact(all ...meaning) bool {
	for _, m := range all {
		if !slices.ContainsFunc(f.columns, func(c *column) bool { return isExactly(c.words, m) }) {
			return false
		}
	}
	return true
}

// count counts the meanings that columns have.
func (f *file) count(some ...meaning) int {
	n := 0
	for _, m := range some {
		if f.find(m) != nil {
			n++
		}
	}
	return n
}

// idOf gives the column that is an id of one of some nouns.
func (f *file) idOf(nouns []string) *column {
	for _, c := range f.columns {
		if !f.taken[c.index] && !c.profile.Empty() && isIDOf(c.words, nouns) && !isTyped(c) {
			return c
		}
	}
	return nil
}

// orderID gives the column that names the order: where rows are line items by
// the names of their columns, it may be called just Name.
func (f *file) orderID() *column {
	if c := f.idOf(orderNouns); c != nil {
		return c
	}
	items := slices.ContainsFunc(f.columns, func(c *column) bool { return c.words[0] == "lineitem" })
	for _, c := range f.columns {
		if items && strings.EqualFold(c.name, "name") && !f.taken[c.index] {
			return c
		}
	}
	return nil
}

// isTyped tells whether the cells are dates or truth values, which no ids are.
func isTyped(c *column) bool {
	return c.kind.Kind == value.Date || c.kind.Kind == value.Time || c.kind.Kind == value.Boolean
}

// plainID gives a column that is an id of whatever the rows are.
func (f *file) plainID() *column {
	for _, c := range f.columns {
		joined := value.Snake(c.name)
		if !f.taken[c.index] && c.profile.Unique() && (isIDOf(c.words, plainIDs) || joined == "id") {
			return c
		}
	}
	return nil
}

// kind guesses what the rows are.
func (f *file) kind() mapping.Kind {
	who, when := f.someone(), f.when()
	person := f.count("first_name", "last_name", "birthday", "gender", "salutation")
	firm := f.count("industry", "employees", "website", "founded", "revenue")
	order, event := f.orderID(), f.eventColumn()
	money := f.hasMoney()
	// Rows that happened are about customers who come again, or say clearly when.
	happened := who != nil && when != nil && person == 0 && (!who.profile.Unique() || clearly(when) || order != nil && money)
	switch {
	case f.exact("latitude", "longitude", "postal_code") && person == 0 && f.find("email") == nil, f.isGeoNames():
		return mapping.Postcodes
	case f.has("channel", "purpose", "granted"):
		return mapping.Consents
	case happened && (order != nil || money && (event == nil || isExactly(event.words, "status"))):
		return mapping.Orders
	case happened, event != nil && isExactly(event.words, "event") && when != nil && who != nil && person == 0:
		return mapping.Events
	case firm >= 2 && person == 0 || firm >= 1 && person == 0 && f.find("company_name") != nil:
		return mapping.Companies
	}
	return mapping.Customers
}

// hasMoney tells whether there are columns with numbers that are prices, quantities or totals.
func (f *file) hasMoney() bool {
	for _, m := range []meaning{"total", "line_total", "price", "quantity"} {
		if c := f.find(m); c != nil && c.profile.Numeric() {
			return true
		}
	}
	return false
}

// isGeoNames tells whether a file without a header has the columns of the postcodes of GeoNames.
func (f *file) isGeoNames() bool {
	const latitude, width = 9, 11
	return f.noHeader && len(f.columns) >= width && f.columns[latitude].profile.Numeric() && f.columns[latitude+1].profile.Numeric()
}

// someone gives the column that names the customer of an event or an order.
func (f *file) someone() *column {
	if c := f.given(mapping.Customer); c != nil {
		return c
	}
	if c := f.idOf(customerNouns); c != nil {
		return c
	}
	for _, m := range []meaning{"email", "company_name", "company_id"} {
		if c := f.find(m); c != nil {
			return c
		}
	}
	return f.repeatedID()
}

// repeatedID gives a column that is called an id and is none of the row, as its values come again.
func (f *file) repeatedID() *column {
	for _, c := range f.columns {
		if !f.taken[c.index] && !c.profile.Empty() && !c.profile.Unique() && isIDOf(c.words, plainIDs) {
			return c
		}
	}
	return nil
}

// eventColumn gives the column that tells the type of an event: one with few different values.
func (f *file) eventColumn() *column {
	const most = 500
	if c := f.given(mapping.Event); c != nil {
		return c
	}
	for _, c := range []*column{f.find("event"), f.find("stage"), f.find("status")} {
		if c != nil && c.kind.Kind == value.Text && c.profile.Distinct <= most && (c.profile.Repeats() > 1 || c.profile.Filled < 5) {
			return c
		}
	}
	return nil
}

// ErrNobody is in the error if no column names a customer or a company.
var ErrNobody = errors.New("no column names a customer or a company")

var errUnknown = fmt.Errorf("%w: say with --as what the rows are; as customers, a hash of the row names each", ErrNobody)

// roles gives columns the roles of the kind.
func (f *file) roles() error {
	switch f.mapping.Kind {
	case mapping.Customers:
		return f.customers()
	case mapping.Companies:
		return f.companies()
	case mapping.Orders:
		return f.orders()
	case mapping.Events:
		return f.events()
	case mapping.Consents:
		return f.consents()
	}
	return fmt.Errorf("the columns of %s cannot be guessed", f.mapping.Kind)
}
