package demo

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// person is somebody as a source describes them, all in text so that everything can be wrong.
type person struct {
	salutation, given, family string
	birthday                  string
	email, phone              string
	street, postalCode, city  string
	country                   string
}

// newPerson makes up who somebody really is. The number makes the e-mail address the only one.
func newPerson(d *dice, number int, from []*city) person {
	var p person
	switch d.weighted(54, 45, 1) {
	case 0:
		p.salutation, p.given = "Frau", of(d, women)
	case 1:
		p.salutation, p.given = "Herr", of(d, men)
	default:
		p.salutation, p.given = "Divers", of(d, women)
	}
	p.family = of(d, families)
	p.birthday = birthday(d)
	p.email = privateEmail(d, &p, number)
	p.move(d, choose(d, from), streets)
	return p
}

// birthday is a day in the life of the shop's public: most are between 25 and 60.
func birthday(d *dice) string {
	born := 1946 + d.below(30) + d.below(33)
	month := d.between(1, 12)
	return fmt.Sprintf("%04d-%02d-%02d", born, month, d.between(1, calendar.DaysIn(born, month)))
}

// move gives an address in a city, and its phone number.
func (p *person) move(d *dice, to *city, streets []string) {
	p.street = fmt.Sprintf("%s %d", of(d, streets), 1+d.skewed(120))
	if d.chance(80) {
		p.street += string(rune('a' + d.below(4)))
	}
	p.postalCode, p.city, p.country = to.codes[d.below(len(to.codes))], to.name, to.country
	p.phone = landline(d, to)
}

var prefixes = map[string]string{"DE": "+49", "AT": "+43", "CH": "+41"}

// landline writes a phone number in one of the ways people do.
func landline(d *dice, in *city) string {
	number := d.between(100_000, 9_999_999)
	switch d.below(5) {
	case 0:
		return fmt.Sprintf("0%s/%d", in.dial, number)
	case 1:
		return fmt.Sprintf("0%s %d", in.dial, number)
	case 2:
		return fmt.Sprintf("0%s-%d", in.dial, number)
	}
	return fmt.Sprintf("%s %s %d", prefixes[in.country], in.dial, number)
}

// mailHosts end in .example, which belongs to nobody (RFC 2606).
var mailHosts = []string{"post.example", "mail.example", "briefkasten.example", "netzpost.example"}

func privateEmail(d *dice, p *person, number int) string {
	given, family := ascii(p.given), ascii(p.family)
	host := of(d, mailHosts)
	switch d.below(4) {
	case 0:
		return fmt.Sprintf("%s%s%d@%s", given, family, number, host)
	case 1:
		return fmt.Sprintf("%s.%s.%d@%s", given[:1], family, number, host)
	}
	return fmt.Sprintf("%s.%s%d@%s", given, family, number, host)
}

// transcription writes letters as e-mail addresses and careless clerks do.
var transcription = strings.NewReplacer(
	"ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss", "ë", "e", "é", "e", "ı", "i", "ş", "s", "ć", "c")

// ascii gives the form of a name that stands in an e-mail address.
func ascii(name string) string {
	return strings.NewReplacer("'", "", " ", "").Replace(strings.ToLower(transcription.Replace(name)))
}

// traits writes the attributes as far as they are known.
func (p *person) traits() fields {
	f := newFields().text("salutation", p.salutation).text("first_name", p.given).text("last_name", p.family)
	f = f.text("email", p.email).text("phone", p.phone).text("birthday", p.birthday)
	return p.address(f).text("country", p.country)
}

// address writes the address as a nested object.
func (p *person) address(f fields) fields {
	address := newFields().text("street", p.street).text("postal_code", p.postalCode).text("city", p.city)
	if len(address) == 1 {
		return f
	}
	return f.raw("address", address.done())
}

// identities are the names by which a source knows a person: its own id and, if there is one, the e-mail address.
func (p *person) identities(id string) []record.Identity {
	who := []record.Identity{{Namespace: record.UserID, Value: id}}
	if p.email != "" {
		who = append(who, record.Identity{Namespace: "email", Value: strings.ToLower(strings.TrimSpace(p.email))})
	}
	return who
}
