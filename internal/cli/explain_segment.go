package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// standing is why a customer is in a segment or not, as it stands in the
// workspace: the stays from the log, what was decided by hand, the deciding rule.
type standing struct {
	customer string
	segment  string
	at       calendar.Instant
	version  store.Version
	rests    rest
	stays    []history.Stay
	byHand   *segment.Override // nil if the rule decides
	included bool              // by hand
	trace    *eval.Trace       // nil for a list
	placings []api.Placing     // in the segmentations of which it is a part
}

// rest is why nobody is in a segment, if nobody can be.
type rest struct {
	state string           // draft, retired, removed; "" if a version decides
	since calendar.Instant // when it was retired
}

// words say it of the segment.
func (r rest) words(zone *calendar.Zone) string {
	switch r.state {
	case string(segment.Draft):
		return "is a draft"
	case string(segment.Retired):
		return "is retired since " + exactly(zone, r.since)
	}
	return "was removed"
}

func (a *app) explainSegment(ctx context.Context, who, name string, q *questionFlags) error {
	w, err := a.open(ctx, q)
	if err != nil {
		return err
	}
	defer w.close()
	w.askAbout(name)
	m := standing{segment: name}
	if m.at, err = a.oneInstant(q, w.zone); err != nil {
		return err
	}
	if m.at > a.Now() {
		return fmt.Errorf("%s lies in the future, which the log does not know; kohorte segment show %s has the rule, which can be explained at any instant", wall(w.zone, m.at), name)
	}
	if err := w.load(ctx); err != nil {
		return err
	}
	position, customer, err := w.find(ctx, who)
	if err != nil {
		return err
	}
	m.customer = customer
	id := position.Block.IDs[position.Row]
	switch is, err := a.isSegmentation(ctx, w.store, name); {
	case err != nil:
		return err
	case is:
		return a.explainWhole(ctx, w, name, customer, id, m.at)
	}
	if err := a.withPast(ctx, w.store, w.zone, func(p *past) error { return m.readPast(ctx, p, id) }); err != nil {
		return err
	}
	if m.version.Definition.Rule != "" && m.rests.state == "" {
		node, err := w.rule("rule", m.version.Definition.Rule, true)
		if err != nil {
			return err
		}
		program, err := w.index.Compile(node)
		if err != nil {
			return err
		}
		trace := w.index.Machine(program, m.at).Explain(position.Block, position.Row, m.at)
		m.trace = &trace
	}
	if a.asJSON {
		return a.writeJSON(m.json())
	}
	m.print(a, w.zone)
	return nil
}

// readPast reads what the log and the definition say of a customer.
func (m *standing) readPast(ctx context.Context, p *past, id int64) error {
	s, err := p.Segment(m.segment)
	if err != nil {
		return err
	}
	versions, err := p.view.Versions(ctx, m.segment)
	if err != nil {
		return err
	}
	if s.Removed {
		m.rests.state = removed
	} else if err := m.decide(&s, versions, p.zone); err != nil {
		return err
	}
	m.decideByHand(p.view, id)
	if m.placings, err = p.placings(ctx, m.segment, id, m.at); err != nil {
		return err
	}
	m.stays, err = p.StaysOf(ctx, s.ID, id, m.at)
	return err
}

// decide finds the version that decided at the instant, or why none did. The latest
// version is the first.
func (m *standing) decide(s *store.FollowedSegment, versions []store.Version, zone *calendar.Zone) error {
	latest := slices.IndexFunc(versions, func(v store.Version) bool { return v.Created <= m.at })
	if latest < 0 {
		return fmt.Errorf("%s was not defined yet at %s", m.segment, wall(zone, m.at))
	}
	m.version = versions[latest]
	switch state := m.version.Definition.State; {
	case state == segment.Draft || state == segment.Retired:
		m.rests.state = string(state)
		for _, v := range versions[latest:] {
			if v.Definition.State != state {
				break
			}
			m.rests.since = v.Created
		}
	case s.Active == 0 && latest == 0:
		return fmt.Errorf("version %d of %s is being evaluated for everybody, none decides before; try again in a moment", m.version.Number, m.segment)
	case s.Active != 0:
		deciding := slices.IndexFunc(versions[latest:], func(v store.Version) bool { return v.Number <= s.Active })
		m.version = versions[latest+max(0, deciding)]
	}
	return nil
}

// decideByHand finds what was decided by hand and has not ended.
func (m *standing) decideByHand(v *store.View, id int64) {
	d := &m.version.Definition
	if m.rests.state != "" {
		return
	}
	for n, list := range [][]segment.Override{d.Include, d.Exclude} { // who is in both is out
		for _, o := range list {
			if slices.Contains(live.Named(v, o.Customer, d.Firms()), id) && (o.Until == 0 || m.at < o.Until) {
				m.byHand, m.included = &o, n == 0
			}
		}
	}
}

// handwritten says what was decided by hand.
func (m *standing) handwritten(zone *calendar.Zone) string {
	text := "Excluded by hand"
	if m.included {
		text = "Included by hand"
	}
	if m.byHand.Until != 0 {
		text += " until " + exactly(zone, m.byHand.Until)
	}
	if m.byHand.Reason != "" {
		text += " (" + harmless(m.byHand.Reason) + ")"
	}
	if m.version.Definition.Kind == segment.List {
		return text + "."
	}
	return text + ", whatever the rule says."
}

// asked names the segment as its segmentations have it: of a part, the one it is made from.
func (m *standing) asked() string {
	if _, part, ok := segment.SplitPart(m.segment); ok {
		return part
	}
	return m.segment
}

// in tells whether the log has the customer in the segment.
func (m *standing) in() bool {
	return slices.ContainsFunc(m.stays, func(s history.Stay) bool { return s.To == calendar.Never })
}

// shownStays is how many stays people see.
const shownStays = 5

func (m *standing) print(a *app, zone *calendar.Zone) {
	verdict := "is out of"
	if m.in() {
		verdict = "is in"
	}
	a.printf("%s %s %s at %s (%s)", harmless(m.customer), verdict, m.segment, exactly(zone, m.at), zone.Name())
	if m.rests.state != "" {
		a.printf(": %s %s.\n", m.segment, m.rests.words(zone))
	} else {
		a.printf(", by version %d.\n", m.version.Number)
	}
	if m.byHand != nil {
		a.printf("%s\n", m.handwritten(zone))
	}
	if n := len(m.stays); n > shownStays {
		a.printf("  … %s before\n", countOf(n-shownStays, "stay", "stays"))
	}
	for _, s := range m.stays[max(0, len(m.stays)-shownStays):] {
		a.printf("  came %s by %s", exactly(zone, s.From), s.Entry)
		if s.To != calendar.Never {
			a.printf(", left %s by %s", exactly(zone, s.To), s.Exit)
		}
		a.printf("\n")
	}
	for i := range m.placings {
		a.printf("%s\n", placed(&m.placings[i], m.asked()))
	}
	if m.trace != nil {
		a.printf("\nThe rule:\n")
		tracePrinter{a, zone, m.at}.part(m.trace, 0)
	}
}

// explainedStanding is a standing for programs.
type explainedStanding struct {
	Customer string     `json:"customer"`
	Segment  string     `json:"segment"`
	Version  int64      `json:"version"`
	At       string     `json:"at"`
	In       bool       `json:"in"`
	State    string     `json:"state,omitempty"`   // draft, retired or removed, if no version decides
	Retired  *string    `json:"retired,omitempty"` // when
	ByHand   string     `json:"byHand,omitempty"`  // included or excluded
	Reason   string     `json:"reason,omitempty"`
	Until    *string    `json:"until,omitempty"` // when what was decided by hand ends
	Stays    []api.Stay `json:"stays"`
	Rule     *api.Trace `json:"rule,omitempty"`

	Segmentations []api.Placing `json:"segmentations,omitempty"` // of which it is a part, and who won there
}

func (m *standing) json() explainedStanding {
	made := explainedStanding{
		Customer: m.customer, Segment: m.segment, Version: m.version.Number, At: calendar.Format(m.at), In: m.in(), Stays: api.NewStays(m.stays),
		Segmentations: m.placings,
	}
	made.State = m.rests.state
	if m.rests.state == string(segment.Retired) {
		made.Retired = api.OptionalTime(m.rests.since)
	}
	if m.byHand != nil {
		made.ByHand, made.Reason = "excluded", m.byHand.Reason
		if m.included {
			made.ByHand = "included"
		}
		if m.byHand.Until != 0 {
			made.Until = api.OptionalTime(m.byHand.Until)
		}
	}
	if m.trace != nil {
		rule := api.NewTrace(m.trace)
		made.Rule = &rule
	}
	return made
}
