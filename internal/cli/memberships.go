package cli

import (
	"fmt"

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
}

// readMemberships reads past stays; customers that the workspace does not know are told and left out.
func (w *workspace) readMemberships(path string) ([]index.Stay, error) {
	var stays []index.Stay
	rows := w.rowsByName()
	unknown := 0
	err := eachJSONLine(path, func(_ int, m *membership) error {
		stay := index.Stay{Segment: m.Segment, To: calendar.Never}
		if m.Segment == "" {
			return fmt.Errorf("a membership needs its segment")
		}
		var err error
		if stay.From, err = instant(m.From, w.zone()); err != nil {
			return fmt.Errorf("from %q: %w", m.From, err)
		}
		if m.To != nil {
			if stay.To, err = instant(*m.To, w.zone()); err != nil {
				return fmt.Errorf("to %q: %w", *m.To, err)
			}
			if stay.To < stay.From {
				return fmt.Errorf("the stay ends (%s) before it begins (%s)", *m.To, m.From)
			}
		}
		var known bool
		if stay.Customer, known = rows[m.UserID]; !known {
			unknown++
			return nil
		}
		stays = append(stays, stay)
		return nil
	})
	if unknown > 0 {
		w.app.complain("%d memberships of customers that are not in the workspace were left out\n", unknown)
	}
	return stays, err
}
