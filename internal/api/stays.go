package api

import (
	"context"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/kohorte/kohorte/internal/store"
)

// Stay is a time that a customer spent in a segment without a break.
type Stay struct {
	From  string  `json:"from" format:"date-time"`
	Entry string  `json:"entry" doc:"What brought the customer in"`
	To    *string `json:"to" format:"date-time" doc:"null: it lasts"`
	Exit  string  `json:"exit,omitempty" doc:"What ended it"`
}

// NewStays makes the form for programs of stays.
func NewStays(stays []history.Stay) []Stay {
	made := []Stay{}
	for _, s := range stays {
		stay := Stay{From: calendar.Format(s.From), Entry: s.Entry.String(), To: OptionalTime(s.To)}
		if stay.To != nil {
			stay.Exit = s.Exit.String()
		}
		made = append(made, stay)
	}
	return made
}

// stays gives those of a customer in a segment up to an instant, from the log.
func (s *server) stays(ctx context.Context, name string, customer int64, at calendar.Instant) (made []Stay, err error) {
	err = s.askPast(ctx, func(p *history.Past, _ *store.View) error {
		followed, err := p.Segment(name)
		if err != nil {
			return err
		}
		stays, err := p.StaysOf(ctx, followed.ID, customer, at)
		made = NewStays(stays)
		return err
	})
	return made, err
}
