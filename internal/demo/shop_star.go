package demo

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// starShopper is the customer who is shown as an example. Her life is written, not
// drawn, so that there is something to explain whatever the seed.
var starShopper = person{
	salutation: "Frau", given: "Anna", family: "Müller", birthday: "1987-04-12",
	email: "anna.mueller@post.example", phone: "0711/4892213",
	street: "Königstraße 41", postalCode: "70173", city: "Stuttgart", country: "DE",
}

// openWithStar plans her life: four orders, one of them sent back in part, and a
// cart left behind six days before the end.
func (s *shop) openWithStar() {
	p := s.newShopper(0, forShopper)
	p.person, p.sendsBack = starShopper, 0
	p.user = []record.Identity{{Namespace: record.UserID, Value: shopID(0)}}
	before := func(days int, do func()) {
		s.at(berlin.DayStart(s.until, -days)+19*hour+21*minute, do)
	}
	shoes, jackets, kitchen := goods[0].products, goods[1].products, goods[4].products
	before(702, func() { p.registerStar() })
	before(702, func() { p.complete([]line{{kitchen[7], 1}, {kitchen[3], 4}}, welcome) })
	before(431, func() { p.complete([]line{{shoes[0], 1}}, noCoupon) })
	before(252, func() {
		p.complete([]line{{jackets[0], 1}, {jackets[4], 1}}, noCoupon)
		p.sendBack([]line{{jackets[4], 1}})
	})
	before(96, func() { p.complete([]line{{shoes[2], 1}, {goods[8].products[1], 2}}, noCoupon) })
	before(20, func() { p.track(p.user, emailOpened, newFields().text("campaign", "Waldpost Herbst").done()) })
	before(6, func() { p.leaveCart(line{shoes[1], 1}) })
}

func (p *shopper) registerStar() {
	traits := p.person.traits().text("signed_up_on", isoDate(p.today())).text("channel", "recommendation")
	p.identify(p.person.identities(p.user[0].Value), traits.done())
	p.consent(p.user, "email", "newsletter", true)
	p.consent(p.user, "email", "profiling", true)
}

// sendBack returns some of the order just made, twelve days later.
func (p *shopper) sendBack(lines []line) {
	f := newFields().text("order_id", orderID(p.shop.orders)).cents("total", value(lines)).text("currency", "EUR").text("reason", "passt nicht")
	f = f.list("products", len(lines), func(i int) []byte { return lines[i].fields() })
	p.in(12*day, func() { p.track(p.user, orderRefunded, f.done()) })
}

// leaveCart views a product, puts it into the cart, looks at the cart, and goes.
func (p *shopper) leaveCart(l line) {
	tell := func(after calendar.Instant, e *event, f fields) {
		p.in(after, func() { p.track(p.user, e, f.done()) })
	}
	tell(0, pageViewed, newFields().text("path", "/").text("referrer", "newsletter"))
	tell(30*second, productViewed, l.product.fields())
	tell(80*second, productAdded, l.product.fields().whole("quantity", l.quantity))
	tell(95*second, cartViewed, newFields().cents("value", l.value()).whole("items", 1))
}
