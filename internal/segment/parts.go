package segment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
)

// MaxParts bounds the parts of a segmentation, without its rest.
const MaxParts = 100

// PartName names the part of a segmentation that is made from one of its segments, or its rest.
func PartName(segmentation, part string) string { return segmentation + "." + part }

// SplitPart takes the name of a part apart; false if it is none.
func SplitPart(name string) (segmentation, part string, ok bool) { return strings.Cut(name, ".") }

// Derived gives the segments that are made from a segmentation, in its order and the
// rest last. Everybody is in exactly one of them. What is not decided in the order of
// the parts is sorted, so that moving one leaves those as they are for which nothing
// changes by it.
func (d Definition) Derived() []Definition {
	made := make([]Definition, 0, len(d.Parts)+1)
	for i, part := range d.Parts {
		conditions := append([]string{inSegment(part)}, notIn(d.Parts[:i])...)
		made = append(made, d.derive(part, conditions, Texts{}))
	}
	return append(made, d.derive(d.Rest, notIn(d.Parts), d.RestTitle))
}

func (d Definition) derive(part string, conditions []string, title Texts) Definition {
	made := Definition{Name: PartName(d.Name, part), Kind: Part, Of: d.Name, Members: d.Members, Title: title, State: d.State}
	if n, problems := rule.Parse(strings.Join(conditions, " and ")); !problems.Fatal() {
		made.Rule = rule.Print(n)
	}
	return made.Normal()
}

func inSegment(name string) string { return "in segment " + rule.PrintName(name) }

func notIn(parts []string) []string {
	conditions := make([]string, 0, len(parts))
	for _, part := range slices.Sorted(slices.Values(parts)) {
		conditions = append(conditions, "not "+inSegment(part))
	}
	return conditions
}

// checkParts finds what is wrong with a segmentation.
func (d Definition) checkParts() (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if d.Rule != "" {
		say("a segmentation has no rule: its parts have")
	}
	if len(d.Include)+len(d.Exclude) > 0 {
		say("nobody is included in a segmentation or excluded by hand: do so in the segments that are its parts")
	}
	if d.MinSize != 0 || d.MaxSize != 0 {
		say("a segmentation has no sensible sizes: everybody is in it")
	}
	if len(d.Parts) == 0 || len(d.Parts) > MaxParts {
		say("a segmentation has 1 to %d parts, not %d", MaxParts, len(d.Parts))
	}
	seen := map[string]bool{}
	for _, part := range d.Parts {
		switch {
		case !rule.IsName(part):
			say("%q cannot be a part: parts are the names of segments", part)
		case part == d.Name:
			say("a segmentation is not a part of itself")
		case seen[part]:
			say("%s is a part twice", part)
		}
		seen[part] = true
	}
	switch {
	case d.Rest == "":
		say("the rest has no name: say who is in none of the parts, such as rest: others")
	case !rule.IsName(d.Rest):
		say("%q cannot be the name of the rest: use letters, digits and _, beginning with a letter", d.Rest)
	case seen[d.Rest]:
		say("the rest has the name of a part: %s", d.Rest)
	}
	return wrong
}
