package store

import (
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store/flat"
)

// track keeps an event.
func (w *writer) track(r *record.Record) error {
	if r.Event == "" {
		return refuse("is an event without a name")
	}
	if err := w.walk(r); err != nil {
		return err
	}
	keyed := r.Key != [16]byte{}
	var print uint64
	if keyed {
		print = fingerprint(r, &w.walker)
		before, found, err := w.keys.Find(r.Key)
		switch {
		case err != nil:
			return err
		case found && (before == print || r.Retry):
			w.result.Duplicates++
			return nil
		case found:
			return refuse("was already imported with other content: its id is the same, but not its type, time or properties")
		}
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
	if keyed {
		w.keys.Add(r.Key, print)
	}
	return w.addEvent(r, person, source)
}

func (w *writer) addEvent(r *record.Record, person, source int64) error {
	w.change()
	w.result.Events++
	t := w.eventType(r.Event, r.EventGiven)
	t.events++
	for i := range w.walker.Fields {
		w.observeIn(&t.properties, &w.walker.Fields[i])
	}
	w.lastEvent++
	add := w.do.addEvent
	add.BindInt(1, w.lastEvent)
	add.BindInt(2, person)
	add.BindInt(3, t.id)
	add.BindInt(4, w.timeOf(r))
	add.BindInt(5, w.received)
	add.BindInt(6, source)
	props := w.walker.Compact()
	add.BindText(7, props)
	w.effect.Event = EventEffect{Seq: w.lastEvent, Type: r.Event, Time: w.timeOf(r), Props: props}
	return add.Run()
}

// fingerprint is a hash of what an event says: its type, its time if it has one,
// and its properties, whatever their order.
func fingerprint(r *record.Record, walker *flat.Walker) uint64 {
	h := hash(seed, r.Event)
	if r.HasTime {
		h = (h ^ uint64(r.Time)) * prime
	}
	var properties uint64
	for i := range walker.Fields {
		if f := &walker.Fields[i]; !f.Member {
			properties += scramble(hash(hash(seed, walker.Path(f))*prime, walker.Value(f)))
		}
	}
	return scramble(h ^ properties)
}

// FNV-1a with 64 bits. It is part of the file's format, as scramble is.
const (
	seed  = 14695981039346656037
	prime = 1099511628211
)

func hash[T string | []byte](h uint64, s T) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * prime
	}
	return h
}

// scramble spreads a hash over all bits (the finalizer of MurmurHash 3), so that sums of hashes do not cancel out.
func scramble(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
