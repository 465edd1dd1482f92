// Package language declares the parts of the rule language, each in one place:
// its name, syntax, types, documentation and examples. The checker reads the
// types, docs/rules.md is generated from all of it, and the examples run as tests.
package language

import (
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
)

// Declaration is a part of the language: a test, a function, a window, …
type Declaration struct {
	// Name is the word that rules use: count, older than, in last.
	Name string
	// Syntax shows the forms, with ‹…› for what is filled in and […] for what may be left out.
	Syntax []string
	// Takes are the kinds of values that it works on; none if it takes no value.
	Takes []catalog.Kind
	// Gives is the kind of its value: Unknown if it is a condition, or the kind that it takes if Same is set.
	Gives catalog.Kind
	// Same tells that it gives a value of the kind that it takes.
	Same bool
	// Doc says what it means, in Markdown.
	Doc string
	// Examples show it, with the verdict for somebody of the cast.
	Examples []Example
}

// Example is a rule and its verdict for a customer at an instant.
type Example struct {
	Rule     string
	Now      string // a date with a time in the workspace's zone: 2026-11-21T12:00
	Customer *Customer
	In       bool
	Why      string // why the verdict is so, as a clause
}

// Group is a chapter of declarations.
type Group struct {
	Title        string
	Doc          string
	Declarations []Declaration
}

// Groups gives all declarations in the order in which people read them.
func Groups() []Group {
	return []Group{tests, matching, joins, functions, moments, windows, sequences, lists, segments}
}

// byName finds declarations; it is filled once.
var byName = func() map[string]*Declaration {
	found := map[string]*Declaration{}
	for _, group := range Groups() {
		for i := range group.Declarations {
			found[group.Declarations[i].Name] = &group.Declarations[i]
		}
	}
	return found
}()

// Find finds a declaration by its name; nil if there is none.
func Find(name string) *Declaration { return byName[name] }

// Accepts tells whether the part works on values of a kind. A kind that is not known may fit.
func (d *Declaration) Accepts(kind catalog.Kind) bool {
	return kind == catalog.Unknown || slices.Contains(d.Takes, kind)
}

// Needs names what the part takes, for messages: "a date or time".
func (d *Declaration) Needs() string {
	var names []string
	for i, kind := range d.Takes {
		if i == 0 || kind == catalog.TextList || kind == catalog.ObjectList {
			names = append(names, AKind(kind))
		} else {
			names = append(names, KindName(kind))
		}
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

var kindNames = [...]string{
	catalog.Unknown: "unknown", catalog.Text: "text", catalog.Number: "number", catalog.Boolean: "boolean",
	catalog.Date: "date", catalog.Time: "time", catalog.TextList: "list of text", catalog.ObjectList: "list of objects",
}

// KindName names a kind as declarations do: "number", "list of text".
func KindName(kind catalog.Kind) string { return kindNames[kind] }

// AKind names a kind with its article: "a number", "text".
func AKind(kind catalog.Kind) string {
	if kind == catalog.Text || kind == catalog.Unknown {
		return kindNames[kind]
	}
	return "a " + kindNames[kind]
}

// The kinds that many parts take.
var (
	anything  = []catalog.Kind{catalog.Text, catalog.Number, catalog.Boolean, catalog.Date, catalog.Time, catalog.TextList, catalog.ObjectList}
	single    = []catalog.Kind{catalog.Text, catalog.Number, catalog.Boolean, catalog.Date, catalog.Time}
	ordered   = []catalog.Kind{catalog.Text, catalog.Number, catalog.Date, catalog.Time}
	rankable  = []catalog.Kind{catalog.Number, catalog.Date, catalog.Time}
	momentary = []catalog.Kind{catalog.Date, catalog.Time}
	numeric   = []catalog.Kind{catalog.Number}
	textual   = []catalog.Kind{catalog.Text}
	textOrSet = []catalog.Kind{catalog.Text, catalog.TextList}
	booleans  = []catalog.Kind{catalog.Boolean}
	objects   = []catalog.Kind{catalog.ObjectList}
)
