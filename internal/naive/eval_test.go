package naive

import (
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

const schema = `{"zone": "Europe/Berlin",
 "attributes": {"name": "text", "plan": "text", "address.city": "text", "address.zip": "text", "credit": "number", "vip": "boolean",
  "birthday": "date", "ends_at": "time", "tags": "list of text", "subscriptions": {"list of": {"sku": "text", "price": "number"}}},
 "company": {"employees": "number"},
 "events": {"order_completed": {"total": "number", "coupon": "text", "vip": "boolean", "products": {"list of": {"sku": "text"}}},
  "email_opened": {"campaign": "text"}},
 "segments": ["win_back"], "scores": ["churn"]}`

const calls = `{"type": "identify", "userId": "anna", "timestamp": "2026-01-10T09:00:00Z", "traits": {"name": "Weiß", "plan": "free", "address": {"city": "Ulm", "zip": "89073"}}}
{"type": "identify", "userId": "anna", "timestamp": "2026-02-10T09:00:00Z", "traits": {"plan": "pro", "address": {"zip": "70173"}, "credit": "12"}}
{"type": "identify", "userId": "anna", "timestamp": "2026-02-10T09:00:00Z", "traits": {"vip": true, "birthday": "2004-02-29", "ends_at": "2026-03-29T00:30:00Z", "tags": ["VIP", "b2b"], "subscriptions": []}}
{"type": "group", "userId": "anna", "groupId": "a", "timestamp": "2026-03-01T00:00:00Z", "traits": {"employees": 10}}
{"type": "group", "userId": "anna", "groupId": "b", "timestamp": "2026-02-01T00:00:00Z", "traits": {"employees": 200}}
{"type": "group", "groupId": "a", "timestamp": "2026-01-01T00:00:00Z", "traits": {"employees": 5}}
{"type": "track", "userId": "anna", "timestamp": "2026-03-01T10:00:00Z", "event": "Order Completed", "properties": {"total": 0.1, "coupon": "SPRING", "products": [{"sku": "A"}, {"sku": "B"}]}}
{"type": "track", "userId": "anna", "timestamp": "2026-03-01T10:00:00Z", "event": "Order Completed", "properties": {"total": 0.2, "coupon": "spring", "vip": false}}
{"type": "track", "userId": "anna", "timestamp": "2026-01-31T09:00:00Z", "event": "order_completed", "properties": {"total": null, "products": []}}
{"type": "track", "userId": "anna", "timestamp": "2026-03-02T10:00:00Z", "event": "email_opened", "properties": {}}
{"type": "identify", "userId": "bert", "timestamp": "2026-01-10T09:00:00Z", "traits": {"credit": 5.00005}}
{"type": "identify", "userId": "carl", "timestamp": "2026-01-10T09:00:00Z", "traits": {"credit": 7}}
`

const consents = `{"userId": "anna", "channel": "email", "purpose": "news", "granted": false, "timestamp": "2026-02-01T00:00:00Z"}
{"userId": "anna", "channel": "email", "purpose": "news", "granted": true, "timestamp": "2026-02-01T00:00:00Z"}
{"userId": "anna", "channel": "email", "purpose": "news", "granted": false, "timestamp": "2026-04-01T00:00:00Z"}
`

const memberships = `{"segment": "win_back", "userId": "anna", "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
{"segment": "win_back", "userId": "anna", "from": "2026-02-01T00:00:00Z", "to": "2026-05-01T00:00:00Z"}
`

func smallWorld(t *testing.T) *World {
	known, err := catalog.ParseDeclaration([]byte(schema))
	if err != nil {
		t.Fatal(err)
	}
	w, err := Load(known, strings.NewReader(calls), strings.NewReader(consents), strings.NewReader(memberships))
	if err != nil {
		t.Fatal(err)
	}
	w.Postcodes = map[string]Point{"DE-70173": {48.7784, 9.1806}, "DE-10115": {52.5323, 13.3846}}
	return w
}

// TestHolds is the page of the language, sentence by sentence.
func TestHolds(t *testing.T) {
	w := smallWorld(t)
	for _, c := range []struct{ now, in, out string }{
		// Customers
		{"2026-01-20T00:00:00Z", `plan = "FREE" and address.city is known and vip and credit is unknown`, `plan = "pro"`},
		{"2025-01-01T00:00:00Z", `plan = "free" and company.employees = 200`, `address.zip = "70173"`}, // before the first value, the first
		{"2026-03-10T00:00:00Z", `plan = "pro" and address.city is unknown and company.employees = 10`, `company.employees = 200`},
		{"2026-02-20T00:00:00Z", `company.employees = 200`, `company.employees = 10`},
		{"2026-03-10T00:00:00Z", `tags contains "vip" and every subscriptions (price > 1) and subscriptions is known`, `tags contains "b2" or any subscriptions (price != 1)`},
		{"2026-03-10T00:00:00Z", `count(order_completed where not vip and customer.vip) = 3`, `count(order_completed where vip) > 0`},
		{"2026-03-10T00:00:00Z", `count(order_completed where any products (sku = "b")) = 1`, `count(order_completed where no products (sku = "b")) = 1`},
		// Events exist from their time on
		{"2026-03-01T09:59:59.999Z", `count(order_completed) = 1`, `count(order_completed) = 3`},
		{"2026-03-01T10:00:00Z", `count(order_completed) = 3`, `count(order_completed) = 1`},
		{"2026-03-10T00:00:00Z", `consent(email, news)`, `consent(sms, news)`},
		{"2026-04-10T00:00:00Z", `not consent(email, news)`, `consent(email, news)`},
		// Unknown
		{"2026-03-10T00:00:00Z", `credit != 12 and credit not in (12) and credit not between 1 and 2 and not credit < 5`, `credit = 12 or credit <= 5`},
		{"2025-03-10T00:00:00Z", `count(order_completed) = 0 and sum(order_completed.total) = 0 and avg(order_completed.total) is unknown`, `last(order_completed) older than 1 day`},
		// Text
		{"2026-03-10T00:00:00Z", `name = "WEIẞ" and name not contains "ss" and name matches "^W" and name starts with "weI"`, `name matches "^w" or name ends with "S"`},
		// Numbers
		{"2026-03-10T00:00:00Z", `sum(order_completed.total) = 0.3 and avg(order_completed.total) = 0.15 and count(order_completed.total) = 2`, `sum(order_completed.total) > 0.3`},
		{"2026-03-10T00:00:00Z", `distinct(order_completed.coupon) = 1 and count(order_completed.products) = 2 and max(order_completed.total) = 0.2`, `min(order_completed.total) != 0.1`},
		// First and last, ties by receipt
		{"2026-03-10T00:00:00Z", `last(order_completed.total) = 0.2 and first(order_completed.coupon) is unknown`, `last(order_completed.products) is known`},
		// Windows
		{"2026-02-28T09:00:00Z", `last(order_completed) older than 1 month`, `count(order_completed in last 1 month) > 0`},
		{"2026-02-28T08:59:59.999Z", `count(order_completed in last 1 month) > 0`, `last(order_completed) older than 1 month`},
		{"2026-03-01T22:59:59.999Z", `last(order_completed) today and last(order_completed) in this month`, `last(order_completed) yesterday`},
		{"2026-03-01T23:00:00Z", `last(order_completed) yesterday and last(order_completed) in previous week`, `last(order_completed) today`},
		{"2026-03-10T00:00:00Z", `ends_at in this month and ends_at after 2026-03-28 and ends_at on 2026-03-29`, `ends_at after 2026-03-29 or ends_at in last 1 day`},
		{"2026-03-10T00:00:00Z", `ends_at between 2026-03-01 and 2026-03-29 and ends_at since 2026-03-29`, `ends_at between 2026-03-01 and 2026-03-29T00:00 or ends_at before 2026-03-29`},
		{"2026-03-28T00:30:00Z", `ends_at in next 1 day and ends_at in next 24 hours`, `ends_at in next 23 hours`},
		// Sequences
		{"2026-03-10T00:00:00Z", `order_completed then email_opened within 1 day`, `order_completed then email_opened within 23 hours`},
		{"2026-03-10T00:00:00Z", `order_completed then no email_opened within 23 hours`, `order_completed where total > 0 then no email_opened within 1 day`},
		{"2026-02-01T08:59:59.999Z", `not order_completed then no email_opened within 1 day`, `order_completed then no email_opened within 24 hours`},
		{"2026-02-01T09:00:00Z", `order_completed then no email_opened within 1 day`, `order_completed then order_completed within 1 day`},
		// Segments: a stay that goes on where another ends is one
		{"2026-04-01T00:00:00Z", `in segment win_back for 90 days`, `not in segment win_back for 90 days`},
		{"2026-05-01T00:00:00Z", `left segment win_back today`, `in segment win_back`},
		{"2026-03-10T00:00:00Z", `left segment win_back in previous month and entered segment win_back since 2026-02-01`, `left segment win_back in this month`},
		// Age and anniversary
		{"2026-02-28T22:59:59.999Z", `age(birthday) = 21 and anniversary of birthday in next 1 day`, `anniversary of birthday today`},
		{"2026-02-28T23:00:00Z", `age(birthday) = 22 and anniversary of birthday today and anniversary of birthday in next 1 day`, `age(birthday) = 21`},
		{"2026-03-01T23:00:00Z", `anniversary of birthday in next 1 year`, `anniversary of birthday in next 363 days`},
		{"2004-02-28T22:59:59.999Z", `age(birthday) is unknown and not anniversary of birthday in next 12 months`, `anniversary of birthday today`},
		// All customers and places
		{"2026-03-10T00:00:00Z", `not top 50% by credit and top 100% by count(order_completed)`, `top 100% by credit`},
		{"2026-03-10T00:00:00Z", `top 1% by count(order_completed)`, `top 100% by score(churn)`},
		{"2026-03-10T00:00:00Z", `distance(address.zip, "DE-10115") between 511 and 512 and distance(address.zip, "DE-70173") = 0`, `distance(address.zip, "AT-1010") is known`},
	} {
		for text, want := range map[string]bool{c.in: true, c.out: false} {
			n, problems := rule.Parse(text)
			if problems.Fatal() {
				t.Fatalf("%s: %v", text, problems)
			}
			if got := w.Holds(n, w.Customers[0], parse(t, c.now)); got != want {
				t.Errorf("at %s %v: %s", c.now, got, text)
			}
		}
	}
}

func TestTop(t *testing.T) {
	w := smallWorld(t)
	n, _ := rule.Parse("top 50% by credit") // of two whose credit is known
	for id, want := range map[string]bool{"anna": false, "bert": false, "carl": true} {
		for _, c := range w.Customers {
			if c.ID == id && w.Holds(n, c, parse(t, "2026-03-10T00:00:00Z")) != want {
				t.Errorf("%s: not %v", id, want)
			}
		}
	}
}

func TestNextFlip(t *testing.T) {
	w := smallWorld(t)
	for _, c := range []struct{ rule, now, flip string }{
		{`count(order_completed in last 1 month) > 0`, "2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z"},
		{`count(order_completed in last 1 month) > 0`, "2026-02-28T09:00:00Z", "2026-03-01T10:00:00Z"},
		{`count(order_completed in last 1 month) > 0`, "2026-03-01T10:00:00Z", "2026-04-01T09:00:00Z"}, // summer time
		{`plan = "pro"`, "2026-01-20T00:00:00Z", "2026-02-10T09:00:00Z"},
		{`plan = "pro"`, "2026-02-20T00:00:00Z", "never"},
		{`anniversary of birthday today`, "2026-01-20T00:00:00Z", "2026-02-28T23:00:00Z"},
		{`ends_at in next 1 day`, "2026-01-20T00:00:00Z", "2026-03-28T00:30:00Z"},
		{`in segment win_back for 3 months`, "2026-01-20T00:00:00Z", "2026-03-31T23:00:00Z"},
		{`consent(email, news)`, "2026-02-20T00:00:00Z", "2026-04-01T00:00:00Z"},
	} {
		n, problems := rule.Parse(c.rule)
		if problems.Fatal() {
			t.Fatalf("%s: %v", c.rule, problems)
		}
		got := "never"
		if at, ok := w.NextFlip(n, w.Customers[0], parse(t, c.now), parse(t, "2030-01-01T00:00:00Z")); ok {
			got = timestamp(at)
		}
		if want := strings.Replace(c.flip, "00Z", "00.000Z", 1); got != want {
			t.Errorf("%s at %s flips at %s, want %s", c.rule, c.now, got, want)
		}
	}
}
