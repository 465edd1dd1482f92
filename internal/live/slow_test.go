package live

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/record"
)

func kick(user string, at int64, n int) record.Record {
	return record.Record{
		Kind: record.Track, Customer: []record.Identity{identity(user)}, Event: "kick", Time: at, HasTime: true,
		Fields: fmt.Appendf(nil, `{"n":%d}`, n),
	}
}

func (s *server) state(name string) Status {
	s.t.Helper()
	s.settle()
	for _, status := range s.engine.Segments() {
		if status.Name == name {
			return status
		}
	}
	s.t.Fatalf("there is no segment %s", name)
	return Status{}
}

// A segment that takes too much effort is no longer followed event by event, holds
// nobody up, and is refreshed now and then; segments that refer to it follow that.
func TestSlowSegmentIsRefreshed(t *testing.T) {
	const start = 1_795_000_000_000
	c := clock.NewManual(start)
	s := serve(t, memoryDir(t), c, false)
	defer s.close()
	var history []record.Record
	for i := range 200 {
		history = append(history, kick("u1", start-int64(1000-i), i))
	}
	s.apply(history...)
	s.put("slow", "count(kick where n >= 100) >= 102 and count(kick where n >= 100) < 1000")
	s.put("quick", "count(kick) >= 203")
	s.put("leaning", "in segment slow")
	s.settle()
	s.engine.Patience = 50
	for i := range 3 {
		s.apply(kick("u1", start, 200+i), kick("u2", start, 0))
	}
	if got := s.state("slow").State; got != Slow {
		t.Fatalf("a segment that looks at 200 events in each commit is %s", got)
	}
	if in := s.members(); !slices.Equal(in["slow"], []string{"u1"}) || !slices.Equal(in["quick"], []string{"u1"}) {
		t.Fatalf("followed so far: %v", in)
	}
	s.apply(record.Record{Kind: record.Alias, Customer: []record.Identity{identity("u3")}, Previous: identity("a9")})
	for i := range 110 {
		s.apply(kick("u3", start, 100+i))
	}
	if in := s.members(); slices.Contains(in["slow"], "u3") || s.state("quick").State != Active {
		t.Fatalf("it is still followed event by event: %v", in)
	}
	for refreshed := false; !refreshed; {
		changed := s.engine.Changed()
		c.Advance(11 * time.Second)
		s.settle()
		if refreshed = slices.Contains(s.members()["leaning"], "u3"); !refreshed {
			<-changed
		}
	}
	if in := s.members(); !slices.Equal(in["slow"], []string{"u1", "u3"}) {
		t.Errorf("after the refresh: %v", in)
	}
	if fresh := s.state("slow").Fresh; fresh < start+11_000 {
		t.Errorf("it says it is fresh as of %d", fresh-start)
	}
	s.put("slow", "count(kick) >= 1")
	if got := s.state("slow").State; got != Active {
		t.Errorf("with another rule it is %s", got)
	}
}
