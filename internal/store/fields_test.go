package store

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/segment"
)

func types(kinds map[string]catalog.Kind) catalog.Fields {
	fields := catalog.Fields{}
	for path, kind := range kinds {
		fields[path] = catalog.Type{Kind: kind}
	}
	return fields
}

func catalogOf(t *testing.T, s *Store) *catalog.Catalog {
	t.Helper()
	c, err := s.Catalog(context.Background())
	must(t, err)
	return c
}

func TestEmptyCatalog(t *testing.T) {
	c := catalogOf(t, open(t))
	if c.Zone != "Europe/Berlin" || len(c.Attributes)+len(c.Company)+len(c.Events)+len(c.Segments)+len(c.Consents) > 0 {
		t.Errorf("%+v", c)
	}
}

// TestObservedTypes infers types from values, also from few and from mixed ones.
func TestObservedTypes(t *testing.T) {
	for _, c := range []struct {
		values string // of one attribute, one each
		want   catalog.Kind
		misfit int64
	}{
		{`null`, catalog.Unknown, 0}, {`1`, catalog.Number, 0}, {`"x"`, catalog.Text, 0}, {`true false`, catalog.Boolean, 0},
		{`"2024-02-29" "2025-01-01" null`, catalog.Date, 0}, {`"2024-02-29" "2025-01-01T10:00"`, catalog.Time, 0}, {`"2025-01-01T10:00:00Z"`, catalog.Time, 0},
		{`"2024-02-29" "2025-01-01T10:00" "soon"`, catalog.Text, 0}, {`"2024-02-30"`, catalog.Text, 0},
		{`1 "x" 2`, catalog.Number, 1}, {`1 "x"`, catalog.Text, 1}, {`true 1`, catalog.Number, 1}, {`["a"] true`, catalog.Boolean, 1},
		{`[]`, catalog.TextList, 0}, {`[] ["a"]`, catalog.TextList, 0}, {`[] [{"a":1}]`, catalog.ObjectList, 0}, {`["a"] [{"a":1}]`, catalog.TextList, 1},
		{`[1,2]`, catalog.Unknown, 1}, {`["a",1] "x"`, catalog.Text, 1}, {`[] [null] "x"`, catalog.TextList, 1},
	} {
		s := open(t)
		var records []record.Record
		for i, value := range strings.Split(c.values, " ") {
			records = append(records, identify(ids(user("anna")), int64(i+1), `{"a":`+value+`}`))
		}
		apply(t, s, now, records...)
		report, err := s.Fields(context.Background())
		must(t, err)
		if got := report.Customers[0]; got.Type.Kind != c.want || got.Misfits != c.misfit {
			t.Errorf("%s: type %d, %d misfits; want %d, %d", c.values, got.Type.Kind, got.Misfits, c.want, c.misfit)
		}
	}
}

// TestCatalog sees all kinds of fields and lays a declaration over them.
func TestCatalog(t *testing.T) {
	s := open(t)
	anna := ids(user("anna"))
	apply(t, s, now,
		identify(anna, 1, `{"plan":"pro","logins":"7","subs":[{"sku":"a","dim":{"w":1},"parts":[{"n":1}]}]}`),
		group(anna, firm("acme"), "", 1, `{"employees":5}`),
		track(anna, "order_completed", 1, `{"total":1.5,"products":[{"sku":"a","price":1}]}`, "k"),
		consent(anna, "sms", "news", true, 1))
	must(t, s.Declare(context.Background(), &catalog.Catalog{
		Zone: "Europe/Zurich", Attributes: catalog.Fields{
			"logins": {Kind: catalog.Number}, "birthday": {Kind: catalog.Date},
			"subs": {Kind: catalog.ObjectList, Fields: catalog.Fields{"sku": {Kind: catalog.Number}, "until": {Kind: catalog.Date}}},
		},
		Company:  types(map[string]catalog.Kind{"founded_on": catalog.Date}),
		Events:   map[string]catalog.Fields{"page_viewed": nil, "order_completed": types(map[string]catalog.Kind{"coupon": catalog.Text})},
		Segments: []string{"vip", "lost"}, Scores: []string{"churn"}, Consents: []catalog.Consent{{Channel: "email", Purpose: "news"}},
		Dimensions: map[string]catalog.Dimension{"plan": catalog.Behavioural},
	}))
	want := &catalog.Catalog{
		Zone: "Europe/Zurich",
		Attributes: catalog.Fields{
			"plan": {Kind: catalog.Text}, "logins": {Kind: catalog.Number}, "birthday": {Kind: catalog.Date},
			"subs": {Kind: catalog.ObjectList, Fields: catalog.Fields{
				"sku": {Kind: catalog.Number}, "until": {Kind: catalog.Date}, "dim.w": {Kind: catalog.Number},
				"parts": {Kind: catalog.ObjectList, Fields: types(map[string]catalog.Kind{"n": catalog.Number})},
			}},
		},
		Company: types(map[string]catalog.Kind{"employees": catalog.Number, "founded_on": catalog.Date}),
		Events: map[string]catalog.Fields{
			"page_viewed": {},
			"order_completed": {
				"total": {Kind: catalog.Number}, "coupon": {Kind: catalog.Text},
				"products": {Kind: catalog.ObjectList, Fields: types(map[string]catalog.Kind{"sku": catalog.Text, "price": catalog.Number})},
			},
		},
		Segments: []string{"lost", "vip"}, Scores: []string{"churn"},
		Consents:   []catalog.Consent{{Channel: "email", Purpose: "news"}, {Channel: "sms", Purpose: "news"}},
		Dimensions: map[string]catalog.Dimension{"plan": catalog.Behavioural},
	}
	if got := catalogOf(t, s); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("catalogue\n%+v\nwant\n%+v", got, want)
	}
	before := contents(t, s)
	must(t, s.Declare(context.Background(), catalogOf(t, s)))
	must(t, s.Declare(context.Background(), &catalog.Catalog{}))
	if got := catalogOf(t, s); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("declaring what is known changed the catalogue to %+v", got)
	}
	must(t, s.Declare(context.Background(), &catalog.Catalog{Attributes: types(map[string]catalog.Kind{"logins": catalog.Text})}))
	if got := catalogOf(t, s).Attributes["logins"].Kind; got != catalog.Text {
		t.Errorf("declared again, logins has the type %d", got)
	}
	if before == contents(t, s) {
		t.Error("the declaration is not in the file")
	}
	if err := s.Declare(context.Background(), &catalog.Catalog{Zone: "Mars/Base"}); err == nil || !strings.Contains(err.Error(), "unknown time zone") {
		t.Errorf("declared a zone on Mars: %v", err)
	}
}

// TestFields reports how often fields are set, and with what.
func TestFields(t *testing.T) {
	s := open(t)
	order := func(n int, given, props string) record.Record {
		r := track(ids(user("anna")), "order_completed", 5, props, fmt.Sprint(n))
		r.EventGiven = given
		return r
	}
	apply(t, s, now,
		identify(ids(user("anna")), 1, `{"plan":"free"}`), identify(ids(user("anna")), 2, `{"plan":"pro"}`), identify(ids(user("anna")), 2, `{"plan":"pro"}`),
		identify(ids(user("ben")), 1, `{"plan":"a \"b\" `+strings.Repeat("ä", 100)+`"}`), identify(ids(user("cem")), 1, `{"plan":7}`), identify(ids(user("cem")), 2, `{"plan":null}`),
		identify(ids(device("d")), 1, `{"plan":"free"}`), identify(ids(device("d"), user("anna")), 9, `{}`),
		group(nil, firm("acme"), "", 1, `{"size":5}`),
		order(1, "Order Completed", `{"total":1,"gift":true,"products":[{"sku":"a"},{"sku":"b"}]}`), order(2, "Order Completed", `{"total":"2","products":[]}`), order(3, "order_completed", `{"total":1}`))
	must(t, s.Declare(context.Background(), &catalog.Catalog{Events: map[string]catalog.Fields{"cart_viewed": types(map[string]catalog.Kind{"value": catalog.Number})}}))
	got, err := s.Fields(context.Background())
	must(t, err)
	want := &FieldsReport{
		Customers: []FieldReport{{Path: "plan", Type: catalog.Type{Kind: catalog.Text}, Values: 5, Misfits: 1, Owners: 2,
			Examples: []string{"free", "pro", `a "b" ` + strings.Repeat("ä", 53) + "…"}}},
		Company: []FieldReport{{Path: "size", Type: catalog.Type{Kind: catalog.Number}, Values: 1, Owners: 1, Examples: []string{"5"}}},
		Events: []EventReport{
			{Name: "cart_viewed", Fields: []FieldReport{{Path: "value", Type: catalog.Type{Kind: catalog.Number}, Declared: true}}},
			{Name: "order_completed", Given: []string{"Order Completed", "order_completed"}, Events: 3, Fields: []FieldReport{
				{Path: "gift", Type: catalog.Type{Kind: catalog.Boolean}, Values: 1, Owners: 1, Examples: []string{"true"}},
				{Path: "products", Type: catalog.Type{Kind: catalog.ObjectList, Fields: types(map[string]catalog.Kind{"sku": catalog.Text})},
					Values: 2, Owners: 2, Examples: []string{`[{"sku":"a"},{"sku":"b"}]`, "[]"}},
				{Path: "products[].sku", Type: catalog.Type{Kind: catalog.Text}, Values: 2, Owners: 2, Examples: []string{"a", "b"}},
				{Path: "total", Type: catalog.Type{Kind: catalog.Number}, Values: 3, Misfits: 1, Owners: 3, Examples: []string{"1", "2"}},
			}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("fields\n%+v\nwant\n%+v", got, want)
	}
}

func TestSettings(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	want := func(want Settings) {
		t.Helper()
		if got, err := s.Settings(ctx); got != want || err != nil {
			t.Errorf("%+v %v, want %+v", got, err, want)
		}
	}
	want(Settings{Zone: "Europe/Berlin", Currency: "EUR"})
	must(t, s.SetSettings(ctx, Settings{Currency: "CHF"}))
	must(t, s.SetSettings(ctx, Settings{Zone: "Europe/Vienna"}))
	want(Settings{Zone: "Europe/Vienna", Currency: "CHF"})
	for _, bad := range []Settings{{Zone: "nowhere"}, {Currency: "euro"}} {
		if err := s.SetSettings(ctx, bad); err == nil {
			t.Errorf("set %+v", bad)
		}
	}
	want(Settings{Zone: "Europe/Vienna", Currency: "CHF"})
}

// Rules and webhooks name the parts of a segmentation, not itself.
func TestSegmentationsAreNoSegments(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	life := segment.Definition{Name: "life", Kind: segment.Segmentation, Parts: []string{"vip"}, Rest: "rest"}
	must(t, s.Update(ctx, now, func(tx *Tx) error {
		for _, d := range append(life.Derived(), life, segment.Definition{Name: "vip", Rule: "a = 1"}, segment.Definition{Name: "life2", Rule: "a = 1"}) {
			if _, err := tx.PutSegment(d, "", ""); err != nil {
				return err
			}
		}
		return nil
	}))
	if got, want := catalogOf(t, s).Segments, []string{"life.rest", "life.vip", "life2", "vip"}; !reflect.DeepEqual(got, want) {
		t.Errorf("rules can name %v, not %v", got, want)
	}
	if _, err := s.AddWebhook(ctx, Webhook{Name: "h", URL: "https://example.com", Segments: []string{"life"}}); err == nil || !strings.Contains(err.Error(), "is a segmentation") {
		t.Errorf("a webhook for a segmentation: %v", err)
	}
	if _, err := s.AddWebhook(ctx, Webhook{Name: "h", URL: "https://example.com", Segments: []string{"life.rest"}}); err != nil {
		t.Errorf("a webhook for a part: %v", err)
	}
}
