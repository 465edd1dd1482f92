package store

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"pgregory.net/rapid"
)

// drawRecord draws a record about few customers, fields and times, so that everything meets.
func drawRecord(t *rapid.T, timed bool) record.Record {
	r := record.Record{
		Time: rapid.Int64Range(1, 6).Draw(t, "time"), HasTime: timed, Source: rapid.SampledFrom([]string{"shop", "crm"}).Draw(t, "source"),
		Customer: drawIdentities(t), Fields: drawFields(t),
	}
	switch r.Kind = record.Kind(rapid.SampledFrom([]int{0, 0, 0, 1, 1, 1, 2, 3, 4}).Draw(t, "kind")); r.Kind {
	case record.Track:
		r.Event = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "event")
		r.EventGiven = rapid.SampledFrom([]string{"", "A", "a A"}).Draw(t, "given")
		r.Key[0] = byte(rapid.IntRange(0, 12).Draw(t, "key"))
		if r.Key[0] == 0 {
			r.Key[1] = 1
		}
	case record.Group:
		r.Company = firm(rapid.SampledFrom([]string{"c1", "c2", ""}).Draw(t, "company"))
		r.Role = rapid.SampledFrom([]string{"", "buyer"}).Draw(t, "role")
	case record.Alias:
		if previous := drawIdentities(t); len(previous) > 0 {
			r.Previous = previous[0]
		}
	case record.Consent:
		r.Channel = rapid.SampledFrom([]string{"email", "sms"}).Draw(t, "channel")
		r.Purpose, r.Granted = "news", rapid.Bool().Draw(t, "granted")
	}
	return r
}

func drawIdentities(t *rapid.T) []record.Identity {
	all := ids(user("u1"), user("u2"), user("u3"), email("e1"), email("e2"), email("e3"), device("d1"), device("d2"), device("d3"), device("d4"))
	return rapid.SliceOfN(rapid.SampledFrom(all), 0, 3).Draw(t, "identities")
}

func drawFields(t *rapid.T) []byte {
	if rapid.IntRange(0, 20).Draw(t, "broken") == 0 {
		return []byte(`{"a":`)
	}
	value := rapid.SampledFrom([]any{
		nil, 1, 2, "x", "2024-02-29", "2026-11-21T14:30:00Z", true, []string{"x"}, []any{}, []any{map[string]any{"s": 1, "t": "x"}}, map[string]any{"c": 1}, map[string]any{},
	})
	fields, err := json.Marshal(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "a.c"}), value, 0, 3).Draw(t, "fields"))
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

// applyChunks applies records in chunks of drawn sizes, and opens the store anew now and then.
func applyChunks(t *rapid.T, dir string, records []record.Record, received calendar.Instant) (total Result) {
	s := openIn(t, dir)
	for len(records) > 0 {
		n := rapid.IntRange(1, len(records)).Draw(t, "chunk")
		result := apply(t, s, received, records[:n]...)
		total.Add(result)
		for _, r := range result.Rejections {
			total.Rejections = append(total.Rejections, Rejection{Reason: r.Reason})
		}
		records = records[n:]
		if rapid.IntRange(0, 9).Draw(t, "reopen") == 0 {
			must(t, s.Close())
			s = openIn(t, dir)
		}
	}
	must(t, s.Close())
	return total
}

func contentsOf(t *rapid.T, dir string) string {
	s := openIn(t, dir)
	defer func() { must(t, s.Close()) }()
	return contents(t, s)
}

// TestChunksAndRepetition holds that it does not matter how records are cut into
// batches, and that applying them again, at a later time, changes nothing.
func TestChunksAndRepetition(t *testing.T) {
	root := memoryDir(t)
	rapid.Check(t, func(t *rapid.T) {
		timed := rapid.Bool().Draw(t, "timed")
		records := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) record.Record { return drawRecord(t, timed) }), 1, 40).Draw(t, "records")
		one, two := newDir(t, root), newDir(t, root)
		first, second := applyChunks(t, one, records, 100), applyChunks(t, two, records, 100)
		if fmt.Sprint(first) != fmt.Sprint(second) {
			t.Fatalf("results differ with the chunks:\n%+v\n%+v", first, second)
		}
		want := contentsOf(t, one)
		if got := contentsOf(t, two); got != want {
			t.Fatalf("contents differ with the chunks:\n%s\n%s", want, got)
		}
		again := applyChunks(t, one, records, 200)
		if got := contentsOf(t, one); got != want || again.Events > 0 || again.Customers.Changed > 0 || again.Companies.Changed > 0 {
			t.Fatalf("applying again changed, %+v\n%s\ninto\n%s", again, want, got)
		}
	})
}

func newDir(t *rapid.T, root string) string {
	dir, err := os.MkdirTemp(root, "case")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

// model is the meaning of records in the simplest form: every fact that was said,
// and who is who by relabelling.
type model struct {
	who   map[record.Identity]int // person of each identity
	users map[int]bool            // persons with a user id
	said  []saying                // attributes of persons, in order of receipt
	next  int
}

type saying struct {
	who   int
	name  string
	time  calendar.Instant
	value string
}

// TestAgreesWithModel holds attributes and identities to the model: facts with
// times of their own, in any order, about customers who turn out to be one.
func TestAgreesWithModel(t *testing.T) {
	root := memoryDir(t)
	rapid.Check(t, func(t *rapid.T) {
		m := &model{who: map[record.Identity]int{}, users: map[int]bool{}}
		times := rapid.Permutation(numbers(30)).Draw(t, "times")
		var records []record.Record
		for i := range rapid.IntRange(1, 30).Draw(t, "records") {
			who := drawPerson(t)
			name, value := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name"), drawTrait(t)
			records = append(records, identify(who, times[i], `{"`+name+`":`+value+`}`))
			person := m.person(who)
			m.said = append(m.said, saying{person, name, times[i], value})
		}
		dir := newDir(t, root)
		applyChunks(t, dir, records, 100)
		s := openIn(t, dir)
		defer func() { must(t, s.Close()) }()
		m.check(t, s)
	})
}

// drawTrait draws a value or an object, also one that has less than the one before.
func drawTrait(t *rapid.T) string {
	return rapid.SampledFrom([]string{`1`, `"x"`, `null`, `{}`, `{"c":1}`, `{"c":2}`, `{"d":1}`, `{"c":1,"d":{"e":2}}`, `{"c":null,"d":1}`}).Draw(t, "value")
}

func numbers(n int) []calendar.Instant {
	list := make([]calendar.Instant, n)
	for i := range list {
		list[i] = int64(i) + 1
	}
	return list
}

// drawPerson draws different identities, at most one of them a user's, which is the first.
func drawPerson(t *rapid.T) []record.Identity {
	weak := rapid.SliceOfNDistinct(rapid.SampledFrom(ids(email("e1"), email("e2"), device("d1"), device("d2"), device("d3"))), 0, 3, rapid.ID).Draw(t, "weak")
	if len(weak) > 0 && rapid.Bool().Draw(t, "no user") {
		return weak
	}
	return append(ids(user(rapid.SampledFrom([]string{"u1", "u2"}).Draw(t, "user"))), weak...)
}

// person says who is meant and learns from it.
func (m *model) person(who []record.Identity) int {
	target, isUser := 0, who[0].Namespace == record.UserID
	for i, identity := range who {
		if p := m.who[identity]; target == 0 && p != 0 && (i == 0 || !isUser || !m.users[p]) {
			target = p
		}
	}
	if target == 0 {
		m.next++
		target = m.next
	}
	for _, identity := range who {
		p := m.who[identity]
		switch {
		case p == 0:
			m.who[identity] = target
			m.users[target] = m.users[target] || identity.Namespace == record.UserID
		case p == target || m.users[p] && m.users[target]:
		case m.users[p]:
			m.rename(target, p)
			target = p
		default:
			m.rename(p, target)
		}
	}
	return target
}

func (m *model) rename(from, to int) {
	for identity, p := range m.who {
		if p == from {
			m.who[identity] = to
		}
	}
	for i := range m.said {
		if m.said[i].who == from {
			m.said[i].who = to
		}
	}
}

// valueAt gives what was said of a path last up to a time, before the first time
// what was said first. A trait is said as a whole.
func (m *model) valueAt(who int, path string, at calendar.Instant) string {
	names := strings.Split(path, ".")
	var last, first *saying
	for i := range m.said {
		s := &m.said[i]
		if s.who != who || s.name != names[0] {
			continue
		}
		if s.time <= at && (last == nil || s.time > last.time) {
			last = s
		}
		if first == nil || s.time < first.time {
			first = s
		}
	}
	if last == nil {
		last = first
	}
	if last == nil {
		return "null"
	}
	var value any
	if err := json.Unmarshal([]byte(last.value), &value); err != nil {
		panic(err)
	}
	for _, name := range names[1:] {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	if _, isObject := value.(map[string]any); isObject {
		value = nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// heldAt reads a history as rules do.
func heldAt(history []Attribute, path string, at calendar.Instant) string {
	value, first := "null", true
	for _, a := range history {
		if a.Path == path && (first || a.Time <= at) {
			value, first = string(a.Value), false
		}
	}
	return value
}

func (m *model) check(t *rapid.T, s *Store) {
	ctx := context.Background()
	history := map[int64][]Attribute{}
	must(t, s.Attributes(ctx, func(a *Attribute) error {
		kept := *a
		kept.Value = slices.Clone(a.Value)
		history[a.Customer] = append(history[a.Customer], kept)
		return nil
	}))
	owners := map[int64]int{}
	for identity, person := range m.who {
		c, err := s.Find(ctx, identity.Namespace+":"+identity.Value)
		must(t, err)
		if other, ok := owners[c.ID]; ok && other != person {
			t.Fatalf("%v is one with another person", identity)
		}
		owners[c.ID] = person
		for _, path := range []string{"a", "a.c", "b", "b.c", "b.d", "b.d.e"} {
			for at := range calendar.Instant(32) {
				got := heldAt(history[c.ID], path, at)
				if want := m.valueAt(person, path, at); got != want {
					t.Fatalf("%v: %s at %d is %s, want %s", identity, path, at, got, want)
				}
			}
		}
	}
	persons := map[int]bool{}
	for _, p := range m.who {
		persons[p] = true
	}
	count := 0
	must(t, s.Customers(ctx, func(c Customer) error {
		count++
		if strings.HasPrefix(c.Name, "u") != m.users[owners[c.ID]] {
			t.Fatalf("%s has a user id: %t", c.Name, m.users[owners[c.ID]])
		}
		return nil
	}))
	if count != len(persons) {
		t.Fatalf("%d customers, want %d", count, len(persons))
	}
}
