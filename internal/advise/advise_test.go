package advise

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/segment"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

var berlin = func() *calendar.Zone {
	z, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return z
}()

func at(text string) calendar.Instant {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return berlin.Resolve(d)
}

// today is the now of the tests.
var today = at("2026-11-21T12:00")

// world is a workspace of a thousand customers in which all is well.
func world(segments ...Segment) *Input {
	return &Input{
		Now: today, Zone: berlin, Customers: 1000, Segments: segments, UsesSince: at("2025-01-01"),
		Catalog: &catalog.Catalog{
			Attributes: catalog.Fields{
				"country": {Kind: catalog.Text}, "age_group": {Kind: catalog.Text}, "points": {Kind: catalog.Number}, "joined": {Kind: catalog.Date},
			},
			Events:   map[string]catalog.Fields{"order_completed": nil, "page_viewed": nil},
			Consents: []catalog.Consent{{Channel: "email", Purpose: "newsletter"}, {Channel: "sms", Purpose: "newsletter"}},
		},
		Events:     map[string]Event{"order_completed": daily(today-day, 300), "page_viewed": daily(today, 300)},
		Attributes: map[string]Attribute{"country": {Known: 990, Of: 1000, NewestKnown: 99, Newest: 100}},
	}
}

// daily is an event that happened every day for some days, up to an instant.
func daily(last calendar.Instant, days int) Event {
	set := roaring.New()
	for n := range days {
		set.Add(uint32(int(last/day) - n))
	}
	return Event{Days: set}
}

// put makes a segment that somebody uses, with the customers from one up to another.
func put(name, rule string, from, to int, more ...func(*Segment)) Segment {
	s := Segment{
		Definition: segment.Definition{Name: name, Rule: rule}.Normal(), Version: 1, Created: at("2026-01-05"), Changed: at("2026-11-01"),
		Members: roaring.New(), Counts: map[string]Count{}, WithoutConsent: -1, Webhooks: []string{"crm"}, Used: today - day,
	}
	s.Members.AddRange(uint64(from), uint64(to))
	for _, change := range more {
		change(&s)
	}
	return s
}

func counts(condition string, now, least, most int) func(*Segment) {
	return func(s *Segment) { s.Counts[condition] = Count{now, least, most} }
}

func purpose(text string) func(*Segment) { return func(s *Segment) { s.Purpose = text } }

func madeAt(date string) func(*Segment) { return func(s *Segment) { s.Changed = at(date) } }

func unused(s *Segment) {
	s.Webhooks, s.Used, s.Changed = nil, 0, at("2026-01-05")
}

func segmentation(name string, parts ...string) Segment {
	return Segment{Definition: segment.Definition{Name: name, Kind: segment.Segmentation, Parts: parts, Rest: "others"}.Normal(), Version: 1}
}

// plain is a rule of which nothing is to be said.
const plain = `country = "DE" and count(order_completed in last 90 days) >= 1`

// hash is what stands for a subject in a key.
var hash = regexp.MustCompile(`:[0-9a-f]{6}$`)

// found gives the keys of the findings of one kind, without hashes, with their severities.
func found(in *Input, kind Kind) (keys []string) {
	for _, f := range Findings(in) {
		if f.Kind == kind {
			keys = append(keys, fmt.Sprintf("%s %s", f.Severity, hash.ReplaceAllString(f.Key, "")))
		}
	}
	return keys
}

// of makes the segments of an input segments of companies, of which there are so many.
func of(companies int, in *Input) *Input {
	for i := range in.Segments {
		in.Segments[i].Definition.Members = segment.Companies
	}
	in.Companies = companies
	return in
}

func fewer(in *Input) *Input {
	in.Customers = 50
	return in
}

func with(in *Input, change func(*Input)) *Input {
	change(in)
	return in
}

// world2 has a segment that reads orders, which came so, and another one.
func world2(orders Event) *Input {
	in := world(put("a", plain, 0, 100), put("b", "count(page_viewed in last 7 days) > 3", 200, 300))
	return with(in, func(in *Input) { in.Events["order_completed"] = orders })
}

// attribute has a segment that reads the country, which is known so.
func attribute(known Attribute) *Input {
	return with(world(put("a", plain, 0, 100)), func(in *Input) { in.Attributes["country"] = known })
}

// lots has some segments that nobody uses, and some that are used.
func lots(idle, used int) *Input {
	in := world()
	for n := range idle + used {
		s := put(fmt.Sprintf("s%02d", n), plain, n*40, n*40+30)
		if n < idle {
			unused(&s)
		}
		in.Segments = append(in.Segments, s)
	}
	return in
}

func TestKinds(t *testing.T) {
	told, silent := map[Kind]bool{}, map[Kind]bool{}
	for _, c := range cases {
		if got := found(c.in, c.kind); !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q, want %q", c.says, got, c.want)
		}
		told[c.kind], silent[c.kind] = told[c.kind] || c.want != nil, silent[c.kind] || c.want == nil
	}
	for _, k := range Kinds() {
		if !told[k] || !silent[k] {
			t.Errorf("%s has no case in which it is found, or none in which it is not", k)
		}
	}
}

// The findings do not depend on the order of anything, and the input stays as it is.
func TestFindingsDoNotDependOnOrder(t *testing.T) {
	everything := world()
	for i, c := range cases {
		for _, s := range c.in.Segments {
			s.Name = fmt.Sprintf("%s%d", s.Name, i)
			everything.Segments = append(everything.Segments, s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := *everything
		in.Segments = rapid.Permutation(everything.Segments).Draw(t, "segments")[:rapid.IntRange(0, 15).Draw(t, "size")]
		first := Findings(&in)
		for _, f := range first[:len(first)/2] {
			in.Accepted = append(in.Accepted, f.Accept("r", "anna", today))
		}
		want := text(Findings(&in))
		in.Segments, in.Accepted = rapid.Permutation(in.Segments).Draw(t, "segments"), rapid.Permutation(in.Accepted).Draw(t, "accepted")
		if got := text(Findings(&in)); got != want {
			t.Fatalf("another order has other findings:\n%s\nwant\n%s", got, want)
		}
	})
}

// Asking about one segment tells what asking about all tells of it; of very many segments
// it may not tell that it lies in another one.
func TestAskingAboutOne(t *testing.T) {
	for _, size := range []int{90, 300} {
		in := world()
		for n := range size {
			least := func(s *Segment) { s.MinSize = n % 50 }
			in.Segments = append(in.Segments, put(fmt.Sprintf("s%03d", n), fmt.Sprintf("points = %d", n), n%40*9, n%40*9+20+n%7, least))
		}
		all := Findings(in)
		about := func(list []Finding, name string, kinds ...Kind) string {
			return text(slices.DeleteFunc(slices.Clone(list), func(f Finding) bool {
				return !slices.Contains(f.Segments, name) || slices.Contains(kinds, f.Kind)
			}))
		}
		for _, s := range in.Segments {
			one := *in
			one.Only = []string{s.Name}
			found := Findings(&one)
			if size <= fewCompared && about(found, s.Name) != about(all, s.Name) || about(found, s.Name, Inside) != about(all, s.Name, Inside) {
				t.Fatalf("of %d, asked about %s:\n%s\nasked about all:\n%s", size, s.Name, about(found, s.Name), about(all, s.Name))
			}
			for _, f := range found {
				if f.Kind == Inside && slices.Contains(f.Segments, s.Name) && !strings.Contains(about(all, s.Name), text([]Finding{f})) {
					t.Fatalf("asked about %s: %s, which is not told else", s.Name, text([]Finding{f}))
				}
			}
		}
	}
}

// text writes findings with all that they say.
func text(list []Finding) string {
	var b strings.Builder
	for _, f := range list {
		place := ""
		if f.Place != nil {
			place = fmt.Sprintf(" %d:%d", f.Place.Line, f.Place.Column)
		}
		fmt.Fprintf(&b, "%s %s%s %v\n", f.Severity, f.Key, place, f.Figures)
		for _, says := range []segment.Texts{f.What, f.Why, f.Do} {
			fmt.Fprintf(&b, "  %s\n  %s\n", says.DE, says.EN)
		}
		if f.Accepted != nil {
			fmt.Fprintf(&b, "  accepted %s\n", f.Accepted.Lapsed)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// The texts, in both languages, of each case in which something is found.
func TestTexts(t *testing.T) {
	var b strings.Builder
	for _, c := range cases {
		for _, f := range Findings(c.in) {
			if f.Kind == c.kind {
				fmt.Fprintf(&b, "# %s: %s\n%s", c.kind, c.says, text([]Finding{f}))
			}
		}
	}
	const file = "testdata/texts.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the texts are others than those of %s; go test ./internal/advise -update writes it anew:\n%s", file, b.String())
	}
	for _, k := range Kinds() {
		if title := k.Title(); title.DE == "" || title.EN == "" {
			t.Errorf("%s has no title", k)
		}
	}
}
