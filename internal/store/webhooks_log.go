package store

import (
	"context"
	"errors"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// How much of the log of deliveries is kept.
const (
	maxDeliveries   = 100_000
	deliveriesKept  = 30 * 24 * 60 * 60 * 1000 // milliseconds
	deliveriesPrune = 1_000                    // after how many the log is pruned
)

// Delivery is an attempt to tell a webhook of a transition, as it stands in the log.
type Delivery struct {
	ID      int64 // grows
	Seq     int64 // of the transition
	Attempt int   // from 1
	At      calendar.Instant
	Millis  int64  // how long it took
	Status  int    // of HTTP; 0 if there was no answer
	Error   string // empty if it was delivered
}

func (w *writer) logDelivery(o *Outcome) error {
	err := w.jot("INSERT INTO deliveries (webhook, seq, attempt, at, millis, status, error) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM webhooks WHERE id = ?1)",
		o.Webhook, o.Seq, o.Attempt, o.At, o.Millis, o.Status, o.Error)
	if err != nil {
		return err
	}
	last, _, err := w.conn.Int("SELECT max(id) FROM deliveries")
	if err == nil && last%deliveriesPrune == 0 {
		err = w.pruneDeliveries(o.At)
	}
	return err
}

// PruneDeliveries drops what is older than 30 days from the log of deliveries,
// and all but the last 100,000. RecordOutcomes does so after every 1,000 too.
func (s *Store) PruneDeliveries(ctx context.Context, now calendar.Instant) error {
	return s.write(ctx, func(w *writer) error { return w.pruneDeliveries(now) })
}

func (w *writer) pruneDeliveries(now calendar.Instant) error {
	last, _, err := w.conn.Int("SELECT max(id) FROM deliveries")
	if err != nil {
		return err
	}
	recent, ok, err := w.conn.Int("SELECT id FROM deliveries WHERE at >= ? ORDER BY id LIMIT 1", now-deliveriesKept)
	if err != nil {
		return err
	}
	if !ok {
		recent = last + 1
	}
	return w.jot("DELETE FROM deliveries WHERE id < ?", max(recent, last-maxDeliveries+1))
}

// Deliveries gives up to limit entries of a webhook's log, the newest first:
// those before an ID, or the newest of all if that is 0.
func (v *View) Deliveries(ctx context.Context, webhook string, before int64, limit int) ([]Delivery, error) {
	id, err := v.webhookID(webhook)
	if err != nil {
		return nil, err
	}
	if before <= 0 {
		before = calendar.Never
	}
	var list []Delivery
	err = v.each(ctx, func(q *lite.Stmt) error {
		list = append(list, Delivery{
			ID: q.Int(0), Seq: q.Int(1), Attempt: int(q.Int(2)), At: q.Int(3), Millis: q.Int(4), Status: int(q.Int(5)), Error: q.Text(6),
		})
		return nil
	}, "SELECT id, seq, attempt, at, millis, status, error FROM deliveries WHERE webhook = ? AND id < ? ORDER BY id DESC LIMIT ?", id, before, limit)
	return list, err
}

// DeadLetters gives up to limit messages that were given up for a webhook, in
// order of Seq from behind a Seq on.
func (v *View) DeadLetters(ctx context.Context, webhook string, after int64, limit int) ([]Message, error) {
	id, err := v.webhookID(webhook)
	if err != nil {
		return nil, err
	}
	var list []Message
	err = v.each(ctx, func(q *lite.Stmt) error {
		list = append(list, scanMessage(q))
		return nil
	}, "SELECT "+messageColumns+" FROM "+messageTables+" WHERE o.webhook = ? AND o.dead = 1 AND o.seq > ? ORDER BY o.seq LIMIT ?", id, after, limit)
	return list, err
}

// Backlog counts what stands in the outbox for a webhook.
type Backlog struct {
	Waiting int              // still to be delivered
	Failing int              // of them, with a failed attempt
	Dead    int              // given up
	Oldest  calendar.Instant // when the oldest that waits was committed; Never if none waits
}

// Backlogs gives the backlog of each webhook that has one, by its id.
func (v *View) Backlogs(ctx context.Context) (map[int64]Backlog, error) {
	backlogs := map[int64]Backlog{}
	err := v.each(ctx, func(q *lite.Stmt) error {
		backlogs[q.Int(0)] = Backlog{Waiting: int(q.Int(1)), Failing: int(q.Int(2)), Dead: int(q.Int(3)), Oldest: calendar.Never}
		return nil
	}, "SELECT webhook, sum(dead = 0), sum(dead = 0 AND attempts > 0), sum(dead) FROM outbox GROUP BY webhook")
	if err != nil {
		return nil, err
	}
	return backlogs, v.each(ctx, func(q *lite.Stmt) error {
		b := backlogs[q.Int(0)]
		b.Oldest = q.Int(1)
		backlogs[q.Int(0)] = b
		return nil
	}, "SELECT o.webhook, t.committed FROM (SELECT webhook, min(seq) AS seq FROM outbox WHERE dead = 0 GROUP BY webhook) o JOIN transitions t ON t.seq = o.seq")
}

// Replay makes dead letters of a webhook wait again, with all their attempts: those
// of the given Seqs, or all. It tells how many. They may come after later
// transitions of their customers; receivers see that by the Seq.
func (s *Store) Replay(ctx context.Context, webhook string, now calendar.Instant, seqs ...int64) (int, error) {
	var revived int64
	err := s.editWebhook(ctx, webhook, func(w *writer, id int64) error {
		before := w.conn.TotalChanges()
		const revive = "UPDATE outbox SET dead = 0, attempts = 0, due = ? WHERE webhook = ? AND dead = 1"
		var err error
		if len(seqs) == 0 {
			err = w.jot(revive, now, id)
		}
		for _, seq := range seqs {
			err = errors.Join(err, w.jot(revive+" AND seq = ?", now, id, seq))
		}
		revived = w.conn.TotalChanges() - before
		return err
	})
	return int(revived), err
}

func (v *View) webhookID(name string) (int64, error) {
	id, ok, err := v.conn.Int("SELECT id FROM webhooks WHERE name = ?", name)
	if err == nil && !ok {
		err = noWebhook(name)
	}
	return id, err
}
