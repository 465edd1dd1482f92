package store

import (
	"bytes"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store/flat"
)

// heldValue is a value that was set at a time; a nil value unset the attribute.
type heldValue struct {
	time  calendar.Instant
	fact  int64
	value string
	unset bool
}

// setAttributes sets what the walker found. It tells whether anything is now
// otherwise than it was at the record's time.
func (w *writer) setAttributes(r *record.Record, kind Kind, customer int64, created bool, source int64) (bool, error) {
	w.serial++
	at := w.timeOf(r)
	changed := false
	if r.HasTime {
		err := w.walker.EachObject(func(name []byte) error { return w.replaceObject(kind, customer, name, at, source) })
		if err != nil {
			return false, err
		}
	}
	for i := range w.walker.Fields {
		leaf := &w.walker.Fields[i]
		if leaf.Member {
			continue
		}
		f := w.attributes[kind].field(w, w.walker.Path(leaf))
		known := !created || f.serial == w.serial // a new customer has no history, but a path may stand twice in one record
		f.serial = w.serial
		w.held = w.held[:0]
		if known {
			if err := w.readHeld(customer, f.id, at); err != nil {
				return false, err
			}
			if err := w.readReplaced(customer, kind, w.walker.Path(leaf), at); err != nil {
				return false, err
			}
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
	return changed, nil
}

// replaceMark stands behind the name of an attribute that was set to an object: a
// fact with this path says that from its time on nothing holds of what the
// object had before. It is a fact and not a null for each field that was known,
// since an older fact about another field may arrive later.
const replaceMark = "."

func isReplaceMark(path string) bool { return strings.HasSuffix(path, replaceMark) }

// replaceObject adds that an object was set as a whole, unless that is known.
func (w *writer) replaceObject(kind Kind, customer int64, name []byte, at calendar.Instant, source int64) error {
	f := w.attributes[kind].field(w, append(bytes.Clone(name), replaceMark...))
	w.held = w.held[:0]
	if err := w.readHeld(customer, f.id, at); err != nil {
		return err
	}
	for _, h := range w.held {
		if h.time == at {
			return nil
		}
	}
	w.written, w.changed = true, true
	return w.addAttribute(customer, f.id, at, []byte("{}"), source)
}

// readReplaced reads as unset when the object that a path leads into was set as a whole.
func (w *writer) readReplaced(customer int64, kind Kind, path []byte, at calendar.Instant) error {
	name, _, nested := bytes.Cut(path, []byte("."))
	if !nested {
		return nil
	}
	mark := w.attributes[kind].byPath[string(name)+replaceMark]
	if mark == nil {
		return nil
	}
	first := len(w.held)
	if err := w.readHeld(customer, mark.id, at); err != nil {
		return err
	}
	for i := first; i < len(w.held); i++ {
		w.held[i].unset, w.held[i].value = true, ""
	}
	return nil
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
	last := heldValue{unset: true}
	for i, h := range w.held {
		if i == 0 || h.time > last.time || h.time == last.time && h.fact > last.fact {
			last = h
		}
	}
	for _, h := range w.held {
		if same := h.unset == unset && h.value == string(value); same && (h.time == at || !hasTime && h.time == last.time) {
			return false, nil
		}
	}
	changed = last.unset != unset || last.value != string(value)
	w.written = true
	w.changed = w.changed || changed || len(w.held) == 0 // null may stand before what is the first value now
	return changed, w.addAttribute(customer, f.id, at, value, source)
}

// readHeld reads what was set last up to a time: for each of the merged customers the values of the latest time.
func (w *writer) readHeld(customer, field int64, at calendar.Instant) error {
	for _, id := range w.families.members(customer) {
		q := w.do.heldAttribute
		q.BindInt(1, id)
		q.BindInt(2, field)
		q.BindInt(3, at)
		for first := len(w.held); q.Next(); {
			h := heldValue{time: q.Int(0), fact: q.Int(1), value: q.Text(2), unset: q.IsNull(2)}
			if len(w.held) > first && h.time != w.held[first].time {
				break
			}
			w.held = append(w.held, h)
		}
		if err := q.Reset(); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) addAttribute(customer, field int64, at calendar.Instant, value []byte, source int64) error {
	w.facts++
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
	return true, w.conn.Run("INSERT INTO consents (customer, topic, time, fact, granted, source) VALUES (?, ?, ?, ?, ?, ?)",
		person, topic, at, w.facts, granted, source)
}
