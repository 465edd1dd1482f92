package live

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// unit is one version of a segment that is being kept up to date: the one that
// decides, or the one that is still being filled and takes its place afterwards.
type unit struct {
	segment  *segment
	firms    bool // its members are companies
	version  int64
	slot     int
	position int // in the order of references: after all that it refers to
	node     rule.Node
	program  *eval.Program
	machines []*eval.Machine // one for each worker
	mentions check.Mentioned
	leaves   []map[string]bool // for each condition the keys of what it reads

	dependents []*unit
	asking     set // positions of the units of the other kind that ask about this segment
	phase      int // in which a commit evaluates it: after all that it refers to; people's are even
	ranks      []*eval.Ranks

	def     spec.Definition
	rulings map[int64]ruling // who is in or out by hand
	awaited map[string]int   // the names of those who are not there yet, with the lines of the definition that say them
	ahead   bool             // the rule names something that nobody has seen yet
	paused  bool             // its members stay as they are

	filling bool
	change  int64 // in which it was defined; the units of one take their places together
	late    bool  // it refers to others that are filled, so it is evaluated as it takes its place
	current int   // the shard that is being filled, and how many of its rows are
	filled  int
	began   calendar.Instant       // when the filling began
	passed  []bool                 // while it is filled: the shards that are
	dropped atomic.Bool            // nobody follows it any more
	slow    atomic.Bool            // it is not followed, but evaluated anew for everybody now and then
	effort  atomic.Int64           // spent in this commit
	strikes int                    // commits in a row in which that was too much
	fault   atomic.Pointer[string] // why it is no longer evaluated
}

// broken tells whether the unit is no longer evaluated.
func (u *unit) broken() bool { return u.fault.Load() != nil }

// followed tells whether the unit is evaluated for a customer of a shard.
func (u *unit) followed(s *shard, at place) bool {
	switch {
	case u.firms != s.firms || u.broken() || u.slow.Load() || u.paused:
		return false
	case !u.filling || u.passed[at.shard()]:
		return true
	}
	return u.current == at.shard() && at.row() < u.filled
}

func (u *unit) breakDown(why string) { u.fault.Store(&why) }

// segment is a named rule with what the engine keeps of it.
type segment struct {
	definition
	size atomic.Int64 // how many are in
}

// definition is what of a segment a commit that fails takes back.
type definition struct {
	store.Segment
	stays    int // its number in the schema, for rules that refer to it
	referred bool
	asked    bool  // a rule that is no segment's referred to it
	active   *unit // nil while the first version is filled
	next     *unit // the version that is being filled
	broken   string
}

// problem says why the segment is not followed; "" if it is.
func (s *segment) problem() string {
	for _, u := range []*unit{s.active, s.next} {
		if u != nil && u.broken() {
			return *u.fault.Load()
		}
	}
	return s.broken
}

// whole names what a unit is activated with: the segmentation of a part, else only its segment.
func (u *unit) whole() string { return cmp.Or(u.def.Of, u.segment.Name) }

// compile makes a unit of a definition.
func compile(s *segment, version int64, d spec.Definition, schema *columns.Schema, places index.Places, machines int) (*unit, error) {
	text := d.Evaluated()
	n, problems := rule.Parse(text)
	if !problems.Fatal() {
		n = d.Full(n)
		problems = append(problems, check.Check(n, schema.Catalog, check.Options{Lenient: true, Companies: d.Firms()})...)
	}
	if problems.Fatal() {
		return nil, fmt.Errorf("%s", problems.Format(s.Name, text))
	}
	p, err := eval.Compile(n, schema, places)
	if err != nil {
		return nil, err
	}
	u := &unit{segment: s, firms: d.Firms(), version: version, node: n, def: d, program: p, mentions: mentionsOf(n, schema.Catalog)}
	u.ahead = check.Check(n, schema.Catalog, check.Options{Companies: d.Firms()}).Fatal() || u.readsNothing(schema)
	for range machines {
		m := p.Machine()
		m.Hasten()
		u.machines = append(u.machines, m)
	}
	for _, leaf := range rule.Leaves(n) {
		keys := map[string]bool{}
		for _, key := range keysOf(mentionsOf(leaf, schema.Catalog)) {
			keys[key] = true
		}
		u.leaves = append(u.leaves, keys)
	}
	return u, nil
}

// mentionsOf gives what a rule reads. Who asks about segments of companies reads to which
// company a person belongs.
func mentionsOf(n rule.Node, known *catalog.Catalog) check.Mentioned {
	m := check.Mentions(n)
	m.Joins = m.Joins || slices.ContainsFunc(m.Segments, func(name string) bool { return slices.Contains(known.Firms, name) })
	return m
}

// readsNothing tells whether the rule names a field of which only null is known.
func (u *unit) readsNothing(schema *columns.Schema) bool {
	return readsNothing(u.mentions, schema)
}

func readsNothing(m check.Mentioned, schema *columns.Schema) bool {
	unknown := func(fields *columns.Fields, paths []string) bool {
		return slices.ContainsFunc(paths, func(path string) bool {
			id, ok := fields.ID(path)
			return ok && fields.List[id].Type.Kind == catalog.Unknown
		})
	}
	for _, e := range m.Events {
		if id, ok := schema.EventID(e.Type); ok && unknown(schema.Events[id].Fields, e.Properties) {
			return true
		}
	}
	return unknown(schema.Attrs, m.Attributes) || unknown(schema.Company, m.Company) || m.People != nil && readsNothing(*m.People, schema)
}

// The keys under which changes are looked up.
func eventKey(name string) string         { return "e " + name }
func attributeKey(path string) string     { return "a " + path }
func companyKey(path string) string       { return "f " + path }
func consentKey(c catalog.Consent) string { return "c " + c.Channel + " " + c.Purpose }
func segmentKey(name string) string       { return "s " + name }

// peopleKey is the key of a change of one of a company's people.
func peopleKey(key string) string { return "p " + key }

const joinKey = "j"

// keysOf lists what a rule reads.
func keysOf(m check.Mentioned) []string {
	var keys []string
	for _, e := range m.Events {
		keys = append(keys, eventKey(e.Type))
	}
	for _, path := range m.Attributes {
		keys = append(keys, attributeKey(path))
	}
	for _, path := range m.Company {
		keys = append(keys, companyKey(path))
	}
	if len(m.Company) > 0 || m.Joins {
		keys = append(keys, joinKey)
	}
	if m.People != nil {
		keys = append(keys, peopleKey(joinKey))
		for _, key := range keysOf(*m.People) {
			keys = append(keys, peopleKey(key))
		}
	}
	for _, c := range m.Consents {
		keys = append(keys, consentKey(c))
	}
	for _, name := range m.Segments {
		keys = append(keys, segmentKey(name))
	}
	return keys
}

// plan is the units in the order of their references, with what leads to them.
type plan struct {
	units []*unit
	keys  map[string]set
	all   set
	last  int // the last phase
}

// newPlan orders units. References have no cycle: that was checked when the rules were defined.
func newPlan(units []*unit) *plan {
	p := &plan{keys: map[string]set{}, all: newSet(len(units))}
	byName := map[string]*unit{}
	for _, u := range units {
		u.dependents, u.asking = nil, nil
		if !u.filling {
			byName[u.segment.Name] = u
		}
	}
	done := map[*unit]bool{}
	var visit func(u *unit)
	visit = func(u *unit) {
		if done[u] {
			return
		}
		done[u] = true
		if u.phase = 0; u.firms {
			u.phase = 1
		}
		var asked []*unit
		for _, name := range u.mentions.Segments {
			before := byName[name]
			if before == nil || before == u {
				continue
			}
			visit(before)
			if before.firms != u.firms {
				u.phase = max(u.phase, before.phase+1)
				asked = append(asked, before)
				continue
			}
			u.phase = max(u.phase, before.phase)
			before.dependents = append(before.dependents, u)
		}
		u.position = len(p.units)
		p.units = append(p.units, u)
		p.all.add(u.position)
		p.last = max(p.last, u.phase)
		for _, before := range asked {
			if before.asking == nil {
				before.asking = newSet(len(units))
			}
			before.asking.add(u.position)
		}
	}
	slices.SortFunc(units, func(a, b *unit) int { return a.slot - b.slot })
	for _, u := range units {
		visit(u)
	}
	for _, u := range p.units {
		for _, key := range keysOf(u.mentions) {
			if p.keys[key] == nil {
				p.keys[key] = newSet(len(units))
			}
			p.keys[key].add(u.position)
		}
	}
	return p
}
