package advise

import "github.com/kohorte/kohorte/internal/rule"

// Condition is one of those that a rule joins by `and`, `or` and `not`.
type Condition struct {
	Node    rule.Node
	Negated bool // it counts as its opposite
	Needed  bool // who does not fulfil it is not in
}

// Conditions lists the conditions of a rule, in the order of its text.
func Conditions(n rule.Node) []Condition { return conditionsOf(n, false, true, nil) }

func conditionsOf(n rule.Node, negated, needed bool, list []Condition) []Condition {
	parts, joinedByAnd := []rule.Node(nil), false
	switch n := n.(type) {
	case *rule.Not:
		return conditionsOf(n.Part, !negated, needed, list)
	case *rule.And:
		parts, joinedByAnd = n.Parts, !negated
	case *rule.Or:
		parts, joinedByAnd = n.Parts, negated
	default:
		return append(list, Condition{n, negated, needed})
	}
	for _, part := range parts {
		list = conditionsOf(part, negated, needed && joinedByAnd, list)
	}
	return list
}

// Asked is the rule by which the condition is counted; a negated one holds for all others.
func (c *Condition) Asked() string { return rule.PrintLine(c.Node) }

// Text writes the condition as it counts.
func (c *Condition) Text() string {
	if c.Negated {
		return rule.PrintLine(&rule.Not{Part: c.Node})
	}
	return c.Asked()
}

// excludes tells whether a condition only keeps some out, so that it holds for almost everybody by nature.
func (c *Condition) excludes() bool {
	negative := false
	switch n := c.Node.(type) {
	case *rule.Compare:
		negative = n.Op == rule.NotEqual || isNone(n)
	case *rule.In:
		negative = n.Negated
	case *rule.Between:
		negative = n.Negated
	case *rule.Match:
		negative = n.Negated
	case *rule.Known:
		negative = n.Unknown
	case *rule.Quantified:
		negative = n.Quantifier != rule.Any
	}
	return negative != c.Negated
}

// isNone tells whether a comparison asks for none or few of something: count(…) = 0, count(…) < 3.
func isNone(n *rule.Compare) bool {
	a, ok := n.Left.(*rule.Aggregate)
	if !ok || a.Func != rule.Count && a.Func != rule.Sum && a.Func != rule.Distinct {
		return false
	}
	l, ok := n.Right.(*rule.Literal)
	return ok && (n.Op == rule.Less || n.Op == rule.LessEqual || n.Op == rule.Equal && l.Number == 0)
}

// conditions finds those that hold for nobody or for everybody, by the data.
func (a *advisor) conditions() {
	for _, s := range a.segments {
		if a.total(s) < enough {
			continue
		}
		for i := range s.conditions {
			c := &s.conditions[i]
			count, asked := s.Counts[c.Asked()]
			if !asked || count.Now < 0 || a.rooted[s.Name+"\n"+c.Asked()] {
				continue
			}
			if c.Negated {
				count = Count{a.total(s) - count.Now, a.total(s) - count.Most, a.total(s) - count.Least}
			}
			switch {
			case count.Most == 0 && a.young(c.Node):
				a.rooted[s.Name] = a.rooted[s.Name] || c.Needed
			case count.Most == 0:
				a.never(s, c)
			case count.Least == a.total(s) && !c.excludes():
				a.always(s, c)
			}
		}
	}
}

// young tells whether a condition may hold for nobody although nothing is wrong with it: a
// birthday is rare, the history of another segment is short, and that another one is empty is told there.
func (a *advisor) young(n rule.Node) bool {
	name := ""
	switch n := n.(type) {
	case *rule.Anniversary:
		return true
	case *rule.InSegment:
		if n.For == nil {
			return true
		}
		name = n.Segment.Text
	case *rule.Crossed:
		name = n.Segment.Text
	default:
		return false
	}
	other := a.byName[name]
	return other == nil || a.Now-other.Created < youngHistory*day
}

func (a *advisor) never(s *Segment, c *Condition) {
	f := Finding{
		Kind: NeverTrue, Severity: Advice, Segments: []string{s.Name}, Subject: c.Text(), Condition: c.Text(), Place: placeOf(s.Rule, c.Node.Where()),
		Figures: figures("holds", 0, "customers", a.total(s)),
		What: both("%s: „%s“ gilt für niemanden unter %s, auch nicht vor einem Monat, einem Vierteljahr oder einem Jahr.",
			"%s: “%s” holds for none of the %s, nor did it a month, three months or a year ago.", s.Name, c.Text(), a.crowd(s)),
	}
	if size, known := s.size(); known && size == 0 && c.Needed {
		f.Severity = Warning
		f.What = joined(f.What, both("Darum ist niemand im Segment.", "So nobody is in the segment."))
		a.rooted[s.Name] = true
	}
	a.add(f)
}

func (a *advisor) always(s *Segment, c *Condition) {
	a.add(Finding{
		Kind: AlwaysTrue, Segments: []string{s.Name}, Subject: c.Text(), Condition: c.Text(), Place: placeOf(s.Rule, c.Node.Where()),
		Figures: figures("holds", a.total(s), "customers", a.total(s)),
		What: both("%s: „%s“ gilt für alle %s und galt es auch vor einem Monat, einem Vierteljahr und einem Jahr.",
			"%s: “%s” holds for all %s, and did a month, three months and a year ago.", s.Name, c.Text(), a.crowd(s)),
	})
}
