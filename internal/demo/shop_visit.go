package demo

import "github.com/kohorte/kohorte/internal/record"

// The events of the shop.
var (
	pageViewed      = eventType("page_viewed")
	productsSearch  = eventType("products_searched")
	productViewed   = eventType("product_viewed")
	productAdded    = eventType("product_added")
	cartViewed      = eventType("cart_viewed")
	checkoutStarted = eventType("checkout_started")
	orderCompleted  = eventType("order_completed")
	orderRefunded   = eventType("order_refunded")
	productReviewed = eventType("product_reviewed")
	emailOpened     = eventType("email_opened")
	emailClicked    = eventType("email_link_clicked")
)

// visit is one visit of the shop, from the first page to the order or the parting.
type visit struct {
	*shopper
	as     manner
	who    []record.Identity
	left   int // products still to look at
	coupon coupon
}

// manner says how somebody comes to the shop.
type manner int

const (
	stranger  manner = iota // will not tell who they are
	newcomer                // will register before they leave
	regular                 // is known, and recognized
	forgotten               // is known, but comes on a new device
)

func (p *shopper) firstVisit() { p.come(newcomer) }

// planVisit appoints the next visit of a customer, if there is one.
func (p *shopper) planVisit() {
	next := p.waitInSeason(&p.dice, p.between, leisure)
	if next > p.leaves {
		return
	}
	p.at(next, func() {
		if p.dice.chance(60) {
			p.newDevice()
			p.come(forgotten)
		} else {
			p.come(regular)
		}
		p.planVisit()
	})
}

// come begins a visit.
func (p *shopper) come(as manner) {
	v := &visit{shopper: p, as: as, who: p.device, left: 1 + int(p.dice.exponential(250)/100)}
	if as == regular {
		v.who = p.user
	}
	v.tell(pageViewed, newFields().text("path", "/").text("referrer", v.referrer()))
	if p.dice.chance(160) {
		v.tell(productsSearch, newFields().text("query", of(&p.dice, p.favorites[:]).name))
	}
	v.soon(5, 40, v.look)
}

func (v *visit) referrer() string {
	names := []string{"", "google", "instagram", "newsletter", "preisvergleich"}
	return names[v.dice.weighted(45, 30, 12, 8, 5)]
}

func (v *visit) tell(e *event, properties fields) { v.track(v.who, e, properties.done()) }

// soon goes on after some seconds.
func (v *visit) soon(from, to int, next func()) {
	v.in(second*int64(from)+int64(v.dice.below((to-from)*int(second))), next)
}

// pick chooses a product to the customer's taste.
func (p *shopper) pick() *product {
	shelf := of(&p.dice, goods)
	if p.dice.chance(650) {
		shelf = of(&p.dice, p.favorites[:])
	}
	return of(&p.dice, shelf.products)
}

// look views a product, perhaps takes it, and goes on.
func (v *visit) look() {
	seen := v.pick()
	properties := seen.fields()
	if v.dice.chance(10) {
		properties = newFields().text("sku", seen.sku).null("category").cents("price", seen.price)
	}
	v.tell(productViewed, properties)
	if v.dice.chance(280) && len(v.cart) < 8 {
		taken := line{seen, 1 + v.dice.weighted(88, 9, 3)}
		v.cart = append(v.cart, taken)
		v.tell(productAdded, taken.product.fields().whole("quantity", taken.quantity))
	}
	if v.left--; v.left > 0 {
		v.soon(15, 170, v.look)
	} else {
		v.soon(10, 60, v.review)
	}
}

// review looks at the cart and decides.
func (v *visit) review() {
	if len(v.cart) == 0 {
		v.part()
		return
	}
	v.tell(cartViewed, newFields().cents("value", value(v.cart)).whole("items", len(v.cart)))
	v.coupon = v.findCoupon()
	buys := v.buys + 12*v.coupon.discount
	if v.as == newcomer {
		buys += 550
	}
	switch {
	case v.as != stranger && v.dice.chance(buys):
		v.soon(10, 90, v.checkOut)
	case v.dice.chance(600):
		v.cart = nil
		v.part()
	default:
		v.part() // and finds the cart full next time
	}
}

// findCoupon gives the coupon at hand; there are few who use none on Black Friday.
func (v *visit) findCoupon() coupon {
	today := v.today()
	toFriday := daysToBlackFriday(today)
	switch {
	case toFriday >= -3 && toFriday <= 4 && v.dice.chance(650):
		return blackFriday
	case v.as == newcomer && v.dice.chance(330):
		return welcome
	case today.Month == 7 && v.dice.chance(300):
		return summer
	case v.hunts && v.dice.chance(600):
		return thanks
	}
	return noCoupon
}

func (v *visit) checkOut() {
	if v.as != regular {
		v.logIn()
	}
	v.tell(checkoutStarted, newFields().cents("value", value(v.cart)).whole("items", len(v.cart)))
	if v.dice.chance(870) {
		v.soon(40, 300, v.order)
	} else {
		v.part()
	}
}

// logIn tells the shop who is there: whatever the device did before, they did.
func (v *visit) logIn() {
	v.alias(v.user, v.device[0])
	if v.as == newcomer {
		v.register(v.today(), "")
		v.planVisit()
	}
	v.as, v.who = regular, v.user
}

// part ends a visit. Newcomers leave their address before they go, for the newsletter or the wish list.
func (v *visit) part() {
	if v.as == newcomer || v.as == forgotten && v.dice.chance(400) {
		v.logIn()
	}
}
