package benchdata

import "github.com/kohorte/kohorte/internal/catalog"

// Zone is the time zone of the generated shop.
const Zone = "Europe/Berlin"

// Catalog declares the fields of the generated data.
func Catalog() *catalog.Catalog {
	text, number := catalog.Type{Kind: catalog.Text}, catalog.Type{Kind: catalog.Number}
	date, yesNo := catalog.Type{Kind: catalog.Date}, catalog.Type{Kind: catalog.Boolean}
	return &catalog.Catalog{
		Zone: Zone,
		Attributes: catalog.Fields{
			"email": text, "country": text, "language": text, "address.city": text, "address.postal_code": text, "birthday": date,
			"gender": text, "signed_up_on": date, "channel": text, "plan": text, "points": number, "vip": yesNo,
		},
		Events: map[string]catalog.Fields{
			"page_viewed":           {"path": text, "referrer": text},
			"product_viewed":        {"sku": text, "category": text, "price": number},
			"product_added":         {"sku": text, "category": text, "price": number, "quantity": number},
			"cart_viewed":           {"value": number, "items": number},
			"checkout_started":      {"value": number, "express": yesNo},
			"order_completed":       {"total": number, "currency": text, "items": number, "category": text, "coupon": text, "payment": text},
			"order_refunded":        {"total": number, "reason": text},
			"email_opened":          {"campaign": text},
			"email_clicked":         {"campaign": text},
			"support_ticket_opened": {"topic": text, "severity": number},
		},
		Consents: []catalog.Consent{
			{Channel: "email", Purpose: "newsletter"}, {Channel: "email", Purpose: "profiling"}, {Channel: "sms", Purpose: "marketing"},
		},
	}
}
