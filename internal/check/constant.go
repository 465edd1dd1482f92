package check

import (
	"cmp"
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/fold"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
)

// constant warns of comparisons that nothing can change.
func (c *checker) constant(n *rule.Compare) {
	left, leftFixed := n.Left.(*rule.Literal)
	right, rightFixed := n.Right.(*rule.Literal)
	switch {
	case leftFixed && rightFixed:
		c.warn(n.Span, "", "both sides are fixed, so this never changes")
	case rightFixed && isCount(n.Left):
		c.countBound(n, n.Op, right.Number)
	case leftFixed && isCount(n.Right):
		c.countBound(n, mirrored[n.Op], left.Number)
	}
}

// mirrored are the operators as they read from the right side.
var mirrored = [...]rule.Op{
	rule.Equal: rule.Equal, rule.NotEqual: rule.NotEqual, rule.Less: rule.Greater, rule.LessEqual: rule.GreaterEqual,
	rule.Greater: rule.Less, rule.GreaterEqual: rule.LessEqual,
}

// isCount tells whether a value is a whole number from 0.
func isCount(v rule.Value) bool {
	a, ok := v.(*rule.Aggregate)
	return ok && (a.Func == rule.Count || a.Func == rule.Distinct)
}

// countBound warns where a count is compared with what it always or never is.
func (c *checker) countBound(n *rule.Compare, op rule.Op, bound number.Number) {
	never, always := false, false
	impossible := bound < 0 || bound%number.Scale != 0
	switch op {
	case rule.Equal:
		never = impossible
	case rule.NotEqual:
		always = impossible
	case rule.Less:
		never = bound <= 0
	case rule.LessEqual:
		never = bound < 0
	case rule.Greater:
		always = bound < 0
	case rule.GreaterEqual:
		always = bound <= 0
	}
	switch {
	case never:
		c.warn(n.Span, "", "this is never true: a count is a whole number from 0")
	case always:
		c.warn(n.Span, "", "this is always true: a count is a whole number from 0")
	}
}

// alwaysKnown warns of asking whether something is known that always is.
func (c *checker) alwaysKnown(n *rule.Known) {
	_, fixed := n.Value.(*rule.Literal)
	a, ok := n.Value.(*rule.Aggregate)
	if !fixed && !(ok && (isCount(a) || a.Func == rule.Sum)) {
		return
	}
	answer, what := "always true", "a literal"
	if n.Unknown {
		answer = "never true"
	}
	if !fixed {
		what = fmt.Sprintf("%s over no event is 0 and so", a.Func)
	}
	c.warn(n.Span, "", "this is %s: %s is always known", answer, what)
}

// duplicates warns of literals that stand twice in a list.
func (c *checker) duplicates(list []*rule.Literal) {
	for i, l := range list {
		for _, earlier := range list[:i] {
			if !sameLiteral(earlier, l) {
				continue
			}
			hint := ""
			if earlier.Text != l.Text {
				hint = fmt.Sprintf("text compares without regard to case, so it is the same as %s", rule.PrintValue(earlier))
			}
			c.warn(l.Span, hint, "%s stands in the list twice", rule.PrintValue(l))
			break
		}
	}
}

func sameLiteral(a, b *rule.Literal) bool {
	return a.Kind == b.Kind && fold.Equal(a.Text, b.Text) && a.Number == b.Number && a.Bool == b.Bool && a.Date == b.Date
}

// window warns of a stretch between dates that has no moment.
func (c *checker) window(w *rule.Window) {
	if w != nil && w.Kind == rule.BetweenDates {
		c.emptyRange(w.Span, w.From, w.To)
	}
}

// emptyRange warns of bounds between which nothing lies.
func (c *checker) emptyRange(at rule.Span, low, high *rule.Literal) {
	empty := false
	switch low.Kind {
	case rule.TextLiteral:
		empty = fold.Compare(low.Text, high.Text) > 0
	case rule.NumberLiteral:
		empty = low.Number > high.Number
	case rule.DateLiteral:
		empty = c.beginsAfterEnd(low.Date, high.Date)
	}
	if empty {
		c.warn(at, fmt.Sprintf("the smaller one comes first: between %s and %s", rule.PrintValue(high), rule.PrintValue(low)),
			"nothing lies between %s and %s", rule.PrintValue(low), rule.PrintValue(high))
	}
}

// beginsAfterEnd tells whether a stretch from one date to the end of another is empty.
func (c *checker) beginsAfterEnd(low, high calendar.Date) bool {
	if c.zone == nil {
		zone, err := calendar.LoadZone(cmp.Or(c.catalog.Zone, defaultZone))
		if err != nil {
			return false
		}
		c.zone = zone
	}
	end := c.zone.Resolve(high)
	if !high.HasTime {
		end = c.zone.DayStart(end, 1) - 1
	}
	return c.zone.Resolve(low) > end
}

// defaultZone is the zone of workspaces that name none.
const defaultZone = "Europe/Berlin"
