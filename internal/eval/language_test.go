package eval

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/language"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/rule"
)

// TestExamplesOfTheLanguage holds the evaluator to what the documentation says
// of every part of the language, and to its expiries.
func TestExamplesOfTheLanguage(t *testing.T) {
	schema, block := blockOf(t, castWorld(t))
	examples := 0
	for _, group := range language.Groups() {
		for _, d := range group.Declarations {
			for _, e := range d.Examples {
				examples++
				now := castInstant(t, schema.Zone, e.Now)
				m, row := exampleMachine(t, schema, block, e, now), castRow(t, block, e.Customer.Name)
				verdict := m.Verdict(block, row, now)
				if verdict.In != e.In {
					t.Errorf("%s: %s\n is %v for %s at %s", d.Name, e.Rule, verdict.In, e.Customer.Name, e.Now)
				}
				if m.Holds(block, row, now) != e.In || m.Explain(block, row, now).In != e.In {
					t.Errorf("%s: %s\n Holds or Explain say otherwise than Verdict", d.Name, e.Rule)
				}
				if verdict.Expires <= now {
					t.Errorf("%s: %s\n expires at %s, which is not after %s", d.Name, e.Rule, calendar.Format(verdict.Expires), e.Now)
				}
				if last := verdict.Expires - 1; verdict.Expires != calendar.Never && exampleMachine(t, schema, block, e, last).Holds(block, row, last) != e.In {
					t.Errorf("%s: %s\n is otherwise already before its expiry at %s", d.Name, e.Rule, calendar.Format(verdict.Expires))
				}
			}
		}
	}
	if examples < 100 {
		t.Errorf("only %d examples were found", examples)
	}
}

func exampleMachine(t *testing.T, schema *columns.Schema, block *columns.Block, e language.Example, now calendar.Instant) *Machine {
	t.Helper()
	n, problems := rule.Parse(e.Rule)
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, schema.Catalog, check.Options{})...)
	}
	if problems.Fatal() {
		t.Fatal(problems.Format("rule", e.Rule))
	}
	p, err := Compile(n, schema, castPlaces{})
	if err != nil {
		t.Fatalf("%s: %v", e.Rule, err)
	}
	m := p.Machine()
	if p.NeedsRanks() {
		m.UseRanks(p.Rank([]*columns.Block{block}, now))
	}
	return m
}

// castPlaces are the places of the examples.
type castPlaces struct{}

func (castPlaces) Place(country, code string) (lat, lon float64, ok bool) {
	at, ok := language.Postcodes[country+"-"+code]
	return at[0], at[1], ok
}

func castRow(t *testing.T, block *columns.Block, name string) int {
	t.Helper()
	for row, is := range block.Names {
		if is == name {
			return row
		}
	}
	t.Fatalf("%s is not in the block", name)
	return 0
}

func castInstant(t *testing.T, zone *calendar.Zone, date string) calendar.Instant {
	t.Helper()
	d, err := calendar.ParseDate(date)
	if err != nil {
		t.Fatalf("%s: %v", date, err)
	}
	return zone.Resolve(d)
}

// castWorld makes the cast of the examples from the lines that an import would read.
func castWorld(t *testing.T) *naive.World {
	t.Helper()
	known, err := language.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := calendar.LoadZone(language.Zone)
	if err != nil {
		t.Fatal(err)
	}
	c := castLines{t: t, zone: zone}
	for _, customer := range language.Cast() {
		c.customer(customer)
	}
	w, err := naive.Load(known, strings.NewReader(c.calls.String()), strings.NewReader(c.consents.String()), strings.NewReader(c.stays.String()))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

type castLines struct {
	t                      *testing.T
	zone                   *calendar.Zone
	calls, consents, stays strings.Builder
}

// longAgo is when the cast told their attributes.
const longAgo = "2020-01-01T00:00:00Z"

func (l *castLines) customer(c *language.Customer) {
	l.add(&l.calls, map[string]any{"type": "identify", "userId": c.Name, "timestamp": longAgo, "traits": json.RawMessage(c.Attributes)})
	if c.Company != "" {
		l.add(&l.calls, map[string]any{"type": "group", "userId": c.Name, "groupId": "of " + c.Name, "timestamp": longAgo, "traits": json.RawMessage(c.Company)})
	}
	for _, e := range c.Events {
		l.add(&l.calls, map[string]any{"type": "track", "userId": c.Name, "event": e.Type, "timestamp": l.stamp(e.Time), "properties": json.RawMessage(e.Properties)})
	}
	for _, d := range c.Consents {
		l.add(&l.consents, map[string]any{"userId": c.Name, "channel": d.Channel, "purpose": d.Purpose, "granted": d.Granted, "timestamp": l.stamp(d.Time)})
	}
	for _, m := range c.Memberships {
		stay := map[string]any{"segment": m.Segment, "userId": c.Name, "from": l.stamp(m.From), "to": nil}
		if m.To != "" {
			stay["to"] = l.stamp(m.To)
		}
		l.add(&l.stays, stay)
	}
}

func (l *castLines) stamp(date string) string {
	return calendar.Format(castInstant(l.t, l.zone, date))
}

func (l *castLines) add(to *strings.Builder, line map[string]any) {
	l.t.Helper()
	text, err := json.Marshal(line)
	if err != nil {
		l.t.Fatal(err)
	}
	to.Write(append(text, '\n'))
}
