package store

import (
	"context"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Namespaces lists the namespaces of all identities, the user id among them, in
// the order in which they were first seen.
func (v *View) Namespaces(context.Context) ([]string, error) {
	names, err := v.names("namespaces")
	if err != nil {
		return nil, err
	}
	return names[1:], nil // the first stands for none
}

// InNamespace gives the identity that each person has in a namespace, by the
// store's id: of several the one learnt last, but rather one of its own than one of
// somebody who was merged into it.
func (v *View) InNamespace(ctx context.Context, namespace string) (map[int64]string, error) {
	type best struct {
		own      bool
		received calendar.Instant
	}
	values, chosen := map[int64]string{}, map[int64]best{}
	err := v.each(ctx, func(q *lite.Stmt) error {
		id := q.Int(0)
		person := v.families.survivor(id)
		this := best{id == person, q.Int(2)}
		last, ok := chosen[person]
		if !ok || this.own && !last.own || this.own == last.own && this.received > last.received {
			values[person], chosen[person] = q.Text(1), this
		}
		return nil
	}, `SELECT customer, value, received FROM identities JOIN namespaces ON namespace = id
		WHERE kind = 0 AND name = ? ORDER BY value`, namespace)
	return values, err
}
