// Package gather finds out what the advisor must know of a workspace: definitions,
// members, uses and acceptances from the store, and counts from the customers in memory.
package gather

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/advise"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Data answers questions about all customers: an index, or the engine of a server.
type Data interface {
	Survey(ctx context.Context, q *index.Question) (*index.Answers, error)
}

// Request says about what advice is wanted.
type Request struct {
	Now   calendar.Instant
	Names []string // segments; none: all
	// Put are definitions to be judged as if they were made already, Moved who enters and
	// leaves by that; of those that do not stand there the rules are asked for the members.
	Put    []segment.Definition
	Moved  map[string]Moves
	Remove []string
}

// Moves are customers who enter a segment and leave it.
type Moves struct{ Entered, Left []int64 }

// Findings gives the findings, also those that were accepted; with names those about these segments.
func Findings(ctx context.Context, v *store.View, data Data, r *Request) ([]advise.Finding, error) {
	g := gatherer{Request: r, view: v, data: data}
	if err := g.gather(ctx); err != nil {
		return nil, err
	}
	found := advise.Findings(g.in)
	if len(r.Names) == 0 {
		return found, nil
	}
	about := func(f advise.Finding) bool {
		return slices.ContainsFunc(f.Segments, func(name string) bool { return slices.Contains(r.Names, name) })
	}
	return slices.DeleteFunc(found, func(f advise.Finding) bool { return !about(f) }), nil
}

// gatherer collects what is known.
type gatherer struct {
	*Request
	view *store.View
	data Data
	in   *advise.Input
}

func (g *gatherer) gather(ctx context.Context) (err error) {
	g.in = &advise.Input{Now: g.Now, Only: g.Names, Events: map[string]advise.Event{}, Attributes: map[string]advise.Attribute{}}
	if g.in.Catalog, err = g.view.Catalog(ctx); err != nil {
		return err
	}
	if g.in.Zone, err = calendar.LoadZone(g.in.Catalog.Zone); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{g.segments, g.uses, g.ask} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// segments reads the definitions and members, and lays those over them that are to be judged.
func (g *gatherer) segments(ctx context.Context) error {
	defined, err := g.view.Segments(ctx)
	if err != nil {
		return err
	}
	made, err := g.made(ctx)
	if err != nil {
		return err
	}
	past, err := history.Read(ctx, g.view)
	if err != nil {
		return err
	}
	for i := range defined {
		s := &defined[i]
		if slices.Contains(g.Remove, s.Name) {
			continue
		}
		one := advise.Segment{Definition: s.Definition, Version: s.Version, Created: made[s.ID][1], Changed: s.Created, WithoutConsent: -1}
		if s.Active > 0 {
			one.Definition, one.Version, one.Changed = s.Deciding, s.Active, made[s.ID][s.Active]
			one.State = s.State
			if s.Kind != segment.Part && s.State == segment.Active {
				if one.Members, err = past.Members(ctx, s.ID, calendar.Never); err != nil {
					return err
				}
			}
		}
		g.in.Segments = append(g.in.Segments, one)
	}
	g.put(defined)
	return nil
}

// made gives when each version of each segment was made.
func (g *gatherer) made(ctx context.Context) (map[int64]map[int64]calendar.Instant, error) {
	followed, err := g.view.FollowedSegments(ctx)
	times := map[int64]map[int64]calendar.Instant{}
	for _, s := range followed {
		times[s.ID] = map[int64]calendar.Instant{}
		for _, v := range s.Versions {
			times[s.ID][v.Number] = v.Created
		}
	}
	return times, err
}

// put lays definitions over those that there are, and then the moves over the members.
func (g *gatherer) put(defined []store.Segment) {
	for _, d := range g.Put {
		one := advise.Segment{Definition: d.Normal(), Version: 1, Created: g.Now, Changed: g.Now, WithoutConsent: -1}
		if i := slices.IndexFunc(defined, func(s store.Segment) bool { return s.Name == d.Name }); i >= 0 {
			one.Version = defined[i].Version
			if defined[i].JSON() != d.JSON() {
				one.Version++
			}
		}
		i := slices.IndexFunc(g.in.Segments, func(s advise.Segment) bool { return s.Name == d.Name })
		if i < 0 {
			i = len(g.in.Segments)
			g.in.Segments = append(g.in.Segments, one)
		} else {
			one.Created = g.in.Segments[i].Created
		}
		if _, known := g.Moved[d.Name]; known {
			one.Members = g.in.Segments[i].Members
			if one.Members == nil {
				one.Members = roaring.New()
			}
		}
		g.in.Segments[i] = one
	}
	for i := range g.in.Segments {
		s := &g.in.Segments[i]
		if moves, known := g.Moved[s.Name]; known && s.Members != nil {
			for _, id := range moves.Entered {
				s.Members.Add(uint32(id))
			}
			for _, id := range moves.Left {
				s.Members.Remove(uint32(id))
			}
		}
	}
}

// uses reads who is told of segments, when somebody asked for them, and what was accepted.
func (g *gatherer) uses(ctx context.Context) error {
	hooks, err := g.view.Webhooks(ctx)
	if err != nil {
		return err
	}
	last, since, err := g.view.Uses(ctx)
	if err != nil {
		return err
	}
	exports, err := g.view.Exports(ctx)
	if err != nil {
		return err
	}
	g.in.UsesSince = since
	for i := range g.in.Segments {
		s := &g.in.Segments[i]
		s.Used = last[s.Name]
		for _, h := range hooks {
			if h.Disabled == "" && (len(h.Segments) == 0 || slices.Contains(h.Segments, s.Name)) {
				s.Webhooks = append(s.Webhooks, h.Name)
			}
		}
		for _, e := range exports {
			if e.Segment == s.Name && !e.Paused {
				s.Exports = append(s.Exports, e.Name)
			}
		}
	}
	accepted, err := g.view.Accepted(ctx)
	for _, a := range accepted {
		g.in.Accepted = append(g.in.Accepted, advise.Acceptance{
			Key: a.Key, Reason: a.Reason, Author: a.Author, Created: a.Created, Versions: a.Versions, Measure: a.Measure,
		})
	}
	return err
}

// ask asks the customers, and the companies if there are segments of them.
func (g *gatherer) ask(ctx context.Context) error {
	wanted := advise.Wants(g.in, g.Names)
	counts, err := g.survey(ctx, wanted, false)
	if err != nil {
		return err
	}
	ofFirms := map[string]advise.Count{}
	if slices.ContainsFunc(g.in.Segments, func(s advise.Segment) bool { return s.Firms() }) {
		if ofFirms, err = g.survey(ctx, wanted, true); err != nil {
			return err
		}
	}
	g.fill(wanted, counts, ofFirms)
	return g.attributes(ctx, wanted, counts)
}

// survey asks all customers, or all companies, for the counts of what is wanted of them.
func (g *gatherer) survey(ctx context.Context, w *advise.Wanted, firms bool) (map[string]advise.Count, error) {
	conditions := map[string]bool{}
	q := &index.Question{At: g.Now, Firms: firms}
	var unknown []*advise.Segment // whose members only the data can tell
	for i := range g.in.Segments {
		s := &g.in.Segments[i]
		if s.Firms() != firms {
			continue
		}
		for _, text := range w.Conditions[s.Name] {
			conditions[text] = true
		}
		if g.ahead(s) {
			q.Members, unknown = append(q.Members, s.Rule), append(unknown, s)
		}
	}
	all := maps.Clone(conditions)
	if !firms {
		q.Events = w.Events
		addInputs(all, w)
	}
	q.Counts = slices.Sorted(maps.Keys(all))
	answers, err := g.data.Survey(ctx, q)
	if err != nil {
		return nil, err
	}
	for i, s := range unknown {
		s.Members = answers.Members[i]
	}
	counts := g.take(q, answers)
	return counts, g.lookBack(ctx, conditions, counts, answers.Customers, firms)
}

// ahead tells whether a segment is judged before it is made, with members that nobody knows yet.
func (g *gatherer) ahead(s *advise.Segment) bool {
	put := slices.ContainsFunc(g.Put, func(d segment.Definition) bool { return d.Name == s.Name })
	return put && s.Members == nil && s.Rule != "" && s.State == segment.Active
}

// addInputs adds the rules about inputs, of which only people are asked.
func addInputs(all map[string]bool, w *advise.Wanted) {
	for _, rules := range []map[string]string{w.Known, w.Consents} {
		for _, text := range rules {
			all[text] = true
		}
	}
	if w.Company != "" {
		all[w.Company] = true
	}
}

// take notes what a survey answered, and gives the counts by rule.
func (g *gatherer) take(q *index.Question, answers *index.Answers) map[string]advise.Count {
	for i, event := range q.Events {
		g.in.Events[event] = advise.Event{Days: answers.Days[i]}
	}
	if q.Firms {
		g.in.Companies = answers.Customers
	} else {
		g.in.Customers = answers.Customers
	}
	counts := map[string]advise.Count{}
	for i, text := range q.Counts {
		counts[text] = advise.Count{Now: answers.Counts[i], Least: answers.Counts[i], Most: answers.Counts[i]}
	}
	return counts
}

// daysBack are the instants at which conditions are asked again that hold for nobody or everybody now.
var daysBack = []int{30, 91, 365}

func (g *gatherer) lookBack(ctx context.Context, conditions map[string]bool, counts map[string]advise.Count, all int, firms bool) error {
	maps.DeleteFunc(conditions, func(text string, _ bool) bool { return counts[text].Now != 0 && counts[text].Now != all })
	if len(conditions) == 0 {
		return nil
	}
	q := &index.Question{Counts: slices.Sorted(maps.Keys(conditions)), Firms: firms}
	for _, days := range daysBack {
		q.At = g.in.Zone.Sub(g.Now, calendar.Duration{N: days, Unit: calendar.Day})
		answers, err := g.data.Survey(ctx, q)
		if err != nil {
			return err
		}
		for i, text := range q.Counts {
			c := counts[text]
			c.Least, c.Most = min(c.Least, answers.Counts[i]), max(c.Most, answers.Counts[i])
			counts[text] = c
		}
	}
	return nil
}

// fill gives the segments their counts.
func (g *gatherer) fill(w *advise.Wanted, counts, ofFirms map[string]advise.Count) {
	for i := range g.in.Segments {
		s := &g.in.Segments[i]
		s.Counts = map[string]advise.Count{}
		for _, text := range w.Conditions[s.Name] {
			s.Counts[text] = counts[text]
			if s.Firms() {
				s.Counts[text] = ofFirms[text]
			}
		}
		if text, asked := w.Consents[s.Name]; asked {
			s.WithoutConsent = counts[text].Now
		}
	}
}

// attributes finds out which attributes are known and still set.
func (g *gatherer) attributes(ctx context.Context, w *advise.Wanted, counts map[string]advise.Count) (err error) {
	for path, text := range w.Known {
		at := advise.Attribute{Known: counts[text].Now, Of: g.in.Customers}
		switch {
		case at.Known < 0:
			continue
		case strings.HasPrefix(path, "company."):
			at.Of = max(counts[w.Company].Now, at.Known)
		default:
			if at.NewestKnown, at.Newest, at.Latest, err = g.view.LatestValue(ctx, store.Person, path); err != nil {
				return err
			}
		}
		g.in.Attributes[path] = at
	}
	return nil
}
