package advise

import (
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
)

// Wanted is what must be asked of the data before findings can be told.
type Wanted struct {
	Conditions map[string][]string // by segment: Condition.Asked of its conditions
	Known      map[string]string   // by attribute: the rule that it is known
	Company    string              // the rule that somebody belongs to a company of which something is known; "" if nobody asks
	Consents   map[string]string   // by segment: the rule for members who did not consent to its purpose
	Events     []string            // types of events whose days are wanted
}

// Wants tells what must be asked: about the inputs of all segments, and about the
// conditions of those named; without names of all.
func Wants(in *Input, names []string) *Wanted {
	a := newAdvisor(in)
	w := &Wanted{Conditions: map[string][]string{}, Known: map[string]string{}, Consents: map[string]string{}}
	events := map[string]bool{}
	for _, s := range a.segments {
		for _, name := range s.events() {
			events[name] = true
		}
		for _, path := range tested(s) {
			w.Known[path] = known(path)
			if strings.HasPrefix(path, "company.") {
				w.Company = a.hasCompany()
			}
		}
		if len(names) > 0 && !slices.Contains(names, s.Name) {
			continue
		}
		for i := range s.conditions {
			w.Conditions[s.Name] = append(w.Conditions[s.Name], s.conditions[i].Asked())
		}
		if text := a.refused(s); text != "" {
			w.Consents[s.Name] = text
		}
	}
	w.Events = slices.Sorted(maps.Keys(events))
	return w
}

func known(path string) string {
	return rule.PrintLine(&rule.Known{Value: &rule.Path{Names: strings.Split(path, ".")}})
}

// mostCompanyFields bounds the rule that asks for any of them.
const mostCompanyFields = 50

func (a *advisor) hasCompany() string {
	fields := slices.Sorted(maps.Keys(a.Catalog.Company))
	var parts []string
	for _, path := range fields[:min(len(fields), mostCompanyFields)] {
		parts = append(parts, known("company."+path))
	}
	return strings.Join(parts, " or ")
}

// refused makes the rule for members who did not consent to the purpose; "" if nobody needs it.
func (a *advisor) refused(s *Segment) string {
	channels := ConsentsTo(a.Input, s.Purpose)
	if s.rule == nil || s.Firms() || len(channels) == 0 || a.asksFor(s, s.Purpose) {
		return ""
	}
	parts := slices.Clone(conjuncts(s.rule))
	for _, c := range a.Catalog.Consents {
		if slices.Contains(channels, c.Channel) && sameWord(c.Purpose, s.Purpose) {
			parts = append(parts, &rule.Not{Part: &rule.Consent{Channel: rule.Name{Text: c.Channel}, Purpose: rule.Name{Text: c.Purpose}}})
		}
	}
	return rule.PrintLine(&rule.And{Parts: parts})
}
