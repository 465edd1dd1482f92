package scenario

import (
	"errors"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// shelf is segments to use, as files would give them.
func shelf(zone *calendar.Zone) (map[string]spec.Definition, error) {
	day := func(text string) calendar.Instant {
		d, err := calendar.ParseDate(text)
		if err != nil {
			panic(err)
		}
		return zone.Resolve(d)
	}
	by := func(names ...string) (list []spec.Override) {
		for _, name := range names {
			list = append(list, spec.Override{Customer: name})
		}
		return list
	}
	given := map[string]spec.Definition{}
	for _, d := range []spec.Definition{
		{Name: "sleeping", Rule: "last(order_completed) older than 180 days", Exclude: []spec.Override{{Customer: "ben", Until: day("2026-08-01")}}},
		{Name: "board", Kind: spec.List, Include: append(by("anna", "zoe", "anonymous:v1", "email:x@y.de", "#1"), spec.Override{Customer: "ida", Until: day("2026-02-01")})},
		{Name: "both", Rule: `in segment sleeping or in segment board`, Include: by("anna"), Exclude: by("anna", record.UserID+":zoe")},
		{Name: "life", Kind: spec.Segmentation, Parts: []string{"board", "sleeping"}, Rest: "others"},
		{Name: "other_life", Rule: "in segment life.others"},
		{Name: "draft", Rule: `country = "DE"`, State: spec.Draft, Include: by("anna")},
		{Name: "old", Rule: `country = "DE"`, State: spec.Retired},
		{Name: "frozen", Rule: `country = "DE"`, State: spec.Paused},
		{Name: "plan", Kind: spec.Segmentation, Parts: []string{"german"}, Rest: "others", State: spec.Draft},
		{Name: "german", Rule: `country = "DE"`},
		{Name: "tools", Members: spec.Companies, Rule: `industry = "tools"`, Include: by("acme"), Exclude: by(record.CompanyID + ":dull")},
		{Name: "staff", Rule: "in segment tools"},
		{Name: "best", Rule: "top 50% by sum(order_completed.total)", Exclude: by("carl")},
		{Name: "lost", Rule: "in segment sleping"},
	} {
		given[d.Name] = d.Normal()
	}
	return given, nil
}

// TestUse runs scenarios that use segments: the evaluator and the live engine must
// agree, and do what the segments say.
func TestUse(t *testing.T) {
	for title, text := range map[string]string{
		"A rule, who is out by hand until a day, and a restart": `
use sleeping
at 2026-01-01T10:00
  anna did order_completed
  ben did order_completed
at 2026-07-01T10:00
expect sleeping: anna
expect ben not in sleeping until 2026-08-01
expect transitions
  anna entered sleeping at 2026-06-30T10:00 by time
restart
at 2026-08-01T00:00
expect transitions
  ben entered sleeping at 2026-08-01T00:00 by time`,
		"Days are of the zone of the scenario": `
zone America/New_York
use sleeping
at 2026-01-01T10:00
  ben did order_completed
at 2026-09-01
expect transitions
  ben entered sleeping at 2026-08-01T00:00 by time`,
		"A list has whom it names, as far as the scenario does": `
use board
at 2026-01-01
  visitor v1 did page_viewed
  ben: country = "DE"
expect board: anna, v1, ida
at 2026-03-01
expect transitions
  anna entered board at 2026-01-01 by edit
  ida entered board at 2026-01-01 by edit
  v1 entered board at 2026-01-01 by edit
  ida left board at 2026-02-01 by time`,
		"What a segment refers to is used too; out counts before in": `
use both
at 2026-01-01
  anna did order_completed
  zoe did order_completed
  ida did order_completed
expect both: ida
expect board: anna, ida, zoe
at 2026-07-01
expect both: ida
expect sleeping: anna, ida, zoe`,
		"By hand holds for who turns out to be somebody": `
use board, both
at 2026-01-01
  visitor v1 did page_viewed
  carl: country = "DE"
expect board: v1
at 2026-01-02
  v1 is carl
expect board: carl
expect both: carl`,
		"A segmentation with its parts, by the name of one too": `
use life.others
at 2026-01-01
  anna did order_completed
  carl did order_completed
expect life.board: anna
expect life.others: carl
at 2026-07-01
expect life.sleeping: carl
remove segmentation life
expect transitions
  anna entered life.board at 2026-01-01 by edit
  anna entered board at 2026-01-01 by edit
  carl entered life.others at 2026-01-01 by event
  carl left life.others at 2026-06-30 by time
  carl entered life.sleeping at 2026-06-30 by time
  anna entered sleeping at 2026-06-30 by time
  carl entered sleeping at 2026-06-30 by time
  anna left life.board by edit
  carl left life.sleeping by edit`,
		"Nobody is in what is not active": `
at 2026-01-01
  anna: country = "DE"
use draft, old, frozen, plan
expect draft: nobody
expect old: nobody
expect frozen: nobody
expect german: anna
expect plan.german: nobody
expect plan.others: nobody`,
		"Companies, and people who ask about them": `
use staff
at 2026-01-01
  company beta: industry = "tools"
  company dull: industry = "tools"
  anna belongs to acme
  ben belongs to dull
expect tools: acme, beta
expect staff: anna`,
		"What the scenario defines itself stays, unless it is named": `
segment sleeping: vip = true
at 2026-01-01
  anna: vip = true
use both
expect sleeping: anna
expect both: nobody
at 2026-01-02
use sleeping
expect sleeping: nobody
at 2026-01-03
  ben: vip = true
segment board: vip = true
expect board: anna, ben
expect both: ben`,
		"Ranks and hands": `
use best
at 2026-01-01T10:30
  anna did order_completed total = 5
  carl did order_completed total = 50
at 2026-01-01T12:00
expect best: nobody`,
		"A segment of the scenario beside one of the files": `
use german
segment ours: in segment german and vip = true
at 2026-01-01
  anna: country = "DE", vip = true
expect ours: anna`,
	} {
		t.Run(title, func(t *testing.T) {
			text := "scenario \"" + title + "\"" + text
			f, problems := Parse("use", text, shelf)
			if f == nil {
				t.Fatal(problems.Format("use", text))
			}
			r, err := f.Scenarios[0].Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, failure := range r.Failures {
				t.Error(failure.Text)
			}
		})
	}
}

// TestUseFails tells what of a use is wrong, with its place.
func TestUseFails(t *testing.T) {
	broken := func(*calendar.Zone) (map[string]spec.Definition, error) {
		return nil, errors.New("the files have mistakes")
	}
	empty := func(*calendar.Zone) (map[string]spec.Definition, error) { return nil, nil }
	for _, c := range []struct {
		text, want string
		given      Given
	}{
		{"use sleping", `x:3:5: there is no segment or segmentation "sleping" in the files; did you mean "sleeping"?`, shelf},
		{"use board, life.others, life.vip", `x:3:25: there is no segment or segmentation "life.vip" in the files`, shelf},
		{"use board, lost", `x:3:12: lost refers to the segment "sleping", which is in no file; did you mean "sleeping"?`, shelf},
		{"use all", `x:3:5: lost refers to the segment "sleping"`, shelf},
		{"use", `x:3:4: expected the name of a segment or a segmentation, or all`, shelf},
		{"use board board", `x:3:11: unexpected "board"`, shelf},
		{"use board", `x:3:1: the files have mistakes`, broken},
		{"use board", `x:3:1: no file with segments was found`, empty},
		{"use board", `x:3:1: there are no files with segments to use`, nil},
	} {
		text := "scenario \"A\"\nat 2026-01-01\n" + c.text + "\nexpect board: nobody\n"
		f, problems := Parse("x", text, c.given)
		if got := problems.Format("x", text); f != nil || len(problems) != 1 || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s want %s", c.text, got, c.want)
		}
	}
}

// TestUseAtOdds tells where a segment does not fit the facts of a scenario.
func TestUseAtOdds(t *testing.T) {
	text := "scenario \"A\"\nat 2026-01-01\n  anna: country = 7\nuse german\nexpect german: anna\n"
	f, problems := Parse("x", text, shelf)
	if f == nil {
		t.Fatal(problems)
	}
	r, err := f.Scenarios[0].Run(t.Context())
	if err != nil || len(r.Failures) != 1 || r.Failures[0].Line != 4 || !strings.Contains(r.Failures[0].Text, "german cannot be used here") {
		t.Errorf("%v, %v", r.Failures, err)
	}
}
