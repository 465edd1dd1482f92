package demo

import (
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
)

// The events of sales.
var (
	quoteRequested   = eventType("quote_requested")
	offerSent        = eventType("offer_sent")
	offerAccepted    = eventType("offer_accepted")
	offerRejected    = eventType("offer_rejected")
	machineDelivered = eventType("machine_delivered")
	callLogged       = eventType("call_logged")
	brochureLoaded   = eventType("brochure_downloaded")
	webinarAttended  = eventType("webinar_attended")
	fairVisited      = eventType("fair_visited")
)

// tell records an event of a contact.
func (c *contact) tell(e *event, properties fields) {
	c.firm.track(c.user, e, properties.done())
}

// soon appoints something on a later working day, in office hours.
func (f *firm) soon(mean calendar.Instant, do func()) {
	f.at(f.waitInSeason(&f.dice, mean, office), do)
}

func (f *firm) planQuote() {
	f.soon(f.buys, func() {
		f.requestQuote()
		f.planQuote()
	})
}

// requestQuote begins a deal about a machine.
func (f *firm) requestQuote() {
	c := f.someone(anyOf(&f.dice, decisionMaker, production, purchasing, purchasing), decisionMaker)
	m := of(&f.dice, models)
	c.tell(quoteRequested, newFields().text("machine_type", m.kind).text("model", m.name).text("channel", anyOf(&f.dice, "phone", "web", "email", "fair")))
	if f.dice.chance(880) {
		f.soon(6*day, func() { f.offer(c, m) })
	}
}

// offer sends an offer; a third are accepted, a quarter rejected, and the others never answered.
func (f *firm) offer(c *contact, m *model) {
	f.offers++
	number := fmt.Sprintf("A-%06d", f.offers)
	price := m.price * f.dice.between(94, 118) // per cent of the list price in euros are cents
	valid := isoDate(berlin.Civil(berlin.DayStart(f.now, 60)))
	f.report(c, offerSent, number, m, price, newFields().text("valid_until", valid))
	f.soon(9*day, func() { f.call(c, "follow_up") })
	switch f.dice.weighted(33, 24, 43) {
	case 0:
		f.soon(20*day, func() {
			f.report(c, offerAccepted, number, m, price, newFields())
			f.soon(4*day, func() { f.orderMachine(c, m, price) })
		})
	case 1:
		f.soon(25*day, func() {
			reason := anyOf(&f.dice, "price", "delivery_time", "competitor", "project_stopped", "")
			f.report(c, offerRejected, number, m, price, newFields().text("reason", reason))
		})
	}
}

func (f *firm) report(c *contact, e *event, number string, m *model, price int, more fields) {
	c.tell(e, more.text("offer_id", number).text("machine_type", m.kind).text("model", m.name).cents("value", price).text("currency", "EUR"))
}

func (f *firm) orderMachine(c *contact, m *model, price int) {
	line := newFields().text("sku", m.name).text("name", m.kind+" "+m.name).cents("price", price).whole("quantity", 1).done()
	f.order(c, "machine", price, line)
	f.soon(130*day, func() { f.deliver(c, m) })
}

// order tells an order with one line.
func (f *firm) order(c *contact, kind string, total int, line []byte) {
	f.orders++
	o := newFields().text("order_id", fmt.Sprintf("AB-%06d", f.orders)).text("order_type", kind).cents("total", total).text("currency", "EUR")
	c.tell(orderCompleted, o.list("products", 1, func(int) []byte { return line }))
}

func (f *firm) deliver(c *contact, m *model) {
	installed := f.newMachine(m, berlin.DayStart(f.now, 0))
	c.tell(machineDelivered, newFields().text("serial", installed.serial).text("machine_type", m.kind).text("model", m.name))
	f.machines = append(f.machines, installed)
	f.update()
	f.planService(installed)
}

// planParts orders spare parts, more often with more machines.
func (f *firm) planParts() {
	f.soon(500*day/calendar.Instant(1+len(f.machines)), func() {
		if len(f.machines) > 0 {
			p, n := of(&f.dice, parts), 1+f.dice.skewed(4)
			line := newFields().text("sku", p.sku).text("name", p.name).cents("price", p.price).whole("quantity", n).done()
			f.order(f.someone(purchasing, maintenance), "parts", n*p.price, line)
		}
		f.planParts()
	})
}

func (f *firm) call(c *contact, topic string) {
	result := []string{"reached", "not_reached", "callback"}[f.dice.weighted(48, 37, 15)]
	c.tell(callLogged, newFields().text("direction", "outbound").text("topic", topic).text("result", result).whole("minutes", f.dice.between(1, 25)))
}

// planOwn appoints what a contact does unasked: read, listen, and change employers.
func (c *contact) planOwn() {
	b := c.firm.builder
	act := func(e *event, mean calendar.Instant, properties func() fields) {
		var again func()
		again = func() {
			b.at(b.waitInSeason(&c.dice, mean, office), func() {
				if !c.gone {
					c.tell(e, properties())
					again()
				}
			})
		}
		again()
	}
	topic := func() fields { return newFields().text("machine_type", of(&c.dice, models).kind) }
	act(brochureLoaded, 1500*day*100/c.dice.heavy(), topic)
	act(webinarAttended, 4000*day*100/c.dice.heavy(), topic)
	if c.dice.chance(45) {
		b.in(c.dice.span(3*year), c.move)
	}
}

// planNewsletters sends one on the first Tuesday of each month, to those who agreed.
func (b *builder) planNewsletters() {
	for _, d := range b.days {
		if c := berlin.Civil(d.start); d.number == 1 && c.Day <= 7 {
			campaign := fmt.Sprintf("Alb-Tec Brief %d-%02d", c.Year, c.Month)
			b.at(d.start+9*hour, func() { b.each(func(c *contact) { c.read(campaign) }) })
		}
	}
}

// each does something for everybody who is known.
func (b *builder) each(do func(*contact)) {
	for _, f := range b.firms {
		if f.known {
			for _, c := range f.contacts {
				if !c.gone {
					do(c)
				}
			}
		}
	}
}

func (c *contact) read(campaign string) {
	b := c.firm.builder
	if !c.allowed || !c.dice.chance(c.reads) {
		return
	}
	b.in(minute+c.dice.exponential(9*hour), func() {
		c.tell(emailOpened, newFields().text("campaign", campaign))
		if c.dice.chance(7) {
			c.allowed = false
			b.consent(c.user, "email", "newsletter", false)
		}
	})
}

// planFairs holds the great fair of the trade: five days in the second half of
// September, in Stuttgart in even years, in Hannover in odd ones.
func (b *builder) planFairs() {
	for _, d := range b.days {
		c := berlin.Civil(d.start)
		if c.Month != 9 || d.number != 1 || c.Day < 15 || c.Day > 21 {
			continue
		}
		fair, comes := "AMB Stuttgart", 140
		if c.Year%2 == 1 {
			fair, comes = "EMO Hannover", 60
		}
		b.at(d.start+hour, func() {
			b.each(func(c *contact) {
				if c.dice.chance(comes) {
					b.in(calendar.Instant(c.dice.below(5))*day+8*hour+c.dice.span(8*hour), func() {
						c.tell(fairVisited, newFields().text("fair", fair))
					})
				}
			})
		})
	}
}
