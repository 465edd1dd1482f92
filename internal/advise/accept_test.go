package advise

import "testing"

// An acceptance counts until a segment gets another version or the figures change much.
func TestAcceptance(t *testing.T) {
	few := func(members int, more ...func(*Segment)) *Input { return world(put("a", plain, 0, members, more...)) }
	second := func(s *Segment) { s.Version = 2 }
	accepted := func(in, now *Input) *Finding {
		f := Findings(in)[0]
		now.Accepted = []Acceptance{f.Accept("a pilot group", "anna", today), {Key: "empty:nobody"}}
		if f.Accepted != nil || !f.Active() {
			t.Errorf("%s is accepted before anybody did so", f.Key)
		}
		return &Findings(now)[0]
	}
	for _, c := range []struct {
		says   string
		before *Input
		now    *Input
		lapsed Lapse
	}{
		{"nothing changed", few(16), few(16), ""},
		{"a few more", few(16), few(19), ""},
		{"a quarter more", few(12), few(16), NewFigures},
		{"a third fewer", few(18), few(12), NewFigures},
		{"another version", few(16), few(16, second), NewVersion},
		{"data comes no more", world2(daily(at("2026-08-01"), 9)), world2(daily(at("2026-08-01"), 9)), ""},
		{"data came again, and stopped again", world2(daily(at("2026-08-01"), 9)), world2(daily(at("2026-08-09"), 9)), NewFigures},
		{
			"another segment depends on it", world2(daily(at("2026-08-01"), 9)),
			with(world2(daily(at("2026-08-01"), 9)), func(in *Input) {
				in.Segments = append(in.Segments, put("c", "count(order_completed) > 2", 500, 600))
			}), NewVersion,
		},
	} {
		f := accepted(c.before, c.now)
		if f.Accepted == nil || f.Accepted.Reason != "a pilot group" || f.Accepted.Author != "anna" ||
			f.Accepted.Lapsed != c.lapsed || f.Active() != (c.lapsed != "") {
			t.Errorf("%s: %s has %+v", c.says, f.Key, f.Accepted)
		}
	}
}

func TestKeysTellFindingsApart(t *testing.T) {
	in := world(put("a", `country = "XX" or country = "YY"`, 0, 100, counts(`country = "XX"`, 0, 0, 0), counts(`country = "YY"`, 0, 0, 0)))
	seen := map[string]bool{}
	for _, f := range Findings(in) {
		if seen[f.Key] {
			t.Errorf("two findings have the key %s", f.Key)
		}
		seen[f.Key] = true
	}
}
