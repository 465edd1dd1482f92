package live

import (
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
)

// sabotage makes the evaluation of a unit panic.
func sabotage(u *unit) {
	for i := range u.machines {
		u.machines[i] = nil
	}
}

func (s *server) status(name string) Status {
	s.t.Helper()
	for _, status := range s.engine.Segments() {
		if status.Name == name {
			return status
		}
	}
	s.t.Fatalf("there is no segment %s", name)
	return Status{}
}

// TestBrokenRule has the evaluation of a rule panic, by time and by data. The others
// go on, those that refer to it too, and with another rule it works again.
func TestBrokenRule(t *testing.T) {
	for _, byTime := range []bool{false, true} {
		s, _ := sick(t)
		s.put("bad", "count(seen in last 1 hour) >= 1")
		s.put("after", "in segment bad")
		s.expect("after", "u1", "u2", "u3")
		s.engine.committing.Lock()
		sabotage(s.engine.segments["bad"].active)
		s.engine.committing.Unlock()
		if byTime {
			s.clock.Set(start + hour)
			s.expect("recent")
		} else {
			s.apply(event("u4", "seen", start))
			s.expect("recent", "u1", "u2", "u3", "u4")
		}
		if bad := s.status("bad"); bad.State != Broken || !strings.Contains(bad.Problem, "its evaluation failed") {
			t.Errorf("%+v", bad)
		}
		for _, name := range []string{"recent", "after"} {
			if status := s.status(name); status.State != Active {
				t.Errorf("%+v", status)
			}
		}
		s.clock.Set(start + 2*hour)
		s.apply(event("u5", "seen", start+2*hour))
		s.expect("recent", "u5")
		s.expect("after", "u1", "u2", "u3") // as it was when bad broke
		s.put("bad", "count(seen in last 2 hours) >= 1")
		for s.status("bad").State != Active { // the engine commits when it has filled it
			changed := s.engine.Changed()
			if s.status("bad").State != Active {
				<-changed
			}
		}
		s.expect("bad", "u5")
		s.expect("after", "u5")
	}
}

// TestBrokenWhileFilled has the evaluation of a new rule panic before it decides.
func TestBrokenWhileFilled(t *testing.T) {
	s := step(t)
	s.must(&request{records: []record.Record{event("u1", "seen", start)}}, s.put("good", "count(seen) >= 0"))
	s.commit(s.put("bad", "count(seen) >= 0"))
	u := s.engine.nextChange()[0]
	sabotage(u)
	s.must()
	for _, status := range s.engine.Segments() {
		want := Active
		if status.Name == "bad" {
			want = Broken
		}
		if status.State != want {
			t.Errorf("%+v", status)
		}
	}
	s.must(s.put("bad", "count(seen) >= 1"))
	for _, status := range s.engine.Segments() {
		if status.State != Active {
			t.Errorf("%+v", status)
		}
	}
}

// TestRuleThatNoLongerFits has a field become another one than a rule expects; with a rule that fits it is followed again.
func TestRuleThatNoLongerFits(t *testing.T) {
	s, _ := sick(t)
	s.apply(attribute("u1", `{"size": 1}`))
	s.put("big", "size >= 1")
	s.expect("big", "u1")
	s.apply(attribute("u1", `{"size": "L"}`), attribute("u2", `{"size": "M"}`))
	if big := s.status("big"); big.State != Broken || big.Problem == "" {
		t.Fatalf("%+v", big)
	}
	s.expect("recent", "u1", "u2", "u3")
	s.put("big", `size = "M"`)
	for s.status("big").State != Active {
		changed := s.engine.Changed()
		if s.status("big").State != Active {
			<-changed
		}
	}
	s.expect("big", "u2")
}
