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
	stays    []history.Stay
	byHand   *segment.Override // nil if the rule decides
	included bool              // by hand
	trace    *eval.Trace       // nil for a list
	placings []api.Placing     // in the segmentations of which it is a part
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
	if m.version.Definition.Rule != "" {
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
	if s.Removed || s.Active == 0 {
		return fmt.Errorf("no version of %s decides: it was removed, is a draft or retired, or is being evaluated for the first time", m.segment)
	}
	deciding := slices.IndexFunc(versions, func(v store.Version) bool { return v.Number <= s.Active && v.Created <= m.at }) // the latest is the first
	if deciding < 0 {
		return fmt.Errorf("%s was not defined yet at %s", m.segment, wall(p.zone, m.at))
	}
	m.version = versions[deciding]
	m.decideByHand(p.view, id)
	if m.placings, err = p.placings(ctx, m.segment, id, m.at); err != nil {
		return err
	}
	return p.Stays(ctx, s.ID, func(stay *history.Stay) {
		if int64(stay.Customer) == id && stay.From <= m.at {
			m.stays = append(m.stays, *stay)
		}
	})
}

// decideByHand finds what was decided by hand and has not ended.
func (m *standing) decideByHand(v *store.View, id int64) {
	d := &m.version.Definition
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
	return slices.ContainsFunc(m.stays, func(s history.Stay) bool { return m.at < s.To })
}

// shownStays is how many stays people see.
const shownStays = 5

func (m *standing) print(a *app, zone *calendar.Zone) {
	verdict := "is out of"
	if m.in() {
		verdict = "is in"
	}
	a.printf("%s %s %s at %s (%s), by version %d.\n", harmless(m.customer), verdict, m.segment, exactly(zone, m.at), zone.Name(), m.version.Number)
	if m.byHand != nil {
		a.printf("%s\n", m.handwritten(zone))
	}
	if n := len(m.stays); n > shownStays {
		a.printf("  … %s before\n", countOf(n-shownStays, "stay", "stays"))
	}
	for _, s := range m.stays[max(0, len(m.stays)-shownStays):] {
		a.printf("  came %s by %s", exactly(zone, s.From), s.Entry)
		if s.To <= m.at {
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
	Customer string          `json:"customer"`
	Segment  string          `json:"segment"`
	Version  int64           `json:"version"`
	At       string          `json:"at"`
	In       bool            `json:"in"`
	ByHand   string          `json:"byHand,omitempty"` // included or excluded
	Reason   string          `json:"reason,omitempty"`
	Until    *string         `json:"until,omitempty"` // when what was decided by hand ends
	Stays    []explainedStay `json:"stays"`
	Rule     *api.Trace      `json:"rule,omitempty"`

	Segmentations []api.Placing `json:"segmentations,omitempty"` // of which it is a part, and who won there
}

type explainedStay struct {
	From  string  `json:"from"`
	Entry string  `json:"entry"`
	To    *string `json:"to"`
	Exit  string  `json:"exit,omitempty"`
}

func (m *standing) json() explainedStanding {
	made := explainedStanding{
		Customer: m.customer, Segment: m.segment, Version: m.version.Number, At: calendar.Format(m.at), In: m.in(), Stays: []explainedStay{},
		Segmentations: m.placings,
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
	for _, s := range m.stays {
		stay := explainedStay{From: calendar.Format(s.From), Entry: s.Entry.String()}
		if s.To <= m.at {
			stay.To, stay.Exit = api.OptionalTime(s.To), s.Exit.String()
		}
		made.Stays = append(made.Stays, stay)
	}
	if m.trace != nil {
		rule := api.NewTrace(m.trace)
		made.Rule = &rule
	}
	return made
}
