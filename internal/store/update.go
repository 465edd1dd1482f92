package store

import (
	"context"
	"errors"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Failed tells whether an error is one of the disk or the database, after which
// nothing more must be written in the transaction.
func Failed(err error) bool {
	failed := new(lite.Error)
	return errors.As(err, &failed)
}

// Tx is one transaction of the live service: records, the transitions that they
// cause, and what must be told of them are committed together or not at all. It
// reads what it wrote. It belongs to one goroutine, for the length of Update.
type Tx struct {
	*View
	w *writer

	fields, sources int64 // when the view was made
}

// Effect is what a record changed.
type Effect struct {
	Person     int64       // whom it is about; 0 if nobody, or if it was sent before
	Created    bool        // the person is new
	Named      bool        // the person has another name now
	Event      EventEffect // Seq is 0 if there is none
	Attributes bool        // the history of attributes of the person
	Joined     bool        // the companies of the person
	Decided    bool        // the consents of the person
	Merged     []Merge     // in this order
	Learnt     []Naming    // identities that named nobody before, of persons and companies

	Company           int64
	CompanyCreated    bool
	CompanyAttributes bool
}

// EventEffect is an event that was added.
type EventEffect struct {
	Seq   int64
	Type  string
	Time  calendar.Instant
	Props []byte // valid until the next record
}

// Merge says that a customer turned out to be another one.
type Merge struct{ Customer, Absorbed int64 }

// Naming says that a customer is named by an identity from now on.
type Naming struct {
	Customer int64
	Kind     Kind
	Identity record.Identity
}

func (e *Effect) reset() { *e = Effect{Merged: e.Merged[:0], Learnt: e.Learnt[:0]} }

// Update runs work in one transaction, which is on disk when Update returns without
// an error. Received is the instant of receipt of all that is applied, and the
// instant up to which memberships are brought.
func (s *Store) Update(ctx context.Context, received calendar.Instant, work func(*Tx) error) error {
	var result Result
	return s.write(ctx, func(w *writer) error {
		w.received, w.result = received, &result
		w.evaluates = true
		return work(&Tx{View: &View{conn: w.conn, revision: w.revision, families: w.families}, w: w, fields: w.lastField, sources: int64(len(w.sources.ids))})
	})
}

// Count counts what the following records change.
func (tx *Tx) Count(into *Result) { tx.w.result = into }

// Touch has the transaction write something even if nothing else does.
func (tx *Tx) Touch() { tx.w.written = true }

// LastRevision is that of the last commit.
func (tx *Tx) LastRevision() int64 { return tx.w.revision }

// Apply keeps a record. If it cannot be kept, the reason says why, and nothing of it
// was. The effect is valid until the next call.
func (tx *Tx) Apply(r *record.Record) (effect *Effect, reason string, err error) {
	err = tx.w.apply(r)
	var refused refusal
	if errors.As(err, &refused) {
		return nil, string(refused), nil
	}
	if fields, sources := tx.w.lastField, int64(len(tx.w.sources.ids)); fields != tx.fields || sources != tx.sources {
		tx.fields, tx.sources, tx.attributes = fields, sources, nil
		if err == nil {
			err = tx.w.flushFields() // readers look into the tables
		}
	}
	return &tx.w.effect, "", err
}

// NewCatalog gives the catalogue if it has become another one since it was last asked for.
func (tx *Tx) NewCatalog(ctx context.Context) (*catalog.Catalog, error) {
	if err := tx.w.flushFields(); err != nil || !tx.w.unlike {
		return nil, err
	}
	tx.w.unlike = false
	return tx.Catalog(ctx)
}

// Customer gives a customer who was not merged away.
func (tx *Tx) Customer(id int64) (Customer, error) {
	q := tx.conn.Query("SELECT "+customerColumns+" FROM customers WHERE id = ?", id)
	var c Customer
	if q.Next() {
		c = scanCustomer(q)
	}
	return c, q.Close()
}

// RemoveEvent takes an event out of its customer's history; its content is
// erased, its number and its key stay taken. It gives the event as it was.
func (tx *Tx) RemoveEvent(ctx context.Context, seq int64) (Event, error) {
	before, err := tx.event(ctx, seq)
	if err != nil {
		return Event{}, err
	}
	tx.w.change()
	return before, tx.conn.Run("UPDATE events SET customer = 0, props = '{}' WHERE seq = ?", seq)
}

// CorrectEvent gives an event another time and other properties, a JSON object. It
// gives the event as it was.
func (tx *Tx) CorrectEvent(ctx context.Context, seq int64, at calendar.Instant, props []byte) (Event, error) {
	before, err := tx.event(ctx, seq)
	if err != nil {
		return Event{}, err
	}
	r := record.Record{Kind: record.Track, Event: before.Type, Time: at, HasTime: true, Fields: props}
	if at < earliest || at > latestAt {
		return Event{}, refuse("its time lies outside of the years 1 to 9999")
	}
	if err := tx.w.walk(&r); err != nil {
		return Event{}, err
	}
	tx.w.change()
	t := tx.w.eventType(r.Event, "")
	for i := range tx.w.walker.Fields {
		tx.w.observeIn(&t.properties, &tx.w.walker.Fields[i])
	}
	return before, tx.conn.Run("UPDATE events SET time = ?, props = ? WHERE seq = ?", at, string(tx.w.walker.Compact()), seq)
}

// ErrNoEvent is the error for the number of an event that does not exist.
var ErrNoEvent = errors.New("there is no such event")

func (tx *Tx) event(ctx context.Context, seq int64) (found Event, err error) {
	err = tx.EventsAt(ctx, []int64{seq}, func(e *Event) error {
		found = *e
		return nil
	})
	if err == nil && found.Customer == 0 {
		err = ErrNoEvent
	}
	return found, err
}

// Reject keeps a call that was accepted and makes no sense.
func (tx *Tx) Reject(reason string, body []byte) error {
	tx.w.written = true
	return tx.conn.Run("INSERT INTO rejected_calls (received, reason, body) VALUES (?, ?, ?)", tx.w.received, reason, string(body))
}
