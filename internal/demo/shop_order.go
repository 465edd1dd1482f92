package demo

import "fmt"

// order turns the cart into an order; from a cart that was emptied meanwhile nothing is ordered.
func (v *visit) order() {
	bought := v.cart
	if len(bought) == 0 {
		return
	}
	v.cart = nil
	v.complete(bought, v.coupon)
}

// complete tells an order and plans what follows from it. Under 50 euros, shipping costs 4.95.
func (p *shopper) complete(bought []line, with coupon) {
	goods := value(bought)
	discount := (goods*with.discount + 50) / 100
	shipping := 0
	if goods-discount < 5000 {
		shipping = 495
	}
	p.shop.orders++
	p.orders++
	id := orderID(p.shop.orders)
	f := newFields().text("order_id", id).cents("total", goods-discount+shipping).text("currency", "EUR")
	f = f.cents("shipping", shipping).cents("discount", discount).text("coupon", with.code)
	f = f.text("payment", []string{"paypal", "invoice", "card", "sepa"}[p.dice.weighted(42, 30, 20, 8)])
	f = f.list("products", len(bought), func(i int) []byte { return bought[i].fields() })
	p.track(p.user, orderCompleted, f.done())
	p.promote()
	p.planReturn(id, bought, with)
	if p.dice.chance(55) {
		p.in(9*day+p.dice.exponential(5*day), func() { p.rate(bought[0].product) })
	}
}

func orderID(number int) string { return fmt.Sprintf("W%08d", 20_000_000+number) }

// promote gives the loyalty tier that the orders have earned, and now and then a new address.
func (p *shopper) promote() {
	earned := p.tier
	switch {
	case p.orders >= 10:
		earned = "gold"
	case p.orders >= 4 && p.tier == "":
		earned = "silber"
	}
	if earned != p.tier {
		p.tier = earned
		p.identify(p.user, newFields().text("loyalty_tier", earned).done())
	}
	if p.person.city != "" && p.dice.chance(25) {
		p.person.move(&p.dice, choose(&p.dice, cities), streets)
		p.identify(p.user, p.person.address(newFields()).text("country", p.person.country).done())
	}
}

// planReturn sends some of what was bought back, as the goods and the customer are.
func (p *shopper) planReturn(order string, bought []line, with coupon) {
	var back []line
	for _, l := range bought {
		if p.dice.chance(l.product.category.returned * p.sendsBack / 100) {
			back = append(back, l)
		}
	}
	if len(back) == 0 {
		return
	}
	total := value(back)
	total -= (total*with.discount + 50) / 100
	f := newFields().text("order_id", order).cents("total", total).text("currency", "EUR").text("reason", p.reason())
	f = f.list("products", len(back), func(i int) []byte { return back[i].fields() })
	p.in(6*day+p.dice.exponential(8*day), func() { p.track(p.user, orderRefunded, f.done()) })
}

func (p *shopper) reason() string {
	reasons := []string{"passt nicht", "gefällt nicht", "defekt", "zu spät geliefert", "falscher Artikel", ""}
	return reasons[p.dice.weighted(46, 26, 10, 6, 4, 8)]
}

func (p *shopper) rate(bought *product) {
	stars := 1 + p.dice.weighted(5, 5, 10, 30, 50)
	p.track(p.user, productReviewed, newFields().text("sku", bought.sku).whole("stars", stars).done())
}

// planNewsletters sends one every second Thursday evening.
func (s *shop) planNewsletters() {
	issue := 0
	for i, d := range s.days {
		if d.number == 3 && i/7%2 == 0 {
			issue++
			campaign := fmt.Sprintf("Waldpost %d", issue)
			s.at(d.start+18*hour, func() { s.sendNewsletter(campaign) })
		}
	}
}

// sendNewsletter asks each subscriber to open it. Who has left, no longer does.
func (s *shop) sendNewsletter(campaign string) {
	still := s.subscribers[:0]
	for _, p := range s.subscribers {
		if p.leaves > s.now {
			if p.dice.chance(p.opens) {
				p.in(10*minute+p.dice.exponential(14*hour), func() { p.open(campaign) })
			}
			still = append(still, p)
		}
	}
	clear(s.subscribers[len(still):])
	s.subscribers = still
}

// open reads a newsletter, and perhaps follows a link or cancels the subscription.
func (p *shopper) open(campaign string) {
	if !p.writable {
		return
	}
	p.track(p.user, emailOpened, newFields().text("campaign", campaign).done())
	switch {
	case p.dice.chance(110):
		link := "/" + p.favorites[0].name
		p.in(20*second, func() {
			p.track(p.user, emailClicked, newFields().text("campaign", campaign).text("link", link).done())
			p.come(regular)
		})
	case p.dice.chance(9):
		p.writable = false
		p.in(minute, func() { p.consent(p.user, "email", "newsletter", false) })
	}
}

// passBy is somebody who looks once or twice and never says who they are.
func (s *shop) passBy(number int) {
	p := s.newShopper(number, forVisitor)
	t := s.start + p.dice.span(s.until-s.start)
	for range p.dice.weighted(0, 70, 22, 8) {
		s.at(t, func() { p.come(stranger) })
		t += p.dice.exponential(9 * day)
	}
}
