package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
)

func wantResult(t *testing.T, got, want Result) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("result %+v\n  want %+v", got, want)
	}
}

// TestHistory sets attributes in and out of order, again, and to null.
func TestHistory(t *testing.T) {
	s := open(t)
	who := ids(user("anna"))
	wantResult(t, apply(t, s, now, identify(who, 10, `{"plan":"free","address":{"city":"Köln","geo":{"lat":50.9}},"tags":["a", "b"]}`)), Result{Customers: Tally{New: 1}})
	wantResult(t, apply(t, s, now,
		identify(who, 30, `{"plan":"pro"}`),
		identify(who, 20, `{"plan":"basic"}`),                     // came late
		identify(who, 30, `{"plan":"pro"}`),                       // again
		identify(who, 40, `{"plan":"pro","tags":["a","b"]}`),      // held already
		identify(who, 50, `{"plan":null,"other":null}`),           // unsets
		identify(who, 0, `{"plan":null,"never":null}`),            // is unset now
		identify(who, 0, `{"address":{"city":"\u004b\u00f6ln"}}`), // is so now
	), Result{Customers: Tally{Changed: 3, Unchanged: 4}})
	wantStory(t, s, "customer anna",
		`anna: plan = "free" from 10 by crm`, `anna: plan = "basic" from 20 by crm`, `anna: plan = "pro" from 30 by crm`, `anna: plan = null from 50 by crm`,
		`anna: address.city = "Köln" from 10 by crm`, `anna: address.geo.lat = 50.9 from 10 by crm`, `anna: tags = ["a","b"] from 10 by crm`, `anna: other = null from 50 by crm`,
		`anna: never = null from 1795262400000 by crm`)
	// A fact that comes between two equal ones makes both count.
	apply(t, s, now, identify(who, 35, `{"plan":"free"}`))
	list, err := s.AttributesOf(context.Background(), 1)
	must(t, err)
	var plans []string
	for _, a := range list {
		if a.Path == "plan" {
			plans = append(plans, fmt.Sprintf("%s@%d", a.Value, a.Time))
		}
	}
	if got := strings.Join(plans, " "); got != `"free"@10 "basic"@20 "pro"@30 "free"@35 "pro"@40 null@50` {
		t.Error(got)
	}
}

// TestImportTime sets without a time, twice, with several values at once.
func TestImportTime(t *testing.T) {
	s := open(t)
	file := []record.Record{
		identify(ids(user("anna")), 0, `{"plan":"free"}`), identify(ids(user("anna")), 0, `{"plan":"pro"}`), identify(ids(user("ben")), 0, `{"plan":"pro"}`),
	}
	wantResult(t, apply(t, s, 100, file...), Result{Customers: Tally{New: 2, Changed: 1}})
	before := contents(t, s)
	wantResult(t, apply(t, s, 200, file...), Result{Customers: Tally{Unchanged: 3}})
	if after := contents(t, s); after != before {
		t.Errorf("importing again changed\n%s\ninto\n%s", before, after)
	}
	apply(t, s, 300, identify(ids(user("ben")), 0, `{"plan":"free"}`))
	wantStory(t, s, "customer anna", "customer ben", `anna: plan = "free" from 100 by crm`, `anna: plan = "pro" from 100 by crm`, `ben: plan = "pro" from 100 by crm`, `ben: plan = "free" from 300 by crm`)
}

func TestTrack(t *testing.T) {
	s := open(t)
	who := ids(user("anna"))
	order := track(who, "order_completed", 5, `{ "total" : 9.50, "products": [{"sku":"a"}] }`, "k1")
	order.EventGiven = "Order Completed"
	wantResult(t, apply(t, s, now, order, track(who, "page_viewed", 0, ``, "k2"), track(who, "page_viewed", 7, `{}`, ""), track(who, "page_viewed", 7, `{}`, "")),
		Result{Customers: Tally{New: 1}, Events: 4})
	same := order
	same.Fields, same.Source = []byte(`{"products":[{"sku":"a"}],"total":9.50}`), "elsewhere"
	timeless := track(who, "page_viewed", 0, `{}`, "k2")
	otherTime, otherType, otherProps := order, order, order
	otherTime.Time, otherType.Event, otherProps.Fields = 6, "order_refunded", []byte(`{"total":9.51,"products":[{"sku":"a"}]}`)
	got := apply(t, s, now+day, same, timeless, otherTime, otherType, otherProps)
	if got.Duplicates != 2 || got.Events != 0 || len(got.Rejections) != 3 || !strings.Contains(got.Rejections[0].Reason, "already imported with other content") {
		t.Errorf("importing again: %+v", got)
	}
	wantStory(t, s, "customer anna", `anna: order_completed at 5 {"total":9.50,"products":[{"sku":"a"}]} by shop, received 1795262400000`,
		`anna: page_viewed at 1795262400000 {} by shop, received 1795262400000`,
		`anna: page_viewed at 7 {} by shop, received 1795262400000`, `anna: page_viewed at 7 {} by shop, received 1795262400000`)
	var seen []string
	must(t, s.Events(context.Background(), 2, func(e *Event) error { seen = append(seen, fmt.Sprint(e.Seq)); return nil }))
	must(t, s.EventsAt(context.Background(), []int64{4, 1, 99}, func(e *Event) error { seen = append(seen, fmt.Sprint(e.Seq, " ", e.Type)); return nil }))
	if fmt.Sprint(seen) != "[3 4 4 page_viewed 1 order_completed]" {
		t.Error(seen)
	}
}

func TestGroup(t *testing.T) {
	s := open(t)
	anna := ids(user("anna"))
	acme, other := firm("acme"), firm("other")
	wantResult(t, apply(t, s, now,
		group(nil, acme, "", 10, `{"industry":"steel"}`),
		group(anna, acme, "buyer", 20, `{"industry":"steel","employees":5}`),
		group(anna, acme, "buyer", 20, `{}`),
		group(anna, other, "", 30, `{}`),
		group(anna, acme, "buyer", 0, `{}`),   // is so already
		group(anna, acme, "decider", 0, `{}`), // another role
		group(anna, acme, "buyer", 40, `{}`),  // back again
	), Result{Customers: Tally{New: 1}, Companies: Tally{New: 2, Changed: 3, Unchanged: 2}, Joins: 4})
	wantStory(t, s, "customer company:acme", "customer anna", "customer company:other",
		`company:acme: industry = "steel" from 10 by crm`, `company:acme: employees = 5 from 20 by crm`,
		`anna: joined company:acme as "buyer" from 20 by crm`, `anna: joined company:other as "" from 30 by crm`,
		`anna: joined company:acme as "buyer" from 40 by crm`, `anna: joined company:acme as "decider" from 1795262400000 by crm`)
}

func TestConsent(t *testing.T) {
	s := open(t)
	anna := ids(user("anna"))
	wantResult(t, apply(t, s, 100,
		consent(anna, "email", "newsletter", true, 10), consent(anna, "email", "newsletter", false, 20), consent(anna, "email", "newsletter", true, 10),
		consent(anna, "sms", "newsletter", true, 10), consent(anna, "email", "newsletter", false, 0), consent(anna, "email", "newsletter", true, 0),
	), Result{Customers: Tally{New: 1}, Consents: 4, Repeated: 2})
	wantResult(t, apply(t, s, 200, consent(anna, "email", "newsletter", true, 0)), Result{Repeated: 1})
	wantStory(t, s, "customer anna", "anna: email newsletter true from 10 by form", "anna: email newsletter false from 20 by form",
		"anna: email newsletter true from 100 by form", "anna: sms newsletter true from 10 by form")
}

// TestRejections holds that a record that cannot be kept leaves nothing behind and disturbs no other.
func TestRejections(t *testing.T) {
	s := open(t)
	anna := ids(user("anna"))
	bad := []struct {
		record record.Record
		reason string
	}{
		{track(anna, "", 1, `{}`, "k"), "without a name"},
		{track(nil, "x", 1, `{}`, "k"), "names no customer"},
		{track(ids(user("")), "x", 1, `{}`, "k"), "names no customer"},
		{track(anna, "x", 1, `{"a":}`, "k"), "its fields cannot be read: not valid JSON at character 6"},
		{track(anna, "x", 1, `[1]`, "k"), "not a JSON object"},
		{track(anna, "x", 253_402_300_800_000, `{}`, "k"), "years 1 to 9999"},
		{track(ids(user("anna"), user("ben")), "x", 1, `{}`, "k"), `names two users, "anna" and "ben"`},
		{identify(anna, 1, `7`), "not a JSON object"},
		{identify(ids(), 1, `{}`), "names no customer"},
		{group(anna, firm(""), "", 1, `{}`), "names no company"},
		{group(ids(user("a"), user("b")), firm("acme"), "", 1, `{}`), "names two users"},
		{consent(anna, "", "news", true, 1), "without a channel"},
		{consent(nil, "email", "news", true, 1), "names no customer"},
		{record.Record{Kind: record.Alias, Customer: anna}, "without the previous id"},
		{record.Record{Kind: record.Alias, Customer: anna, Previous: user("ben")}, "names two users"},
		{record.Record{Kind: record.Alias, Previous: device("d")}, "names no customer"},
		{record.Record{Kind: 77, Customer: anna}, "kind that is not known"},
	}
	var records []record.Record
	for _, b := range bad {
		records = append(records, b.record)
	}
	empty := contents(t, s)
	result := apply(t, s, now, records...)
	if len(result.Rejections) != len(bad) {
		t.Fatalf("%d rejections of %d", len(result.Rejections), len(bad))
	}
	for i, r := range result.Rejections {
		if r.Index != i || !strings.Contains(r.Reason, bad[i].reason) {
			t.Errorf("record %d: rejection of %d: %s, want %s", i, r.Index, r.Reason, bad[i].reason)
		}
	}
	if got := contents(t, s); got != empty {
		t.Errorf("rejected records left\n%s", got)
	}
	if revision, _, err := s.Revision(context.Background()); revision != 0 || err != nil {
		t.Errorf("revision %d %v", revision, err)
	}
	result = apply(t, s, now, identify(anna, 1, `{"plan":"pro"}`), bad[0].record, track(anna, "x", 1, `{}`, "k"))
	if result.Customers.New != 1 || result.Events != 1 || len(result.Rejections) != 1 || result.Rejections[0].Index != 1 {
		t.Errorf("among others: %+v", result)
	}
}

func TestTooManyAttributes(t *testing.T) {
	s := open(t)
	var wide strings.Builder
	for i := range maxFields {
		fmt.Fprintf(&wide, `,"f%d":%d`, i, i)
	}
	anna := ids(user("anna"))
	result := apply(t, s, now, identify(anna, 1, `{`+wide.String()[1:]+`}`), identify(anna, 2, `{"f7":8}`), identify(anna, 2, `{"f7":9,"new":1}`), track(anna, "x", 1, `{`+wide.String()[1:]+`,"new":1}`, "k"))
	if result.Customers.New != 1 || result.Customers.Changed != 1 || result.Events != 1 || len(result.Rejections) != 1 || !strings.Contains(result.Rejections[0].Reason, `new attribute "new"`) {
		t.Errorf("%+v", result)
	}
	c, err := s.Catalog(context.Background())
	must(t, err)
	if len(c.Attributes) != maxFields || len(c.Events["x"]) != maxFields {
		t.Errorf("%d attributes, %d properties", len(c.Attributes), len(c.Events["x"]))
	}
}

func TestRevision(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	revision := func() string {
		r, last, err := s.Revision(ctx)
		must(t, err)
		if r > 0 {
			r -= now - 1 // it begins with the time of receipt
		}
		return fmt.Sprint(r, " ", last)
	}
	anna := ids(user("anna"))
	steps := []struct {
		want  string
		apply func()
	}{
		{"0 0", func() {}},
		{"1 0", func() { apply(t, s, now, identify(anna, 1, `{"plan":"pro"}`)) }},
		{"1 0", func() { apply(t, s, now, identify(anna, 1, `{"plan":"pro"}`), identify(anna, 2, `{"plan":"pro"}`)) }},
		{"2 2", func() { apply(t, s, now, track(anna, "x", 1, `{}`, "a"), track(anna, "x", 1, `{}`, "b")) }},
		{"2 2", func() { apply(t, s, now, track(anna, "x", 1, `{}`, "a")) }},
		{"3 2", func() { must(t, s.SetPostcodes(ctx, []Postcode{{"DE", "70173", 48.7, 9.1}})) }},
		{"3 2", func() { must(t, s.SetPostcodes(ctx, []Postcode{{"DE", "70173", 48.7, 9.1}})) }},
		{"4 2", func() { must(t, s.SetSettings(ctx, Settings{Currency: "CHF"})) }},
		{"4 2", func() { must(t, s.SetSettings(ctx, Settings{Currency: "CHF"})) }},
	}
	for i, step := range steps {
		step.apply()
		if got := revision(); got != step.want {
			t.Errorf("step %d: revision %s, want %s", i, got, step.want)
		}
	}
}

func TestCancel(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Apply(ctx, []record.Record{identify(ids(user("anna")), 1, `{}`)}, now); !errors.Is(err, context.Canceled) {
		t.Errorf("applied after the end: %v", err)
	}
	apply(t, s, now, identify(ids(user("ben")), 1, `{}`)) // the next batch works
	wantStory(t, s, "customer ben")
	if err := s.Events(ctx, 0, func(*Event) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("read after the end: %v", err)
	}
}

// TestObjectLosesFields counts what an object, or a value in its place, takes away.
func TestObjectLosesFields(t *testing.T) {
	s := open(t)
	anna := ids(user("anna"))
	wantResult(t, apply(t, s, now,
		identify(anna, 10, `{"address":{"city":"Wien","geo":{"lat":48}}}`),
		identify(anna, 20, `{"address":{"city":"Wien","geo":{"lat":48}}}`), // so it was
		identify(anna, 30, `{"address":{"city":"Wien"}}`),                  // loses geo.lat
		identify(anna, 40, `{"address":null}`),                             // loses the city
		identify(anna, 50, `{"address":null,"plan":null}`),
		identify(anna, 60, `{"address":{}}`),
		identify(anna, 70, `{"address":"Wien"}`),
		identify(anna, 80, `{"address":{}}`), // loses the text
	), Result{Customers: Tally{New: 1, Changed: 4, Unchanged: 3}})
	wantStory(t, s, "customer anna", `anna: address.city = "Wien" from 10 by crm`, `anna: address.city = null from 40 by crm`,
		`anna: address.geo.lat = 48 from 10 by crm`, `anna: address.geo.lat = null from 30 by crm`,
		`anna: address = null from 10 by crm`, `anna: address = "Wien" from 70 by crm`, `anna: address = null from 80 by crm`,
		`anna: plan = null from 50 by crm`)
}

// An object that is set takes the place of the one before, in whatever order the
// records come; fields with dotted names are set one by one.
func TestObjectsAreSetAsAWhole(t *testing.T) {
	first := record.Record{Customer: ids(user("u1")), HasTime: true, Time: 10, Source: "crm", Fields: []byte(`{"address":{"city":"Wien","zip":"1010"},"plan":"free"}`)}
	second := record.Record{Customer: ids(user("u1")), HasTime: true, Time: 20, Source: "crm", Fields: []byte(`{"address":{"zip":"8001"}}`)}
	third := record.Record{Customer: ids(user("u1")), HasTime: true, Time: 30, Source: "crm", Fields: []byte(`{"address.street":"Graben 1"}`)}
	want := map[string]string{
		"address.city@10": `"Wien"`, "address.city@20": "null", "address.zip@10": `"1010"`, "address.zip@20": `"8001"`,
		"address.street@10": "null", "address.street@30": `"Graben 1"`, "plan@10": `"free"`,
	}
	for _, order := range [][]record.Record{{first, second, third}, {second, third, first}, {third, first, second, first}} {
		s := open(t)
		for _, r := range order {
			if _, err := s.Apply(context.Background(), []record.Record{r}, 99); err != nil {
				t.Fatal(err)
			}
		}
		got := map[string]string{}
		err := s.Attributes(context.Background(), func(a *Attribute) error {
			got[fmt.Sprintf("%s@%d", a.Path, a.Time)] = string(a.Value)
			return nil
		})
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%v, %v; want %v", got, err, want)
		}
		known, err := s.Catalog(context.Background())
		if _, ok := known.Attributes["address."]; ok || err != nil || len(known.Attributes) != 4 {
			t.Errorf("attributes %v, %v", known.Attributes, err)
		}
	}
}
