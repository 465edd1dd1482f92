package gather

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/advise"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

const (
	now calendar.Instant = 1_795_258_800_000 // 2026-11-21T12:00 in Berlin
	day                  = 24 * 60 * 60 * 1000
)

// shop is a workspace with an engine.
type shop struct {
	t      *testing.T
	store  *store.Store
	engine *live.Engine
}

func open(t *testing.T, records []record.Record, definitions ...segment.Definition) *shop {
	t.Helper()
	st, err := store.Open(t.TempDir(), "main")
	if err != nil {
		t.Fatal(err)
	}
	options := live.Options{Clock: clock.NewManual(now), Log: slog.New(slog.DiscardHandler), Queue: 100, MaxBatch: 1000, Workers: 2}
	engine, err := live.Open(t.Context(), st, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &shop{t, st, engine}
	if _, err := engine.Apply(t.Context(), records, nil); err != nil {
		t.Fatal(err)
	}
	for _, d := range definitions {
		if _, err := engine.Define(t.Context(), d, live.Edit{Lenient: true}); err != nil {
			t.Fatal(err)
		}
	}
	for {
		changed, busy := engine.Changed(), false
		for _, one := range engine.Segments() {
			busy = busy || one.State == live.Filling || one.State == live.Editing
		}
		if !busy {
			return s
		}
		<-changed
	}
}

// found gives the findings of a kind, by what they say.
func (s *shop) found(kind advise.Kind, r Request) (texts []string) {
	s.t.Helper()
	if r.Now == 0 {
		r.Now = now
	}
	err := s.store.View(s.t.Context(), func(v *store.View) error {
		list, err := Findings(s.t.Context(), v, s.engine, &r)
		for _, f := range list {
			if f.Kind == kind {
				texts = append(texts, f.What.EN)
			}
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return texts
}

// want compares findings of a kind with the beginnings of what they should say.
func (s *shop) want(kind advise.Kind, r Request, begins ...string) {
	s.t.Helper()
	got := s.found(kind, r)
	if len(got) != len(begins) || !slices.EqualFunc(got, begins, strings.HasPrefix) {
		s.t.Errorf("%s: found %q, want %q", kind, got, begins)
	}
}

func user(n int) []record.Identity {
	return []record.Identity{{Namespace: record.UserID, Value: fmt.Sprint("u", n)}}
}

func has(n int, at calendar.Instant, fields string) record.Record {
	return record.Record{Kind: record.Identify, Customer: user(n), Time: at, HasTime: true, Fields: []byte(fields)}
}

func did(n int, event string, at calendar.Instant) record.Record {
	return record.Record{Kind: record.Track, Customer: user(n), Event: event, Time: at, HasTime: true, Fields: []byte(`{}`)}
}

func agreed(n int, yes bool) record.Record {
	return record.Record{
		Kind: record.Consent, Customer: user(n), Channel: "email", Purpose: "newsletter", Granted: yes, Time: now - 9*day, HasTime: true,
	}
}

// crowd is 300 customers: the first 50 have a plan, a third agreed to get the newsletter,
// orders came daily until 200 days ago; everybody was on trial until 20 days ago.
func crowd() (records []record.Record) {
	for n := range 300 {
		fields := `{"country":"DE"}`
		if n < 50 {
			fields = `{"country":"AT","plan":"free"}`
		}
		records = append(records, has(n, now-500*day, fields), has(n, now-500*day, `{"status":"trial"}`), has(n, now-20*day, `{"status":"done"}`),
			did(n, "page_viewed", now-calendar.Instant(n%7)*day-1000), agreed(n, n%3 == 0))
		if n < 100 {
			records = append(records, did(n, "order_completed", now-calendar.Instant(200+n)*day))
		}
	}
	return records
}

func TestFiguresAreThoseOfTheData(t *testing.T) {
	rules := func(texts ...string) (list []segment.Definition) {
		for i, text := range texts {
			list = append(list, segment.Definition{Name: string(rune('a' + i)), Rule: text, State: segment.Active})
		}
		return list
	}
	definitions := rules(
		`plan = "free"`, // a
		`count(order_completed in last 90 days) >= 1 and country = "XX"`,         // b
		`count(page_viewed in last 7 days) >= 1`,                                 // c
		`country = "DE" and status = "trial"`,                                    // d: all were three weeks ago
		`count(page_viewed where country = "x") >= 1 or country in ("AT", "DE")`, // e
	)
	definitions = append(definitions,
		segment.Definition{Name: "letter", Rule: `country = "AT"`, Purpose: "newsletter"},
		segment.Definition{Name: "paper", Kind: segment.List, Include: []segment.Override{{Customer: "u1"}}})
	s := open(t, crowd(), definitions...)
	s.want(advise.UnknownInput, Request{}, "plan is known of 50 of 300 customers (16.7 %). What depends on it: a.")
	s.want(advise.StaleInput, Request{},
		"order_completed came last on 2026-05-05, 200 days ago; the longest pause before was 1 day. What depends on it: b.")
	s.want(advise.ConflictingPurpose, Request{},
		"letter: the purpose is “newsletter”, but the rule asks for no consent to it. 33 of 50 members did not consent.")
	s.want(advise.NeverTrue, Request{},
		"b: “country = \"XX\"” holds for none of the 300", "e: “count(page_viewed where country = \"x\") >= 1” holds for none")
	s.want(advise.AlwaysTrue, Request{}, "e: “country in (\"AT\", \"DE\")” holds for all 300")
	s.want(advise.NearDuplicate, Request{}, "a (50) and letter (50): 50 are in both")
	s.want(advise.Empty, Request{}, "d: none of the 300 customers is in it.")
	s.want(advise.NearDuplicate, Request{Names: []string{"letter"}}, "a (50) and letter (50)")
}

// What would be is judged before it is made: with the moves of an impact, or by the rule.
func TestChangesAreJudgedAhead(t *testing.T) {
	s := open(t, crowd(), segment.Definition{Name: "a", Rule: `country = "AT"`})
	twin := segment.Definition{Name: "b", Rule: `country != "DE" and country is known`}
	s.want(advise.NearDuplicate, Request{})
	s.want(advise.NearDuplicate, Request{Names: []string{"b"}, Put: []segment.Definition{twin}}, "a (50) and b (50)")
	narrow := segment.Definition{Name: "a", Rule: `country = "AT" and plan = "none"`}
	moves := map[string]Moves{"a": {Left: ids(1, 50)}}
	s.want(advise.NeverTrue, Request{Names: []string{"a"}, Put: []segment.Definition{narrow}, Moved: moves},
		"a: “plan = \"none\"” holds for none of the 300 customers, nor did it a month, three months or a year ago. So nobody is in the segment.")
	fresh := map[string]Moves{"b": {Entered: ids(1, 60)}}
	s.want(advise.NearDuplicate, Request{Names: []string{"b"}, Put: []segment.Definition{twin}, Moved: fresh})
	s.want(advise.NearDuplicate, Request{Put: []segment.Definition{twin}, Remove: []string{"a"}})
}

func ids(from, to int64) (list []int64) {
	for id := from; id <= to; id++ {
		list = append(list, id)
	}
	return list
}

// Uses and webhooks are those on record, and an acceptance is found again.
func TestWhatIsOnRecord(t *testing.T) {
	s := open(t, crowd(),
		segment.Definition{Name: "a", Rule: `country = "AT" and count(page_viewed) >= 1`},
		segment.Definition{Name: "b", Rule: `country = "DE" and count(page_viewed) >= 1`},
		segment.Definition{Name: "c", Rule: `country = "CH" and count(page_viewed) >= 1`})
	ctx := t.Context()
	if err := s.store.NoteUse(ctx, "a", now-200*day); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.AddWebhook(ctx, store.Webhook{Name: "crm", URL: "https://example.com/", Segments: []string{"c"}}); err != nil {
		t.Fatal(err)
	}
	later := Request{Now: now + 100*day}
	s.want(advise.Unused, Request{})
	s.want(advise.Unused, later, "a: no use on record for 300 days", "b: no use on record, watched for 1")
	if err := s.store.NoteUse(ctx, "b", now+99*day); err != nil {
		t.Fatal(err)
	}
	s.want(advise.Unused, later, "a: no use on record for 300 days")
	if err := s.store.Accept(ctx, store.Accepted{Key: "unused:a", Reason: "for Christmas", Versions: map[string]int64{"a": 1}}); err != nil {
		t.Fatal(err)
	}
	err := s.store.View(ctx, func(v *store.View) error {
		list, err := Findings(ctx, v, s.engine, &later)
		i := slices.IndexFunc(list, func(f advise.Finding) bool { return f.Key == "unused:a" })
		if i < 0 || list[i].Accepted == nil || list[i].Active() {
			t.Errorf("it was not accepted: %+v", list)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Segments of companies are judged by companies.
func TestCompanies(t *testing.T) {
	records := crowd()
	for n := range 240 {
		firm := record.Identity{Namespace: "company", Value: fmt.Sprint("c", n/2)}
		fields := `{"size":5}`
		if n < 40 {
			fields = `{"size":5,"industry":"toys"}`
		}
		records = append(records, record.Record{
			Kind: record.Group, Customer: user(n), Company: firm, Time: now - 400*day, HasTime: true, Fields: []byte(fields),
		})
	}
	firms := func(name, rule string) segment.Definition {
		return segment.Definition{Name: name, Members: segment.Companies, Rule: rule}
	}
	s := open(t, records, firms("toys", `industry = "toys"`), firms("whales", `size > 900 and industry is known`), firms("all", `size > 1`),
		firms("lively", `count(company.people where country = "AT") >= 1`))
	s.want(advise.UnknownInput, Request{},
		"company.industry is known of 40 of the 240 customers who belong to a company (16.7 %). What depends on it: toys.")
	s.want(advise.NeverTrue, Request{}, "whales: “size > 900” holds for none of the 120 companies")
	s.want(advise.TooLarge, Request{}, "all: 120 of 120 companies (100 %).")
	s.want(advise.Empty, Request{})
	twin := firms("games", `industry in ("toys", "games")`)
	s.want(advise.NearDuplicate, Request{Names: []string{"games"}, Put: []segment.Definition{twin}}, "games (20) and toys (20): 20 are in both")
}
