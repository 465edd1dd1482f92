package cli

import (
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// By today's rule the segments to which it refers are decided by theirs, though they were
// not there yet, and so does count what was decided by hand; what a rule asks about the
// past of others is in the log.
func TestTodaysRule(t *testing.T) {
	p := newPlace(t)
	s, err := store.Open("data", "main")
	if err != nil {
		t.Fatal(err)
	}
	zone, err := calendar.LoadZone(usualZone)
	if err != nil {
		t.Fatal(err)
	}
	d := &diary{p, s, zone, map[string]int64{}}
	d.come("2026-09-01", "DE", "anna")
	d.come("2026-09-01", "AT", "ben")
	d.come("2026-09-01", "CH", "carla")
	for i, def := range []segment.Definition{
		{Name: "alps", Rule: `country in ("AT", "CH")`},
		{Name: "guests", Kind: segment.List, Include: []segment.Override{{Customer: "anna", Until: d.at("2026-10-15")}, {Customer: "nobody"}}},
		{Name: "both", Rule: "in segment alps or in segment guests", Exclude: []segment.Override{{Customer: "carla"}}},
		{Name: "others", Rule: "not (in segment both or in segment idea)"},
		{Name: "lasting", Rule: "in segment alps for 2 days and not in segment both"},
		{Name: "crossed", Rule: "in segment lasting or entered segment alps in last 1 day"},
	} {
		d.put("2026-11-07", def, int64(i+1), 1)
	}
	d.put("2026-11-07", segment.Definition{Name: "idea", Rule: "country is known", State: segment.Draft}, 7, 0)
	d.moves("2026-11-07", 1, 1, store.CauseEdit, "+ben", "+carla")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]string{
		"guests 2026-10-01": "anna", "guests 2026-10-20": "", "both 2026-10-01": "anna ben", "both 2026-10-20": "ben",
		"others 2026-10-01": "carla", "others 2026-10-20": "anna carla", "idea 2026-10-01": "anna ben carla",
		"lasting 2026-10-01": "", "lasting 2026-11-09": "carla", "crossed 2026-11-07T12:00": "ben carla", "crossed 2026-11-09": "carla",
	} {
		name, at, _ := strings.Cut(question, " ")
		stdout, stderr, status := p.run("list", "in:"+name, "--at", at, "--todays-rule")
		list, tail, _ := strings.Cut(stdout, "\n\n")
		if got := strings.Join(strings.Fields(list)[1:], " "); got != want || status != 0 || stderr != "" {
			t.Errorf("%s: %s (%d) %s, not %s", question, got, status, stderr, want)
		}
		if logged := name == "lasting" || name == "crossed"; logged != strings.Contains(tail, "who was in these, entered or left them: alps.") {
			t.Errorf("%s: %s", question, tail)
		}
	}
}
