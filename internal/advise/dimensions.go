package advise

import (
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
)

// words tell the dimension of a field or event by a word of its name. A declaration
// of the field wins over them: {"dimensions": {"loyalty": "transactional"}}.
var words = map[catalog.Dimension][]string{
	catalog.Demographic: {
		"age", "birthdate", "birthday", "birth", "born", "gender", "sex", "language", "locale", "marital", "household", "children", "income",
		"education",
		"salutation", "title", "occupation", "geburtsdatum", "geburtstag", "geschlecht", "sprache", "anrede", "familienstand", "kinder",
		"einkommen", "alter",
	},
	catalog.Geographic: {
		"country", "city", "postcode", "postal", "zip", "region", "state", "address", "location", "latitude", "longitude", "timezone", "county", "province",
		"land", "stadt", "ort", "plz", "postleitzahl", "bundesland", "adresse",
	},
	catalog.Transactional: {
		"order", "orders", "ordered", "refund", "refunded", "payment", "paid", "purchase", "purchased", "invoice", "invoiced", "transaction", "revenue",
		"spent",
		"total", "ltv", "turnover", "subscription", "sale", "bestellung", "umsatz", "rechnung", "zahlung", "kauf",
	},
	catalog.Psychographic: {
		"survey", "nps", "feedback", "interest", "interests", "attitude", "attitudes", "lifestyle", "preference", "preferences", "opinion",
		"satisfaction", "rating", "persona", "hobby", "hobbies", "interessen", "einstellung", "zufriedenheit", "umfrage",
	},
	catalog.Behavioural: {
		"visit", "visits", "login", "logins", "click", "clicks", "session", "sessions", "usage", "channel", "device", "plan",
	},
	catalog.Firmographic: {"company", "industry", "employees", "branche", "firma"},
}

// dimensionOf gives the dimension of a field or event; "" if its name does not tell.
func dimensionOf(declared map[string]catalog.Dimension, name string, event bool) catalog.Dimension {
	if d, ok := declared[name]; ok {
		return d
	}
	if strings.HasPrefix(name, "company.") {
		return catalog.Firmographic
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '.' || r == ' ' || r == '-' }) {
		for _, d := range catalog.Dimensions {
			if slices.Contains(words[d], word) {
				return d
			}
		}
	}
	if event {
		return catalog.Behavioural // what people did
	}
	return ""
}

// dimensions finds target groups that are described from one side only, though the
// workspace knows others. Rules that time moves, such as who has not ordered for 180 days,
// are occasions and not target groups; building blocks of other segments are whole only there.
func (a *advisor) dimensions() {
	known := a.available()
	if len(known) < usualDimensions {
		return
	}
	for _, s := range a.segments {
		size, counted := s.size()
		selects := !counted || size > 0 && float64(size) <= almostAll*float64(a.total(s)) // else other things are wrong with it
		if s.rule == nil || a.total(s) < enough || len(a.users[s.Name]) > 0 || moves(s.rule) || !selects {
			continue
		}
		found, inputs, sure := a.dimensionsOf(s)
		if !sure || len(found) != 1 {
			continue
		}
		a.add(Finding{
			Kind: OneDimension, Segments: []string{s.Name}, Subject: string(found[0]), Figures: figures("dimensions", 1, "inputs", len(inputs)),
			What: both("%s beruht nur auf der %sen Dimension (%s).",
				"%s rests on the %s dimension alone (%s).", s.Name, dimensionNames[found[0]], list(inputs)),
			Do: both("Prüfen, ob eine andere Seite das Segment schärft. Bekannt ist auch: %s.",
				"See whether another side would sharpen the segment. There is also: %s.",
				others(known, found[0])),
		})
	}
}

// available gives the dimensions of which the workspace knows something, with an example of each.
func (a *advisor) available() map[catalog.Dimension]string {
	found := map[catalog.Dimension]string{}
	note := func(name string, event bool) {
		if d := dimensionOf(a.Catalog.Dimensions, name, event); d != "" && (found[d] == "" || name < found[d]) {
			found[d] = name
		}
	}
	for name := range a.Catalog.Attributes {
		note(name, false)
	}
	for name := range a.Catalog.Company {
		note("company."+name, false)
	}
	for name := range a.Catalog.Events {
		note(name, true)
	}
	return found
}

func others(known map[catalog.Dimension]string, but catalog.Dimension) segment.Texts {
	var german, english list
	for _, d := range catalog.Dimensions {
		if known[d] != "" && d != but {
			german, english = append(german, dimensionNames[d].DE+" ("+known[d]+")"), append(english, dimensionNames[d].EN+" ("+known[d]+")")
		}
	}
	return segment.Texts{DE: inARow(german, " und "), EN: inARow(english, " and ")}
}

// dimensionsOf gives the dimensions of what a rule reads, here and in the segments that it
// refers to, and what that is; it is not sure if a name does not tell, or nothing is read.
func (a *advisor) dimensionsOf(s *Segment) (found []catalog.Dimension, inputs []string, sure bool) {
	r := reading{declared: a.Catalog.Dimensions, dimensions: map[catalog.Dimension]bool{}, names: map[string]bool{}}
	r.add(&s.mentioned)
	for _, name := range slices.Sorted(maps.Keys(a.references(s.Name))) {
		other := a.byName[name]
		if other == nil || other.Kind == segment.List || moves(other.rule) {
			return nil, nil, false
		}
		r.add(&other.mentioned)
	}
	return slices.Sorted(maps.Keys(r.dimensions)), slices.Sorted(maps.Keys(r.names)), !r.dimensions[""]
}

// reading is what rules read, and of which dimensions that is.
type reading struct {
	declared   map[string]catalog.Dimension
	dimensions map[catalog.Dimension]bool
	names      map[string]bool
}

func (r *reading) add(m *check.Mentioned) {
	note := func(name string, event bool) {
		r.dimensions[dimensionOf(r.declared, name, event)], r.names[name] = true, true
	}
	for _, e := range m.Events {
		note(e.Type, true)
		for _, property := range e.Properties { // the country of an order is a place
			if d := dimensionOf(r.declared, property, false); d != "" {
				r.dimensions[d] = true
			}
		}
	}
	for _, path := range m.Attributes {
		note(path, false)
	}
	for _, path := range m.Company {
		note("company."+path, false)
	}
	for _, name := range m.Scores {
		r.dimensions[""], r.names[name] = true, true
	}
	if m.People != nil {
		r.add(m.People)
	}
}

// moves tells whether time alone can move somebody into or out of a rule.
func moves(n rule.Node) bool {
	found := false
	if n == nil {
		return false
	}
	rule.Walk(n, func(n rule.Node) bool {
		switch n := n.(type) {
		case *rule.Moment:
			found = found || n.Test == rule.OlderThan || n.Test == rule.InNext || n.Window != nil && relative(n.Window)
		case *rule.Anniversary, *rule.Crossed, *rule.Sequence:
			found = true
		case *rule.InSegment:
			found = found || n.For != nil
		}
		for _, f := range rule.Filters(n) {
			found = found || f.Window != nil && relative(f.Window)
		}
		return !found
	})
	return found
}

func relative(w *rule.Window) bool {
	return w.Kind != rule.Since && w.Kind != rule.Before && w.Kind != rule.BetweenDates
}

// dimensionNames are the dimensions in the two languages; the German ones lack the ending.
var dimensionNames = map[catalog.Dimension]segment.Texts{
	catalog.Demographic: {DE: "demografisch", EN: "demographic"}, catalog.Geographic: {DE: "geografisch", EN: "geographic"},
	catalog.Behavioural: {DE: "verhaltensbezogen", EN: "behavioural"}, catalog.Transactional: {DE: "transaktional", EN: "transactional"},
	catalog.Psychographic: {DE: "psychografisch", EN: "psychographic"}, catalog.Firmographic: {DE: "firmografisch", EN: "firmographic"},
}
