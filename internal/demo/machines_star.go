package demo

import "github.com/kohorte/kohorte/internal/calendar"

// starContact is the person who is shown as an example, with a life that is written and not drawn.
var starContact = person{
	salutation: "Herr", given: "Karl", family: "Häberle",
	email: "karl.haeberle@haeberle-zahnradtechnik.example", phone: "07121 48820-11",
}

// isStar makes a firm the example's.
func (f *firm) isStar() {
	f.name, f.domain, f.industry = "Häberle Zahnradtechnik GmbH", "haeberle-zahnradtechnik.example", "Antriebstechnik"
	f.employees, f.founded, f.place, f.joins = 340, 1952, worksCities[1], f.start+hour
	f.address = person{street: "Max-Eyth-Straße 7", postalCode: "72760", city: "Reutlingen", country: "DE", phone: "07121 48820"}
}

// openWithStar plans the life of the first firm: a machine whose maintenance is
// overdue, one that is looked after, and an offer that nobody answered.
func (b *builder) openWithStar() {
	f := b.firms[0]
	before := func(days int, do func()) { b.at(berlin.DayStart(b.until, -days)+10*hour+12*minute, do) }
	ago := func(days int) calendar.Instant { return berlin.DayStart(b.until, -days) }
	old := &machine{serial: "DZ-2014-0131", model: models[0], installed: ago(4420), maintained: ago(1400), hours: 23_300}
	young := &machine{serial: "VZ-2022-0874", model: models[4], installed: ago(1500), maintained: ago(1190), hours: 2_900, contract: true}
	f.machines = []*machine{old, young}
	b.at(f.joins, f.introduceStar)
	for _, days := range []int{1030, 711, 409} {
		before(days, func() { f.visit(old, "maintenance") })
	}
	for _, days := range []int{840, 470, 118} {
		before(days, func() { f.visit(young, "maintenance") })
	}
	c := f.contacts[0]
	before(77, func() { f.complain(c, old) })
	before(52, func() {
		c.tell(quoteRequested, newFields().text("machine_type", "Drehzentrum").text("model", "DZ 450").text("channel", "phone"))
	})
	before(46, func() {
		more := newFields().text("valid_until", isoDate(berlin.Civil(ago(-14))))
		f.report(c, offerSent, "A-100001", models[0], 29_640_000, more)
	})
	before(31, func() { f.call(c, "follow_up") })
}

// introduceStar tells the firm without the dirt.
func (f *firm) introduceStar() {
	f.known = true
	t := newFields().text("name", f.name).text("industry", f.industry).text("website", "www."+f.domain)
	t = f.address.address(t).text("country", "DE").text("phone", f.address.phone).whole("employees", f.employees)
	f.group(f.identity, nil, "", f.withMachines(t.text("founded_on", "1952-04-01")).done())
	for _, c := range f.contacts {
		c.introduce()
	}
	f.consent(f.contacts[0].user, "phone", "sales", true)
}
