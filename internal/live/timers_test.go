package live

import (
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// TestTimerTwice follows a company once whose next instant stands in the heap twice,
// since it was set, moved to an earlier one, and set again when that had passed. A
// person who leaves a segment meanwhile changes the company at that very instant.
func TestTimerTwice(t *testing.T) {
	s := serve(t, memoryDir(t), clock.NewManual(start), false)
	defer s.close()
	acme := record.Identity{Namespace: "company", Value: "acme"}
	group := func(fields string) record.Record {
		return record.Record{Kind: record.Group, Time: s.clock.Now(), Company: acme, Fields: []byte(fields), Source: "test"}
	}
	joins := group("{}")
	joins.Customer = []record.Identity{identity("anna")}
	s.apply(group(`{"renewal": "2026-06-01T20:00:00Z", "trial_end": "2026-06-01T12:00:00Z"}`), joins, event("anna", "seen", start-8*hour))
	s.putFirms("renews", "renewal in next 1 hour")
	s.settle()
	s.putFirms("on_trial", "trial_end in next 1 hour")
	s.put("active", "count(seen in last 7 hours) >= 1")
	s.settle()
	s.putFirms("idle", "count(company.people where in segment active) = 0 or renewal in last 1 day")
	s.settle()
	for _, to := range []calendar.Instant{start + hour, start + 2*hour, start + 5*hour/2} {
		s.clock.Set(to)
		s.settle()
	}
	s.apply(event("anna", "seen", s.clock.Now()))
	s.clock.Set(start + 12*hour)
	s.settle()
	log := s.log()
	i := slices.IndexFunc(log, func(l store.Told) bool { return l.SegmentName == "idle" && l.Entered && l.Due > start })
	if i < 0 || log[i].Due != start+19*hour/2 {
		t.Errorf("idle is not entered when anna leaves active: %v", shown(log))
	}
}
