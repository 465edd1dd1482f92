package advise

import (
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/number"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
)

// logic finds conditions that contradict each other or themselves, whatever the data.
func (a *advisor) logic() {
	for _, s := range a.segments {
		if s.rule != nil {
			l := logician{advisor: a, segment: s}
			l.node(s.rule, nil, true)
		}
	}
}

// logician walks one rule.
type logician struct {
	*advisor
	segment *Segment
}

// node looks at a condition that counts only where all of the others are true, too.
func (l *logician) node(n rule.Node, others []rule.Node, needed bool) {
	switch n := n.(type) {
	case *rule.And:
		l.all(n.Parts, others, needed)
		return
	case *rule.Or:
		l.either(n)
		for _, part := range n.Parts {
			l.node(part, others, false)
		}
		return
	}
	l.alone(n)
	if i := slices.IndexFunc(others, func(other rule.Node) bool { return l.contradict(other, n) }); i >= 0 {
		l.never(others[i], n, needed)
	}
}

// all looks at parts of an `and`: each counts only where those before it are true. Those
// that are joined by `or` come last, so that all others are known.
func (l *logician) all(parts, others []rule.Node, needed bool) {
	others = slices.Clone(others)
	var later []rule.Node
	for _, part := range parts {
		if _, or := part.(*rule.Or); or {
			later = append(later, part)
			continue
		}
		l.node(part, others, needed)
		others = append(others, part)
	}
	for _, part := range later {
		l.node(part, others, needed)
	}
}

func (l *logician) never(a, b rule.Node, needed bool) {
	text := rule.PrintLine(&rule.And{Parts: []rule.Node{a, b}})
	f := l.finding(NeverTrue, text, b, both("%s: „%s“ widerspricht sich und kann nie wahr sein, was auch immer die Daten sagen.",
		"%s: “%s” contradicts itself and can never be true, whatever the data.", l.segment.Name, text))
	if needed {
		f.What = joined(f.What, both("Darum ist niemand im Segment.", "So nobody is in the segment."))
		l.rooted[l.segment.Name] = true
	}
	l.root(a, b)
	l.add(f)
}

// either finds an `or` that nothing escapes: x or not x.
func (l *logician) either(n *rule.Or) {
	for i, part := range n.Parts {
		for _, other := range n.Parts[:i] {
			if opposite(other, part) {
				text := rule.PrintLine(&rule.Or{Parts: []rule.Node{other, part}})
				l.add(l.finding(AlwaysTrue, text, part, both("%s: „%s“ ist immer wahr, was auch immer die Daten sagen.",
					"%s: “%s” is always true, whatever the data.", l.segment.Name, text)))
				return
			}
		}
	}
}

// alone finds a condition that is never or always true by itself.
func (l *logician) alone(n rule.Node) {
	positive := n
	not, negated := n.(*rule.Not)
	if negated {
		positive = not.Part
	}
	r, ok := rangeOf(positive, l.Zone)
	if !ok {
		return
	}
	text := rule.PrintLine(n)
	switch {
	case r.empty() != negated && (r.empty() || r.whole()):
		l.root(positive)
		l.add(l.finding(NeverTrue, text, n, both("%s: „%s“ kann nie wahr sein, was auch immer die Daten sagen.",
			"%s: “%s” can never be true, whatever the data.", l.segment.Name, text)))
	case r.empty() || r.whole():
		l.root(positive)
		l.add(l.finding(AlwaysTrue, text, n, both("%s: „%s“ ist immer wahr, was auch immer die Daten sagen.",
			"%s: “%s” is always true, whatever the data.", l.segment.Name, text)))
	}
}

// root notes that the figures of conditions follow from what was found.
func (l *logician) root(nodes ...rule.Node) {
	for _, n := range nodes {
		for _, c := range Conditions(n) {
			l.rooted[l.segment.Name+"\n"+c.Asked()] = true
		}
	}
}

func (l *logician) finding(kind Kind, text string, at rule.Node, what segment.Texts) Finding {
	return Finding{
		Kind: kind, Severity: Warning, Segments: []string{l.segment.Name}, Subject: text, Condition: text,
		Place: placeOf(l.segment.Rule, at.Where()), Figures: figures(), What: what,
	}
}

// contradict tells whether two conditions cannot both be true.
func (l *logician) contradict(a, b rule.Node) bool {
	if opposite(a, b) {
		return true
	}
	x, isX := a.(*rule.InSegment)
	y, isY := b.(*rule.InSegment)
	if isX && isY {
		return l.apart(x.Segment.Text, y.Segment.Text)
	}
	r, okR := rangeOf(a, l.Zone)
	q, okQ := rangeOf(b, l.Zone)
	return okR && okQ && r.value == q.value && !r.meets(&q)
}

// apart tells whether two segments are parts of one segmentation, so that nobody is in both.
func (l *logician) apart(a, b string) bool {
	of, _, isPart := segment.SplitPart(a)
	other, _, alsoPart := segment.SplitPart(b)
	return a != b && isPart && alsoPart && of == other
}

// opposite tells whether one condition is the other one negated.
func opposite(a, b rule.Node) bool {
	if not, ok := a.(*rule.Not); ok {
		return rule.PrintLine(not.Part) == rule.PrintLine(b)
	}
	not, ok := b.(*rule.Not)
	return ok && rule.PrintLine(not.Part) == rule.PrintLine(a)
}

// implies tells whether the rules alone make everybody of one segment a member of
// another: each condition that the outer one needs is one of the inner one, or a wider one.
func (a *advisor) implies(inner, outer *Segment) bool {
	if inner.rule == nil || outer.rule == nil || len(inner.Include)+len(outer.Exclude) > 0 {
		return false
	}
	has := conjuncts(inner.rule)
	for _, wanted := range conjuncts(outer.rule) {
		if !slices.ContainsFunc(has, func(n rule.Node) bool { return a.narrower(n, wanted) }) {
			return false
		}
	}
	return true
}

// narrower tells whether a condition is another one, or narrower.
func (a *advisor) narrower(n, than rule.Node) bool {
	if rule.PrintLine(n) == rule.PrintLine(than) {
		return true
	}
	if or, ok := than.(*rule.Or); ok {
		return slices.ContainsFunc(or.Parts, func(part rule.Node) bool { return a.narrower(n, part) })
	}
	if event := asksForAny(than); event != "" && needs(n, a.Zone) == event {
		return true
	}
	r, okR := rangeOf(n, a.Zone)
	q, okQ := rangeOf(than, a.Zone)
	return okR && okQ && r.value == q.value && r.within(&q)
}

// asksForAny gives the type of event of which a condition asks for one, whatever it was: count(e) >= 1.
func asksForAny(n rule.Node) string {
	c, ok := n.(*rule.Compare)
	if !ok {
		return ""
	}
	count, isCount := c.Left.(*rule.Aggregate)
	l, isLiteral := c.Right.(*rule.Literal)
	if !isCount || !isLiteral || count.Func != rule.Count || count.Property != nil || count.Filter.Window != nil || count.Filter.Rule != nil {
		return ""
	}
	if c.Op == rule.GreaterEqual && l.Number == number.FromInt(1) || c.Op == rule.Greater && l.Number == 0 {
		return count.Filter.Event.Text
	}
	return ""
}

// needs gives the type of event without which a condition cannot be true; "" if there is none.
func needs(n rule.Node, zone *calendar.Zone) string {
	if s, ok := n.(*rule.Sequence); ok {
		return s.First.Event.Text
	}
	values := rule.Values(n)
	if len(values) == 0 || !positive(n) {
		return ""
	}
	a, ok := values[0].(*rule.Aggregate)
	if !ok {
		return ""
	}
	if a.Func == rule.Count || a.Func == rule.Sum || a.Func == rule.Distinct { // which are 0 over no event
		if r, ok := rangeOf(n, zone); !ok || r.has(0) {
			return ""
		}
	}
	return a.Filter.Event.Text
}

// positive tells whether a condition is false of an unknown value.
func positive(n rule.Node) bool {
	switch n := n.(type) {
	case *rule.Compare:
		return n.Op != rule.NotEqual
	case *rule.In:
		return !n.Negated
	case *rule.Between:
		return !n.Negated
	case *rule.Match:
		return !n.Negated
	case *rule.Known:
		return !n.Unknown
	case *rule.Moment:
		return true
	}
	return false
}

func conjuncts(n rule.Node) []rule.Node {
	if and, ok := n.(*rule.And); ok {
		return and.Parts
	}
	return []rule.Node{n}
}
