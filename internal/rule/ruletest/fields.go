package ruletest

import (
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

// field is a field that a path can name at some place.
type field struct {
	path *rule.Path
	typ  catalog.Type
}

// The kinds of fields by what can be done with them.
var (
	texts   = []catalog.Kind{catalog.Text}
	numbers = []catalog.Kind{catalog.Number}
	moments = []catalog.Kind{catalog.Date, catalog.Time}
	scalars = []catalog.Kind{catalog.Text, catalog.Number, catalog.Date, catalog.Time, catalog.Boolean}
)

// fields lists what paths of some kinds mean at a place; without kinds, all. The
// order is always the same.
func fields(s catalog.Scope, kinds ...catalog.Kind) []field {
	var found []field
	if s.Inside {
		found = append(found, under("", s.Record, kinds)...)
		found = append(found, under("customer.", s.Catalog.Attributes, kinds)...)
	} else {
		found = append(found, under("", s.Catalog.Attributes, kinds)...)
	}
	return append(found, under("company.", s.Catalog.Company, kinds)...)
}

func under(prefix string, all catalog.Fields, kinds []catalog.Kind) []field {
	var found []field
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if t := all[name]; len(kinds) == 0 || slices.Contains(kinds, t.Kind) {
			found = append(found, field{&rule.Path{Names: strings.Split(prefix+name, ".")}, t})
		}
	}
	return found
}

// event is a type of event with those of its properties that fit.
type event struct {
	name       string
	properties []field
}

// events lists the events that have a property of one of some kinds, or all events without kinds.
func events(c *catalog.Catalog, kinds ...catalog.Kind) []event {
	var found []event
	for _, name := range slices.Sorted(maps.Keys(c.Events)) {
		properties := under("", c.Events[name], kinds)
		if len(kinds) == 0 || len(properties) > 0 {
			found = append(found, event{name, properties})
		}
	}
	return found
}
