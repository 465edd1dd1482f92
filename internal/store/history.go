package store

import (
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store/flat"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// heldValue is a value that was set at a time; a nil value unset the attribute.
type heldValue struct {
	time  calendar.Instant
	fact  int64
	value string
	unset bool
	other bool // nobody said so: another attribute took its place
}

// setAttributes sets what the walker found. It tells whether anything is now
// otherwise than it was at the record's time.
func (w *writer) setAttributes(r *record.Record, kind Kind, customer int64, created bool, source int64) (changed bool, err error) {
	w.serial++
	at := w.timeOf(r)
	for i := range w.walker.Fields {
		leaf := &w.walker.Fields[i]
		if leaf.Member {
			continue
		}
		f := w.attributes[kind].field(w, w.walker.Path(leaf))
		if err := w.recall(customer, created, f, at); err != nil {
			return false, err
		}
		now, err := w.setAttribute(customer, f, leaf, at, r.HasTime, source)
		if err != nil {
			return false, err
		}
		if now {
			w.observeAttribute(kind, f, i)
			changed = true
		}
	}
	if r.HasTime {
		err = w.walker.EachObject(func(name []byte) error {
			lost, err := w.replaceObject(w.attributes[kind].field(w, append(name, replaceMark...)), customer, created, at, source)
			changed = changed || lost
			return err
		})
	}
	return changed, err
}

// replaceMark stands behind the name of an attribute that was set to an object: a
// fact with this path says that from its time on nothing holds of what the
// object had before, but for what was set at this time. It is a fact and not a
// null for each field that was known, since an older fact about another field
// may arrive later.
const replaceMark = "."

func isReplaceMark(path string) bool { return strings.HasSuffix(path, replaceMark) }

// replaceObject adds that an object was set as a whole, unless that is known. It
// tells whether a value was lost by that. The values of the object must be set before.
func (w *writer) replaceObject(mark *field, customer int64, created bool, at calendar.Instant, source int64) (lost bool, err error) {
	if err := w.recall(customer, created, mark, at); err != nil {
		return false, err
	}
	if len(w.held) > 0 && w.held[0].time == at {
		return false, nil
	}
	if !created {
		if lost, err = w.holdsInside(mark, customer, at); err != nil {
			return false, err
		}
	}
	w.written = true
	w.changed = w.changed || lost
	return lost, w.addAttribute(customer, mark.id, at, []byte("{}"), source)
}

// holdsInside tells whether an attribute that a field covers, and that the record
// does not set, has a value. It reads what is held anew.
func (w *writer) holdsInside(cover *field, customer int64, at calendar.Instant) (bool, error) {
	for _, f := range cover.inside {
		if f.serial == w.serial {
			continue
		}
		if err := w.readHeld(customer, f, at); err != nil {
			return false, err
		}
		if len(w.held) > 0 && !w.last().unset {
			return true, nil
		}
	}
	return false, nil
}

// setAttribute adds a fact unless it is known, and tells whether it says anything
// else than what held. With a time, a fact is known if this value was set at that
// time; without, if the value is among those that were set last. That a value
// held already is no reason to drop a fact with a time: an older fact may still
// arrive and come between them. For the same reason null is kept also where
// nothing was set before.
func (w *writer) setAttribute(customer int64, f *field, leaf *flat.Field, at calendar.Instant, hasTime bool, source int64) (changed bool, err error) {
	value, unset := w.walker.Value(leaf), leaf.Kind == flat.Null
	if unset {
		value = nil
	}
	last := w.last()
	for _, h := range w.held {
		if same := !h.other && h.unset == unset && h.value == string(value); same && (h.time == at || !hasTime && h.time == last.time) {
			return false, nil
		}
	}
	first := len(w.held) == 0
	changed = last.unset != unset || last.value != string(value)
	if !changed && !first {
		if changed, err = w.holdsInside(f, customer, at); err != nil {
			return false, err
		}
	}
	w.written = true
	w.changed = w.changed || changed || first // null may stand before what is the first value now
	return changed, w.addAttribute(customer, f.id, at, value, source)
}

// recall reads what is held of an attribute that the record sets. A new customer
// has no history, but a path may stand twice in one record.
func (w *writer) recall(customer int64, created bool, f *field, at calendar.Instant) error {
	again := f.serial == w.serial
	f.serial = w.serial
	w.held = w.held[:0]
	if created && !again {
		return nil
	}
	return w.readHeld(customer, f, at)
}

// last gives the value that was received last of those that readHeld found.
func (w *writer) last() heldValue {
	last := heldValue{unset: true}
	for _, h := range w.held {
		if h.fact >= last.fact {
			last = h
		}
	}
	return last
}

// readHeld reads the values of an attribute that were set at the latest time up
// to a given one. Where an object was set as a whole later than that, it is unset.
func (w *writer) readHeld(customer int64, f *field, at calendar.Instant) error {
	w.held = w.held[:0]
	if err := w.readOwn(customer, f.id, at); err != nil {
		return err
	}
	for _, cover := range f.covers {
		latest, ok, err := w.latest(customer, cover.id, at)
		if err != nil {
			return err
		}
		if ok && (len(w.held) == 0 || latest > w.held[0].time) {
			w.held = append(w.held[:0], heldValue{time: latest, unset: true, other: true})
		}
	}
	return nil
}

// readOwn reads, over all of the customer's merged parts, the values of the latest time.
func (w *writer) readOwn(customer, field int64, at calendar.Instant) error {
	for _, id := range w.families.members(customer) {
		q := w.heldAttributes(id, field, at)
		for q.Next() {
			h := heldValue{time: q.Int(0), fact: q.Int(1), value: q.Text(2), unset: q.IsNull(2)}
			if len(w.held) > 0 && h.time < w.held[0].time {
				break
			}
			if len(w.held) > 0 && h.time > w.held[0].time {
				w.held = w.held[:0]
			}
			w.held = append(w.held, h)
		}
		if err := q.Reset(); err != nil {
			return err
		}
	}
	return nil
}

// latest gives the latest time up to a given one at which an attribute was set.
func (w *writer) latest(customer, field int64, at calendar.Instant) (latest calendar.Instant, ok bool, err error) {
	latest = calendar.Unset
	for _, id := range w.families.members(customer) {
		q := w.heldAttributes(id, field, at)
		if q.Next() {
			latest, ok = max(latest, q.Int(0)), true
		}
		if err := q.Reset(); err != nil {
			return 0, false, err
		}
	}
	return latest, ok, nil
}

// heldAttributes starts a query for what was set up to a time, the latest first.
func (w *writer) heldAttributes(id, field int64, at calendar.Instant) *lite.Stmt {
	q := w.do.heldAttribute
	q.BindInt(1, id)
	q.BindInt(2, field)
	q.BindInt(3, at)
	return q
}

func (w *writer) addAttribute(customer, field int64, at calendar.Instant, value []byte, source int64) error {
	w.facts++
	w.effect.Attributes = true
	add := w.do.addAttribute
	add.BindInt(1, customer)
	add.BindInt(2, field)
	add.BindInt(3, at)
	add.BindInt(4, w.facts)
	if value == nil {
		add.BindNull(5)
	} else {
		add.BindText(5, value)
	}
	add.BindInt(6, source)
	return add.Run()
}

// join adds that a person belongs to a company in a role from a time on, unless
// that is known: with a time, for this time; without, for any.
func (w *writer) join(r *record.Record, person, company, source int64) (joined bool, err error) {
	at := w.timeOf(r)
	for _, id := range w.families.members(person) {
		q := w.conn.Query("SELECT 1 FROM joins WHERE person = ? AND company = ? AND role = ? AND (time = ? OR ?)", id, company, r.Role, at, !r.HasTime)
		known := q.Next()
		if err := q.Close(); err != nil || known {
			return false, err
		}
	}
	w.change()
	w.facts++
	w.effect.Joined = true
	w.result.Joins++
	return true, w.conn.Run("INSERT INTO joins (person, time, fact, company, role, source) VALUES (?, ?, ?, ?, ?, ?)",
		person, at, w.facts, company, r.Role, source)
}

// decide adds a consent unless it is known: with a time, for this time; without,
// if it is among the last decisions.
func (w *writer) decide(r *record.Record, person, source int64) (isNew bool, err error) {
	at := w.timeOf(r)
	topic, err := w.topicID(topic{r.Channel, r.Purpose})
	if err != nil {
		return false, err
	}
	last, held := calendar.Unset, [2]bool{}
	for _, id := range w.families.members(person) {
		q := w.conn.Query("SELECT time, granted FROM consents WHERE customer = ? AND topic = ? AND time <= ? ORDER BY time DESC", id, topic, at)
		for q.Next() && q.Int(0) >= last {
			if q.Int(0) > last {
				last, held = q.Int(0), [2]bool{}
			}
			held[q.Int(1)] = true
		}
		if err := q.Close(); err != nil {
			return false, err
		}
	}
	granted := 0
	if r.Granted {
		granted = 1
	}
	if held[granted] && (last == at || !r.HasTime) {
		return false, nil
	}
	w.change()
	w.facts++
	w.effect.Decided = true
	return true, w.conn.Run("INSERT INTO consents (customer, topic, time, fact, granted, source) VALUES (?, ?, ?, ?, ?, ?)",
		person, topic, at, w.facts, granted, source)
}
