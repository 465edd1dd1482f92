package server

import (
	"strings"
	"testing"
)

// TestRanks has customers come after ranks were computed: the segment goes on,
// and nothing else is wrong.
func TestRanks(t *testing.T) {
	p := pair(t)
	p.kick("a", 10)
	p.run("segment", "put", "best", "top 20% by count(kick)")
	p.settled()
	p.kick("b", 10)
	if state := p.segments()["best"]; state.State != "active" {
		t.Fatalf("the segment is %s: %s", state.State, state.Problem)
	}
	if out := p.run("verify"); !strings.Contains(out, "all is well") {
		t.Errorf("kohorte verify: %s", out)
	}
}
