package store

import (
	"context"
	"errors"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// View reads the workspace as it was at one moment, whatever is written
// meanwhile. It belongs to one goroutine. Customers who were merged away do not
// appear: what was said of them counts for those they were merged into.
type View struct {
	conn     *lite.Conn
	revision int64
	families families

	attributes *factTable[Attribute] // made when first asked for
}

// View calls work with a view of the latest commit.
func (s *Store) View(ctx context.Context, work func(*View) error) error {
	return s.Glance(ctx, func(v *View) (err error) {
		if v.revision, _, err = v.conn.Int("SELECT revision FROM state"); err != nil {
			return err // the first reading fixes the moment
		}
		if err := v.families.load(v.conn); err != nil {
			return err
		}
		return work(v)
	})
}

// Glance calls work with a view that knows nothing of merges, which is cheaper for
// those who read often and little.
func (s *Store) Glance(ctx context.Context, work func(*View) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, err := s.connect()
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, conn.Script("ROLLBACK"))
		s.release(conn)
	}()
	if err := conn.Script("BEGIN"); err != nil {
		return err
	}
	return work(&View{conn: conn})
}

// Customer is a person or a company.
type Customer struct {
	ID      int64
	Kind    Kind
	Name    string           // the user id as it was imported, else namespace:value of the first identity
	Created calendar.Instant // when it was first received
}

// Attribute is a value that an attribute has from a time on.
type Attribute struct {
	Customer int64
	Kind     Kind   // whose attribute it is
	Path     string // dotted
	Time     calendar.Instant
	Fact     int64  // grows in order of receipt
	Value    []byte // JSON; null where the attribute was unset; valid during the call
	Source   string
}

// Join is that a person belongs to a company from a time on.
type Join struct {
	Person, Company int64
	Role            string
	Time            calendar.Instant
	Fact            int64 // grows in order of receipt
	Source          string
}

// Consent is a person's decision.
type Consent struct {
	Customer         int64
	Channel, Purpose string
	Granted          bool
	Time             calendar.Instant
	Fact             int64 // grows in order of receipt
	Source           string
}

// Event is an event of a customer.
type Event struct {
	Seq      int64 // grows in order of receipt, from 1
	Customer int64
	Type     string
	Time     calendar.Instant
	Received calendar.Instant
	Source   string
	Props    []byte // a JSON object; valid during the call
}

// Revision gives a number that grows with every commit that can change an
// answer, and the Seq of the last event; 0 if there is none.
func (v *View) Revision(context.Context) (revision, lastEvent int64, err error) {
	lastEvent, _, err = v.conn.Int("SELECT max(seq) FROM events")
	return v.revision, lastEvent, err
}

// each calls row for each row of a query until the context is done.
func (v *View) each(ctx context.Context, row func(q *lite.Stmt) error, sql string, args ...any) error {
	q := v.conn.Query(sql, args...)
	var err error
	for n := 0; err == nil && q.Next(); n++ {
		if n%1024 == 0 {
			err = ctx.Err()
		}
		if err == nil {
			err = row(q)
		}
	}
	return errors.Join(err, q.Close())
}

// names reads a dictionary.
func (v *View) names(table string) ([]string, error) {
	names := []string{""}
	q := v.conn.Query("SELECT name FROM " + table + " ORDER BY id")
	for q.Next() {
		names = append(names, q.Text(0))
	}
	return names, q.Close()
}

// Customers calls fn for each customer, in order of id.
func (v *View) Customers(ctx context.Context, fn func(Customer) error) error {
	return v.each(ctx, func(q *lite.Stmt) error { return fn(scanCustomer(q)) },
		"SELECT "+customerColumns+" FROM customers WHERE merged_into IS NULL ORDER BY id")
}

const customerColumns = "id, kind, name, created"

func scanCustomer(q *lite.Stmt) Customer {
	return Customer{ID: q.Int(0), Kind: Kind(q.Int(1)), Name: q.Text(2), Created: q.Int(3)}
}

// Events calls fn for each event after a Seq, in order of Seq. The event is reused from call to call.
func (v *View) Events(ctx context.Context, afterSeq int64, fn func(*Event) error) error {
	scan, err := v.eventScanner()
	if err != nil {
		return err
	}
	var e Event
	return v.each(ctx, func(q *lite.Stmt) error {
		scan(q, &e)
		return fn(&e)
	}, "SELECT "+eventColumns+" FROM events WHERE seq > ? ORDER BY seq", afterSeq)
}

// EventsAt calls fn for the events of the given Seqs, in their order. The event is reused from call to call.
func (v *View) EventsAt(ctx context.Context, seqs []int64, fn func(*Event) error) error {
	scan, err := v.eventScanner()
	if err != nil {
		return err
	}
	var e Event
	for _, seq := range seqs {
		err := v.each(ctx, func(q *lite.Stmt) error {
			scan(q, &e)
			return fn(&e)
		}, "SELECT "+eventColumns+" FROM events WHERE seq = ?", seq)
		if err != nil {
			return err
		}
	}
	return nil
}

const eventColumns = "seq, customer, type, time, received, source, props"

func (v *View) eventScanner() (func(*lite.Stmt, *Event), error) {
	types, err := v.names("event_types")
	if err != nil {
		return nil, err
	}
	sources, err := v.names("sources")
	return func(q *lite.Stmt, e *Event) {
		e.Seq, e.Customer, e.Type = q.Int(0), v.families.survivor(q.Int(1)), types[q.Int(2)]
		e.Time, e.Received, e.Source = q.Int(3), q.Int(4), sources[q.Int(5)]
		e.Props = append(e.Props[:0], q.Bytes(6)...)
	}, err
}
