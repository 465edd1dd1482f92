// Package advise finds what is likely wrong with the segments of a workspace, or a
// waste: segments that nobody is in, that are almost the same, that rest on data which
// no longer comes, and more. Each finding says why it matters, the figures, and what to do.
//
// It is a pure function from what is known of the segments to findings; package gather
// finds out what is known. Thresholds stand in thresholds.go, with their reasons.
package advise

import (
	"cmp"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
)

// Input is what is known of the segments of a workspace at an instant. The order of
// its lists does not matter.
type Input struct {
	Now        calendar.Instant
	Zone       *calendar.Zone
	Catalog    *catalog.Catalog
	Customers  int
	Companies  int
	Segments   []Segment
	Events     map[string]Event     // by type; those that rules read
	Attributes map[string]Attribute // by path, of companies with company. before it; those that rules read
	UsesSince  calendar.Instant     // from when on uses of segments were noted; 0: never
	Accepted   []Acceptance
	Only       []string // the segments that are of interest; none: all
}

// Segment is one that is defined, with what is known of it.
type Segment struct {
	segment.Definition                  // of the version that decides
	Version            int64            // its number
	Created, Changed   calendar.Instant // of the first version, and of this one
	Members            *roaring.Bitmap  // nil while nobody knows them
	Counts             map[string]Count // of its conditions, by Condition.Asked; of those that were asked
	WithoutConsent     int              // members who did not consent to its purpose; -1 if nobody asked
	Webhooks           []string         // that are told of its transitions
	Exports            []string         // that write its members on a schedule
	Used               calendar.Instant // when somebody last asked for its members; 0: never noted

	rule       rule.Node // nil without one that can be read
	conditions []Condition
	mentioned  check.Mentioned
}

// Count is for how many customers a condition holds: now, and the least and the most
// at instants of the past year, so that what happens now and then is not taken for never.
type Count struct{ Now, Least, Most int }

// Event is what is known of a type of event.
type Event struct {
	Days *roaring.Bitmap // on which it happened, since 1970 in UTC
}

// Attribute is what is known of an attribute.
type Attribute struct {
	Known, Of   int              // how many have a value now, of those who could; of companies: persons who belong to one
	NewestKnown int              // of the Newest customers who came last, how many ever had a value
	Newest      int              //
	Latest      calendar.Instant // when a value was last set; only if NewestKnown is 0
}

// advisor collects the findings.
type advisor struct {
	*Input
	segments []*Segment          // the active ones with rules and lists, in order of name
	byName   map[string]*Segment // all
	users    map[string][]string // segments and segmentations that refer to a segment
	rooted   map[string]bool     // segments and conditions whose figures follow from a fault of their inputs
	found    []Finding
}

// Findings finds all there is, the gravest first, in an order that depends on nothing
// else. Those that were accepted are among them, and say so.
func Findings(in *Input) []Finding {
	a := newAdvisor(in)
	a.inputs()
	a.logic()
	a.conditions()
	a.sizes()
	a.pairs()
	a.parts()
	a.purposes()
	a.dates()
	a.uses()
	a.dimensions()
	a.accept()
	slices.SortFunc(a.found, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(x.Severity.rank(), y.Severity.rank()), cmp.Compare(x.Kind.rank(), y.Kind.rank()),
			slices.Compare(x.Segments, y.Segments), strings.Compare(x.Key, y.Key))
	})
	return a.found
}

func newAdvisor(in *Input) *advisor {
	a := &advisor{Input: in, byName: map[string]*Segment{}, users: map[string][]string{}, rooted: map[string]bool{}}
	all := slices.Clone(in.Segments)
	slices.SortFunc(all, func(x, y Segment) int { return strings.Compare(x.Name, y.Name) })
	for i := range all {
		s := &all[i]
		s.read()
		a.byName[s.Name] = s
		if s.State != segment.Active {
			continue
		}
		if s.Kind == segment.ByRule || s.Kind == segment.List {
			a.segments = append(a.segments, s)
		}
		for _, used := range slices.Concat(s.mentioned.Segments, s.Parts) {
			if s.Kind != segment.Part {
				a.users[used] = append(a.users[used], s.Name)
			}
		}
	}
	return a
}

// read reads the rule of a segment.
func (s *Segment) read() {
	if s.Rule == "" {
		return
	}
	n, problems := rule.Parse(s.Rule)
	if problems.Fatal() {
		return
	}
	s.rule, s.conditions, s.mentioned = n, Conditions(n), check.Mentions(s.Full(n))
}

// events gives the types of events that a rule reads, of companies also those of their people.
func (s *Segment) events() (names []string) {
	for m := &s.mentioned; m != nil; m = m.People {
		for _, e := range m.Events {
			names = append(names, e.Type)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// total gives how many could be in a segment: all customers, or all companies.
func (a *advisor) total(s *Segment) int {
	if s.Firms() {
		return a.Companies
	}
	return a.Customers
}

// size gives the number of members; false if it is not known.
func (s *Segment) size() (int, bool) {
	if s.Members == nil {
		return 0, false
	}
	return int(s.Members.GetCardinality()), true
}

// references gives all segments that one refers to, over any number of steps.
func (a *advisor) references(name string) map[string]bool {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		s := a.byName[name]
		if s == nil {
			return
		}
		for _, other := range slices.Concat(s.mentioned.Segments, s.Parts) {
			if !seen[other] {
				seen[other] = true
				visit(other)
			}
		}
	}
	visit(name)
	return seen
}

// add adds a finding; its key is made from what it is about.
func (a *advisor) add(f Finding) {
	if f.Severity == "" {
		f.Severity = kinds[f.Kind.rank()].severity
	}
	if f.Why == (segment.Texts{}) {
		f.Why = kinds[f.Kind.rank()].why
	}
	if f.Do == (segment.Texts{}) {
		f.Do = kinds[f.Kind.rank()].do
	}
	if f.Key == "" {
		f.Key = key(f.Kind, f.Segments, f.Subject)
	}
	f.versions = a.versions(f.Segments)
	a.found = append(a.found, f)
}

func (a *advisor) versions(names []string) map[string]int64 {
	numbers := map[string]int64{}
	for _, name := range names {
		if s := a.byName[name]; s != nil {
			numbers[name] = s.Version
		}
	}
	return numbers
}
