// Package gen draws the data of property tests: customers with histories whose
// times and values lie on the boundaries of a given rule, and instants on those
// boundaries. It is for tests only.
package gen

import "github.com/kohorte/kohorte/internal/catalog"

// Catalog gives the fields of a small invented shop in a zone: every kind of
// field is among them, also names that are keywords.
func Catalog(zone string) *catalog.Catalog {
	return &catalog.Catalog{
		Zone: zone,
		Attributes: fields(catalog.Text, "country", "plan", "first_name", "address.city", "last").
			and(catalog.Number, "credit", "logins").
			and(catalog.Boolean, "vip").
			and(catalog.Date, "birthday", "contract_ends_on", "today").
			and(catalog.Time, "trial_ends_at").
			and(catalog.TextList, "tags").
			list("subscriptions", fields(catalog.Text, "sku", "country").
				and(catalog.Number, "price").and(catalog.Date, "started_on").and(catalog.Boolean, "paused")),
		Company: fields(catalog.Text, "industry").and(catalog.Number, "employees").
			and(catalog.Boolean, "premium").and(catalog.Date, "founded_on").and(catalog.Time, "renews_at"),
		Events: map[string]catalog.Fields{
			"order_completed": fields(catalog.Text, "currency", "coupon").and(catalog.Number, "total").
				and(catalog.Boolean, "gift").and(catalog.Date, "delivery_on").
				list("products", fields(catalog.Text, "sku", "category").and(catalog.Number, "price")),
			"order_refunded":     fields(catalog.Number, "total").and(catalog.Text, "reason"),
			"product_viewed":     fields(catalog.Text, "sku").and(catalog.Number, "price"),
			"appointment_booked": fields(catalog.Time, "starts_at").and(catalog.TextList, "topics"),
			"email_opened":       fields(catalog.Text, "campaign"),
		},
		Segments: []string{"complaint_open", "new_customers", "win_back"},
		Scores:   []string{"churn"},
		Consents: []catalog.Consent{{Channel: "email", Purpose: "newsletter"}, {Channel: "sms", Purpose: "newsletter"}},
	}
}

type fieldMap catalog.Fields

func fields(kind catalog.Kind, paths ...string) fieldMap { return fieldMap{}.and(kind, paths...) }

func (f fieldMap) and(kind catalog.Kind, paths ...string) fieldMap {
	for _, path := range paths {
		f[path] = catalog.Type{Kind: kind}
	}
	return f
}

func (f fieldMap) list(path string, members fieldMap) catalog.Fields {
	f[path] = catalog.Type{Kind: catalog.ObjectList, Fields: catalog.Fields(members)}
	return catalog.Fields(f)
}
