package eval

import (
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/rule"
)

// kind gives the kind of a value; Unknown for fields that nothing is known of.
func (c *compiler) kind(v rule.Value, s scope) catalog.Kind {
	switch v := v.(type) {
	case *rule.Path:
		ref, _ := s.Resolve(v.Names)
		return ref.Type.Kind
	case *rule.Literal:
		return literalKind(v)
	case *rule.Aggregate:
		return c.aggregateKind(v)
	}
	return catalog.Number // age, score, distance
}

func literalKind(l *rule.Literal) catalog.Kind {
	switch l.Kind {
	case rule.TextLiteral:
		return catalog.Text
	case rule.NumberLiteral:
		return catalog.Number
	case rule.BoolLiteral:
		return catalog.Boolean
	}
	return catalog.Time
}

func (c *compiler) aggregateKind(a *rule.Aggregate) catalog.Kind {
	switch a.Func {
	case rule.Count, rule.Sum, rule.Distinct:
		return catalog.Number
	}
	if a.Property == nil {
		return catalog.Time // first(e), last(e)
	}
	return c.propertyKind(a)
}

// scalar compiles a number, date or time.
func (c *compiler) scalar(v rule.Value, s scope) scalar {
	made := c.makeScalar(v, s)
	c.values[v] = made
	return made
}

func (c *compiler) makeScalar(v rule.Value, s scope) scalar {
	switch v := v.(type) {
	case *rule.Literal:
		switch v.Kind {
		case rule.NumberLiteral:
			return constant(v.Number)
		case rule.DateLiteral:
			return constant(c.date(v))
		}
	case *rule.Path:
		if isScalar(c.kind(v, s)) {
			return located{c.locate(v, s)}
		}
	case *rule.Aggregate:
		c.timed++
		made := c.aggregateOf(v, s)
		if s.Inside {
			made = &remembered{made, c.program.remembered}
			c.program.remembered++
		}
		return made
	case *rule.Age:
		c.timed++
		if isMoment(c.kind(v.Path, s)) {
			return &age{of: c.scalar(v.Path, s)}
		}
	case *rule.Distance:
		return c.distance(v, s)
	}
	return missing{} // also score(…), until a model has computed it
}

// locate compiles a value that stands in a column.
func (c *compiler) locate(v rule.Value, s scope) locator {
	made := c.makeLocator(v, s)
	c.values[v] = made
	return made
}

func (c *compiler) makeLocator(v rule.Value, s scope) locator {
	switch v := v.(type) {
	case *rule.Path:
		ref, _ := s.Resolve(v.Names)
		return c.fieldOf(ref, s)
	case *rule.Aggregate:
		c.timed++
		filter := c.filter(v.Filter, s)
		if id, ok := c.property(v); ok {
			return &edgeProperty{edge{filter, v.Func == rule.Last}, id}
		}
	}
	return missing{}
}

func (c *compiler) fieldOf(ref catalog.Ref, s scope) locator {
	switch ref.Base {
	case catalog.OfRecord:
		if id, ok := s.fields.ID(ref.Path); ok {
			return property{id}
		}
	case catalog.OfCompany:
		c.timed++
		if id, ok := c.schema.Company.ID(ref.Path); ok {
			return companyAttribute{id}
		}
	case catalog.OfRole:
		c.timed++
		if id, ok := c.schema.Attrs.ID(catalog.Role); ok && c.schema.Attrs.List[id].Type.Kind == catalog.Text {
			return roleOf{attribute{id}}
		}
		return roleOf{missing{}}
	default:
		c.timed++
		if id, ok := c.schema.Attrs.ID(ref.Path); ok {
			return attribute{id}
		}
	}
	return missing{}
}

// field finds what the schema knows of a resolved path.
func (c *compiler) field(ref catalog.Ref, s scope) *columns.Field {
	fields := c.schema.Attrs
	switch ref.Base {
	case catalog.OfRecord:
		fields = s.fields
	case catalog.OfCompany:
		fields = c.schema.Company
	}
	id, _ := fields.ID(ref.Path)
	return &fields.List[id]
}

// property finds the property of an aggregate.
func (c *compiler) property(a *rule.Aggregate) (int, bool) {
	event, ok := c.schema.EventID(a.Filter.Event.Text)
	if !ok || a.Property == nil {
		return -1, false
	}
	return c.schema.Events[event].Fields.ID(joined(a.Property))
}

func (c *compiler) aggregateOf(a *rule.Aggregate, s scope) scalar {
	if a.IsPeople() {
		return c.people(a)
	}
	return c.aggregate(a, s)
}

func (c *compiler) aggregate(a *rule.Aggregate, s scope) scalar {
	filter := c.filter(a.Filter, s)
	property, ok := c.property(a)
	if a.Property == nil {
		switch a.Func {
		case rule.Count:
			return &count{filter, -1}
		case rule.First, rule.Last:
			return &edge{filter, a.Func == rule.Last}
		}
		c.fail("eval: %s needs a property", rule.PrintValue(a))
		return missing{}
	}
	kind := c.aggregateKind(a)
	switch a.Func {
	case rule.Count:
		if !ok {
			return constant(0)
		}
		return &count{filter, property}
	case rule.Distinct:
		if !ok {
			return constant(0)
		}
		return &distinct{filter, property}
	case rule.Sum:
		if !ok || c.propertyKind(a) != catalog.Number {
			return constant(0)
		}
	default:
		if !ok || !isScalar(kind) {
			return missing{}
		}
	}
	if a.Func == rule.First || a.Func == rule.Last {
		return located{&edgeProperty{edge{filter, a.Func == rule.Last}, property}}
	}
	return &foldValues{filter, property, a.Func}
}

func (c *compiler) propertyKind(a *rule.Aggregate) catalog.Kind {
	if a.IsPeople() {
		return c.kind(a.Of(), staff(c.schema))
	}
	return c.schema.Catalog.Events[a.Filter.Event.Text][joined(a.Property)].Kind
}

func joined(p *rule.Path) string { return strings.Join(p.Names, ".") }

func (c *compiler) distance(d *rule.Distance, s scope) scalar {
	if c.places == nil || c.kind(d.Path, s) != catalog.Text {
		return missing{}
	}
	country, code := splitPostcode(d.To.Text, "")
	made := &distance{of: c.locate(d.Path, s), country: country, places: c.places}
	made.lat, made.lon, made.known = c.places.Place(country, code)
	return made
}
