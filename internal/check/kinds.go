package check

import (
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/language"
	"github.com/kohorte/kohorte/internal/rule"
)

// TypeOf gives the kind of a value in a scope: Unknown for names that the
// catalogue does not know and for fields that were only ever null.
func TypeOf(v rule.Value, s catalog.Scope) catalog.Kind {
	switch v := v.(type) {
	case *rule.Path:
		ref, _ := s.Resolve(v.Names)
		return ref.Type.Kind
	case *rule.Literal:
		return literalKind(v)
	case *rule.Aggregate:
		return aggregateKind(v, func() catalog.Kind {
			if v.IsPeople() {
				return TypeOf(v.Of(), catalog.Scope{Catalog: s.Catalog, Staff: true})
			}
			return s.Catalog.Events[v.Filter.Event.Text][dotted(v.Property)].Kind
		})
	}
	return catalog.Number // age, score, distance
}

// dotted writes a path as the catalogue does.
func dotted(p *rule.Path) string { return strings.Join(p.Names, ".") }

func literalKind(l *rule.Literal) catalog.Kind {
	switch l.Kind {
	case rule.TextLiteral:
		return catalog.Text
	case rule.NumberLiteral:
		return catalog.Number
	case rule.BoolLiteral:
		return catalog.Boolean
	}
	if l.Date.HasTime {
		return catalog.Time
	}
	return catalog.Date
}

// aggregateKind gives the kind of an aggregate; property tells that of its property.
func aggregateKind(a *rule.Aggregate, property func() catalog.Kind) catalog.Kind {
	declared := language.Find(a.Func.String())
	switch {
	case !declared.Same:
		return declared.Gives
	case a.Property != nil:
		return property()
	case a.Func == rule.First || a.Func == rule.Last:
		return catalog.Time
	}
	return catalog.Unknown
}

func isMoment(k catalog.Kind) bool { return k == catalog.Date || k == catalog.Time }

func isList(k catalog.Kind) bool { return k == catalog.TextList || k == catalog.ObjectList }

// family is what compares with each other: a date compares with a time.
func family(k catalog.Kind) catalog.Kind {
	if k == catalog.Date {
		return catalog.Time
	}
	return k
}

// fit tells whether values of two kinds compare. What is not known fits everything.
func fit(a, b catalog.Kind) bool {
	return a == catalog.Unknown || b == catalog.Unknown || family(a) == family(b)
}
