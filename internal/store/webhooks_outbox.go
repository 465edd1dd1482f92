package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// The outbox has a row for each transition and each webhook that is still to be
// told of it. Of one customer's rows for one webhook only the first, the head, may
// be sent. A row that is found due behind its head is set aside with the due
// instant Never; when the head is done, the next row is due. So nothing looks at a
// row that waits for its head again and again, however many there are.
// Rows of dead letters (dead = 1) hold up nobody.
//
// Whoever deletes rows otherwise deletes all of a customer, with forgetOutbox.

// Message is a transition as a webhook is to be told of it.
type Message struct {
	Webhook   int64
	Seq       int64 // of the transition
	Attempts  int   // made so far
	Due       calendar.Instant
	Segment   string // name
	Version   int64  // of the segment
	Customer  int64
	Kind      Kind
	Name      string           // of the customer; empty after an erasure
	Entered   bool             // else left
	At        calendar.Instant // when it became true
	Committed calendar.Instant // when it was noticed
	Cause     int64            // as in the table transitions
	Part      int64            // the number of the deciding condition in the version's rule; -1 none
}

// OutcomeKind says what follows of an attempt.
type OutcomeKind uint8

// The kinds of outcomes.
const (
	Delivered OutcomeKind = iota // the receiver has it
	Retry                        // try again when it is due
	Dead                         // given up
)

// Outcome is what an attempt to deliver a message came to.
type Outcome struct {
	Webhook, Seq, Customer int64
	Kind                   OutcomeKind
	Due                    calendar.Instant // of a Retry
	Disable                string           // why the webhook is to be disabled; empty if it is not

	Attempt int // from 1
	At      calendar.Instant
	Millis  int64  // how long it took
	Status  int    // of HTTP; 0 if there was no answer
	Error   string // empty if it was delivered
}

// hookCache is what the writer knows of the enabled webhooks.
type hookCache struct {
	loaded    bool
	version   int64 // of the data, see writer
	all       []int64
	bySegment map[int64][]int64
}

// enqueue notes that the webhooks that want a segment are to be told of a
// transition of it. Disabled ones get nothing: an address that nobody listens at
// must not grow the file for ever. It is in the transaction of the transition.
func (w *writer) enqueue(seq, segment, customer int64, due calendar.Instant) error {
	if !w.hooks.loaded || w.hooks.version != w.version {
		if err := w.loadHooks(); err != nil {
			return err
		}
	}
	for _, hook := range w.hooks.all {
		if err := w.enqueueFor(hook, seq, customer, due); err != nil {
			return err
		}
	}
	for _, hook := range w.hooks.bySegment[segment] {
		if err := w.enqueueFor(hook, seq, customer, due); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) enqueueFor(hook, seq, customer int64, due calendar.Instant) error {
	q := w.conn.Query("INSERT INTO outbox (webhook, seq, customer, attempts, due, dead) VALUES (?, ?, ?, 0, ?, 0)")
	q.BindInt(1, hook)
	q.BindInt(2, seq)
	q.BindInt(3, customer)
	q.BindInt(4, due)
	for q.Next() {
		continue
	}
	w.written = true
	return q.Close()
}

func (w *writer) loadHooks() error {
	hooks := hookCache{loaded: true, version: w.version, bySegment: map[int64][]int64{}}
	var broken error
	q := w.conn.Query("SELECT id, segments FROM webhooks WHERE disabled = '' ORDER BY id")
	for q.Next() {
		var segments []int64
		broken = errors.Join(broken, json.Unmarshal(q.Bytes(1), &segments))
		if len(segments) == 0 {
			hooks.all = append(hooks.all, q.Int(0))
		}
		for _, segment := range segments {
			hooks.bySegment[segment] = append(hooks.bySegment[segment], q.Int(0))
		}
	}
	w.hooks = hooks
	return errors.Join(broken, q.Close())
}

// forgetOutbox drops what waits about a customer, dead letters too.
func (w *writer) forgetOutbox(customer int64) error {
	return w.jot("DELETE FROM outbox WHERE customer = ?", customer)
}

const (
	messageColumns = `o.webhook, o.seq, o.attempts, o.due, s.name, t.version, o.customer, coalesce(c.kind, 0), coalesce(c.name, ''),
		t.entered, t.due, t.committed, t.cause, t.part`
	messageTables = `outbox o CROSS JOIN transitions t ON t.seq = o.seq JOIN segments s ON s.id = t.segment LEFT JOIN customers c ON c.id = o.customer`
	behindHead    = `EXISTS (SELECT 1 FROM outbox e WHERE e.webhook = o.webhook AND e.customer = o.customer AND e.dead = 0 AND e.seq < o.seq)`

	// maxBehind is how many rows are set aside at a time.
	maxBehind = 4096
)

func scanMessage(q *lite.Stmt) Message {
	return Message{
		Webhook: q.Int(0), Seq: q.Int(1), Attempts: int(q.Int(2)), Due: q.Int(3), Segment: q.Text(4), Version: q.Int(5), Customer: q.Int(6),
		Kind: Kind(q.Int(7)), Name: q.Text(8), Entered: q.Int(9) == 1, At: q.Int(10), Committed: q.Int(11), Cause: q.Int(12), Part: q.Int(13),
	}
}

// DueMessages gives up to limit messages that may be sent to a webhook now, at
// most one of each customer and none of busy ones, those that are due the
// longest first; and the next instant at which others are due, Never if none is.
func (s *Store) DueMessages(ctx context.Context, webhook int64, now calendar.Instant, limit int, busy func(customer int64) bool) ([]Message, calendar.Instant, error) {
	for {
		found, err := s.lookForDue(ctx, webhook, now, limit, busy)
		if err != nil || len(found.behind) == 0 {
			return found.heads, found.next, err
		}
		if err := s.setAside(ctx, webhook, found.behind); err != nil {
			return nil, calendar.Never, err
		}
		if !found.cut {
			return found.heads, found.next, nil
		}
	}
}

// dueRows are heads that are due, and rows that are due behind a head.
type dueRows struct {
	heads  []Message
	behind []int64
	next   calendar.Instant
	cut    bool // too many were behind to look at all
}

var errEnough = errors.New("enough")

func (s *Store) lookForDue(ctx context.Context, webhook int64, now calendar.Instant, limit int, busy func(int64) bool) (found dueRows, err error) {
	err = s.Glance(ctx, func(v *View) error {
		err := v.each(ctx, func(q *lite.Stmt) error {
			switch {
			case len(found.heads) >= limit:
				return errEnough
			case q.Int(14) == 1:
				if found.behind = append(found.behind, q.Int(1)); len(found.behind) >= maxBehind {
					found.cut = true
					return errEnough
				}
			case !busy(q.Int(6)):
				found.heads = append(found.heads, scanMessage(q))
			}
			return nil
		}, "SELECT "+messageColumns+", "+behindHead+" FROM "+messageTables+" WHERE o.webhook = ? AND o.dead = 0 AND o.due <= ? ORDER BY o.due, o.seq", webhook, now)
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		next, ok, err := v.conn.Int("SELECT min(due) FROM outbox WHERE webhook = ? AND dead = 0 AND due > ?", webhook, now)
		if found.next = next; !ok {
			found.next = calendar.Never
		}
		return err
	})
	return found, err
}

// setAside makes rows wait for their heads, but for those whose head is done by now.
func (s *Store) setAside(ctx context.Context, webhook int64, seqs []int64) error {
	return s.write(ctx, func(w *writer) error {
		for _, seq := range seqs {
			if err := w.jot("UPDATE outbox AS o SET due = ? WHERE webhook = ? AND seq = ? AND dead = 0 AND "+behindHead, calendar.Never, webhook, seq); err != nil {
				return err
			}
		}
		return nil
	})
}

// RecordOutcomes writes what attempts came to, all in one commit.
func (s *Store) RecordOutcomes(ctx context.Context, outcomes []Outcome) error {
	return s.write(ctx, func(w *writer) error {
		for i := range outcomes {
			if err := w.record(&outcomes[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *writer) record(o *Outcome) error {
	var err error
	switch o.Kind {
	case Delivered:
		err = w.jot("DELETE FROM outbox WHERE webhook = ? AND seq = ?", o.Webhook, o.Seq)
	case Retry:
		err = w.jot("UPDATE outbox SET attempts = ?, due = ? WHERE webhook = ? AND seq = ? AND dead = 0", o.Attempt, o.Due, o.Webhook, o.Seq)
	case Dead:
		err = w.jot("UPDATE outbox SET attempts = ?, dead = 1 WHERE webhook = ? AND seq = ?", o.Attempt, o.Webhook, o.Seq)
	}
	if err == nil && o.Kind != Retry {
		err = w.release(o)
	}
	if err == nil && o.Disable != "" {
		w.hooks = hookCache{}
		err = w.jot("UPDATE webhooks SET disabled = ? WHERE id = ? AND disabled = ''", o.Disable, o.Webhook)
	}
	if err == nil {
		err = w.logDelivery(o)
	}
	return err
}

// release makes the customer's next row due if it was set aside.
func (w *writer) release(o *Outcome) error {
	return w.jot(`UPDATE outbox SET due = ?1 WHERE webhook = ?2 AND due = ?4
		AND seq = (SELECT min(seq) FROM outbox WHERE webhook = ?2 AND customer = ?3 AND dead = 0)`, o.At, o.Webhook, o.Customer, calendar.Never)
}
