// Package benchdata generates the customers and events that Kohorte is measured
// with: as many as wanted, fast, in the order of time over all customers, with
// the skew of a real shop, and a hundred rules to ask about them.
package benchdata

import (
	"iter"
	"math/bits"
	"math/rand/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// Options say how much to generate.
type Options struct {
	Customers int // at least 1
	Events    int // Track records; customers, changes and consents come on top
	Seed      uint64
	Until     calendar.Instant // the end of three years
}

// Generate gives the records in the order of time. The same options give the same
// records everywhere. Byte slices and identities may be kept.
func Generate(o Options) iter.Seq[record.Record] {
	return func(yield func(record.Record) bool) {
		g := newGenerator(o, yield)
		for g.known < o.Customers/2 && !g.stopped {
			g.now = g.start - day + int64(g.known)*day/int64(o.Customers)
			g.introduce()
		}
		g.each(g.event)
		for g.known < o.Customers && !g.stopped {
			g.introduce()
		}
	}
}

const (
	hour = calendar.Instant(60 * 60 * 1000)
	day  = 24 * hour
)

// generator holds what goes on at the present of the simulation. Half of the
// customers are known at its start, the others come evenly with the events.
type generator struct {
	Options
	pcg        rand.PCG
	zone       *calendar.Zone
	start      calendar.Instant
	now        calendar.Instant
	known      int // how many customers there are
	done       int // how many events there were
	identities []record.Identity
	sessions   []session
	keys       uint64
	space      []byte
	yield      func(record.Record) bool
	stopped    bool
}

func newGenerator(o Options, yield func(record.Record) bool) *generator {
	zone, err := calendar.LoadZone(Zone)
	if err != nil {
		panic(err) // the zones are part of the program
	}
	g := &generator{Options: o, zone: zone, yield: yield, identities: identities(o.Customers)}
	g.start = zone.DayStart(zone.Sub(o.Until, calendar.Duration{N: 3, Unit: calendar.Year}), 0)
	g.now = g.start
	g.pcg.Seed(scramble(o.Seed), scramble(o.Seed+1))
	g.sessions = make([]session, max(4, int64(o.Events)*60_000/(o.Until-g.start)))
	return g
}

// identities are the names of all customers, built once so that events need not allocate them.
func identities(n int) []record.Identity {
	const width = len("c00000000")
	names := make([]byte, 0, n*width)
	for i := range n {
		names = append(names, 'c')
		for place := 10_000_000; place > 0; place /= 10 {
			names = append(names, byte('0'+i/place%10))
		}
	}
	text, all := string(names), make([]record.Identity, n)
	for i := range all {
		all[i] = record.Identity{Namespace: record.UserID, Value: text[i*width : (i+1)*width]}
	}
	return all
}

// each calls do for each event, at its time: hours get events by their season and
// time of day, and within an hour the events are about evenly apart.
func (g *generator) each(do func()) {
	total := int64(0)
	for at := g.start; at < g.Until; at += hour {
		total += g.weight(at)
	}
	sum := int64(0)
	for at := g.start; at < g.Until && !g.stopped; at += hour {
		sum += g.weight(at)
		n := share(g.Events, sum, total) - g.done
		length := min(hour, g.Until-at)
		for i := 0; i < n && !g.stopped; i++ {
			g.now = at + int64(i)*length/int64(n) + g.below(length/int64(n)+1)
			g.now = min(g.now, at+int64(i+1)*length/int64(n))
			g.done++
			do()
		}
	}
}

// share gives n × part / total without overflow.
func share(n int, part, total int64) int {
	hi, lo := bits.Mul64(uint64(n), uint64(part))
	q, _ := bits.Div64(hi, lo, uint64(total))
	return int(q)
}

var (
	perMonth = [13]int64{0, 8, 8, 9, 9, 10, 9, 8, 8, 10, 10, 14, 15}
	perHour  = [24]int64{3, 2, 1, 1, 1, 2, 5, 10, 15, 18, 20, 21, 22, 20, 20, 21, 22, 24, 27, 32, 36, 32, 22, 10}
)

// weight says how busy an hour is.
func (g *generator) weight(at calendar.Instant) int64 {
	c := g.zone.Civil(at)
	return perMonth[c.Month] * perHour[c.Milli/int(hour)]
}

// below draws from 0 to n-1.
func (g *generator) below(n int64) int64 {
	hi, _ := bits.Mul64(g.pcg.Uint64(), uint64(n))
	return int64(hi)
}

// scramble spreads a number over 64 bits, one to one (SplitMix64).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
