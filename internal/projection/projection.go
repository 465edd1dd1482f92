// Package projection makes the columns of lists and exports of customers:
// attributes of the person and the company, identities, and values of the rule
// language, each for any customer at one instant.
package projection

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/store"
)

// Source is what columns are made of.
type Source struct {
	Schema *columns.Schema
	Places eval.Places
	// Identities has the identities of each namespace that the columns may mean; see ReadIdentities.
	Identities map[string]map[int64]string
	// Ranks computes what a value about others needs, such as `top 10% by …`.
	Ranks     func(p *eval.Program, now calendar.Instant) []*eval.Ranks
	Companies bool   // the rows are companies
	Label     string // of the columns, in problems with a value
	// Warn is told what is remarkable about a value; nil if nobody cares.
	Warn func(text string)
}

// Wrong is the error for a column that makes no sense. Places says that Text has the
// value with its problems and their places, line by line; else it is a sentence.
type Wrong struct {
	Text   string
	Places bool
}

func (w *Wrong) Error() string { return w.Text }

func wrong(format string, args ...any) error { return &Wrong{Text: fmt.Sprintf(format, args...)} }

// Column is a column, for one goroutine.
type Column struct {
	Name string
	columns.Field
	at   func(b *columns.Block, row int) (c *columns.Column, i int) // nil if it is unknown
	text func(b *columns.Block, row int) (string, bool)             // of identities, instead of at
}

// Split splits lists of columns at the commas that stand outside of parentheses and quotes.
func Split(lists []string) []string {
	var names []string
	for _, list := range lists {
		depth, quote, begin := 0, rune(0), 0
		for i, r := range list {
			switch {
			case quote != 0:
				if r == quote {
					quote = 0
				}
			case r == '"' || r == '`':
				quote = r
			case r == '(':
				depth++
			case r == ')':
				depth--
			case r == ',' && depth <= 0:
				names = append(names, strings.TrimSpace(list[begin:i]))
				begin = i + 1
			}
		}
		names = append(names, strings.TrimSpace(list[begin:]))
	}
	return names
}

// aliased is `what as name`. No value of the language ends so.
var aliased = regexp.MustCompile(`^(.*\S)\s+as\s+([^()"]+)$`)

func unaliased(text string) (what, name string) {
	if parts := aliased.FindStringSubmatch(text); parts != nil {
		return parts[1], strings.TrimSpace(parts[2])
	}
	return text, text
}

// identityPrefix stands before a namespace where an attribute has the same name.
const identityPrefix = "identity."

// ReadIdentities reads the identities of the namespaces that columns may mean.
func ReadIdentities(ctx context.Context, s *store.Store, texts []string) (map[string]map[int64]string, error) {
	found := map[string]map[int64]string{}
	return found, s.View(ctx, func(v *store.View) error {
		all, err := v.Namespaces(ctx)
		for _, text := range texts {
			text, _ = unaliased(text)
			namespace := strings.TrimPrefix(text, identityPrefix)
			if err != nil || !slices.Contains(all, namespace) {
				continue
			}
			found[namespace], err = v.InNamespace(ctx, namespace)
		}
		return err
	})
}

// Columns makes columns ready for an instant. Each is a text such as first_name,
// company.name, email or count(order_completed) as orders.
func (s *Source) Columns(texts []string, now calendar.Instant) ([]Column, error) {
	var all []Column
	for _, text := range texts {
		text, name := unaliased(text)
		c, err := s.column(text, now)
		if err != nil {
			return nil, err
		}
		c.Name = name
		all = append(all, c)
	}
	return all, nil
}

// column finds out what one column means: an attribute, else an identity, else a
// value of the language.
func (s *Source) column(text string, now calendar.Instant) (Column, error) {
	if _, own := s.Schema.Attrs.ID(text); text == "customer" && !own {
		return Column{text: func(b *columns.Block, row int) (string, bool) { return b.Names[row], true }}, nil
	}
	ref, known := catalog.Scope{Catalog: s.Schema.Catalog}.Resolve(s.full(strings.Split(text, ".")))
	switch {
	case known && ref.Base == catalog.OfRole:
		return s.expression(text, now)
	case known:
		return s.attribute(ref, now)
	}
	if values, ok := s.Identities[strings.TrimPrefix(text, identityPrefix)]; ok {
		return Column{text: func(b *columns.Block, row int) (string, bool) {
			value, ok := values[b.IDs[row]]
			return value, ok
		}}, nil
	}
	if rule.IsName(strings.ReplaceAll(text, ".", "_")) || text == "" {
		return Column{}, wrong("unknown attribute %q; kohorte fields lists them", text)
	}
	return s.expression(text, now)
}

// full names an attribute in full: of companies, all are those of the company.
func (s *Source) full(names []string) []string {
	if !s.Companies {
		return names
	}
	return rule.ForCompanies(&rule.IsTrue{Path: &rule.Path{Names: names}}).(*rule.IsTrue).Path.Names
}

// attribute is a column of an attribute of the customer or the company.
func (s *Source) attribute(ref catalog.Ref, now calendar.Instant) (Column, error) {
	of := s.Schema.Attrs
	if ref.Base == catalog.OfCompany {
		of = s.Schema.Company
	}
	id, ok := of.ID(ref.Path)
	if !ok {
		return Column{}, fmt.Errorf("the fields have changed meanwhile; ask again")
	}
	return Column{Field: of.List[id], at: func(b *columns.Block, row int) (*columns.Column, int) {
		attr := b.Attr(id)
		if ref.Base == catalog.OfCompany {
			var ok bool
			if row, ok = b.Company(row, now); !ok {
				return nil, 0
			}
			attr = b.Companies.Attr(id)
		}
		if attr == nil {
			return nil, 0
		}
		return attr.At(row, now)
	}}, nil
}

// expression is a column of a value of the rule language. The value is compiled
// with the condition that it is known.
func (s *Source) expression(text string, now calendar.Instant) (Column, error) {
	n, problems := rule.Parse(text + " is known")
	if !problems.Fatal() {
		if s.Companies {
			n = rule.ForCompanies(n)
		}
		problems = append(problems, check.Check(n, s.Schema.Catalog, check.Options{Companies: s.Companies})...)
	}
	problems = slices.DeleteFunc(problems, func(p rule.Problem) bool { return p.Warning && p.Start == 0 }) // counts are always known
	if problems.Fatal() {
		return Column{}, &Wrong{Text: problems.Format(s.Label, text), Places: true}
	}
	if len(problems) > 0 && s.Warn != nil {
		s.Warn(problems.Format(s.Label, text))
	}
	known, ok := n.(*rule.Known)
	if !ok || known.Unknown || isLiteral(known.Value) {
		return Column{}, wrong("%s is neither an attribute nor a value such as count(order_completed)", text)
	}
	kind := check.TypeOf(known.Value, catalog.Scope{Catalog: s.Schema.Catalog})
	if kind == catalog.ObjectList {
		return Column{}, wrong("%s is a list of objects; only attributes of that kind can be a column", text)
	}
	program, err := eval.Compile(n, s.Schema, s.Places)
	if err != nil {
		return Column{}, err
	}
	machine := program.Machine()
	if program.NeedsRanks() {
		machine.UseRanks(s.Ranks(program, now))
	}
	return Column{Field: columns.Field{Type: catalog.Type{Kind: kind}}, at: func(b *columns.Block, row int) (*columns.Column, int) {
		return machine.Value(known.Value, b, row, now)
	}}, nil
}

func isLiteral(v rule.Value) bool {
	_, is := v.(*rule.Literal)
	return is
}

// Value gives what stands in the column for a customer, as text for people and as JSON; an
// empty text and null where it is unknown.
func (c *Column) Value(b *columns.Block, row int, zone *calendar.Zone) (text string, json []byte) {
	if c.text != nil {
		if text, ok := c.text(b, row); ok {
			return text, Quoted(text)
		}
		return "", []byte("null")
	}
	values, i := c.at(b, row)
	if values == nil || !values.IsKnown(i) {
		return "", []byte("null")
	}
	text = eval.Show(values, i, zone)
	if values.Kind == catalog.Text {
		text, _ = values.Text(i)
	}
	return text, AppendJSON(nil, values, &c.Field, i, zone)
}
