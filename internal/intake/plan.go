package intake

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/survey"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/intake/value"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
)

// plan is a mapping that was fitted to a file: every column found and its type decided.
type plan struct {
	*mapping.Mapping
	source  string
	reader  value.Reader
	columns table.Columns
	width   int  // of the cells of a row, with its hash and what is looked up
	hashed  bool // the hash of the row is a cell behind those of the file
	lookups []*lookup

	customer      []identity
	company       []identity
	roles         map[mapping.Role][]*column // those that are one value each
	fields        object
	companyFields object
	product       object
	amounts       amounts
	skip          []condition
	refunds       []condition
	charges       []condition
}

// amounts are the columns that the total of an order is made of.
type amounts struct{ total, currency, quantity, price, line []*column }

// identity is a column that names the customer or the company.
type identity struct {
	*column
	namespace string
}

// condition is a condition on a column.
type condition struct {
	*column
	mapping.Condition
}

func anyFits(conditions []condition, cells []table.Cell) bool {
	for _, c := range conditions {
		if c.Fits(string(c.text(cells))) {
			return true
		}
	}
	return false
}

// planner fits a mapping to a file and collects what does not fit.
type planner struct {
	*plan
	survey   *survey.Survey
	profiles []*value.Profile // of the columns, those that are looked up included
	problems []error
}

// newPlan fits a mapping to a file that was surveyed. The error lists everything that does not fit.
func newPlan(m *mapping.Mapping, s *survey.Survey, opt Options) (*plan, error) {
	p := &planner{plan: &plan{Mapping: m, columns: s.Columns, roles: map[mapping.Role][]*column{}}, survey: s}
	p.profiles = slices.Clone(s.Profiles)
	p.source = m.Source
	if p.source == "" {
		p.source = string(m.Kind)
	}
	p.reader = value.Reader{Zone: opt.Zone}
	if m.Zone != "" {
		zone, err := calendar.LoadZone(m.Zone)
		p.try(err)
		p.reader.Zone = zone
	}
	if p.problems == nil {
		p.reader.Year = p.reader.Zone.Civil(opt.Now).Year
	}
	p.fields.dotted = m.Kind == mapping.Customers || m.Kind == mapping.Companies
	p.companyFields.dotted = true
	p.width = len(s.Columns)
	p.addColumns()
	for _, l := range m.Lookups {
		p.addLookup(l, opt)
	}
	for _, c := range m.Constants {
		p.try(p.fields.addConstant(c.Field, c.JSON))
	}
	p.skip, p.refunds, p.charges = p.conditions(m.Skip), p.conditions(m.Refunds), p.conditions(m.Charges)
	slices.SortStableFunc(p.customer, func(a, b identity) int { return strength(a) - strength(b) })
	return p.plan, errors.Join(p.problems...)
}

// strength puts the id of the source before other identities.
func strength(i identity) int {
	if i.namespace == record.UserID {
		return 0
	}
	return 1
}

func (p *planner) try(err error) {
	if err != nil {
		p.problems = append(p.problems, err)
	}
}

// addColumns adds the columns of the mapping in its order, then the others.
func (p *planner) addColumns() {
	named := map[int]bool{}
	for _, c := range p.Columns {
		i := p.find(c.Name)
		if i < 0 {
			continue
		}
		named[i] = true
		p.add(i, c)
	}
	if p.IgnoreOthers || p.Kind == mapping.Consents {
		return
	}
	for i, name := range p.columns {
		if field := value.Snake(name); !named[i] && field != "" && !p.survey.Profiles[i].Empty() {
			p.add(i, mapping.Column{Name: name, Targets: []mapping.Target{{Role: mapping.Field, Name: p.free(name, field)}}})
		}
	}
}

// free gives a field that no column of the mapping goes to, for one that it does not name.
func (p *planner) free(name, field string) string {
	if strings.Contains(name, ".") {
		parts := strings.Split(name, ".")
		for i := range parts {
			parts[i] = value.Snake(parts[i])
		}
		field = strings.Join(parts, ".")
	}
	for p.fields.find(field) != nil || field == "products" && p.Kind == mapping.Orders || field == "order_id" && p.roles[mapping.Order] != nil {
		field += "_2"
	}
	return field
}

// find finds a column of the file; where there is none, that is a problem.
func (p *planner) find(name string) int {
	i := p.columns.Index(name)
	if i < 0 && name == mapping.RowHash {
		if !p.hashed {
			p.hashed, p.width = true, p.width+1
			p.profiles = append(p.profiles, &value.Profile{})
		}
		return len(p.columns)
	}
	if i < 0 {
		hint := fmt.Sprintf("; it has %s", strings.Join(p.columns, ", "))
		if s, ok := rule.Suggest(name, p.columns); ok {
			hint = fmt.Sprintf("; did you mean %q?", s)
		}
		p.try(fmt.Errorf("the file has no column %q%s", name, hint))
	}
	return i
}

// add adds a column to all its targets.
func (p *planner) add(index int, c mapping.Column) {
	for _, t := range c.Targets {
		t = t.For(p.Kind)
		col := newColumn(index, c)
		p.decide(col, t)
		p.aim(col, t)
	}
}

// aim puts a column where its target says.
func (p *planner) aim(c *column, t mapping.Target) {
	switch t.Role {
	case mapping.Customer:
		p.customer = append(p.customer, identity{c, t.Name})
	case mapping.Company:
		p.company = append(p.company, identity{c, t.Name})
	case mapping.CompanyField:
		p.try(p.companyFields.addColumn(t.Name, c))
	case mapping.Product:
		p.aimProduct(c, t.Name)
	case mapping.Field:
		p.aimField(c, t.Name)
	default:
		p.roles[t.Role] = append(p.roles[t.Role], c)
	}
}

func (p *planner) aimProduct(c *column, name string) {
	p.try(p.product.addColumn(name, c))
	switch name {
	case "quantity":
		p.amounts.quantity = append(p.amounts.quantity, c)
	case "price":
		p.amounts.price = append(p.amounts.price, c)
	case "total":
		p.amounts.line = append(p.amounts.line, c)
	}
}

func (p *planner) aimField(c *column, name string) {
	switch {
	case p.Kind == mapping.Orders && name == "total":
		p.amounts.total = append(p.amounts.total, c)
	case p.Kind == mapping.Orders && name == "currency":
		p.amounts.currency = append(p.amounts.currency, c)
	default:
		p.try(p.fields.addColumn(name, c))
	}
}

// conditions finds the columns of conditions.
func (p *planner) conditions(of []mapping.Condition) []condition {
	var found []condition
	for _, c := range of {
		if i := p.find(c.Column); i >= 0 {
			found = append(found, condition{&column{index: i, name: c.Column, kind: p.profiles[i].ForID()}, c})
		}
	}
	return found
}
