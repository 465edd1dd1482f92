package demo

import "github.com/kohorte/kohorte/internal/calendar"

// Segment is a segment worth looking at, with the words that a marketer would use for it.
type Segment struct {
	Name  string
	Title Text
	Rule  string
}

// Segments are the telling segments of a company, in the order in which they are shown.
func Segments(c Company) []Segment {
	if c == OnlineShop {
		return shopSegments
	}
	return machineSegments
}

var shopSegments = []Segment{
	{"loyal", Text{"Stammkunden: drei Bestellungen in zwölf Monaten, die letzte nicht lange her", "Loyal customers: three orders in twelve months, the last one not long ago"},
		`count(order_completed in last 12 months) >= 3 and last(order_completed) in last 4 months`},
	{"top_10_percent", Text{"Die obersten 10 % nach Umsatz der letzten zwölf Monate", "The top 10 % by turnover of the last twelve months"},
		`top 10% by sum(order_completed.total in last 12 months)`},
	{"cart_abandoned", Text{"Warenkorb stehen gelassen: drei Tage ohne Bestellung", "Cart abandoned: three days without an order"},
		`cart_viewed in last 7 days then no order_completed within 3 days`},
	{"win_back", Text{"Zurückgewinnen: waren gut, seit einem halben Jahr still, dürfen Post bekommen", "Win back: were good, silent for half a year, may be written to"},
		`count(order_completed) >= 2 and last(order_completed) older than 180 days and consent(email, newsletter)`},
	{"second_order_missing", Text{"Neu, und die zweite Bestellung fehlt seit einem Monat", "New, and a second order is missing for a month"},
		`count(order_completed) = 1 and first(order_completed) in last 90 days and first(order_completed) older than 30 days`},
	{"newsletter_reachable", Text{"Newsletter: eingewilligt, erreichbar und wach", "Newsletter: consented, reachable and awake"},
		`consent(email, newsletter) and email is known and count(email_opened in last 90 days) >= 1`},
	{"birthday_next_week", Text{"Geburtstag in den nächsten sieben Tagen", "Birthday within the next seven days"},
		`anniversary of birthday in next 7 days and birthday after 1900-01-01 and consent(email, newsletter)`},
	{"browsing_not_buying", Text{"Schauen wieder, kaufen aber nicht", "Looking again, but not buying"},
		`count(product_viewed in last 30 days) >= 3 and last(order_completed) older than 120 days`},
	{"around_stuttgart", Text{"Rund um Stuttgart, nach Postleitzahl", "Around Stuttgart, by postal code"},
		`address.postal_code starts with "70" or address.postal_code starts with "71" or address.postal_code starts with "73"`},
	{"austria_switzerland", Text{"Österreich und Schweiz, wie auch immer geschrieben", "Austria and Switzerland, however spelled"},
		`country in ("AT", "Österreich", "Austria", "A", "CH", "Schweiz", "Switzerland", "Suisse")`},
	{"sends_much_back", Text{"Schicken viel zurück", "Send much back"},
		`count(order_refunded in last 12 months) >= 2 or sum(order_refunded.total in last 12 months) > 300`},
	{"discounts_only", Text{"Kaufen nur mit Gutschein", "Buy with coupons only"},
		`count(order_completed) >= 2 and count(order_completed where coupon is unknown) = 0`},
	{"shoe_lovers", Text{"Wiederholt Schuhe gekauft", "Bought shoes more than once"},
		`count(order_completed where any products (category = "Schuhe")) >= 2`},
	{"wish_waits", Text{"Ein Wunsch über 150 Euro wartet seit Monaten auf dem Wunschzettel", "A wish of more than 150 euros has waited on the wish list for months"},
		`any wishlist (price > 150 and added_on older than 2 months) and consent(email, newsletter)`},
	{"doubtful_birthday", Text{"Geburtstag kann nicht stimmen", "Birthday cannot be right"},
		`birthday before 1901-01-01 or birthday is known and age(birthday) is unknown`},
}

var machineSegments = []Segment{
	{"maintenance_overdue", Text{"Wartung überfällig: eine Maschine seit über zwölf Monaten", "Maintenance overdue: some machine for more than twelve months"},
		`any company.machines (last_maintenance older than 12 months)`},
	{"maintenance_overdue_who", Text{"… und wen man deswegen anruft", "… and whom to call about it"},
		`any company.machines (last_maintenance older than 12 months) and role in ("maintenance", "decision_maker") and consent(phone, sales)`},
	{"offer_unanswered", Text{"Angebot seit 30 Tagen ohne Antwort", "Offer without an answer for 30 days"},
		`offer_sent in last 120 days then no offer_accepted within 30 days and count(offer_rejected in last 120 days) = 0`},
	{"complaint_open", Text{"Reklamation offen", "Complaint open"},
		`count(complaint_opened) > count(complaint_closed)`},
	{"decision_makers_large", Text{"Entscheider in Firmen mit mehr als 250 Beschäftigten", "Decision makers in companies with more than 250 employees"},
		`role = "decision_maker" and company.employees > 250 and company.employees < 90000`},
	{"key_accounts", Text{"Die obersten 5 % nach Umsatz in zwei Jahren", "The top 5 % by turnover in two years"},
		`top 5% by sum(order_completed.total in last 24 months)`},
	{"replacement_due", Text{"Maschine älter als zwölf Jahre, Angebot noch keines", "A machine older than twelve years, and no offer yet"},
		`any company.machines (installed_on older than 12 years) and count(offer_sent in last 24 months) = 0 and role in ("decision_maker", "production")`},
	{"no_service_contract", Text{"Junge Maschine ohne Wartungsvertrag", "Young machine without a service contract"},
		`any company.machines (installed_on in last 24 months and not under_contract) and role in ("maintenance", "purchasing", "decision_maker")`},
	{"cross_sell_milling", Text{"Dreht, aber fräst noch nicht", "Turns, but does not mill yet"},
		`any company.machines (type = "Drehzentrum") and no company.machines (type = "Fräszentrum") and company.employees between 50 and 5000`},
	{"parts_regulars", Text{"Bestellen regelmäßig Ersatzteile", "Order spare parts regularly"},
		`count(order_completed in last 12 months where order_type = "parts") >= 2`},
	{"fair_no_follow_up", Text{"Auf der Messe gesprochen, danach kein Angebot", "Met at the fair, and no offer afterwards"},
		`fair_visited in last 24 months then no offer_sent within 90 days and consent(email, newsletter)`},
	{"fell_silent", Text{"Waren Käufer, seit zwölf Monaten still", "Were buyers, silent for twelve months"},
		`count(order_completed) >= 1 and last(order_completed) older than 12 months and count(quote_requested in last 12 months) = 0`},
	{"around_stuttgart", Text{"Werk rund um Stuttgart", "Works around Stuttgart"},
		`company.address.postal_code starts with "70" or company.address.postal_code starts with "71" or company.address.postal_code starts with "73"`},
	{"car_suppliers", Text{"Automobilzulieferer mit 50 bis 500 Beschäftigten", "Car suppliers with 50 to 500 employees"},
		`company.industry = "Automobilzulieferer" and company.employees between 50 and 500`},
	{"warm_leads", Text{"Informieren sich gerade: Prospekt oder Seminar in 60 Tagen, noch keine Anfrage", "Reading up right now: brochure or webinar within 60 days, no inquiry yet"},
		`(count(brochure_downloaded in last 60 days) >= 1 or count(webinar_attended in last 60 days) >= 1) and count(quote_requested in last 12 months) = 0`},
}

// Explanation is a customer and a rule that make a good example of an explanation.
type Explanation struct {
	Title    Text
	Customer string // as the command line takes it: namespace:value
	Rule     string
}

// Explanations are the examples of a company. Their customers exist whatever the seed.
func Explanations(c Company) []Explanation {
	if c == OnlineShop {
		return []Explanation{{
			Text{"Warum Anna Müller heute eine Erinnerung an ihren Warenkorb bekommt", "Why Anna Müller gets a reminder of her cart today"},
			"email:" + starShopper.email,
			`cart_viewed in last 7 days then no order_completed within 3 days and count(order_completed in last 24 months) >= 2 and consent(email, newsletter)`,
		}}
	}
	return []Explanation{{
		Text{"Warum Karl Häberle heute angerufen werden sollte", "Why Karl Häberle should be called today"},
		"email:" + starContact.email,
		`role = "decision_maker" and any company.machines (last_maintenance older than 12 months) and offer_sent in last 120 days then no offer_accepted within 30 days and consent(phone, sales)`,
	}}
}

// Step is something to try next: what it shows, and the command without the name of the program.
type Step struct {
	What    Text
	Command string
}

// NextSteps are worth trying once the data up to an instant are there.
func NextSteps(c Company, until calendar.Instant) []Step {
	yearAgo := isoDate(berlin.Civil(berlin.Sub(until, calendar.Duration{N: 1, Unit: calendar.Year})))
	if c == OnlineShop {
		return []Step{
			{Text{"Alles über eine Kundin: Merkmale mit Herkunft, Kennungen, Verlauf", "All about a customer: attributes with sources, identities, timeline"},
				"customer email:" + starShopper.email},
			{Text{"Die Stammkunden als Tabelle", "The loyal customers as a table"},
				`list '` + shopSegments[0].Rule + `' --columns first_name,last_name,address.city`},
			{Text{"Wie viele waren es vor einem Jahr?", "How many were there a year ago?"},
				`count '` + shopSegments[0].Rule + `' --at ` + yearAgo},
			{Text{"Eine Regel prüfen und als Satz lesen (mit einem Tippfehler darin)", "Check a rule and read it as a sentence (with a typing error in it)"},
				`check 'sum(order_completed.totl in last 365 days) > 500'`},
		}
	}
	return []Step{
		{Text{"Wessen Maschinen warten auf Wartung?", "Whose machines wait for maintenance?"},
			`list '` + machineSegments[1].Rule + `' --columns first_name,last_name,company.name,phone`},
		{Text{"Wie viele vor einem Jahr angefragt und dann nicht gekauft hatten", "How many had inquired and then not bought, a year ago"},
			`count 'quote_requested in last 12 months then no order_completed within 6 months' --at ` + yearAgo},
		{Text{"Welche Merkmale und Ereignisse es gibt", "Which attributes and events there are"}, "fields"},
	}
}
