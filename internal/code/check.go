package code

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
)

// unreadable finds what forbids to look at a file.
func unreadable(f *source) *rule.Problem {
	if legible(f.text) {
		return nil
	}
	for i, r := range f.text {
		if r == 0 || r == utf8.RuneError && !strings.HasPrefix(f.text[i:], string(utf8.RuneError)) {
			return &rule.Problem{Span: rule.Span{Start: i, End: i + 1}, Message: "the file is not valid UTF-8 text", Hint: "save the file with the encoding UTF-8"}
		}
	}
	return nil
}

func legible(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// twice reports names that several segments have; the first keeps it.
func (set *Set) twice() {
	first := map[string]*Segment{}
	set.Segments = slices.DeleteFunc(set.Segments, func(s *Segment) bool {
		before := first[s.Name]
		if before == nil {
			first[s.Name] = s
			return false
		}
		set.report(s.file.source, rule.Problem{Span: s.at, Message: fmt.Sprintf("there is a segment %s already, at %s", s.Name, before.Place()), Hint: "give one of them another name"})
		return true
	})
}

// Check checks the rules against the fields of a workspace and its segments, of which
// those with a name that the files have are theirs; nil if nothing is known of it.
// Lenient makes warnings of unknown names.
func (set *Set) Check(known *catalog.Catalog, workspace []segment.Definition, lenient bool) {
	there, of := set.together(workspace)
	rules := map[string]rule.Node{}
	all := *known
	all.Segments = slices.Clone(known.Segments)
	all.Firms = slices.DeleteFunc(slices.Clone(known.Firms), func(name string) bool {
		_, anew := there[name]
		return anew
	})
	for name, d := range there {
		if d.Kind != segment.Segmentation {
			all.Segments = append(all.Segments, name)
		}
		if d.Firms() {
			all.Firms = append(all.Firms, name)
		}
		if n, problems := rule.Parse(d.Rule); !problems.Fatal() {
			rules[name] = n
		}
	}
	all.Segments = slices.DeleteFunc(all.Segments, func(name string) bool {
		d, is := there[name]
		whole, _, isPart := segment.SplitPart(name)
		return d.Kind == segment.Segmentation || !is && isPart && of[whole] != nil // which the files no longer have
	})
	slices.Sort(all.Segments)
	slices.Sort(all.Firms)
	all.Segments = slices.Compact(all.Segments)
	for _, s := range set.Segments {
		set.checkRule(s, &all, lenient)
		set.checkRetired(s, there)
		set.checkParts(s, there, all.Segments, lenient)
	}
	if workspace != nil {
		set.checkSteps(workspace)
		set.checkUsed(rules, there, of)
	}
	set.cycles(rules, of)
	set.rest()
	set.sort()
}

// together gives the definitions that there will be, by name, with the parts of
// segmentations, and which of the files' segments they are of; and reports names that
// are taken.
func (set *Set) together(workspace []segment.Definition) (there map[string]segment.Definition, of map[string]*Segment) {
	there, of = map[string]segment.Definition{}, map[string]*Segment{}
	for i := range workspace {
		there[workspace[i].Name] = workspace[i]
	}
	for _, s := range set.Segments {
		if before, known := there[s.Name]; known && (before.Kind == segment.Segmentation) != (s.Kind == segment.Segmentation) {
			set.clash(s)
		}
		of[s.Name] = s
	}
	for name, d := range there {
		if of[d.Of] != nil {
			delete(there, name) // its segmentation says anew which parts there are
		}
	}
	for _, s := range set.Segments {
		there[s.Name] = s.Definition
		if s.Kind == segment.Segmentation {
			for _, part := range s.Derived() {
				there[part.Name], of[part.Name] = part, s
			}
		}
	}
	return there, of
}

// clash reports a segment that is a segmentation in the workspace, or the other way round.
func (set *Set) clash(s *Segment) {
	is := "segmentation"
	if s.Kind == segment.Segmentation {
		is = "segment"
	}
	set.report(s.file.source, rule.Problem{Span: s.at, Message: fmt.Sprintf("there is a %s %s in the workspace", is, s.Name), Hint: "give this another name, or remove that first"})
}

// checkParts reports parts that are no segments which somebody can be in.
func (set *Set) checkParts(s *Segment, there map[string]segment.Definition, known []string, lenient bool) {
	for _, name := range s.Parts {
		problem := rule.Problem{Span: s.place("parts." + name)}
		switch d, is := there[name]; {
		case d.Kind == segment.Segmentation && name != s.Name:
			problem.Message, problem.Hint = name+" is a segmentation", "parts are segments"
		case d.State == segment.Retired && s.State != segment.Draft && s.State != segment.Retired:
			problem.Message, problem.Hint = fmt.Sprintf("segment %s is retired, so nobody would ever be in this part", name), "leave it out"
		case is && d.Firms() != s.Firms():
			problem.Message, problem.Hint = fmt.Sprintf("segment %s has other members", name), "all parts have people as members, or all have companies: members: companies"
		case !is && rule.IsName(name):
			problem.Message, problem.Warning = fmt.Sprintf("there is no segment %s", name), lenient
			if better, ok := rule.Suggest(name, known); ok {
				problem.Hint = fmt.Sprintf("did you mean %q?", better)
			}
		default:
			continue
		}
		set.report(s.file.source, problem)
	}
}

func (set *Set) checkRule(s *Segment, known *catalog.Catalog, lenient bool) {
	if s.rule == nil {
		return
	}
	for _, p := range check.Check(s.Full(s.rule), known, check.Options{Lenient: lenient, Companies: s.Firms()}) {
		p.Span = s.inRule(p.Span)
		set.report(s.file.source, p)
	}
}

// checkRetired reports that a segment which is followed refers to one that is retired.
func (set *Set) checkRetired(s *Segment, there map[string]segment.Definition) {
	if s.rule == nil || s.State == segment.Draft || s.State == segment.Retired {
		return
	}
	for _, name := range check.Mentions(s.Full(s.rule)).Segments {
		if there[name].State == segment.Retired {
			set.report(s.file.source, rule.Problem{
				Span: s.refers(name), Message: fmt.Sprintf("segment %s is retired, so nobody is in it", name), Hint: "leave it out, or make it active again",
			})
		}
	}
}

// checkUsed warns of segments that are to be retired though segments that are in no file
// refer to them: these are not changed, unless they are pruned.
func (set *Set) checkUsed(rules map[string]rule.Node, there map[string]segment.Definition, of map[string]*Segment) {
	for _, user := range slices.Sorted(maps.Keys(rules)) {
		d := there[user]
		if of[user] != nil || d.State == segment.Draft || d.State == segment.Retired {
			continue
		}
		for _, name := range check.Mentions(d.Full(rules[user])).Segments {
			if s := of[name]; s != nil && there[name].State == segment.Retired {
				set.report(s.file.source, rule.Problem{
					Span: s.place("state"), Message: fmt.Sprintf("%s cannot be retired while %s refers to it, which is in no file", name, user),
					Hint: "change or remove that first; --prune removes it", Warning: true,
				})
			}
		}
	}
}

// checkSteps reports what segments cannot become that are in the workspace, or new to it.
func (set *Set) checkSteps(workspace []segment.Definition) {
	before := map[string]segment.Definition{}
	for i := range workspace {
		before[workspace[i].Name] = workspace[i].Normal()
	}
	for _, s := range set.Segments {
		was, d := before[s.Name], s.Normal()
		if was.Name != "" && was.Firms() != d.Firms() {
			set.report(s.file.source, rule.Problem{
				Span: s.place("members"), Message: fmt.Sprintf("in the workspace %s has other members: they stay people or companies", s.Name), Hint: "give this another name",
			})
		}
		if wrong := segment.CheckStep(was.State, d.State); wrong != nil && slices.Contains(segment.States, d.State) {
			set.report(s.file.source, rule.Problem{Span: s.place("state"), Message: wrong.Error()})
		}
	}
}

// inRule moves a span of the rule to where it stands in the file.
func (s *Segment) inRule(span rule.Span) rule.Span {
	if s.text == nil {
		return s.at
	}
	return s.file.inFile(s.text, span)
}

// cycles reports segments that refer to each other in a circle, where the first of a
// circle that is in the files refers to the next.
func (set *Set) cycles(rules map[string]rule.Node, of map[string]*Segment) {
	for range maxProblems {
		cycle := check.Cycle(rules)
		if cycle == nil {
			return
		}
		var at *Segment
		next, others := "", []string{}
		for i, name := range cycle[:len(cycle)-1] {
			switch s := of[name]; {
			case s == nil:
				others = append(others, name+" is in the workspace")
			case at == nil:
				at, next = s, cycle[i+1]
			default:
				others = append(others, name+" is at "+s.Place())
			}
		}
		delete(rules, cycle[0])
		if at != nil {
			set.report(at.file.source, rule.Problem{Span: at.refers(next), Message: check.CycleMessage(cycle), Hint: strings.Join(others, ", ")})
		}
	}
}

// refers finds where a segment or segmentation refers to a segment.
func (s *Segment) refers(name string) rule.Span {
	if s.rule == nil {
		return s.place("parts." + name)
	}
	return s.inRule(reference(s.rule, name))
}

// reference finds where a rule refers to a segment.
func reference(n rule.Node, name string) (at rule.Span) {
	rule.Walk(n, func(n rule.Node) bool {
		switch n := n.(type) {
		case *rule.InSegment:
			if n.Segment.Text == name {
				at = n.Segment.Span
			}
		case *rule.Crossed:
			if n.Segment.Text == name {
				at = n.Segment.Span
			}
		}
		return at.End == 0
	})
	return at
}

// rest reports what a definition itself finds wrong where nothing else was found.
func (set *Set) rest() {
	if set.Fatal() {
		return
	}
	for _, s := range set.Segments {
		for _, problem := range s.Check() {
			set.report(s.file.source, rule.Problem{Span: s.at, Message: problem})
		}
	}
}
