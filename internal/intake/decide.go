package intake

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/value"
)

// ErrAmbiguousDate is in the error if the dates of a column may be day/month or
// month/day and nothing in the file tells.
var ErrAmbiguousDate = errors.New("its dates may be day/month or month/day")

// hints are those of the file, unless the mapping says more.
func (p *planner) hints() value.Hints {
	h := p.survey.Hints
	if p.Numbers != value.AnyStyle {
		h.Style = p.Numbers
	}
	if p.Dates != value.AnyOrder {
		h.Order = p.Dates
	}
	return h
}

// decide decides the type of a column for a target, as far as the mapping leaves it open.
func (p *planner) decide(c *column, t mapping.Target) {
	decided, doubt := p.typeFor(c, t)
	if !c.declared {
		c.kind = decided
	}
	switch c.kind.Kind {
	case value.Number:
		if c.kind.Style == value.AnyStyle {
			c.kind.Style = decided.Style
		}
	case value.Date, value.Time:
		p.decideOrder(c, decided, doubt)
	}
}

// decideOrder decides in which order the dates of a column are written.
func (p *planner) decideOrder(c *column, decided value.Type, doubt value.Doubt) {
	c.kind.Past = value.SoundsLikeBirth(c.name)
	switch {
	case c.kind.Order != value.AnyOrder:
	case p.Dates != value.AnyOrder && decided.Order != value.Unix && decided.Order != value.UnixMilli:
		c.kind.Order = p.Dates
	case doubt == value.DoubtOrder || doubt == value.DoubtMixed:
		what := "%w, such as %s"
		if doubt == value.DoubtMixed {
			what = "some of %w, and the others the other way round, such as %s"
		}
		examples := strings.Join(p.profiles[c.index].Examples, ", ")
		p.try(fmt.Errorf("column %s: "+what+`: write behind it how they are meant, "date d/m/y" or "date m/d/y" ("time d/m/y" with a time of day), or "text"`,
			c.name, ErrAmbiguousDate, examples))
	default:
		c.kind.Order = decided.Order
	}
}

// typeFor gives the type that a column has by its values, for a target.
func (p *planner) typeFor(c *column, t mapping.Target) (value.Type, value.Doubt) {
	profile, h := p.profiles[c.index], p.hints()
	isAmount := t.Role == mapping.Product && (t.Name == "quantity" || t.Name == "price" || t.Name == "total") ||
		p.Kind == mapping.Orders && t.Role == mapping.Field && t.Name == "total"
	kind := c.kind.Kind
	switch {
	case kind == value.Date || kind == value.Time || t.Role == mapping.Time:
		return profile.ForTime(h)
	case kind == value.Number || isAmount:
		return profile.ForNumber(h)
	case t.Role != mapping.Field && t.Role != mapping.CompanyField && t.Role != mapping.Product:
		return profile.ForID(), value.Sure
	case c.index >= len(p.survey.Profiles):
		return profile.Decide(h)
	}
	return p.survey.Type(c.index, h)
}
