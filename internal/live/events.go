package live

import (
	"context"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// RemoveEvent takes an event out of its customer's history, by its number.
func (e *Engine) RemoveEvent(ctx context.Context, seq int64) error {
	return e.do(ctx, func(c *cycle) error {
		before, err := c.tx.RemoveEvent(ctx, seq)
		if err != nil {
			return err
		}
		return c.removeEvent(before)
	})
}

// CorrectEvent gives an event another time and other properties, a JSON object.
func (e *Engine) CorrectEvent(ctx context.Context, seq int64, at calendar.Instant, props []byte) error {
	return e.do(ctx, func(c *cycle) error {
		before, err := c.tx.CorrectEvent(ctx, seq, at, props)
		if err != nil {
			return err
		}
		if err := c.removeEvent(before); err != nil {
			return err
		}
		c.effects = append(c.effects, effect{
			Effect: store.Effect{Person: before.Customer, Event: store.EventEffect{Seq: seq, Type: before.Type, Time: at}},
			props:  [2]int{len(c.props), len(c.props) + len(props)},
		})
		c.props = append(c.props, props...)
		return nil
	})
}
