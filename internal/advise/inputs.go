package advise

import (
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/rule"
)

// inputs finds types of events that no longer come, and attributes that are mostly
// unknown or no longer set. It comes first: what follows from a missing input is not told again.
func (a *advisor) inputs() {
	events, attributes := map[string][]*Segment{}, map[string][]*Segment{}
	for _, s := range a.segments {
		for _, name := range s.events() {
			events[name] = append(events[name], s)
		}
		for _, path := range tested(s) {
			attributes[path] = append(attributes[path], s)
		}
	}
	a.events(events)
	if a.Customers < enough {
		return
	}
	for _, path := range slices.Sorted(maps.Keys(attributes)) {
		a.attribute(path, attributes[path])
	}
}

// tested lists the attributes whose values matter for a rule. Those are left out of which
// it asks whether they are known, and flags, which mostly are there only where they are true.
func tested(s *Segment) []string {
	paths := map[string]bool{}
	for i := range s.conditions {
		n := s.conditions[i].Node
		switch n := n.(type) {
		case *rule.IsTrue, *rule.Known:
			continue
		case *rule.Compare:
			if l, ok := n.Right.(*rule.Literal); ok && l.Kind == rule.BoolLiteral {
				continue
			}
		}
		for _, v := range rule.Values(n) {
			if p := rule.PathOf(v); p != nil {
				paths[s.pathOf(p)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(paths))
}

// pathOf names an attribute, of a company with company. before it.
func (s *Segment) pathOf(p *rule.Path) string {
	path := strings.TrimPrefix(strings.Join(p.Names, "."), "customer.")
	if s.Firms() && !strings.HasPrefix(path, "company.") {
		return "company." + path
	}
	return path
}

func namesOf(segments []*Segment) (names []string) {
	for _, s := range segments {
		names = append(names, s.Name)
	}
	return names
}

// silence is how long a type of event has not happened.
type silence struct {
	days, usual int // usual: the longest pause so far; 0 if it happened on one day only
	last        int // the day
	stale       bool
}

func (a *advisor) silenceOf(e Event) silence {
	today := int(a.Now / day)
	it := e.Days.Iterator()
	s := silence{last: int(it.Next())}
	for it.HasNext() {
		n := int(it.Next())
		s.usual, s.last = max(s.usual, n-s.last), n
	}
	s.days = today - s.last
	most := rareSilence
	if s.usual > 0 {
		most = min(max(quietFactor*s.usual, leastSilence), mostSilence)
	}
	s.stale = s.days > most
	return s
}

func (a *advisor) events(readers map[string][]*Segment) {
	silent := map[string]silence{}
	seen := 0
	for _, name := range slices.Sorted(maps.Keys(readers)) {
		e, asked := a.Events[name]
		switch {
		case !asked || e.Days == nil || a.Customers == 0:
		case e.Days.IsEmpty():
			a.neverCame(name, readers[name])
		default:
			seen++
			if s := a.silenceOf(e); s.stale {
				silent[name] = s
			}
		}
	}
	if len(silent) > 1 && len(silent) == seen {
		a.allSilent(silent, readers)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(silent)) {
		a.silentEvent(name, silent[name], readers[name])
	}
}

func (a *advisor) silentEvent(name string, s silence, readers []*Segment) {
	f := Finding{
		Kind: StaleInput, Key: string(StaleInput) + ":" + name, Subject: name, Segments: namesOf(readers), measure: int64(s.last),
		Figures: figures("days", s.days, "longestPauseBefore", s.usual, "segments", len(readers)),
		What: both("%s kam zuletzt am %s, vor %s Tagen; die längste Pause davor dauerte %s. Davon hängt ab: %s.",
			"%s came last on %s, %s days ago; the longest pause before was %s. What depends on it: %s.",
			name, a.dayOf(s.last), s.days, days(s.usual), list(namesOf(readers))),
	}
	if s.usual == 0 {
		f.What = both("%s kam nur am %s, vor %s Tagen. Davon hängt ab: %s.", "%s came on %s only, %s days ago. What depends on it: %s.",
			name, a.dayOf(s.last), s.days, list(namesOf(readers)))
	}
	a.rootEvent(name, readers)
	a.add(f)
}

// allSilent says once that nothing comes any more.
func (a *advisor) allSilent(silent map[string]silence, readers map[string][]*Segment) {
	last := 0
	names := map[string]bool{}
	for event, s := range silent {
		last = max(last, s.last)
		for _, reader := range readers[event] {
			names[reader.Name] = true
		}
		a.rootEvent(event, readers[event])
	}
	ago := int(a.Now/day) - last
	segments := slices.Sorted(maps.Keys(names))
	a.add(Finding{
		Kind: StaleInput, Key: string(StaleInput) + ":*", Subject: "*", Segments: segments, measure: int64(last),
		Figures: figures("days", ago, "events", len(silent), "segments", len(segments)),
		What: both("Kein einziges Ereignis, das Regeln lesen, kommt noch: die letzten am %s, vor %s Tagen (%s). Davon hängt ab: %s.",
			"None of the events that rules read comes any more: the last came on %s, %s days ago (%s). What depends on them: %s.",
			a.dayOf(last), ago, list(slices.Sorted(maps.Keys(silent))), list(segments)),
	})
}

func (a *advisor) dayOf(n int) date { return a.dateOf(int64(n)*day + day/2) }

func (a *advisor) neverCame(name string, readers []*Segment) {
	a.rootEvent(name, readers)
	severity := Advice // where it keeps somebody out, nothing may be wrong
	for _, s := range readers {
		if slices.ContainsFunc(s.conditions, func(c Condition) bool { return readsEvent(c.Node, name) && !c.excludes() }) {
			severity = Warning
		}
	}
	a.add(Finding{
		Kind: UnknownInput, Key: string(UnknownInput) + ":" + name, Severity: severity, Subject: name, Segments: namesOf(readers),
		Figures: figures("events", 0, "segments", len(readers)),
		What:    both("%s kam noch nie. Davon hängt ab: %s.", "%s never came. What depends on it: %s.", name, list(namesOf(readers))),
		Do:      both("Die Quelle anschließen oder den Namen berichtigen (kohorte fields).", "Connect the source, or correct the name (kohorte fields)."),
	})
}

// rootEvent notes the conditions whose figures follow from missing events: those that time
// moves, and all if there never was one.
func (a *advisor) rootEvent(name string, readers []*Segment) {
	never := a.Events[name].Days.IsEmpty()
	a.root(readers, func(_ *Segment, n rule.Node) bool {
		return (never || moves(n)) && readsEvent(n, name)
	})
}

func readsEvent(n rule.Node, name string) bool {
	return slices.ContainsFunc(rule.Filters(n), func(f *rule.Filter) bool { return f.Event.Text == name })
}

// root notes the conditions that read a faulty input, and the segments that are empty by them.
func (a *advisor) root(readers []*Segment, reads func(*Segment, rule.Node) bool) {
	for _, s := range readers {
		for i := range s.conditions {
			c := &s.conditions[i]
			if !reads(s, c.Node) {
				continue
			}
			a.rooted[s.Name+"\n"+c.Asked()] = true
			if count, asked := s.Counts[c.Asked()]; asked && count.Now == 0 && c.Needed && !c.Negated {
				a.rooted[s.Name] = true
			}
		}
	}
}

func (a *advisor) attribute(path string, readers []*Segment) {
	at, asked := a.Attributes[path]
	if !asked || at.Of < enough {
		return
	}
	known := share(float64(at.Known) / float64(at.Of))
	f := Finding{Subject: path, Segments: namesOf(readers), Figures: figures("known", at.Known, "of", at.Of, "share", known, "segments", len(readers))}
	silent := int((a.Now - at.Latest) / day)
	switch {
	case known < mostlyUnknown:
		f.Kind, f.measure = UnknownInput, int64(at.Known)
		f.What = both("%s ist bei %s von %s Kunden bekannt (%s). Davon hängt ab: %s.", "%s is known of %s of %s customers (%s). What depends on it: %s.",
			path, at.Known, at.Of, known, list(f.Segments))
		if strings.HasPrefix(path, "company.") {
			f.What = both("%s ist bei %s von %s Kunden bekannt, die zu einer Firma gehören (%s). Davon hängt ab: %s.",
				"%s is known of %s of the %s customers who belong to a company (%s). What depends on it: %s.", path, at.Known, at.Of, known, list(f.Segments))
		}
	case at.NewestKnown == 0 && at.Newest >= enough && silent > rareSilence:
		f.Kind, f.measure = StaleInput, at.Latest/day
		f.Figures["days"], f.Figures["newest"] = float64(silent), float64(at.Newest)
		f.What = both("%s wurde zuletzt am %s gesetzt, vor %s Tagen; von den letzten %s neuen Kunden ist es bei keinem bekannt. Davon hängt ab: %s.",
			"%s was last set on %s, %s days ago; it is known of none of the %s customers who came last. What depends on it: %s.",
			path, a.dateOf(at.Latest), silent, at.Newest, list(f.Segments))
	default:
		return
	}
	f.Key = string(f.Kind) + ":" + path
	a.root(readers, func(s *Segment, n rule.Node) bool {
		return (at.Known == 0 || moves(n)) && slices.ContainsFunc(rule.Values(n), func(v rule.Value) bool {
			p := rule.PathOf(v)
			return p != nil && s.pathOf(p) == path
		})
	})
	a.add(f)
}
