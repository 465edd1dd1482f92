package demo

import (
	"fmt"
	"iter"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// Shop gives the records of the online shop: private customers who browse, fill
// carts, order, send back, open newsletters and fall silent.
func Shop(o Options) iter.Seq[record.Record] {
	o = o.withDefault(DefaultShopCustomers)
	return func(yield func(record.Record) bool) {
		s := &shop{world: newWorld(o, "shop", consumerTrade, yield)}
		s.openWithStar()
		for number := 1; number < o.Customers; number++ {
			s.expect(number)
		}
		for number := range o.Customers / 8 {
			s.passBy(number)
		}
		s.planNewsletters()
		s.run()
	}
}

// shop is the simulation of the online shop.
type shop struct {
	*world
	subscribers []*shopper
	orders      int
}

// shopper is one account: what is known of a person, and how the person behaves.
type shopper struct {
	*shop
	dice      dice
	number    int
	person    person
	user      []record.Identity // by which the shop knows them once they registered
	device    []record.Identity // by which it knows the browser
	joins     calendar.Instant
	leaves    calendar.Instant
	between   calendar.Instant // mean time between visits
	buys      int              // of 1000 carts, so many become an order
	sendsBack int              // times as often as others, in per cent
	opens     int              // of 1000 newsletters
	hunts     bool             // for discounts
	favorites [3]*category
	cart      []line
	orders    int
	tier      string
	writable  bool // consents to the newsletter
}

// shopPerson is what the account of a number says about its person.
func shopPerson(seed uint64, number int) person {
	first := original(seed, forShopper, number, secondAccounts)
	truth := newDice(seed, forPerson, first)
	p := newPerson(&truth, first, cities)
	if first == 0 {
		p = starShopper
	}
	if d := newDice(seed, forDirt, number); number != 0 {
		if first != number {
			p.again(&d, privateEmail(&d, &p, number))
		}
		p.soil(&d)
	}
	return p
}

func shopID(number int) string { return fmt.Sprintf("K%06d", 100_000+number) }

func (s *shop) newShopper(number, purpose int) *shopper {
	d := newDice(s.seed, purpose, number)
	p := &shopper{shop: s, dice: d, number: number}
	p.between = 280 * day * 100 / p.dice.heavy()
	p.buys = 150 + p.dice.below(400) + p.dice.below(400)
	p.sendsBack = []int{25, 80, 130, 330}[p.dice.weighted(30, 40, 22, 8)]
	p.opens = []int{15, 120, 300, 650}[p.dice.weighted(30, 35, 25, 10)]
	p.hunts = p.dice.chance(180)
	for i := range p.favorites {
		p.favorites[i] = of(&p.dice, goods)
	}
	p.newDevice()
	return p
}

func (p *shopper) newDevice() {
	a, b := p.dice.pcg.Uint64(), p.dice.pcg.Uint64()
	id := fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
	p.device = []record.Identity{{Namespace: "anonymous", Value: id}}
}

// expect appoints the day on which somebody becomes a customer. Two fifths of
// them were customers before the records begin.
func (s *shop) expect(number int) {
	p := s.newShopper(number, forShopper)
	p.person = shopPerson(s.seed, number)
	p.user = []record.Identity{{Namespace: record.UserID, Value: shopID(number)}}
	p.joins, p.leaves = s.life(&p.dice)
	if p.joins < s.start {
		s.at(s.start+p.dice.exponential(hour), p.isKnown)
		return
	}
	s.at(p.joins, p.firstVisit)
	for range p.dice.weighted(50, 30, 20) {
		s.at(p.joins-p.dice.exponential(6*day), func() { p.come(stranger) })
	}
}

// life draws when a customer comes and stays away for good: a third come once,
// the others stay for about a year and a half.
func (s *shop) life(d *dice) (joins, leaves calendar.Instant) {
	if d.chance(400) {
		joins = s.start - day - d.exponential(2*year)
		return joins, s.start + d.exponential(500*day)
	}
	joins = s.start + d.span(s.until-s.start)
	for d.below(busiest) > s.dayOf(joins).trade {
		joins = s.start + d.span(s.until-s.start)
	}
	joins = s.timeOfDay(d, s.dayOf(joins), leisure(s.dayOf(joins)))
	if d.chance(330) {
		return joins, joins + 20*day
	}
	return joins, joins + d.exponential(550*day)
}

func shopDuplicates(o Options, truth map[string]string) {
	s := &shop{world: newWorld(o, "shop", consumerTrade, nil)}
	for number := 1; number < o.Customers; number++ {
		first := original(o.Seed, forShopper, number, secondAccounts)
		if first == number {
			continue
		}
		p := s.newShopper(number, forShopper)
		if joins, _ := s.life(&p.dice); joins < o.Until {
			truth[shopID(number)] = shopID(first)
		}
	}
}

// isKnown hands over a customer from the time before the records.
func (p *shopper) isKnown() {
	p.register(berlin.Civil(p.joins), anyOf(&p.dice, "", "silber", "silber", "gold"))
	p.planVisit()
}

// register makes a customer known, as of a day.
func (p *shopper) register(on calendar.Civil, tier string) {
	p.tier = tier
	traits := p.person.traits().text("signed_up_on", isoDate(on)).text("channel", p.channel()).text("loyalty_tier", tier)
	if wishes := p.dice.weighted(80, 8, 6, 6); wishes > 0 {
		traits = traits.list("wishlist", wishes, p.wish)
	}
	p.identify(p.person.identities(p.user[0].Value), traits.done())
	p.decide("email", "newsletter", 640)
	p.decide("email", "profiling", 380)
	p.decide("post", "advertising", 250)
	if p.writable && p.person.email != "" {
		p.subscribers = append(p.subscribers, p)
	}
}

func (p *shopper) channel() string {
	names := []string{"google_ads", "organic", "instagram", "recommendation", "newsletter_partner", "fair", ""}
	return names[p.dice.weighted(30, 28, 16, 10, 8, 3, 5)]
}

func (p *shopper) wish(int) []byte {
	wish := p.pick()
	added := isoDate(berlin.Civil(p.now - p.dice.exponential(90*day)))
	return wish.fields().text("added_on", added).done()
}

// decide asks for a consent. Of those who do not give it, half are asked in vain
// and leave no record.
func (p *shopper) decide(channel, purpose string, yes int) {
	granted := p.dice.chance(yes)
	if channel == "email" && purpose == "newsletter" {
		p.writable = granted
	}
	if granted || p.dice.chance(500) {
		p.consent(p.user, channel, purpose, granted)
	}
}
