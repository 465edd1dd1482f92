package demo

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/record"
)

// role is what a person does in a company.
type role string

const (
	decisionMaker role = "decision_maker"
	purchasing    role = "purchasing"
	maintenance   role = "maintenance"
	production    role = "production"
	engineering   role = "engineering"
)

// jobs are what stands on the business cards.
var jobs = map[role][]string{
	decisionMaker: {"Geschäftsführung", "Geschäftsleitung", "Technische Leitung", "Prokura"},
	purchasing:    {"Einkauf", "Leitung Einkauf", "Strategischer Einkauf"},
	maintenance:   {"Leitung Instandhaltung", "Instandhaltung", "Betriebstechnik", "Servicekoordination"},
	production:    {"Produktionsleitung", "Fertigungsleitung", "Zerspanung", "Werkleitung"},
	engineering:   {"Konstruktion", "Arbeitsvorbereitung", "NC-Programmierung", "Verfahrensentwicklung"},
}

// contact is a person at a firm.
type contact struct {
	firm    *firm
	dice    dice
	number  int
	first   int // the number of the first entry of this person
	person  person
	degree  string
	role    role
	user    []record.Identity
	reads   int // of 1000 newsletters, so many are opened
	allowed bool
	gone    bool
}

func contactID(number int) string { return fmt.Sprintf("P%06d", 200_000+number) }

// addContacts gives each firm one person and spreads the others, more of them to the larger ones.
func addContacts(firms []*firm, o Options) {
	taken := map[string]bool{}
	all := make([]*contact, o.Customers)
	for i := range all {
		d := newDice(o.Seed, forContact, i)
		c := &contact{dice: d, number: i, first: original(o.Seed, forContact, i, secondAccounts)}
		if c.first != i {
			c.isAgain(all[c.first])
		} else {
			c.isNew(firmOf(firms, &c.dice, i))
		}
		for c.person.email != "" && taken[c.person.email] {
			c.person.email = fmt.Sprintf("%d.%s", c.number, c.person.email)
		}
		taken[c.person.email] = true
		c.user = []record.Identity{{Namespace: record.UserID, Value: contactID(i)}}
		c.firm.contacts = append(c.firm.contacts, c)
		all[i] = c
	}
}

// firmOf finds the firm of a contact: of three at random, the largest.
func firmOf(firms []*firm, d *dice, number int) *firm {
	if number < len(firms) {
		return firms[number]
	}
	largest := firms[d.below(len(firms))]
	for range 2 {
		if f := firms[d.below(len(firms))]; f.employees > largest.employees {
			largest = f
		}
	}
	return largest
}

func (c *contact) isNew(f *firm) {
	d := &c.dice
	c.firm = f
	c.person = newPerson(d, c.number, worksCities)
	if d.chance(350) {
		c.person.family = of(d, swabianFamilies)
	}
	c.role = []role{decisionMaker, purchasing, maintenance, production, engineering}[d.weighted(26, 24, 18, 18, 14)]
	c.degree = []string{"", "Dipl.-Ing.", "Dr.", "Dr.-Ing.", "M. Eng."}[d.weighted(74, 14, 4, 4, 4)]
	c.reads = []int{20, 150, 320, 600}[d.weighted(30, 40, 20, 10)]
	if c.number == 0 {
		c.person, c.role, c.degree = starContact, decisionMaker, "Dipl.-Ing."
		return
	}
	c.person.email = businessEmail(d, &c.person, f.domain)
	c.person.phone = f.address.phone
	if c.person.phone != "" {
		c.person.phone += fmt.Sprintf("-%d", d.between(10, 99))
	}
	c.soil()
}

// isAgain is a second entry of somebody at the same firm.
func (c *contact) isAgain(first *contact) {
	c.firm, c.person, c.role, c.reads = first.firm, first.person, first.role, 0
	c.person.again(&c.dice, businessEmail(&c.dice, &c.person, c.firm.domain))
	c.soil()
}

func (c *contact) soil() {
	d := &c.dice
	c.person.soilName(d)
	if d.chance(150) {
		c.person.phone = ""
	}
	if d.chance(50) {
		c.person.email = ""
	}
	if d.chance(850) {
		c.person.birthday = ""
	}
	c.person.soilBirthday(d)
	c.person.street, c.person.postalCode, c.person.city, c.person.country = "", "", "", ""
}

func businessEmail(d *dice, p *person, domain string) string {
	given, family := ascii(p.given), ascii(p.family)
	switch d.below(3) {
	case 0:
		return given[:1] + "." + family + "@" + domain
	case 1:
		return family + "@" + domain
	}
	return given + "." + family + "@" + domain
}

// introduce tells the person, the membership in the firm, and the consents.
func (c *contact) introduce() {
	job := jobs[c.role][c.dice.below(len(jobs[c.role]))]
	if c.dice.chance(60) {
		job = strings.ToUpper(job)
	}
	traits := c.person.traits().text("title", c.degree).text("role", string(c.role)).text("job_title", job)
	b := c.firm.builder
	b.identify(c.person.identities(c.user[0].Value), traits.text("language", c.language()).done())
	b.group(c.firm.identity, c.user, string(c.role), newFields().done())
	c.allowed = c.dice.chance(480)
	if c.allowed || c.dice.chance(300) {
		b.consent(c.user, "email", "newsletter", c.allowed)
	}
	if called := c.dice.chance(420); called || c.dice.chance(200) {
		b.consent(c.user, "phone", "sales", called)
	}
	c.planOwn()
}

func (c *contact) language() string {
	return []string{"de", "en", ""}[c.dice.weighted(88, 5, 7)]
}

// move goes to work for another firm.
func (c *contact) move() {
	b := c.firm.builder
	to := b.firms[c.dice.below(len(b.firms))]
	if c.gone || to == c.firm || !to.known || to.first != to {
		return
	}
	c.gone = true // for the old firm; the new one finds them in its own list
	moved := *c
	moved.firm, moved.gone = to, false
	to.contacts = append(to.contacts, &moved)
	moved.planOwn()
	moved.person.email = businessEmail(&moved.dice, &moved.person, fmt.Sprintf("%d.%s", c.number, to.domain))
	b.identify(moved.person.identities(moved.user[0].Value), newFields().text("email", moved.person.email).done())
	b.group(to.identity, moved.user, string(moved.role), newFields().done())
}
