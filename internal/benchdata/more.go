package benchdata

import (
	"iter"

	"github.com/kohorte/kohorte/internal/record"
)

// More gives what happens after the history that Generate gives for the same
// options, without an end: events and now and then a change of an attribute or a
// consent. So many sessions go on side by side; the less they are, the fewer
// customers act at a time. All times are Until; the caller gives the real ones.
func More(o Options, sessions int) iter.Seq[record.Record] {
	return func(yield func(record.Record) bool) {
		g := newGenerator(o, yield)
		g.pcg.Seed(scramble(o.Seed), scramble(o.Seed+2))
		g.now, g.known, g.done, g.keys = o.Until, o.Customers, o.Events, uint64(o.Events)
		g.sessions = make([]session, max(1, sessions))
		for !g.stopped {
			g.event()
		}
	}
}
