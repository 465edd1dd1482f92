package sentence

import "strings"

// gender is a German gender.
type gender uint8

const (
	masculine gender = iota
	feminine
	neuter
)

// noun is a German noun in the cases that sentences need.
type noun struct {
	gender                         gender
	word, genitive, dative, plural string
	moment                         bool // it names a date or time
}

// word is a thing with its names in both languages.
type word struct {
	german            noun
	english, englishs string // singular and plural
}

// fem, masc and neut make nouns of the three genders; without a plural they have none.
func fem(word, plural string) noun {
	return noun{gender: feminine, word: word, genitive: word, dative: word, plural: plural}
}

func masc(word, genitive, plural string) noun {
	return noun{gender: masculine, word: word, genitive: genitive, dative: word, plural: plural}
}

func neut(word, genitive, plural string) noun {
	noun := masc(word, genitive, plural)
	noun.gender = neuter
	return noun
}

// day makes a noun that names a date.
func day(noun noun) noun {
	noun.moment = true
	return noun
}

// person is one of the people of a company.
var person = word{fem("Person der Firma", "Personen der Firma"), "person of the company", "people of the company"}

// events names the events of the e-commerce specification of Segment and a few
// more that many companies have.
var events = map[string]word{
	"products_searched":              {fem("Produktsuche", "Produktsuchen"), "product search", "product searches"},
	"product_list_viewed":            {fem("Produktlistenansicht", "Produktlistenansichten"), "product list view", "product list views"},
	"product_list_filtered":          {fem("Produktlistenfilterung", "Produktlistenfilterungen"), "product list filtering", "product list filterings"},
	"promotion_viewed":               {fem("Aktionsansicht", "Aktionsansichten"), "promotion view", "promotion views"},
	"promotion_clicked":              {masc("Aktionsklick", "Aktionsklicks", "Aktionsklicks"), "promotion click", "promotion clicks"},
	"product_clicked":                {masc("Produktklick", "Produktklicks", "Produktklicks"), "product click", "product clicks"},
	"product_viewed":                 {fem("Produktansicht", "Produktansichten"), "product view", "product views"},
	"product_added":                  {fem("Warenkorb-Hinzufügung", "Warenkorb-Hinzufügungen"), "addition to the cart", "additions to the cart"},
	"product_removed":                {fem("Warenkorb-Entfernung", "Warenkorb-Entfernungen"), "removal from the cart", "removals from the cart"},
	"cart_viewed":                    {fem("Warenkorbansicht", "Warenkorbansichten"), "cart view", "cart views"},
	"cart_abandoned":                 {masc("Warenkorbabbruch", "Warenkorbabbruchs", "Warenkorbabbrüche"), "abandoned cart", "abandoned carts"},
	"checkout_started":               {masc("Kassengang", "Kassengangs", "Kassengänge"), "checkout", "checkouts"},
	"checkout_step_viewed":           {fem("Kassenschritt-Ansicht", "Kassenschritt-Ansichten"), "checkout step view", "checkout step views"},
	"checkout_step_completed":        {masc("Kassenschritt", "Kassenschritts", "Kassenschritte"), "completed checkout step", "completed checkout steps"},
	"payment_info_entered":           {fem("Zahlungsdateneingabe", "Zahlungsdateneingaben"), "payment entry", "payment entries"},
	"order_completed":                {fem("Bestellung", "Bestellungen"), "order", "orders"},
	"order_updated":                  {fem("Bestelländerung", "Bestelländerungen"), "order update", "order updates"},
	"order_refunded":                 {fem("Erstattung", "Erstattungen"), "refund", "refunds"},
	"order_cancelled":                {fem("Stornierung", "Stornierungen"), "cancellation", "cancellations"},
	"coupon_entered":                 {fem("Gutscheineingabe", "Gutscheineingaben"), "coupon entry", "coupon entries"},
	"coupon_applied":                 {fem("Gutscheineinlösung", "Gutscheineinlösungen"), "redeemed coupon", "redeemed coupons"},
	"coupon_denied":                  {fem("Gutscheinablehnung", "Gutscheinablehnungen"), "denied coupon", "denied coupons"},
	"coupon_removed":                 {fem("Gutscheinentfernung", "Gutscheinentfernungen"), "removed coupon", "removed coupons"},
	"product_added_to_wishlist":      {fem("Merkzettel-Hinzufügung", "Merkzettel-Hinzufügungen"), "addition to the wishlist", "additions to the wishlist"},
	"product_removed_from_wishlist":  {fem("Merkzettel-Entfernung", "Merkzettel-Entfernungen"), "removal from the wishlist", "removals from the wishlist"},
	"wishlist_product_added_to_cart": {fem("Übernahme vom Merkzettel", "Übernahmen vom Merkzettel"), "move from wishlist to cart", "moves from wishlist to cart"},
	"product_shared":                 {fem("Produktempfehlung", "Produktempfehlungen"), "product recommendation", "product recommendations"},
	"cart_shared":                    {fem("Warenkorbempfehlung", "Warenkorbempfehlungen"), "cart recommendation", "cart recommendations"},
	"product_reviewed":               {fem("Produktbewertung", "Produktbewertungen"), "product review", "product reviews"},
	"page_viewed":                    {fem("Seitenansicht", "Seitenansichten"), "page view", "page views"},
	"email_delivered":                {fem("E-Mail-Zustellung", "E-Mail-Zustellungen"), "email delivery", "email deliveries"},
	"email_opened":                   {fem("E-Mail-Öffnung", "E-Mail-Öffnungen"), "email open", "email opens"},
	"email_link_clicked":             {masc("E-Mail-Klick", "E-Mail-Klicks", "E-Mail-Klicks"), "email click", "email clicks"},
	"email_bounced":                  {masc("E-Mail-Rückläufer", "E-Mail-Rückläufers", "E-Mail-Rückläufer"), "email bounce", "email bounces"},
	"unsubscribed":                   {fem("Abmeldung", "Abmeldungen"), "unsubscription", "unsubscriptions"},
	"signed_up":                      {fem("Registrierung", "Registrierungen"), "sign-up", "sign-ups"},
	"signed_in":                      {fem("Anmeldung", "Anmeldungen"), "sign-in", "sign-ins"},
	"support_ticket_opened":          {fem("Support-Anfrage", "Support-Anfragen"), "support request", "support requests"},
	"appointment_booked":             {fem("Terminbuchung", "Terminbuchungen"), "booked appointment", "booked appointments"},
	"complaint_opened":               {fem("Reklamation", "Reklamationen"), "complaint", "complaints"},
	"complaint_closed":               {masc("Reklamationsabschluss", "Reklamationsabschlusses", "Reklamationsabschlüsse"), "settled complaint", "settled complaints"},
	"quote_requested":                {fem("Angebotsanfrage", "Angebotsanfragen"), "quote request", "quote requests"},
	"offer_sent":                     {neut("Angebot", "Angebots", "Angebote"), "offer", "offers"},
	"offer_accepted":                 {fem("Angebotsannahme", "Angebotsannahmen"), "accepted offer", "accepted offers"},
	"offer_rejected":                 {fem("Angebotsablehnung", "Angebotsablehnungen"), "rejected offer", "rejected offers"},
	"service_visit_completed":        {masc("Serviceeinsatz", "Serviceeinsatzes", "Serviceeinsätze"), "service visit", "service visits"},
	"machine_delivered":              {fem("Maschinenlieferung", "Maschinenlieferungen"), "machine delivery", "machine deliveries"},
	"fair_visited":                   {masc("Messebesuch", "Messebesuchs", "Messebesuche"), "trade fair visit", "trade fair visits"},
	"webinar_attended":               {fem("Webinarteilnahme", "Webinarteilnahmen"), "webinar attendance", "webinar attendances"},
	"brochure_downloaded":            {masc("Broschürenabruf", "Broschürenabrufs", "Broschürenabrufe"), "brochure download", "brochure downloads"},
	"call_logged":                    {neut("Telefonat", "Telefonats", "Telefonate"), "phone call", "phone calls"},
}

// fields names fields that many companies have.
var fields = map[string]word{
	"country":             {neut("Land", "Landes", ""), "country", ""},
	"address.country":     {neut("Land", "Landes", ""), "country", ""},
	"city":                {masc("Ort", "Orts", ""), "city", ""},
	"address.city":        {masc("Ort", "Orts", ""), "city", ""},
	"postal_code":         {fem("Postleitzahl", ""), "postcode", ""},
	"address.postal_code": {fem("Postleitzahl", ""), "postcode", ""},
	"address.street":      {fem("Straße", ""), "street", ""},
	"email":               {fem("E-Mail-Adresse", ""), "email address", ""},
	"phone":               {fem("Telefonnummer", ""), "phone number", ""},
	"first_name":          {noun{masculine, "Vorname", "Vornamens", "Vornamen", "", false}, "first name", ""},
	"last_name":           {noun{masculine, "Nachname", "Nachnamens", "Nachnamen", "", false}, "last name", ""},
	"gender":              {neut("Geschlecht", "Geschlechts", ""), "gender", ""},
	"language":            {fem("Sprache", ""), "language", ""},
	"birthday":            {day(neut("Geburtsdatum", "Geburtsdatums", "")), "date of birth", ""},
	"birthdate":           {day(neut("Geburtsdatum", "Geburtsdatums", "")), "date of birth", ""},
	"date_of_birth":       {day(neut("Geburtsdatum", "Geburtsdatums", "")), "date of birth", ""},
	"signed_up_on":        {day(neut("Registrierungsdatum", "Registrierungsdatums", "")), "sign-up date", ""},
	"signed_up_at":        {day(masc("Registrierungszeitpunkt", "Registrierungszeitpunkts", "")), "time of sign-up", ""},
	"contract_ends_on":    {day(neut("Vertragsende", "Vertragsendes", "")), "end of the contract", ""},
	"trial_ends_at":       {day(neut("Ende der Testphase", "Endes der Testphase", "")), "end of the trial", ""},
	"founded_on":          {day(neut("Gründungsdatum", "Gründungsdatums", "")), "founding date", ""},
	"plan":                {masc("Tarif", "Tarifs", ""), "plan", ""},
	"role":                {fem("Rolle", "Rollen"), "role", ""},
	"credit":              {neut("Guthaben", "Guthabens", ""), "credit", ""},
	"logins":              {fem("Zahl der Anmeldungen", ""), "number of logins", ""},
	"industry":            {fem("Branche", ""), "industry", ""},
	"employees":           {fem("Mitarbeiterzahl", ""), "number of employees", ""},
	"job_title":           {fem("Stellenbezeichnung", ""), "job title", ""},
	"total":               {masc("Gesamtbetrag", "Gesamtbetrags", ""), "total", ""},
	"revenue":             {masc("Umsatz", "Umsatzes", ""), "revenue", ""},
	"value":               {masc("Wert", "Werts", ""), "value", ""},
	"price":               {masc("Preis", "Preises", ""), "price", ""},
	"quantity":            {fem("Menge", ""), "quantity", ""},
	"discount":            {masc("Rabatt", "Rabatts", ""), "discount", ""},
	"currency":            {fem("Währung", ""), "currency", ""},
	"coupon":              {masc("Gutschein", "Gutscheins", ""), "coupon", ""},
	"sku":                 {fem("Artikelnummer", ""), "article number", ""},
	"category":            {fem("Kategorie", ""), "category", ""},
	"brand":               {fem("Marke", ""), "brand", ""},
	"order_id":            {fem("Bestellnummer", ""), "order number", ""},
	"payment_method":      {fem("Zahlungsart", ""), "payment method", ""},
	"delivery_on":         {day(neut("Lieferdatum", "Lieferdatums", "")), "delivery date", ""},
	"reason":              {masc("Grund", "Grunds", ""), "reason", ""},
	"status":              {masc("Status", "Status", ""), "status", ""},
	"campaign":            {fem("Kampagne", ""), "campaign", ""},
	"severity":            {masc("Schweregrad", "Schweregrads", ""), "severity", ""},
	"topic":               {neut("Thema", "Themas", ""), "topic", ""},
}

// labels names lists, channels and purposes; in German the words stand in quotes.
var labels = map[string]string{
	"products": "Produkte", "subscriptions": "Abonnements", "machines": "Maschinen", "tags": "Schlagwörter",
	"email": "E-Mail", "sms": "SMS", "phone": "Telefon", "post": "Post", "push": "Push", "whatsapp": "WhatsApp",
	"newsletter": "Newsletter", "profiling": "Profilbildung", "marketing": "Werbung", "advertising": "Werbung", "analytics": "Auswertung",
}

// germanLabel names a list, channel or purpose in quotes.
func germanLabel(name string) string {
	if label, ok := labels[name]; ok {
		return germanQuote(label)
	}
	return germanQuote(readable(name))
}

// births are the fields of which the anniversary is the birthday and the age that of a person.
var births = map[string]bool{"birthday": true, "birthdate": true, "date_of_birth": true}

// namesMoment tells whether the name of a field says that it is a date or time.
func namesMoment(path string) bool {
	if w, ok := fields[path]; ok {
		return w.german.moment
	}
	return strings.HasSuffix(path, "_on") || strings.HasSuffix(path, "_at") || strings.HasSuffix(path, "date")
}

func known(path string) bool {
	_, ok := fields[path]
	return ok
}
