package ruletest

import "github.com/kohorte/kohorte/internal/catalog"

// Schema gives a catalogue in which every kind of field occurs for customers,
// companies, events and the objects of lists, with names that need backquotes.
func Schema() *catalog.Catalog {
	text, num, yes := catalog.Type{Kind: catalog.Text}, catalog.Type{Kind: catalog.Number}, catalog.Type{Kind: catalog.Boolean}
	date, time := catalog.Type{Kind: catalog.Date}, catalog.Type{Kind: catalog.Time}
	tags := catalog.Type{Kind: catalog.TextList}
	objects := func(fields catalog.Fields) catalog.Type {
		return catalog.Type{Kind: catalog.ObjectList, Fields: fields}
	}
	return &catalog.Catalog{
		Zone: "Europe/Berlin",
		Attributes: catalog.Fields{
			"country": text, "plan": text, "address.postal_code": text, "größe": text, "first name": text, "last": text,
			"credit": num, "logins": num, "birthday": date, "today": date, "trial_ends_at": time,
			"vip": yes, "newsletter": yes, "tags": tags,
			"subscriptions": objects(catalog.Fields{
				"sku": text, "price": num, "started_on": date, "paused": yes, "labels": tags,
				"changes": objects(catalog.Fields{"at": time, "reason": text}),
			}),
		},
		Company: catalog.Fields{"industry": text, "employees": num, "founded_on": date, "renews_at": time, "premium": yes, "tags": tags},
		Events: map[string]catalog.Fields{
			"order_completed": {
				"total": num, "currency": text, "gift": yes, "delivery_on": date, "country": text, "tags": tags,
				"products": objects(catalog.Fields{"sku": text, "price": num, "quantity": num, "category.name": text}),
			},
			"order_refunded":     {"total": num, "reason": text},
			"product_viewed":     {"sku": text, "price": num},
			"appointment booked": {"starts_at": time, "kind": text, "in": num},
			"newsletter_opened":  nil,
		},
		Segments: []string{"complaint_open", "new_customers", "left", "lifecycle.left", "lifecycle.at risk"},
		Scores:   []string{"churn", "lifetime value"},
		Consents: []catalog.Consent{{Channel: "email", Purpose: "newsletter"}, {Channel: "sms", Purpose: "any"}},
	}
}
