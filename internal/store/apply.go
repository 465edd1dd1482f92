package store

import (
	"context"
	"errors"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// Result counts what became of the records of a batch.
type Result struct {
	// New counts the persons and companies that no record had named before;
	// Changed and Unchanged count the records about known ones.
	Customers, Companies Tally
	Events, Duplicates   int // new events, and events that were there already
	Consents, Repeated   int // new consents, and consents that were there already
	Joins                int // persons who joined a company in a role
	Merges               int // customers who turned out to be another one
	Conflicts            int // records with an identity that belongs to another user; they count for the strongest identity
	Rejections           []Rejection
}

// Tally counts records about customers.
type Tally struct{ New, Changed, Unchanged int }

// Rejection says why a record cannot be kept.
type Rejection struct {
	Index  int // in the batch, from 0
	Reason string
}

// Add adds the counts of another batch; its rejections stay behind, since their indexes mean that batch.
func (r *Result) Add(other Result) {
	r.Customers.add(other.Customers)
	r.Companies.add(other.Companies)
	r.Events += other.Events
	r.Duplicates += other.Duplicates
	r.Consents += other.Consents
	r.Repeated += other.Repeated
	r.Joins += other.Joins
	r.Merges += other.Merges
	r.Conflicts += other.Conflicts
}

func (t *Tally) add(other Tally) {
	t.New += other.New
	t.Changed += other.Changed
	t.Unchanged += other.Unchanged
}

// The instants that the calendar knows: the years 1 to 9999.
const (
	earliest calendar.Instant = -62_135_596_800_000
	latestAt calendar.Instant = 253_402_300_799_999
)

// Apply keeps a batch of records, all or none: when it returns without error,
// they are on disk. Records that cannot be kept are in the result and do not
// disturb the others. Applying records again changes nothing.
//
// Received is the instant of receipt, and the time of records that have none;
// the batches of one import should bear the same.
func (s *Store) Apply(ctx context.Context, records []record.Record, received calendar.Instant) (Result, error) {
	var result Result
	err := s.write(ctx, func(w *writer) error {
		w.received, w.result = received, &result
		for i := range records {
			if i%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			err := w.apply(&records[i])
			var refused refusal
			switch {
			case errors.As(err, &refused):
				result.Rejections = append(result.Rejections, Rejection{i, string(refused)})
			case err != nil:
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// apply keeps one record, unless it was sent before. It refuses before it writes.
func (w *writer) apply(r *record.Record) error {
	w.effect.reset()
	once := r.Retry && r.Kind != record.Track && r.Key != [16]byte{}
	if once {
		if _, found, err := w.keys.Find(r.Key); err != nil || found {
			w.result.Duplicates++
			return err
		}
	}
	err := w.keep(r)
	if once && err == nil {
		w.written = true
		w.keys.Add(r.Key, 0)
	}
	return err
}

func (w *writer) keep(r *record.Record) error {
	if r.HasTime && (r.Time < earliest || r.Time > latestAt) {
		return refuse("its time lies outside of the years 1 to 9999")
	}
	switch r.Kind {
	case record.Identify:
		return w.identify(r)
	case record.Track:
		return w.track(r)
	case record.Group:
		return w.group(r)
	case record.Alias:
		return w.alias(r)
	case record.Consent:
		return w.consent(r)
	}
	return refuse("is of a kind that is not known: %d", r.Kind)
}

// timeOf gives the time of a record.
func (w *writer) timeOf(r *record.Record) calendar.Instant {
	if r.HasTime {
		return r.Time
	}
	return w.received
}

func (w *writer) source(r *record.Record) (int64, error) { return w.sources.id(w, r.Source) }

func (w *writer) identify(r *record.Record) error {
	if err := w.walkAttributes(r, Person); err != nil {
		return err
	}
	if err := w.claim(r.Customer); err != nil {
		return err
	}
	before := w.changes()
	source, err := w.source(r)
	if err != nil {
		return err
	}
	id, created, err := w.person(source)
	if err != nil {
		return err
	}
	changed, err := w.setAttributes(r, Person, id, created, source)
	if err != nil {
		return err
	}
	w.result.Customers.count(created, changed || w.changes() != before)
	return nil
}

// changes counts what the resolution of identities changed: identities learnt and customers merged.
func (w *writer) changes() int { return w.learnt + w.result.Merges }

// count counts a record about a customer; one that made the customer known is counted as new already.
func (t *Tally) count(created, changed bool) {
	switch {
	case created:
	case changed:
		t.Changed++
	default:
		t.Unchanged++
	}
}

func (w *writer) group(r *record.Record) error {
	if r.Company.Value == "" {
		return refuse("names no company: its id is missing")
	}
	if err := w.walkAttributes(r, Company); err != nil {
		return err
	}
	if len(r.Customer) > 0 {
		if err := w.claim(r.Customer); err != nil {
			return err
		}
	}
	source, err := w.source(r)
	if err != nil {
		return err
	}
	company, created, err := w.company(r.Company, source)
	if err != nil {
		return err
	}
	w.effect.Company = company
	changed, err := w.setAttributes(r, Company, company, created, source)
	if err != nil {
		return err
	}
	w.effect.CompanyAttributes, w.effect.Attributes = w.effect.Attributes, false
	if len(r.Customer) > 0 {
		person, _, err := w.person(source)
		if err != nil {
			return err
		}
		joined, err := w.join(r, person, company, source)
		if err != nil {
			return err
		}
		changed = changed || joined
	}
	w.result.Companies.count(created, changed)
	return nil
}

func (w *writer) alias(r *record.Record) error {
	if r.Previous.Namespace == "" || r.Previous.Value == "" {
		return refuse("is an alias without the previous id")
	}
	if err := w.claim(r.Customer); err != nil {
		return err
	}
	if err := w.refuseSecondUser(r.Previous); err != nil {
		return err
	}
	if err := w.claim(slices.Concat(r.Customer, []record.Identity{r.Previous})); err != nil {
		return err
	}
	before := w.changes()
	source, err := w.source(r)
	if err != nil {
		return err
	}
	_, created, err := w.person(source)
	if err == nil {
		w.result.Customers.count(created, w.changes() != before)
	}
	return err
}

// refuseSecondUser refuses an alias of two customers who both have a user id: a
// person must decide that they are one. The claims are those of the record's customer.
func (w *writer) refuseSecondUser(previous record.Identity) error {
	id, err := w.target()
	if err != nil {
		return err
	}
	isUser := w.claims[0].isUser()
	if !isUser && id != 0 {
		if isUser, err = w.hasUser(id); err != nil {
			return err
		}
	}
	owner, err := w.owner(Person, previous)
	if err != nil || owner == 0 || owner == id || !isUser {
		return err
	}
	other, err := w.hasUser(owner)
	if err == nil && other {
		err = refuse("joins two customers who both have a user id; users are never merged without a person's decision")
	}
	return err
}

func (w *writer) consent(r *record.Record) error {
	if r.Channel == "" || r.Purpose == "" {
		return refuse("is a consent without a channel or without a purpose")
	}
	if err := w.claim(r.Customer); err != nil {
		return err
	}
	source, err := w.source(r)
	if err != nil {
		return err
	}
	person, _, err := w.person(source)
	if err != nil {
		return err
	}
	isNew, err := w.decide(r, person, source)
	if err != nil {
		return err
	}
	if isNew {
		w.result.Consents++
	} else {
		w.result.Repeated++
	}
	return nil
}

// walkAttributes takes the attributes of a record apart.
func (w *writer) walkAttributes(r *record.Record, kind Kind) error {
	if err := w.walk(r); err != nil {
		return err
	}
	return w.attributes[kind].admit(&w.walker)
}

// walk takes the fields of a record apart.
func (w *writer) walk(r *record.Record) error {
	if err := w.walker.Walk(r.Fields); err != nil {
		return refusal("its fields cannot be read: " + err.Error())
	}
	return nil
}
