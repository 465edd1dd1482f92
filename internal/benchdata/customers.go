package benchdata

import "github.com/kohorte/kohorte/internal/record"

// place is a city with its country and a postal code.
type place struct{ country, city, code, language string }

var (
	places = [...]place{
		{"DE", "Berlin", "10115", "de"}, {"DE", "Hamburg", "20095", "de"}, {"DE", "München", "80331", "de"}, {"DE", "Köln", "50667", "de"},
		{"DE", "Stuttgart", "70173", "de"}, {"DE", "Leipzig", "04109", "de"}, {"DE", "Dresden", "01067", "de"}, {"DE", "Ulm", "89073", "de"},
		{"DE", "Bremen", "28195", "de"}, {"DE", "Nürnberg", "90402", "de"}, {"AT", "Wien", "1010", "de"}, {"AT", "Graz", "8010", "de"},
		{"CH", "Zürich", "8001", "de"}, {"CH", "Genève", "1201", "fr"}, {"FR", "Strasbourg", "67000", "fr"}, {"NL", "Utrecht", "3511", "nl"},
	}
	plans    = [...]string{"free", "free", "free", "free", "basic", "basic", "pro", "business"}
	channels = [...]string{"organic", "google_ads", "instagram", "referral", "partner", "fair", "outlet"}
	genders  = [...]string{"f", "f", "f", "f", "m", "m", "m", "x"}
	hosts    = [...]string{"post.example", "mail.example", "net.example"}
)

// introduce tells the next customer: twelve attributes, some of them unknown, and consents.
func (g *generator) introduce() {
	who := g.who(g.known)
	g.known++
	g.send(&record.Record{Kind: record.Identify, Customer: who, Fields: g.traits(who[0].Value)})
	if g.below(10) < 7 {
		g.consent(who, "email", "newsletter", g.below(100) < 82)
	}
	if g.below(10) < 3 {
		g.consent(who, "email", "profiling", g.below(100) < 70)
	}
	if g.below(10) < 2 {
		g.consent(who, "sms", "marketing", g.below(100) < 60)
	}
}

func (g *generator) consent(who []record.Identity, channel, purpose string, granted bool) {
	g.send(&record.Record{Kind: record.Consent, Customer: who, Channel: channel, Purpose: purpose, Granted: granted})
}

func (g *generator) traits(id string) []byte {
	home := places[g.below(int64(len(places)))*g.below(int64(len(places)))/int64(len(places))]
	b := append(g.room(), '{')
	if g.below(100) < 96 {
		b = append(append(append(name(b, "email"), '"'), id...), '@')
		b = append(append(b, hosts[g.below(int64(len(hosts)))]...), '"')
	}
	b = text(text(b, "country", home.country), "language", home.language)
	b = text(append(name(b, "address"), '{'), "city", home.city)
	b = append(text(b, "postal_code", home.code), '}')
	if g.below(100) < 70 {
		b = date(b, "birthday", 1945+g.below(62), 1+g.below(12), 1+g.below(28))
	}
	if g.below(100) < 85 {
		b = text(b, "gender", genders[g.below(int64(len(genders)))])
	}
	b = g.signedUp(b)
	b = text(b, "channel", channels[g.below(int64(len(channels)))])
	b = number(text(b, "plan", plans[g.below(int64(len(plans)))]), "points", g.below(60)*g.below(60))
	vip := "false"
	if g.below(100) < 4 {
		vip = "true"
	}
	return g.keep(append(name(b, "vip"), vip...))
}

// signedUp is today; for who was there before the start, a day in the five years before it.
func (g *generator) signedUp(b []byte) []byte {
	at := g.now
	if at < g.start {
		at = g.start - 1 - g.below(5*365*day)
	}
	c := g.zone.Civil(at)
	return date(b, "signed_up_on", int64(c.Year), int64(c.Month), int64(c.Day))
}

func date(b []byte, member string, year, month, dayOfMonth int64) []byte {
	b = append(name(b, member), '"')
	for i, n := range [...]int64{year / 100, year % 100, month, dayOfMonth} {
		if i > 1 {
			b = append(b, '-')
		}
		b = append(b, byte('0'+n/10), byte('0'+n%10))
	}
	return append(b, '"')
}

// change lets, now and then, an attribute of a customer change or a consent be withdrawn.
func (g *generator) change(customer int) {
	switch at := g.below(1000); {
	case at < 4:
		b := text(append(g.room(), '{'), "plan", plans[g.below(int64(len(plans)))])
		g.send(&record.Record{Kind: record.Identify, Customer: g.who(customer), Fields: g.keep(b)})
	case at < 10:
		b := number(append(g.room(), '{'), "points", g.below(60)*g.below(60))
		g.send(&record.Record{Kind: record.Identify, Customer: g.who(customer), Fields: g.keep(b)})
	case at < 13:
		g.consent(g.who(customer), "email", "newsletter", false)
	}
}
