package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/index"
)

// membership is a line of --memberships: a past stay in a segment; without an
// end it lasts.
type membership struct {
	Segment string  `json:"segment"`
	UserID  string  `json:"userId"`
	From    string  `json:"from"`
	To      *string `json:"to"`

	from, to calendar.Instant
}

// readMemberships reads past stays. Their segments become known.
func (w *workspace) readMemberships(path string) error {
	w.stays = []membership{}
	segments := slices.Clone(w.known.Segments)
	err := eachJSONLine(path, func(m *membership) error {
		if err := m.check(w.zone); err != nil {
			return err
		}
		w.stays = append(w.stays, *m)
		segments = append(segments, m.Segment)
		return nil
	})
	slices.Sort(segments)
	w.known.Segments = slices.Compact(segments)
	return err
}

// check reads the times of a stay and tells what is wrong with it.
func (m *membership) check(zone *calendar.Zone) (err error) {
	if m.Segment == "" || m.UserID == "" || m.From == "" {
		return errors.New(`a membership has "segment", "userId", "from" and "to"`)
	}
	if m.from, err = instant(m.From, zone); err != nil {
		return fmt.Errorf("from %q: %w", m.From, err)
	}
	m.to = calendar.Never
	if m.To == nil {
		return nil
	}
	if m.to, err = instant(*m.To, zone); err != nil {
		return fmt.Errorf("to %q: %w", *m.To, err)
	}
	if m.to < m.from {
		return fmt.Errorf("the stay ends (%s) before it begins (%s)", *m.To, m.From)
	}
	return nil
}

// knownStays are the stays of customers in the workspace; the others are told.
func (w *workspace) knownStays() []index.Stay {
	rows := w.rowsByName()
	var stays []index.Stay
	for _, m := range w.stays {
		if position, ok := rows[m.UserID]; ok {
			stays = append(stays, index.Stay{Segment: m.Segment, Customer: position, From: m.from, To: m.to})
		}
	}
	if unknown := len(w.stays) - len(stays); unknown > 0 {
		w.app.complain("kohorte: %s of customers who are not in the workspace left out\n", countOf(unknown, "membership", "memberships"))
	}
	return stays
}
