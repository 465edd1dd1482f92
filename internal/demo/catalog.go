package demo

import "github.com/kohorte/kohorte/internal/catalog"

// Catalog declares the fields of a company's data, as they are known once everything is imported.
func Catalog(c Company) *catalog.Catalog {
	if c == OnlineShop {
		return shopCatalog()
	}
	return machinesCatalog()
}

var (
	text     = catalog.Type{Kind: catalog.Text}
	num      = catalog.Type{Kind: catalog.Number}
	yesNo    = catalog.Type{Kind: catalog.Boolean}
	bareDate = catalog.Type{Kind: catalog.Date}
)

func listOf(members catalog.Fields) catalog.Type {
	return catalog.Type{Kind: catalog.ObjectList, Fields: members}
}

// personFields are the attributes that every person may have.
func personFields(more catalog.Fields) catalog.Fields {
	fields := catalog.Fields{
		"salutation": text, "first_name": text, "last_name": text, "email": text, "phone": text, "birthday": bareDate,
	}
	for name, t := range more {
		fields[name] = t
	}
	return fields
}

func shopCatalog() *catalog.Catalog {
	product := catalog.Fields{"sku": text, "name": text, "category": text, "price": num}
	added := catalog.Fields{"sku": text, "name": text, "category": text, "price": num, "quantity": num}
	wish := catalog.Fields{"sku": text, "name": text, "category": text, "price": num, "added_on": bareDate}
	cart := catalog.Fields{"value": num, "items": num}
	return &catalog.Catalog{
		Zone: berlin.Name(),
		Attributes: personFields(catalog.Fields{
			"address.street": text, "address.postal_code": text, "address.city": text, "country": text,
			"signed_up_on": bareDate, "channel": text, "loyalty_tier": text, "wishlist": listOf(wish),
		}),
		Events: map[string]catalog.Fields{
			pageViewed.name:      {"path": text, "referrer": text},
			productsSearch.name:  {"query": text},
			productViewed.name:   product,
			productAdded.name:    added,
			cartViewed.name:      cart,
			checkoutStarted.name: cart,
			orderCompleted.name: {
				"order_id": text, "total": num, "currency": text, "shipping": num, "discount": num,
				"coupon": text, "payment": text, "products": listOf(added),
			},
			orderRefunded.name:   {"order_id": text, "total": num, "currency": text, "reason": text, "products": listOf(added)},
			productReviewed.name: {"sku": text, "stars": num},
			emailOpened.name:     {"campaign": text},
			emailClicked.name:    {"campaign": text, "link": text},
		},
		Consents: []catalog.Consent{
			{Channel: "email", Purpose: "newsletter"}, {Channel: "email", Purpose: "profiling"}, {Channel: "post", Purpose: "advertising"},
		},
	}
}

func machinesCatalog() *catalog.Catalog {
	offer := func(more string) catalog.Fields {
		f := catalog.Fields{"offer_id": text, "machine_type": text, "model": text, "value": num, "currency": text}
		switch more {
		case "valid_until":
			f[more] = bareDate
		case "reason":
			f[more] = text
		}
		return f
	}
	machines := catalog.Fields{
		"serial": text, "type": text, "model": text, "installed_on": bareDate,
		"last_maintenance": bareDate, "operating_hours": num, "under_contract": yesNo,
	}
	return &catalog.Catalog{
		Zone:       berlin.Name(),
		Attributes: personFields(catalog.Fields{"title": text, "role": text, "job_title": text, "language": text}),
		Company: catalog.Fields{
			"name": text, "industry": text, "website": text, "phone": text, "employees": num, "founded_on": bareDate,
			"address.street": text, "address.postal_code": text, "address.city": text, "country": text,
			"machines": listOf(machines),
		},
		Events: map[string]catalog.Fields{
			quoteRequested.name:   {"machine_type": text, "model": text, "channel": text},
			offerSent.name:        offer("valid_until"),
			offerAccepted.name:    offer(""),
			offerRejected.name:    offer("reason"),
			orderCompleted.name:   {"order_id": text, "order_type": text, "total": num, "currency": text, "products": listOf(catalog.Fields{"sku": text, "name": text, "price": num, "quantity": num})},
			machineDelivered.name: {"serial": text, "machine_type": text, "model": text},
			visitCompleted.name:   {"serial": text, "kind": text, "technician": text, "hours": num},
			complaintOpened.name:  {"complaint_id": text, "serial": text, "topic": text, "severity": num},
			complaintClosed.name:  {"complaint_id": text, "satisfied": yesNo},
			callLogged.name:       {"direction": text, "topic": text, "result": text, "minutes": num},
			brochureLoaded.name:   {"machine_type": text},
			webinarAttended.name:  {"machine_type": text},
			fairVisited.name:      {"fair": text},
			emailOpened.name:      {"campaign": text},
		},
		Consents: []catalog.Consent{{Channel: "email", Purpose: "newsletter"}, {Channel: "phone", Purpose: "sales"}},
	}
}
