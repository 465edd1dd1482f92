package cli

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
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/store"
)

// column is a column of a list or an export: an attribute of the customer or the
// company, a value of the rule language, or an identity.
type column struct {
	name string
	columns.Field
	at   func(p index.Position) (c *columns.Column, i int) // nil if it is unknown
	text func(p index.Position) (string, bool)             // of identities, instead of at
}

// columnNames splits the values of --columns at the commas that stand outside of
// parentheses and quotes.
func columnNames(flags []string) []string {
	var names []string
	for _, flag := range flags {
		depth, quote, begin := 0, rune(0), 0
		for i, r := range flag {
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
				names = append(names, strings.TrimSpace(flag[begin:i]))
				begin = i + 1
			}
		}
		names = append(names, strings.TrimSpace(flag[begin:]))
	}
	return names
}

// aliased is `what as name`. No value of the language ends so.
var aliased = regexp.MustCompile(`^(.*\S)\s+as\s+([^()"]+)$`)

// columns makes the columns of --columns ready for an instant.
func (w *workspace) columns(ctx context.Context, flags []string, now calendar.Instant) ([]column, error) {
	var all []column
	for _, text := range columnNames(flags) {
		name := text
		if parts := aliased.FindStringSubmatch(text); parts != nil {
			text, name = parts[1], strings.TrimSpace(parts[2])
		}
		c, err := w.column(ctx, text, now)
		if err != nil {
			return nil, err
		}
		c.name = name
		all = append(all, c)
	}
	return all, nil
}

// column finds out what one column means: an attribute, else an identity, else a
// value of the language.
func (w *workspace) column(ctx context.Context, text string, now calendar.Instant) (column, error) {
	ref, known := catalog.Scope{Catalog: w.known}.Resolve(strings.Split(text, "."))
	if known {
		return w.attribute(ref, now)
	}
	if text == "customer" {
		return column{text: func(p index.Position) (string, bool) { return p.Block.Names[p.Row], true }}, nil
	}
	c, found, err := w.identity(ctx, text)
	if found || err != nil {
		return c, err
	}
	if rule.IsName(strings.ReplaceAll(text, ".", "_")) || text == "" {
		return column{}, usagef("--columns: unknown attribute %q; kohorte fields lists them", text)
	}
	return w.expression(text, now)
}

// attribute is a column of an attribute of the customer or the company.
func (w *workspace) attribute(ref catalog.Ref, now calendar.Instant) (column, error) {
	of := w.index.Schema.Attrs
	if ref.Base == catalog.OfCompany {
		of = w.index.Schema.Company
	}
	id, ok := of.ID(ref.Path)
	if !ok {
		return column{}, fmt.Errorf("the fields have changed meanwhile; ask again")
	}
	return column{Field: of.List[id], at: func(p index.Position) (*columns.Column, int) {
		attr, row := p.Block.Attr(id), p.Row
		if ref.Base == catalog.OfCompany {
			attr = w.index.Companies.Attr(id)
			var ok bool
			if row, ok = p.Block.Company(p.Row, now); !ok {
				return nil, 0
			}
		}
		if attr == nil {
			return nil, 0
		}
		return attr.At(row, now)
	}}, nil
}

// identity is a column of the identities of a namespace, with or without identity.
// before it; false if there is none of that name.
func (w *workspace) identity(ctx context.Context, text string) (c column, found bool, err error) {
	namespace := strings.TrimPrefix(text, "identity.")
	var values map[int64]string
	err = w.store.View(ctx, func(v *store.View) error {
		all, err := v.Namespaces(ctx)
		if err != nil || !slices.Contains(all, namespace) {
			return err
		}
		found = true
		values, err = v.InNamespace(ctx, namespace)
		return err
	})
	return column{text: func(p index.Position) (string, bool) {
		value, ok := values[p.Block.IDs[p.Row]]
		return value, ok
	}}, found, err
}

// expression is a column of a value of the rule language. The value is compiled
// with the condition that it is known.
func (w *workspace) expression(text string, now calendar.Instant) (column, error) {
	n, _, problems := checkedRule(text+" is known", w.known, false)
	problems = slices.DeleteFunc(problems, func(p rule.Problem) bool { return p.Warning && p.Start == 0 }) // counts are always known
	if len(problems) > 0 {
		w.app.complain("%s", problems.Format("--columns", text))
	}
	if problems.Fatal() {
		return column{}, errReported
	}
	known, ok := n.(*rule.Known)
	if !ok || known.Unknown || isLiteral(known.Value) {
		return column{}, usagef("--columns: %s is neither an attribute nor a value such as count(order_completed)", text)
	}
	kind := check.TypeOf(known.Value, catalog.Scope{Catalog: w.known})
	if kind == catalog.ObjectList {
		return column{}, usagef("--columns: %s is a list of objects; only attributes of that kind can be a column", text)
	}
	program, err := w.index.Compile(n)
	if err != nil {
		return column{}, err
	}
	machine := w.index.Machine(program, now)
	return column{Field: columns.Field{Type: catalog.Type{Kind: kind}}, at: func(p index.Position) (*columns.Column, int) {
		return machine.Value(known.Value, p.Block, p.Row, now)
	}}, nil
}

func isLiteral(v rule.Value) bool {
	_, is := v.(*rule.Literal)
	return is
}

// cell makes the cell of a list.
func (c *column) cell(p index.Position, zone *calendar.Zone) cell {
	if c.text != nil {
		if text, ok := c.text(p); ok {
			return cell{text, quoted(text)}
		}
		return cell{json: []byte("null")}
	}
	values, i := c.at(p)
	if values == nil || !values.IsKnown(i) {
		return cell{json: []byte("null")}
	}
	text := eval.Show(values, i, zone)
	if values.Kind == catalog.Text {
		text, _ = values.Text(i)
	}
	return cell{text, appendJSON(nil, values, &c.Field, i, zone)}
}
