package language_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/language"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/rule"
)

// eachExample calls f for every example with its rule.
func eachExample(t *testing.T, f func(d language.Declaration, e language.Example, n rule.Node)) {
	t.Helper()
	for _, group := range language.Groups() {
		for _, d := range group.Declarations {
			for _, e := range d.Examples {
				n, problems := rule.Parse(e.Rule)
				if n == nil {
					t.Errorf("%s:\n%s", d.Name, problems.Format("rule", e.Rule))
					continue
				}
				f(d, e, n)
			}
		}
	}
}

func knownFields(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := language.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExamplesAreRules(t *testing.T) {
	known := knownFields(t)
	seen := map[string]bool{}
	eachExample(t, func(d language.Declaration, e language.Example, n rule.Node) {
		if problems := check.Check(n, known, check.Options{}); len(problems) > 0 {
			t.Errorf("%s:\n%s", d.Name, problems.Format("rule", e.Rule))
		}
		if canonical := rule.PrintLine(n); canonical != e.Rule && !strings.Contains(e.Rule, "12.50") {
			t.Errorf("%s: written as\n%s\ninstead of\n%s", d.Name, e.Rule, canonical)
		}
		if key := e.Rule + e.Now + e.Customer.Name; seen[key] {
			t.Errorf("%s: the example %s stands twice", d.Name, e.Rule)
		} else {
			seen[key] = true
		}
		if e.Why == "" || strings.HasSuffix(e.Why, ".") {
			t.Errorf("%s: %s: a reason is a clause, got %q", d.Name, e.Rule, e.Why)
		}
	})
}

// TestExamplesHold lets the naive evaluator decide the examples.
func TestExamplesHold(t *testing.T) {
	world := cast(t)
	zone, _ := calendar.LoadZone(language.Zone)
	eachExample(t, func(d language.Declaration, e language.Example, n rule.Node) {
		now := instant(t, zone, e.Now)
		for _, c := range world.Customers {
			if c.ID == e.Customer.Name && world.Holds(n, c, now) != e.In {
				t.Errorf("%s: %s\n is %v for %s at %s", d.Name, e.Rule, !e.In, c.ID, e.Now)
			}
		}
	})
}

// TestDeclarationsAreShownBothWays wants an example in and one out, so that no
// part could be ignored, and every part of a rule in some example.
func TestDeclarationsAreShownBothWays(t *testing.T) {
	for _, group := range language.Groups() {
		for _, d := range group.Declarations {
			verdicts := map[bool]int{}
			for _, e := range d.Examples {
				verdicts[e.In]++
			}
			bySize := d.Gives == catalog.Number || d.Name == "between dates" // compared with what it is exactly
			if verdicts[true] == 0 || verdicts[false] == 0 && !bySize {
				t.Errorf("%s has %d examples in and %d out", d.Name, verdicts[true], verdicts[false])
			}
			if d.Doc == "" || len(d.Syntax) == 0 || !strings.HasSuffix(d.Doc, ".") && !strings.HasSuffix(d.Doc, "`.") {
				t.Errorf("%s lacks syntax or documentation", d.Name)
			}
			if language.Find(d.Name).Name != d.Name {
				t.Errorf("%s is declared twice", d.Name)
			}
		}
	}
}

// TestEveryPartOfTheLanguageIsShown looks for what rules can consist of.
func TestEveryPartOfTheLanguageIsShown(t *testing.T) {
	shown := map[string]bool{}
	note := func(parts ...any) {
		for _, part := range parts {
			shown[strings.TrimPrefix(fmt.Sprintf("%T", part), "*")] = true
			shown[fmt.Sprint(part)] = true
		}
	}
	eachExample(t, func(_ language.Declaration, _ language.Example, n rule.Node) {
		rule.Walk(n, func(n rule.Node) bool {
			note(n)
			switch n := n.(type) {
			case *rule.Compare:
				note(n.Op)
			case *rule.Match:
				note(n.How)
			case *rule.Quantified:
				note(n.Quantifier)
			case *rule.Moment:
				shown[fmt.Sprint("moment ", n.Test)] = true
			}
			for _, f := range rule.Filters(n) {
				if f.Window != nil {
					shown[fmt.Sprint("window ", f.Window.Kind)] = true
				}
			}
			for _, v := range rule.Values(n) {
				note(v)
				if a, ok := v.(*rule.Aggregate); ok {
					note(a.Func)
				}
			}
			return true
		})
	})
	for _, want := range wanted() {
		if !shown[want] {
			t.Errorf("no example shows %s", want)
		}
	}
}

// wanted lists the parts of which rules consist.
func wanted() []string {
	list := strings.Fields(`rule.And rule.Or rule.Not rule.Compare rule.In rule.Between rule.Match rule.Known rule.Moment rule.Anniversary
		rule.InSegment rule.Crossed rule.Sequence rule.Quantified rule.Consent rule.Top rule.IsTrue
		rule.Path rule.Literal rule.Aggregate rule.Age rule.Score rule.Distance`)
	for op := rule.Equal; op <= rule.GreaterEqual; op++ {
		list = append(list, op.String())
	}
	for how := rule.Contains; how <= rule.Matches; how++ {
		list = append(list, how.String())
	}
	for quantifier := rule.Any; quantifier <= rule.No; quantifier++ {
		list = append(list, quantifier.String())
	}
	for fn := rule.Count; fn <= rule.Last; fn++ {
		list = append(list, fn.String())
	}
	for test := rule.OlderThan; test <= rule.InPeriod; test++ {
		list = append(list, fmt.Sprint("moment ", test))
	}
	for kind := rule.InLast; kind <= rule.BetweenDates; kind++ {
		list = append(list, fmt.Sprint("window ", kind))
	}
	return list
}

func cast(t *testing.T) *naive.World {
	t.Helper()
	zone, err := calendar.LoadZone(language.Zone)
	if err != nil {
		t.Fatal(err)
	}
	var calls, consents, memberships lines
	for _, c := range language.Cast() {
		calls.add(t, line{"type": "identify", "userId": c.Name, "timestamp": "2020-01-01T00:00:00Z", "traits": json.RawMessage(c.Attributes)})
		if c.Company != "" {
			calls.add(t, line{"type": "group", "userId": c.Name, "groupId": c.Name + "'s", "timestamp": "2020-01-01T00:00:00Z", "traits": json.RawMessage(c.Company)})
		}
		for _, e := range c.Events {
			calls.add(t, line{"type": "track", "userId": c.Name, "event": e.Type, "timestamp": stamp(t, zone, e.Time), "properties": json.RawMessage(e.Properties)})
		}
		for _, d := range c.Consents {
			consents.add(t, line{"userId": c.Name, "channel": d.Channel, "purpose": d.Purpose, "granted": d.Granted, "timestamp": stamp(t, zone, d.Time)})
		}
		for _, m := range c.Memberships {
			stay := line{"segment": m.Segment, "userId": c.Name, "from": stamp(t, zone, m.From), "to": nil}
			if m.To != "" {
				stay["to"] = stamp(t, zone, m.To)
			}
			memberships.add(t, stay)
		}
	}
	world, err := naive.Load(knownFields(t), calls.reader(), consents.reader(), memberships.reader())
	if err != nil {
		t.Fatal(err)
	}
	world.Postcodes = map[string]naive.Point{}
	for postcode, at := range language.Postcodes {
		world.Postcodes[postcode] = naive.Point{Latitude: at[0], Longitude: at[1]}
	}
	return world
}

type line map[string]any

type lines struct{ text strings.Builder }

func (l *lines) add(t *testing.T, one line) {
	t.Helper()
	data, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	l.text.Write(append(data, '\n'))
}

func (l *lines) reader() *strings.Reader { return strings.NewReader(l.text.String()) }

func instant(t *testing.T, zone *calendar.Zone, date string) calendar.Instant {
	t.Helper()
	d, err := calendar.ParseDate(date)
	if err != nil || !d.HasTime {
		t.Fatalf("%q is no date with a time: %v", date, err)
	}
	return zone.Resolve(d)
}

func stamp(t *testing.T, zone *calendar.Zone, date string) string {
	t.Helper()
	return calendar.Format(instant(t, zone, date))
}
