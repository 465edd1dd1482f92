// Package check tells what is wrong with a rule by the catalogue of known
// fields: names that nobody has seen, values whose types do not fit, and
// conditions that are always or never true.
package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/language"
	"github.com/kohorte/kohorte/internal/rule"
)

// Options say how strictly to check.
type Options struct {
	// Lenient turns unknown names into warnings, for rules written ahead of the data.
	Lenient bool
	// Companies says that the rule is about companies, and in the form that rule.ForCompanies gives it.
	Companies bool
}

// Check finds all problems of a rule, in the order of their positions. Unknown
// names and types that do not fit are errors. Warnings are what is likely a slip
// but has a meaning: conditions that are always or never true, and consents that
// nobody was ever asked for (they are collected one by one, and a rule without
// them lets nobody in, so they may come later).
//
// Positions are those of the text that the rule was parsed from. To place the
// problems of a rule that came from JSON, check rule.Parse(rule.Print(n)).
func Check(n rule.Node, c *catalog.Catalog, opts Options) rule.Problems {
	check := checker{catalog: c, opts: opts}
	check.node(n, place{Scope: catalog.Scope{Catalog: c}, firm: opts.Companies})
	slices.SortStableFunc(check.problems, func(a, b rule.Problem) int { return a.Start - b.Start })
	return check.problems
}

type checker struct {
	catalog  *catalog.Catalog
	opts     Options
	problems rule.Problems
	zone     *calendar.Zone // loaded where dates are compared
}

// place is where a condition stands.
type place struct {
	catalog.Scope
	owner  string // with Inside: the event or list whose fields the paths mean
	list   bool   // the owner is a list of objects
	silent bool   // the owner's fields are not known, so nothing is said about them
	firm   bool   // the customer is a company
	staff  bool   // the customer is one of a company's people
}

// in gives the place inside an event or list.
func (at place) in(owner string, list bool, fields catalog.Fields, known bool) place {
	return place{Scope: at.Within(fields), owner: owner, list: list, silent: !known, firm: at.firm, staff: at.staff}
}

func (c *checker) wrong(at rule.Span, hint, format string, args ...any) {
	c.problems = append(c.problems, rule.Problem{Span: at, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (c *checker) warn(at rule.Span, hint, format string, args ...any) {
	c.wrong(at, hint, format, args...)
	c.problems[len(c.problems)-1].Warning = true
}

// unknown reports a name that was never seen and never declared.
func (c *checker) unknown(at rule.Span, hint, format string, args ...any) {
	c.wrong(at, hint, format, args...)
	c.problems[len(c.problems)-1].Warning = c.opts.Lenient
}

// needs reports a value of a kind that a part of the language does not take.
func (c *checker) needs(part string, v rule.Value, kind catalog.Kind, hint string) {
	if declared := language.Find(part); !declared.Accepts(kind) {
		c.wrong(v.Where(), hint, "%q needs %s, but %s is %s", part, declared.Needs(), rule.PrintValue(v), language.AKind(kind))
	}
}

func (c *checker) node(n rule.Node, at place) {
	switch n := n.(type) {
	case *rule.And:
		c.nodes(n.Parts, at)
	case *rule.Or:
		c.nodes(n.Parts, at)
	case *rule.Not:
		c.node(n.Part, at)
	case *rule.Compare:
		c.compare(n, at)
	case *rule.In:
		c.in(n, at)
	case *rule.Between:
		c.between(n, at)
	case *rule.Match:
		c.match(n, at)
	case *rule.Known:
		c.value(n.Value, at, "")
		c.alwaysKnown(n)
	case *rule.Moment:
		c.moment(n, at)
	case *rule.Anniversary:
		kind := c.value(n.Value, at, "did you mean last(%s)?")
		c.needs("anniversary of", n.Value, kind, dateHint(n.Value))
	case *rule.IsTrue:
		c.isTrue(n, at)
	default:
		c.about(n, at)
	}
}

func (c *checker) nodes(parts []rule.Node, at place) {
	for _, n := range parts {
		c.node(n, at)
	}
}

// about checks the conditions about events, segments, lists, consents and ranks.
func (c *checker) about(n rule.Node, at place) {
	switch n := n.(type) {
	case *rule.InSegment:
		c.segment(n.Segment, at)
	case *rule.Crossed:
		c.segment(n.Segment, at)
		c.window(n.Window)
	case *rule.Sequence:
		c.filter(n.First, at)
		c.filter(n.Second, at)
	case *rule.Quantified:
		c.quantified(n, at)
	case *rule.Consent:
		c.consent(n, at)
	case *rule.Top:
		c.top(n, at)
	}
}

// filter checks an event with its window and condition and gives its
// properties; false if the event is unknown.
func (c *checker) filter(f *rule.Filter, at place) (catalog.Fields, bool) {
	fields, known := c.catalog.Events[f.Event.Text]
	if !known {
		c.unknown(f.Event.Span, didYouMean(f.Event.Text, keys(c.catalog.Events)), "unknown event %q", f.Event.Text)
	}
	c.window(f.Window)
	if f.Rule != nil {
		c.node(f.Rule, at.in(f.Event.Text, false, fields, known))
	}
	return fields, known
}

func (c *checker) segment(name rule.Name, at place) {
	if !slices.Contains(c.catalog.Segments, name.Text) {
		c.unknownSegment(name)
		return
	}
	if at.firm && !slices.Contains(c.catalog.Firms, name.Text) {
		c.wrong(name.Span, fmt.Sprintf("did you mean count(company.people where in segment %s) >= 1?", name.Text),
			"the members of segment %s are people, and here a company is asked about", name.Text)
	}
}

// unknownSegment reports a name that no segment has; of a segmentation only parts are segments.
func (c *checker) unknownSegment(name rule.Name) {
	for _, known := range c.catalog.Segments {
		if strings.HasPrefix(known, name.Text+".") {
			c.wrong(name.Span, fmt.Sprintf("name one of its parts, such as %s", rule.PrintName(known)), "%s is a segmentation: everybody is in it", name.Text)
			return
		}
	}
	c.unknown(name.Span, didYouMean(name.Text, c.catalog.Segments), "unknown segment %q", name.Text)
}

// quantified checks `any`, `every` and `no`.
func (c *checker) quantified(n *rule.Quantified, at place) {
	t := c.path(n.List, at, "")
	hint := ""
	if t.Kind == catalog.TextList {
		hint = fmt.Sprintf("did you mean %s contains \"…\"?", rule.PrintValue(n.List))
	}
	c.needs(n.Quantifier.String(), n.List, t.Kind, hint)
	c.node(n.Rule, at.in(rule.PrintValue(n.List), true, t.Fields, t.Kind == catalog.ObjectList))
}

// consent warns of channels and purposes that nobody was asked for. Where
// nobody was asked for anything yet, there is nothing to compare with.
func (c *checker) consent(n *rule.Consent, at place) {
	if at.firm {
		c.wrong(n.Span, fmt.Sprintf("did you mean count(company.people where %s) >= 1?", rule.PrintLine(n)), "people give their consent, companies do not")
		return
	}
	if len(c.catalog.Consents) == 0 || slices.Contains(c.catalog.Consents, catalog.Consent{Channel: n.Channel.Text, Purpose: n.Purpose.Text}) {
		return
	}
	var channels, purposes []string
	for _, known := range c.catalog.Consents {
		channels, purposes = append(channels, known.Channel), append(purposes, known.Purpose)
	}
	newChannel, newPurpose := !slices.Contains(channels, n.Channel.Text), !slices.Contains(purposes, n.Purpose.Text)
	if newChannel {
		c.warn(n.Channel.Span, didYouMean(n.Channel.Text, channels), "nobody was asked for consent by the channel %q yet", n.Channel.Text)
	}
	if newPurpose {
		c.warn(n.Purpose.Span, didYouMean(n.Purpose.Text, purposes), "nobody was asked for consent to the purpose %q yet", n.Purpose.Text)
	}
	if !newChannel && !newPurpose {
		c.warn(n.Span, "", "nobody was asked for consent to %s by %s yet", n.Purpose.Text, n.Channel.Text)
	}
}

// top checks a ranking, which compares customers: a property of one event or
// object ranks nobody.
func (c *checker) top(n *rule.Top, at place) {
	kind := c.value(n.By, at, "did you mean count(%s)?")
	c.needs("top", n.By, kind, "")
	if at.staff {
		c.wrong(n.Span, "make it a segment of people, and ask whether they are in it", "top cannot rank within company.people")
	}
	if path := rule.PathOf(n.By); path != nil && at.Inside {
		if ref, ok := at.Resolve(path.Names); ok && ref.Base == catalog.OfRecord {
			c.wrong(path.Span, "inside it, customer.… and aggregates can rank",
				"top ranks customers, but %s is a field of %s", rule.PrintValue(path), at.owner)
		}
	}
}
