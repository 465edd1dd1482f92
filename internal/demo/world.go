package demo

import (
	"encoding/binary"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

const (
	second = calendar.Instant(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
	year   = 365 * day
)

// berlin is the zone that both companies live in.
var berlin = mustLoad("Europe/Berlin")

func mustLoad(zone string) *calendar.Zone {
	z, err := calendar.LoadZone(zone)
	if err != nil {
		panic(err) // the zones are part of the program
	}
	return z
}

// world is a simulation: people act at appointed times and leave records behind,
// which are delivered in the order of their receipt.
type world struct {
	seed         uint64
	source       string
	start, until calendar.Instant
	days         []dayOfTrade
	now          calendar.Instant
	agenda       agenda
	delivery     dice
	sent         uint64
	yield        func(record.Record) bool
	stopped      bool
}

func newWorld(o Options, source string, trade func(calendar.Civil) int, yield func(record.Record) bool) *world {
	start := berlin.DayStart(berlin.Sub(o.Until, calendar.Duration{N: 3, Unit: calendar.Year}), 0)
	return &world{
		seed: o.Seed, source: source, start: start, until: o.Until, now: start,
		days: tradeDays(start, o.Until, trade), delivery: newDice(o.Seed, forDelivery, 0), yield: yield,
	}
}

// at makes an appointment; what lies outside of the simulation's time never happens.
func (w *world) at(t calendar.Instant, do func()) {
	if t >= w.now && t < w.until {
		w.agenda.add(t, do)
	}
}

// in makes an appointment some time from now.
func (w *world) in(wait calendar.Instant, do func()) { w.at(w.now+wait, do) }

// run lets everything happen.
func (w *world) run() {
	for !w.stopped && len(w.agenda.heap) > 0 {
		next := w.agenda.take()
		w.now = next.at
		next.do()
	}
}

// identify tells attributes of a person.
func (w *world) identify(who []record.Identity, traits []byte) {
	w.deliver(record.Record{Kind: record.Identify, Customer: who, Fields: traits})
}

// alias tells that an identity is the same person's.
func (w *world) alias(who []record.Identity, previous record.Identity) {
	w.deliver(record.Record{Kind: record.Alias, Customer: who, Previous: previous})
}

// consent tells a person's decision.
func (w *world) consent(who []record.Identity, channel, purpose string, granted bool) {
	w.deliver(record.Record{Kind: record.Consent, Customer: who, Channel: channel, Purpose: purpose, Granted: granted})
}

// group tells attributes of a company and, with a person, that the person joined it.
func (w *world) group(company record.Identity, who []record.Identity, role string, traits []byte) {
	w.deliver(record.Record{Kind: record.Group, Company: company, Customer: who, Role: role, Fields: traits})
}

// track tells an event. A few are received late, and a few twice.
func (w *world) track(who []record.Identity, e *event, properties []byte) {
	r := record.Record{
		Kind: record.Track, Customer: who, Event: e.name, EventGiven: e.given,
		Time: w.now, HasTime: true, Fields: properties, Key: w.nextKey(),
	}
	late := calendar.Instant(0)
	if w.delivery.chance(lateEvents) {
		late = w.delivery.exponential(3 * hour)
		w.in(late, func() { w.deliver(r) })
	} else {
		w.deliver(r)
	}
	if w.delivery.chance(repeatedEvents) {
		w.in(late+w.delivery.exponential(20*second), func() { w.deliver(r) })
	}
}

func (w *world) nextKey() (key [16]byte) {
	w.sent++
	binary.BigEndian.PutUint64(key[:8], scramble(w.seed^w.sent))
	binary.BigEndian.PutUint64(key[8:], scramble(^w.sent))
	return key
}

func (w *world) deliver(r record.Record) {
	if !r.HasTime {
		r.Time, r.HasTime = w.now, true
	}
	r.Source = w.source
	if !w.stopped && !w.yield(r) {
		w.stopped = true
	}
}

// today is the civil date at the present of the simulation.
func (w *world) today() calendar.Civil { return berlin.Civil(w.now) }
