package segment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/kohorte/kohorte/internal/rule"
)

// The rules of nobody and of everybody.
const (
	Nobody    = `"" is unknown`
	everybody = `"" is known`
)

// Evaluated gives the rule by which the definition is evaluated: of a list, in which are
// those who are included by hand, that of nobody. A part that its segmentation has no more
// is emptied by its last version.
func (d *Definition) Evaluated() string {
	if d.Kind == List || d.Kind == Part && d.State == Retired {
		return Nobody
	}
	return d.Rule
}

// Today is the rule of a segment as of today, to be asked of any instant: in the place of
// each `in segment x` stands the rule of x, so that it does not matter whether x existed
// then. Who was in x for some time, entered or left it is read from the log all the same,
// and so is who was in segments of the other kind.
type Today struct {
	segments []string // itself, and those whose rules stand in its own
	rules    map[string]rule.Node
	fromLog  []string
	of       func(name string) (Definition, bool)
	firms    bool
}

// maxConditions bounds a rule with those of all segments to which it refers.
const maxConditions = 5_000

// Expand puts the rules to which a definition refers in their places. Of gives the
// definition by which a segment is decided today; false if nobody is in it.
func Expand(d *Definition, of func(name string) (Definition, bool)) (*Today, error) {
	t := &Today{rules: map[string]rule.Node{}, of: of, firms: d.Firms()}
	conditions := map[string]int{}
	if err := t.read(d, conditions); err != nil {
		return nil, err
	}
	if n := conditions[d.Name]; n > maxConditions {
		return nil, fmt.Errorf("the rule of %s and of the segments to which it refers have more than %d conditions together", d.Name, maxConditions)
	}
	slices.Sort(t.fromLog)
	t.fromLog = slices.Compact(t.fromLog)
	return t, nil
}

// read reads the rule of a segment and those to which it refers, and counts the conditions.
func (t *Today) read(d *Definition, conditions map[string]int) error {
	n, problems := rule.Parse(d.Evaluated())
	if problems.Fatal() {
		return fmt.Errorf("%s", problems.Format(d.Name, d.Evaluated()))
	}
	t.segments = append(t.segments, d.Name)
	t.rules[d.Name] = n
	refers, count := map[string]bool{}, 0
	if err := t.eachReference(n, refers, conditions, &count); err != nil {
		return err
	}
	rule.Walk(n, func(n rule.Node) bool {
		switch n := n.(type) {
		case *rule.Crossed:
			t.fromLog = append(t.fromLog, n.Segment.Text)
		case *rule.InSegment:
			if n.For != nil || !refers[n.Segment.Text] {
				t.fromLog = append(t.fromLog, n.Segment.Text)
			}
		}
		return true
	})
	conditions[d.Name] = min(count, maxConditions+1)
	return nil
}

// eachReference reads the segments in whose place their rules can stand.
func (t *Today) eachReference(n rule.Node, refers map[string]bool, conditions map[string]int, count *int) error {
	name, ok := refersTo(n)
	if !ok {
		if parts := partsOf(n); parts != nil {
			for _, part := range parts {
				if err := t.eachReference(part, refers, conditions, count); err != nil {
					return err
				}
			}
			return nil
		}
		*count++
		return nil
	}
	if t.rules[name] == nil {
		d, decides := t.of(name)
		switch {
		case !decides:
			d = Definition{Name: name, Kind: List} // nobody is in it
		case d.Firms() != t.firms:
			*count++
			return nil // the log tells
		}
		if err := t.read(&d, conditions); err != nil {
			return err
		}
	}
	refers[name] = true
	*count += conditions[name]
	return nil
}

// refersTo gives the segment of `in segment x`.
func refersTo(n rule.Node) (name string, ok bool) {
	if n, is := n.(*rule.InSegment); is && n.For == nil {
		return n.Segment.Text, true
	}
	return "", false
}

// partsOf gives the parts of a condition that are asked of the same customer.
func partsOf(n rule.Node) []rule.Node {
	switch n := n.(type) {
	case *rule.And:
		return n.Parts
	case *rule.Or:
		return n.Parts
	case *rule.Not:
		return []rule.Node{n.Part}
	}
	return nil
}

// FromLog names the segments of which the log must be asked all the same.
func (t *Today) FromLog() []string { return t.fromLog }

// Segments names the segments whose rules count, itself first: so does what they decide by hand.
func (t *Today) Segments() []string { return t.segments }

// Members gives who is in by today's rule: among gives those for whom a rule is true, byHand
// who is in (true) or out of a segment by hand at that instant.
func (t *Today) Members(byHand func(segment string) map[int64]bool, among func(rule.Node) (*roaring.Bitmap, error)) (*roaring.Bitmap, error) {
	members, err := among(t.full(""))
	if err != nil {
		return nil, err
	}
	for said, who := range t.ruled(byHand) {
		same, err := among(t.full(said))
		if err != nil {
			return nil, err
		}
		same.And(who)
		members.AndNot(who)
		members.Or(same)
	}
	return members, nil
}

// ruled puts those together of whom the same was decided by hand: for each segment by its
// place a mark, + for in and - for out.
func (t *Today) ruled(byHand func(segment string) map[int64]bool) map[string]*roaring.Bitmap {
	said := map[int64]string{}
	for i, name := range t.segments {
		for customer, in := range byHand(name) {
			if before := said[customer]; before != "" && before[0] != ' ' {
				continue // it is decided already
			}
			mark := "-"
			if in {
				mark = "+"
			}
			said[customer] += strings.Repeat(" ", i-len(said[customer])) + mark
		}
	}
	groups := map[string]*roaring.Bitmap{}
	for customer, marks := range said {
		if groups[marks] == nil {
			groups[marks] = roaring.New()
		}
		groups[marks].Add(uint32(customer))
	}
	return groups
}

// full makes the rule for those of whom something was decided by hand.
func (t *Today) full(said string) rule.Node {
	d := Definition{}
	if t.firms {
		d.Members = Companies
	}
	return d.Full(t.node(t.segments[0], said))
}

func (t *Today) node(name, said string) rule.Node {
	if i := slices.Index(t.segments, name); i < len(said) && said[i] != ' ' {
		text := Nobody
		if said[i] == '+' {
			text = everybody
		}
		n, _ := rule.Parse(text)
		return n
	}
	return t.replace(t.rules[name], said)
}

// replace puts the rules of segments in the place of what asks for them.
func (t *Today) replace(n rule.Node, said string) rule.Node {
	switch n := n.(type) {
	case *rule.And:
		return &rule.And{Span: n.Span, Parts: t.replaceAll(n.Parts, said)}
	case *rule.Or:
		return &rule.Or{Span: n.Span, Parts: t.replaceAll(n.Parts, said)}
	case *rule.Not:
		return &rule.Not{Span: n.Span, Part: t.replace(n.Part, said)}
	}
	if name, ok := refersTo(n); ok && t.rules[name] != nil {
		return t.node(name, said)
	}
	return n
}

func (t *Today) replaceAll(parts []rule.Node, said string) []rule.Node {
	made := make([]rule.Node, len(parts))
	for i, part := range parts {
		made[i] = t.replace(part, said)
	}
	return made
}
