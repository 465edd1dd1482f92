package check

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/language"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

func (c *checker) compare(n *rule.Compare, at place) {
	left := c.value(n.Left, at, eventMeant(n.Right))
	right := c.compared(n.Right, left, at)
	declared := language.Find(rule.Equal.String())
	if n.Op > rule.NotEqual {
		declared = language.Find(rule.Less.String())
	}
	takes := declared.Accepts(left) && declared.Accepts(right)
	switch {
	case isList(left) || isList(right):
		c.wrong(n.Span, listHint(n, left, right), "lists cannot be compared with %s", n.Op)
	case !fit(left, right):
		c.wrong(n.Span, mismatchHint(n, left, right), "cannot compare %s (%s) with %s (%s)",
			rule.PrintValue(n.Left), language.KindName(left), rule.PrintValue(n.Right), language.KindName(right))
	case !takes:
		c.wrong(n.Span, "", noOrder)
	default:
		c.constant(n)
	}
}

// eventMeant says what is likely meant by the name of an event that is compared with a value.
func eventMeant(with rule.Value) string {
	if l, ok := with.(*rule.Literal); ok && l.Kind == rule.DateLiteral {
		return "did you mean last(%s)?"
	}
	return "did you mean count(%s)?"
}

// compared checks the right side of a comparison, where a name that nobody
// knows is often a text without its quotes.
func (c *checker) compared(v rule.Value, left catalog.Kind, at place) catalog.Kind {
	before := len(c.problems)
	kind := c.value(v, at, "did you mean count(%s)?")
	path, ok := v.(*rule.Path)
	if ok && len(c.problems) > before && c.problems[before].Hint == "" && family(left) == catalog.Text {
		c.problems[before].Hint = fmt.Sprintf("texts stand in double quotes: %q", dotted(path))
	}
	return kind
}

// noOrder is said of booleans, which nothing but lists keeps from being compared.
const noOrder = "booleans have no order: they know only =, != and in"

func listHint(n *rule.Compare, left, right catalog.Kind) string {
	l, ok := n.Right.(*rule.Literal)
	if left != catalog.TextList || right != catalog.Text || !ok || n.Op > rule.NotEqual {
		return "lists know only contains, is known, any, every and no"
	}
	not := ""
	if n.Op == rule.NotEqual {
		not = "not "
	}
	return fmt.Sprintf("did you mean %s %scontains %s?", rule.PrintValue(n.Left), not, rule.PrintValue(l))
}

// mismatchHint guesses how the two sides of a comparison would fit.
func mismatchHint(n *rule.Compare, left, right catalog.Kind) string {
	if l, ok := n.Right.(*rule.Literal); ok {
		if isMoment(left) && right == catalog.Number {
			return fmt.Sprintf("for example %s older than 30 days", rule.PrintValue(n.Left))
		}
		return literalHint(l, left)
	}
	if l, ok := n.Left.(*rule.Literal); ok {
		return literalHint(l, right)
	}
	return ""
}

// yesNo are texts and numbers that stand for booleans elsewhere.
var yesNo = map[string]bool{
	"true": true, "yes": true, "ja": true, "wahr": true, "1": true,
	"false": false, "no": false, "nein": false, "falsch": false, "0": false,
}

// literalHint guesses how a literal would be of a kind.
func literalHint(l *rule.Literal, kind catalog.Kind) string {
	written := l.Text
	if l.Kind != rule.TextLiteral {
		written = rule.PrintValue(l)
	}
	guess := ""
	switch family(kind) {
	case catalog.Text:
		guess = rule.PrintValue(&rule.Literal{Text: written})
	case catalog.Number:
		if n, err := number.Parse(strings.Replace(strings.TrimSpace(written), ",", ".", 1)); err == nil {
			guess = n.String()
		}
	case catalog.Boolean:
		if b, ok := yesNo[strings.ToLower(written)]; ok {
			guess = fmt.Sprint(b)
		}
	case catalog.Time:
		guess = dateIn(written)
	}
	if guess == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %s?", guess)
}

// dateIn finds the date that a text says, also 31.12.2025.
func dateIn(s string) string {
	s = strings.TrimSpace(s)
	var day, month, year int
	if n, _ := fmt.Sscanf(s, "%d.%d.%d", &day, &month, &year); n == 3 {
		s = fmt.Sprintf("%04d-%02d-%02d", year, month, day)
	}
	d, err := calendar.ParseDate(s)
	if err != nil {
		return ""
	}
	return d.String()
}

func (c *checker) in(n *rule.In, at place) {
	kind := c.value(n.Value, at, eventMeant(n.List[0]))
	if isList(kind) {
		c.needs("in", n.Value, kind, "")
		return
	}
	c.literals(n.Value, kind, n.List)
	c.duplicates(n.List)
}

// literals checks literals against the value that is compared with them, and
// against the first one where nothing is known of the value.
func (c *checker) literals(v rule.Value, kind catalog.Kind, list []*rule.Literal) {
	for _, l := range list {
		own := literalKind(l)
		switch {
		case !fit(kind, own):
			c.wrong(l.Span, literalHint(l, kind), "cannot compare %s (%s) with %s (%s)",
				rule.PrintValue(v), language.KindName(kind), rule.PrintValue(l), language.KindName(own))
		case kind == catalog.Unknown && !fit(literalKind(list[0]), own):
			c.wrong(l.Span, literalHint(l, literalKind(list[0])), "literals that are compared together are of one type, but %s is %s and %s is %s",
				rule.PrintValue(list[0]), language.AKind(literalKind(list[0])), rule.PrintValue(l), language.AKind(own))
		}
	}
}

func (c *checker) between(n *rule.Between, at place) {
	kind := c.value(n.Value, at, eventMeant(n.Low))
	bounds := []*rule.Literal{n.Low, n.High}
	switch {
	case isList(kind):
		c.needs("between", n.Value, kind, "")
		return
	case !language.Find("between").Accepts(kind) || kind == catalog.Unknown && n.Low.Kind == rule.BoolLiteral:
		c.wrong(n.Span, "", noOrder)
		return
	}
	before := len(c.problems)
	c.literals(n.Value, kind, bounds)
	if len(c.problems) == before {
		c.emptyRange(n.Span, n.Low, n.High)
	}
}

func (c *checker) match(n *rule.Match, at place) {
	kind := c.value(n.Value, at, "")
	hint := ""
	if kind == catalog.ObjectList {
		hint = fmt.Sprintf("did you mean any %s (…)?", rule.PrintValue(n.Value))
	}
	c.needs(n.How.String(), n.Value, kind, hint)
	if n.How == rule.Matches {
		c.pattern(n.Text)
	}
}

// pattern checks a regular expression.
func (c *checker) pattern(l *rule.Literal) {
	_, err := regexp.Compile(l.Text)
	if err == nil {
		return
	}
	message := err.Error()
	if e, ok := err.(*syntax.Error); ok {
		message = fmt.Sprintf("%s: `%s`", e.Code, e.Expr)
	}
	c.wrong(l.Span, "", "not a regular expression of RE2: %s", message)
}
