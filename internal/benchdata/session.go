package benchdata

import (
	"encoding/binary"

	"github.com/kohorte/kohorte/internal/record"
)

// kind is a type of event, and the state of a session.
type kind uint8

const (
	pageViewed kind = iota
	productViewed
	productAdded
	cartViewed
	checkoutStarted
	orderCompleted
	orderRefunded
	emailOpened
	emailClicked
	ticketOpened
	over // the session has ended
)

// names are the types of events, as Kohorte and as the sources write them.
var names = [over][2]string{
	{"page_viewed", "Page Viewed"}, {"product_viewed", "Product Viewed"}, {"product_added", "Product Added"},
	{"cart_viewed", "Cart Viewed"}, {"checkout_started", "Checkout Started"}, {"order_completed", "Order Completed"},
	{"order_refunded", "Order Refunded"}, {"email_opened", "Email Opened"}, {"email_clicked", "Email Clicked"},
	{"support_ticket_opened", "Support Ticket Opened"},
}

// follows says with which probability, in per cent, one event follows another in
// a session; the last row is what a session begins with.
var follows = [over + 1][over + 1]int8{
	pageViewed:      {pageViewed: 4, productViewed: 86, over: 10},
	productViewed:   {pageViewed: 5, productViewed: 63, productAdded: 20, over: 12},
	productAdded:    {productViewed: 24, cartViewed: 66, over: 10},
	cartViewed:      {productViewed: 8, checkoutStarted: 76, over: 16},
	checkoutStarted: {orderCompleted: 88, over: 12},
	orderCompleted:  {over: 100},
	orderRefunded:   {over: 100},
	emailOpened:     {emailClicked: 20, over: 80},
	emailClicked:    {productViewed: 70, over: 30},
	ticketOpened:    {pageViewed: 20, over: 80},
	over:            {pageViewed: 38, productViewed: 21, emailOpened: 35, orderRefunded: 3, ticketOpened: 3},
}

// next has the states of follows side by side, one for each per cent.
var next = func() (table [over + 1][100]kind) {
	for from, row := range follows {
		i := 0
		for to, percent := range row {
			for range percent {
				table[from][i] = kind(to)
				i++
			}
		}
	}
	return table
}()

// session is a customer's visit, of which one event after another happens.
type session struct {
	customer int
	state    kind
	begun    bool
	product  product
	value    int64 // of the cart, in cents
	items    int64
}

// event lets one of the sessions go on, or a new one begin.
func (g *generator) event() {
	for target := g.Customers/2 + share(g.Customers-g.Customers/2, int64(g.done), int64(g.Events)); g.known < max(target, 1); {
		g.introduce()
	}
	s := &g.sessions[g.below(int64(len(g.sessions)))]
	state := over
	if s.begun {
		state = next[s.state][g.below(100)]
	}
	if state == over {
		*s = session{customer: g.pick(), begun: true}
		state = next[over][g.below(100)]
		g.change(s.customer)
	}
	s.state = state
	g.track(s)
}

func (g *generator) track(s *session) {
	g.keys++
	r := record.Record{
		Kind: record.Track, Customer: g.who(s.customer), Event: names[s.state][0], EventGiven: names[s.state][1],
		Fields: g.properties(s),
	}
	binary.LittleEndian.PutUint64(r.Key[:8], scramble(g.keys))
	binary.LittleEndian.PutUint64(r.Key[8:], scramble(^g.keys))
	g.send(&r)
}

func (g *generator) who(customer int) []record.Identity {
	return g.identities[customer : customer+1 : customer+1]
}

func (g *generator) send(r *record.Record) {
	r.Time, r.HasTime, r.Source = g.now, true, "bench"
	if !g.stopped && !g.yield(*r) {
		g.stopped = true
	}
}

// classes are how unequal customers are: each class has half as many customers as
// the one before, and each of them acts 1.8 times as often. (That makes a Pareto distribution.)
const classes = 10

// thresholds are the shares of the classes in all sessions, added up, in 65536ths: each 0.9 times the one before.
var thresholds = func() (sums [classes]int64) {
	total, part := int64(0), int64(1_000_000_000)
	for i := range sums {
		total += part
		sums[i] = total
		part = part * 9 / 10
	}
	for i := range sums {
		sums[i] = sums[i] * 65536 / total
	}
	return sums
}()

// pick chooses whose session begins. The class of a customer is the number of
// trailing zeros of its number, counted from 1. Who has left does not come again.
func (g *generator) pick() int {
	for range 20 {
		class, at := 0, g.below(65536)
		for at >= thresholds[class] {
			class++
		}
		customer := -1
		if class == classes-1 {
			if n := g.known >> class; n > 0 {
				customer = int(g.below(int64(n))+1)<<class - 1
			}
		} else if n := (g.known + 1<<class) >> (class + 1); n > 0 {
			customer = int(2*g.below(int64(n))+1)<<class - 1
		}
		if customer >= 0 && g.done <= g.leaves(customer) {
			return customer
		}
	}
	return int(g.below(int64(g.known)))
}

// stays are how long customers stay, in per cent of all events.
var stays = [8]int{1, 3, 10, 30, 50, 80, 100, 200}

// leaves says after how many events of all customers this one does not come again.
func (g *generator) leaves(customer int) int {
	half := g.Customers / 2
	joined := 0
	if customer > half {
		joined = share(g.Events, int64(customer-half), int64(g.Customers-half))
	}
	return joined + g.Events/100*stays[scramble(uint64(customer)^g.Seed)&7] + 100
}
