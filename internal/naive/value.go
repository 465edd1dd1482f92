package naive

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

func (m moment) value(v rule.Value) any {
	switch v := v.(type) {
	case *rule.Path:
		return m.path(v)
	case *rule.Literal:
		return m.literal(v)
	case *rule.Aggregate:
		return m.aggregate(v)
	case *rule.Age:
		return m.age(v)
	case *rule.Score:
		return nil // until there are models
	case *rule.Distance:
		return m.distance(v)
	}
	panic(fmt.Sprintf("naive: unknown value %T", v))
}

func (m moment) literal(l *rule.Literal) any {
	switch l.Kind {
	case rule.TextLiteral:
		return l.Text
	case rule.NumberLiteral:
		return l.Number
	case rule.BoolLiteral:
		return l.Bool
	}
	return m.InstantOf(l.Date)
}

// path reads a property of the innermost event or object, else an attribute of
// the customer; `customer.` and `company.` reach out from everywhere.
func (m moment) path(p *rule.Path) any {
	rest := strings.Join(p.Names[1:], ".")
	switch {
	case m.customer.Firm != nil && rest != "" && (p.Names[0] == "company" || p.Names[0] == "customer"):
		return m.attribute(m.customer.Attributes, rest)
	case m.staff && !m.inside && len(p.Names) == 1 && p.Names[0] == "role":
		return m.role()
	case p.Names[0] == "company" && rest == "role" && m.Catalog.Company["role"].Kind == catalog.Unknown:
		return m.role()
	case p.Names[0] == "company" && rest != "":
		return m.companyAttribute(rest)
	case p.Names[0] == "customer" && rest != "":
		return m.attribute(m.customer.Attributes, rest)
	case m.inside:
		return m.record[strings.Join(p.Names, ".")]
	}
	return m.attribute(m.customer.Attributes, strings.Join(p.Names, "."))
}

// attribute gives the value set last up to now; before the first one, the first.
// Of values set at one time the one received last counts.
func (m moment) attribute(history []Change, path string) any {
	var first, current *Change
	for i := range history {
		change := &history[i]
		if change.Path != path {
			continue
		}
		if first == nil || change.Time <= first.Time {
			first = change
		}
		if change.Time <= m.now && (current == nil || change.Time >= current.Time) {
			current = change
		}
	}
	switch {
	case current != nil:
		return current.Value
	case first != nil:
		return first.Value
	}
	return nil
}

// companyAttribute reads the company joined last up to now; before the first, the first.
func (m moment) companyAttribute(path string) any {
	if join := m.customer.belongs(m.now); join != nil {
		return m.attribute(join.Company.Attributes, path)
	}
	return nil
}

// belongs gives the join that holds at an instant; nil if the customer never joined a company.
func (c *Customer) belongs(now int64) *Join {
	var first, current *Join
	for i := range c.Companies {
		join := &c.Companies[i]
		if first == nil || join.Time <= first.Time {
			first = join
		}
		if join.Time <= now && (current == nil || join.Time >= current.Time) {
			current = join
		}
	}
	if current != nil {
		return current
	}
	return first
}

// equal is false for unknown values, values of different types and lists.
func equal(a, b any) bool {
	if a, ok := a.(bool); ok {
		b, ok := b.(bool)
		return ok && a == b
	}
	order, ok := order(a, b)
	return ok && order == 0
}

// order compares two texts, two numbers or two times; false for anything else.
// Texts stand in order of the code points of their folded forms, which is the
// order of their UTF-8 bytes.
func order(a, b any) (int, bool) {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(fold(a), fold(b)), true
		}
	case number.Number:
		if b, ok := b.(number.Number); ok {
			return cmp.Compare(a, b), true
		}
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b), true
		}
	}
	return 0, false
}

// age counts the birthdays up to now. A 29 February returns on 1 March of common years.
func (m moment) age(a *rule.Age) any {
	birth, ok := m.path(a.Path).(int64)
	if !ok || m.now < birth {
		return nil
	}
	year, month, day := m.wallOf(birth).Date()
	years := max(0, m.wallOf(m.now).Year()-year-1)
	for m.now >= m.midnight(year+years+1, month, day) {
		years++
	}
	return number.FromInt(int64(years))
}
