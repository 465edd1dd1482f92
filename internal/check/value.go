package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/language"
	"github.com/kohorte/kohorte/internal/rule"
)

// value checks a value and gives its kind, Unknown if it has a problem. If a
// path is the name of an event, asEvent says what was likely meant: a format for
// the event's name.
func (c *checker) value(v rule.Value, at place, asEvent string) catalog.Kind {
	switch v := v.(type) {
	case *rule.Path:
		return c.path(v, at, asEvent).Kind
	case *rule.Aggregate:
		return c.aggregate(v, at)
	case *rule.Age:
		kind := c.path(v.Path, at, "").Kind
		c.needs("age", v.Path, kind, "")
	case *rule.Distance:
		c.distance(v, at)
	}
	return TypeOf(v, at.Scope)
}

func (c *checker) aggregate(a *rule.Aggregate, at place) catalog.Kind {
	if a.IsPeople() {
		return c.ofPeople(a, at)
	}
	fields, known := c.filter(a.Filter, at)
	if a.Property == nil {
		if a.Func != rule.Count && a.Func != rule.First && a.Func != rule.Last {
			c.wrong(a.Span, propertyHint(a, fields), "%q needs a property of %s", a.Func.String(), a.Filter.Event.Text)
		}
		return aggregateKind(a, nil)
	}
	if !known {
		return aggregateKind(a, func() catalog.Kind { return catalog.Unknown })
	}
	t, ok := fields[dotted(a.Property)]
	if !ok {
		span := rule.Span{Start: a.Filter.Event.Start, End: a.Property.End}
		scope := place{Scope: catalog.Scope{Catalog: c.catalog}}.in(a.Filter.Event.Text, false, fields, true)
		ref := catalog.Ref{Base: catalog.OfRecord, Path: dotted(a.Property)}
		c.unknown(span, c.meant(ref, scope, true), "unknown event property %q of %s", ref.Path, a.Filter.Event.Text)
	}
	c.aggregable(a, t.Kind)
	return aggregateKind(a, func() catalog.Kind { return t.Kind })
}

// aggregable checks that a function can work on a property of a kind.
func (c *checker) aggregable(a *rule.Aggregate, kind catalog.Kind) {
	declared := language.Find(a.Func.String())
	if declared.Accepts(kind) {
		return
	}
	property := rule.Span{Start: a.Filter.Event.Start, End: a.Property.End}
	c.wrong(property, "", "%q needs %s, but %s of %s is %s", a.Func.String(), declared.Needs(), dotted(a.Property), a.Filter.Event.Text, language.AKind(kind))
}

// propertyHint writes an aggregate with the property that it likely lacks.
func propertyHint(a *rule.Aggregate, fields catalog.Fields) string {
	var numbers []string
	for _, path := range keys(fields) {
		if fields[path].Kind == catalog.Number {
			numbers = append(numbers, path)
		}
	}
	if len(numbers) == 0 {
		return ""
	}
	best := numbers[0]
	if slices.Contains(numbers, "total") {
		best = "total"
	}
	return fmt.Sprintf("for example %s(%s.%s)", a.Func, a.Filter.Event.Text, best)
}

// postcode is a country and a postcode: "DE-70173".
var postcode = regexp.MustCompile(`^[A-Z]{2}-[0-9A-Za-z](?:[0-9A-Za-z -]*[0-9A-Za-z])?$`)

func (c *checker) distance(d *rule.Distance, at place) {
	c.needs("distance", d.Path, c.path(d.Path, at, "").Kind, "")
	if postcode.MatchString(d.To.Text) {
		return
	}
	hint := `for example "DE-70173"`
	guess := strings.ToUpper(strings.TrimSpace(d.To.Text))
	if guess != "" && guess[0] >= '0' && guess[0] <= '9' {
		guess = "DE-" + guess
	}
	if postcode.MatchString(guess) {
		hint = fmt.Sprintf("did you mean %q?", guess)
	}
	c.wrong(d.To.Span, hint, "%s is no postcode with its country", rule.PrintValue(d.To))
}

// dateHint guesses the date that a text says.
func dateHint(v rule.Value) string {
	if l, ok := v.(*rule.Literal); ok {
		return literalHint(l, catalog.Time)
	}
	return ""
}

// The names under which the tests of moments and the windows are declared.
var (
	testNames   = [...]string{rule.OlderThan: "older than", rule.InNext: "in next", rule.After: "after", rule.On: "on"}
	windowNames = [...]string{
		rule.InLast: "in last", rule.Today: "today", rule.Yesterday: "yesterday", rule.InThis: "in this",
		rule.InPrevious: "in previous", rule.Since: "since", rule.Before: "before", rule.BetweenDates: "between dates",
	}
)

func (c *checker) moment(n *rule.Moment, at place) {
	hint, name := "did you mean last(%s)?", ""
	if n.Test == rule.InPeriod {
		test := strings.TrimPrefix(rule.PrintLine(n), rule.PrintValue(n.Value)+" ")
		hint, name = "did you mean count(%s "+test+") > 0?", windowNames[n.Window.Kind]
	} else {
		name = testNames[n.Test]
	}
	kind := c.value(n.Value, at, hint)
	c.needs(name, n.Value, kind, dateHint(n.Value))
	c.window(n.Window)
	if n.Test == rule.On && n.Date.Date.HasTime {
		c.wrong(n.Date.Span, "", `"on" takes a date without a time`)
	}
}

// isTrue checks a path that stands alone, which must be a boolean.
func (c *checker) isTrue(n *rule.IsTrue, at place) {
	kind := c.path(n.Path, at, "did you mean count(%s) > 0?").Kind
	path := rule.PrintValue(n.Path)
	hint := ""
	if language.Find("boolean").Accepts(kind) {
		return
	}
	switch kind {
	case catalog.Text:
		hint = `for example %s = "…"`
	case catalog.Number:
		hint = "for example %s > 0"
	case catalog.TextList:
		hint = `for example %s contains "…"`
	case catalog.ObjectList:
		hint = "for example any %s (…)"
	default:
		hint = "for example %s in last 30 days"
	}
	c.wrong(n.Span, fmt.Sprintf(hint, path), "only a boolean can stand alone, but %s is %s", path, language.AKind(kind))
}
