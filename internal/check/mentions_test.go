package check

import (
	"reflect"
	"testing"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/language"
	"github.com/kohorte/kohorte/internal/rule"
)

func TestMentions(t *testing.T) {
	n := parse(t, `country = "DE" and company.industry in ("x") and customer.plan is known and vip
		and sum(order_completed.total where coupon = "x" and any products (sku = "a" and customer.credit > 1)
			and count(email_opened where campaign is known and company.size > 1) > 0) > score(churn)
		and order_completed where gift then no app_opened within 1 day
		and in segment b and entered segment a today and left segment b today
		and consent(sms, news) and consent(email, news) and consent(sms, news)
		and top 5% by age(birthday) and distance(address.postal_code, "DE-70173") < 5
		and any subscriptions (price > 3)`)
	want := Mentioned{
		Events: []MentionedEvent{
			{"app_opened", nil},
			{"email_opened", []string{"campaign"}},
			{"order_completed", []string{"coupon", "gift", "products", "total"}},
		},
		Attributes: []string{"address.postal_code", "birthday", "country", "credit", "plan", "subscriptions", "vip"},
		Company:    []string{"industry", "size"},
		Segments:   []string{"a", "b"},
		Consents:   []catalog.Consent{{Channel: "email", Purpose: "news"}, {Channel: "sms", Purpose: "news"}},
		Scores:     []string{"churn"},
		Ranks:      true,
		Distances:  true,
	}
	if got := Mentions(n); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := Mentions(parse(t, "vip")); !reflect.DeepEqual(got, Mentioned{Attributes: []string{"vip"}}) {
		t.Errorf("got %+v", got)
	}
}

func TestTypeOf(t *testing.T) {
	c := testCatalog(t)
	outside := catalog.Scope{Catalog: c}
	inside := outside.Within(c.Events["order_completed"])
	cases := []struct {
		value string
		scope catalog.Scope
		want  catalog.Kind
	}{
		{"country", outside, catalog.Text},
		{"company.employees", inside, catalog.Number},
		{"delivery_on", inside, catalog.Date},
		{"country", inside, catalog.Unknown},
		{"customer.country", inside, catalog.Text},
		{"nowhere", outside, catalog.Unknown},
		{"never_set", outside, catalog.Unknown},
		{"subscriptions", outside, catalog.ObjectList},
		{`"x"`, outside, catalog.Text},
		{"1.5", outside, catalog.Number},
		{"true", outside, catalog.Boolean},
		{"2026-01-01", outside, catalog.Date},
		{"2026-01-01T10:00", outside, catalog.Time},
		{"count(order_completed.coupon)", outside, catalog.Number},
		{"distinct(order_completed.coupon)", outside, catalog.Number},
		{"sum(order_completed.total)", inside, catalog.Number},
		{"avg(order_completed.total)", inside, catalog.Number},
		{"min(order_completed.delivery_on)", inside, catalog.Date},
		{"max(order_refunded.total)", inside, catalog.Number},
		{"max(order_refunded.totl)", inside, catalog.Unknown},
		{"max(nowhere.total)", inside, catalog.Unknown},
		{"first(order_completed)", outside, catalog.Time},
		{"last(product_viewed.labels)", outside, catalog.TextList},
		{"age(birthday)", outside, catalog.Number},
		{"score(churn)", outside, catalog.Number},
		{`distance(address.postal_code, "DE-70173")`, outside, catalog.Number},
	}
	for _, c := range cases {
		value := parse(t, c.value+" is known").(*rule.Known).Value
		if got := TypeOf(value, c.scope); got != c.want {
			t.Errorf("%s is %s, want %s", c.value, language.KindName(got), language.KindName(c.want))
		}
	}
}
