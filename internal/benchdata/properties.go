package benchdata

import "strconv"

// product is one of the shop's five thousand.
type product struct {
	number int64
	price  int64 // cents
}

const products = 5000

var (
	categories = [...]string{"shoes", "jackets", "shirts", "trousers", "bags", "tents", "bikes", "kitchen", "garden", "toys", "books", "sale"}
	referrers  = [...]string{"", "google", "instagram", "newsletter", "partner", "direct"}
	coupons    = [...]string{"", "", "", "WELCOME10", "SAVE5", "SUMMER15", "BLACK25", "VIP20"}
	payments   = [...]string{"paypal", "invoice", "card", "sepa"}
	reasons    = [...]string{"size", "taste", "broken", "late", "wrong"}
	topics     = [...]string{"delivery", "return", "payment", "product", "account"}
)

// anyProduct draws a product, the first ones most often.
func (g *generator) anyProduct() product {
	a, b := g.below(products), g.below(products)
	n := a * b / products
	return product{n, 495 + int64(scramble(uint64(n))%29_000)/100*100}
}

// room gives space for an object of at most 256 bytes.
func (g *generator) room() []byte {
	if cap(g.space)-len(g.space) < 256 {
		g.space = make([]byte, 0, 1<<16)
	}
	return g.space[len(g.space):]
}

// keep closes an object and gives it a place that is never written again.
func (g *generator) keep(b []byte) []byte {
	b = append(b, '}')
	g.space = g.space[:len(g.space)+len(b)]
	return b[:len(b):len(b)]
}

// properties writes what is known of the event at which a session stands.
func (g *generator) properties(s *session) []byte {
	b := append(g.room(), '{')
	switch s.state {
	case pageViewed:
		b = text(b, "path", categories[g.below(int64(len(categories)))])
		if from := referrers[g.below(int64(len(referrers)))]; from != "" {
			b = text(b, "referrer", from)
		}
	case productViewed:
		s.product = g.anyProduct()
		b = s.product.append(b)
	case productAdded:
		n := 1 + g.below(100)/88
		s.value, s.items = s.value+n*s.product.price, s.items+n
		b = number(s.product.append(b), "quantity", n)
	case cartViewed:
		b = number(money(b, "value", s.value), "items", s.items)
	case checkoutStarted:
		b = append(name(money(b, "value", s.value), "express"), "false"...)
	case orderCompleted:
		b = g.order(b, s)
	case orderRefunded:
		b = text(money(b, "total", 500+g.below(20_000)), "reason", reasons[g.below(int64(len(reasons)))])
	case emailOpened, emailClicked:
		b = text(b, "campaign", g.campaign())
	case ticketOpened:
		b = number(text(b, "topic", topics[g.below(int64(len(topics)))]), "severity", 1+g.below(4))
	}
	return g.keep(b)
}

func (g *generator) order(b []byte, s *session) []byte {
	b = text(money(b, "total", s.value), "currency", "EUR")
	b = text(number(b, "items", s.items), "category", s.product.category())
	if coupon := coupons[g.below(int64(len(coupons)))]; coupon != "" {
		b = text(b, "coupon", coupon)
	}
	return text(b, "payment", payments[g.below(int64(len(payments)))])
}

// campaign is the newsletter of the week.
func (g *generator) campaign() string {
	return "week-" + strconv.FormatInt((g.now-g.start)/(7*day), 10)
}

func (p product) category() string { return categories[p.number%int64(len(categories))] }

func (p product) append(b []byte) []byte {
	b = append(b, `"sku":"S-`...)
	b = strconv.AppendInt(b, 10_000+p.number, 10)
	b = text(append(b, '"'), "category", p.category())
	return money(b, "price", p.price)
}

// name begins a member of an object.
func name(b []byte, s string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"', ':')
}

// text adds a text that needs no escapes.
func text(b []byte, member, s string) []byte {
	b = append(name(b, member), '"')
	b = append(b, s...)
	return append(b, '"')
}

func number(b []byte, member string, n int64) []byte {
	return strconv.AppendInt(name(b, member), n, 10)
}

func money(b []byte, member string, cents int64) []byte {
	b = number(b, member, cents/100)
	return append(b, '.', byte('0'+cents/10%10), byte('0'+cents%10))
}
