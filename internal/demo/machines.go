package demo

import (
	"fmt"
	"iter"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// companyID is the namespace of the ids of companies.
const companyID = "company"

// Machines gives the records of the machine builder: companies with machines,
// their people in several roles, quotes, offers, orders, deliveries, maintenance,
// repairs and complaints.
func Machines(o Options) iter.Seq[record.Record] {
	o = o.withDefault(DefaultMachineContacts)
	return func(yield func(record.Record) bool) {
		b := &builder{world: newWorld(o, "crm", businessTrade, yield), dice: newDice(o.Seed, forFirm, -1)}
		b.firms = newFirms(b, o)
		b.openWithStar()
		for _, f := range b.firms[1:] {
			f.plan()
		}
		b.planNewsletters()
		b.planFairs()
		b.run()
	}
}

// builder is the simulation of the machine builder.
type builder struct {
	*world
	dice     dice
	firms    []*firm
	machines int
	orders   int
	offers   int
}

// firm is a company that has, or could have, machines.
type firm struct {
	*builder
	dice      dice
	number    int
	first     *firm // of whom this is a second entry; itself if it is none
	identity  record.Identity
	name      string
	domain    string
	industry  string
	employees int
	founded   int
	address   person // the address and phone number of the works
	place     *city
	contacts  []*contact
	machines  []*machine
	buys      calendar.Instant // mean time between quotes
	careful   bool             // with maintenance
	joins     calendar.Instant // when the builder hears of it
	old       bool             // known from the start
	known     bool
}

// newFirms makes up the companies and their people; nothing happens yet.
func newFirms(b *builder, o Options) []*firm {
	firms := make([]*firm, max(2, o.Customers/5))
	for i := range firms {
		firms[i] = newFirm(b, i)
	}
	firms[0].isStar()
	for _, f := range firms {
		if n := original(o.Seed, forFirm, f.number, secondCompanies); n != f.number {
			f.isAgain(firms[n])
		}
	}
	addContacts(firms, o)
	return firms
}

func newFirm(b *builder, number int) *firm {
	f := &firm{builder: b, dice: newDice(b.seed, forFirm, number), number: number}
	f.first, f.identity = f, record.Identity{Namespace: companyID, Value: fmt.Sprintf("F%05d", 10_000+number)}
	d := &f.dice
	f.place = choose(d, worksCities)
	f.name, f.domain = firmName(d, f.place)
	f.industry = of(d, industries)
	f.employees = 8 + int(d.heavy())*d.between(25, 90)/100
	f.founded = 1880 + d.below(70) + d.below(70)
	f.address.move(d, f.place, worksStreets)
	f.buys = 700 * day * 100 / (d.heavy() + 50)
	f.careful = d.chance(700)
	if f.old = d.chance(800); f.old {
		f.joins = b.start + d.exponential(hour)
	} else {
		f.joins = b.waitInSeason(d, year, office)
	}
	return f
}

// isAgain makes a second entry of a company: the same firm in other words.
func (f *firm) isAgain(first *firm) {
	f.first = first
	f.name, f.domain, f.place = otherName(&f.dice, first.name), first.domain, first.place
	f.industry, f.employees, f.founded, f.address = first.industry, 0, 0, first.address
	f.address.phone = ""
	f.buys = 20 * year
}

// plan appoints the first time the builder hears of a firm.
func (f *firm) plan() {
	switch {
	case len(f.contacts) == 0: // somebody noted the firm and never spoke to it
		f.at(f.joins, f.introduce)
	case f.old:
		f.at(f.joins, f.isKnown)
	default:
		f.at(f.joins, f.firstQuote)
	}
}

// isKnown hands over a firm from the time before the records.
func (f *firm) isKnown() {
	if f.first == f && f.dice.chance(820) {
		for range min(1+int(f.dice.heavy())*f.employees/40_000, 14) {
			f.machines = append(f.machines, f.oldMachine())
		}
	}
	f.introduce()
	for _, m := range f.machines {
		f.planService(m)
	}
	f.planQuote()
}

func (f *firm) firstQuote() {
	f.introduce()
	f.requestQuote()
	f.planQuote()
}

// introduce tells the firm and its people.
func (f *firm) introduce() {
	f.known = true
	f.group(f.identity, nil, "", f.traits())
	for _, c := range f.contacts {
		c.introduce()
	}
	f.planParts()
}

// traits writes the attributes of the firm, with their dirt.
func (f *firm) traits() []byte {
	address := f.address
	address.soilAddress(&f.dice)
	t := newFields().text("name", f.name).text("industry", f.industry).text("website", "www."+f.domain)
	t = address.address(t).text("country", address.country).text("phone", address.phone)
	switch {
	case f.employees == 0 || f.dice.chance(noEmployees):
	case f.dice.chance(wrongEmployees):
		t = t.whole("employees", anyOf(&f.dice, 0, 1, 99999))
	default:
		t = t.whole("employees", f.employees)
	}
	switch {
	case f.founded == 0 || f.dice.chance(noFounding):
	case f.dice.chance(foundedIn1900):
		t = t.text("founded_on", "1900-01-01")
	default:
		t = t.text("founded_on", fmt.Sprintf("%04d-%02d-01", f.founded, f.dice.between(1, 12)))
	}
	return f.withMachines(t).done()
}

// withMachines adds the list of machines.
func (f *firm) withMachines(t fields) fields {
	return t.list("machines", len(f.machines), func(i int) []byte { return f.machines[i].fields() })
}

// update tells the list of machines anew.
func (f *firm) update() { f.group(f.identity, nil, "", f.withMachines(newFields()).done()) }

// someone finds a person of the firm for a matter: the first role of these that
// somebody has, else whoever is there.
func (f *firm) someone(roles ...role) *contact {
	var fit []*contact
	for _, r := range roles {
		for _, c := range f.contacts {
			if c.role == r && !c.gone {
				fit = append(fit, c)
			}
		}
		if len(fit) > 0 {
			return fit[f.dice.skewed(len(fit))]
		}
	}
	if i := slices.IndexFunc(f.contacts, func(c *contact) bool { return !c.gone }); i >= 0 {
		return f.contacts[i]
	}
	return f.contacts[0]
}

func machineDuplicates(o Options, truth map[string]string) {
	b := &builder{world: newWorld(o, "crm", businessTrade, nil)}
	for _, f := range newFirms(b, o) {
		if f.joins >= o.Until || f.first.joins >= o.Until {
			continue
		}
		if f.first != f {
			truth[f.identity.Value] = f.first.identity.Value
		}
		for _, c := range f.contacts {
			if c.first != c.number {
				truth[contactID(c.number)] = contactID(c.first)
			}
		}
	}
}
