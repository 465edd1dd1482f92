package demo

import "strings"

// The dirt of real life, per 1000.
const (
	// Of the accounts of the shop and the contacts of the machine builder, so many are
	// second accounts of somebody who has one; of the companies likewise.
	secondAccounts  = 35
	secondCompanies = 20
	// Of the events, so many arrive late, up to some hours, and so many twice.
	lateEvents     = 10
	repeatedEvents = 5
	// Of the customers, so many lack …
	noBirthday   = 320
	noPhone      = 520
	noSalutation = 90
	noAddress    = 30
	noEmail      = 15
	// … and of the values that are there, so many are wrong or written in another way.
	birthdayOf1900  = 14  // the default of an old form: 1900-01-01
	birthdayToCome  = 4   // in the future
	otherCountry    = 40  // "Deutschland", "D", "Österreich" instead of the code
	otherCity       = 35  // "Muenchen", "Frankfurt/M."
	lostLeadingZero = 120 // of the postal codes that begin with one: "1067" for Dresden, thanks to a spreadsheet
	strayBlanks     = 20  // around a name, or two within
	shoutedNames    = 12  // MÜLLER
	mumbledNames    = 15  // müller
	spelledUmlauts  = 60  // Mueller, of the names that have one
	// Of the companies, so many lack …
	noEmployees = 110
	noFounding  = 180
	// … or have wrong …
	wrongEmployees = 15 // 0, 1, 99999
	foundedIn1900  = 20 // 1900-01-01
	// … and of the machines, so many were never marked as maintained.
	noMaintenanceDate = 60
)

// soil makes a person's data as bad as data are. What is unknown stays unknown.
func (p *person) soil(d *dice) {
	blank := func(perMille int, values ...*string) {
		if d.chance(perMille) {
			for _, v := range values {
				*v = ""
			}
		}
	}
	blank(noBirthday, &p.birthday)
	blank(noPhone, &p.phone)
	blank(noSalutation, &p.salutation)
	blank(noAddress, &p.street, &p.postalCode, &p.city)
	blank(noEmail, &p.email)
	p.soilBirthday(d)
	p.soilAddress(d)
	p.soilName(d)
}

func (p *person) soilBirthday(d *dice) {
	switch {
	case p.birthday == "":
	case d.chance(birthdayOf1900):
		p.birthday = "1900-01-01"
	case d.chance(birthdayToCome):
		p.birthday = "20" + anyOf(d, "66", "71", "78", "83", "90") + p.birthday[4:7] + "-11"
	}
}

func (p *person) soilAddress(d *dice) {
	if d.chance(otherCountry) {
		p.country = of(d, otherCountries[p.country])
	}
	if p.city != "" && d.chance(otherCity) {
		p.city = otherSpelling(d, p.city)
	}
	if strings.HasPrefix(p.postalCode, "0") && d.chance(lostLeadingZero) {
		p.postalCode = p.postalCode[1:]
	}
}

// otherSpelling writes a city as people also write it.
func otherSpelling(d *dice, name string) string {
	for _, list := range [][]*city{cities, worksCities} {
		for _, c := range list {
			if c.name == name && len(c.others) > 0 {
				return of(d, c.others)
			}
		}
	}
	return anyOf(d, strings.ToUpper(name), strings.ToLower(name), name+" ")
}

func (p *person) soilName(d *dice) {
	if d.chance(spelledUmlauts) {
		p.family = transcription.Replace(p.family)
	}
	switch {
	case d.chance(shoutedNames):
		p.given, p.family = strings.ToUpper(p.given), strings.ToUpper(p.family)
	case d.chance(mumbledNames):
		p.given, p.family = strings.ToLower(p.given), strings.ToLower(p.family)
	case d.chance(strayBlanks):
		p.family = anyOf(d, p.family+" ", " "+p.family, strings.Replace(p.family, "-", " - ", 1))
	}
}

// again makes of a person's true data what they give when they register a second
// time: one to three things are different, and always the e-mail address, for the
// old one would have been known.
func (p *person) again(d *dice, email string) {
	p.email = email
	for range d.between(1, 3) {
		switch d.weighted(25, 25, 15, 10, 10, 5, 10) {
		case 0:
			p.family = misspell(d, p.family)
		case 1:
			p.family = transcription.Replace(p.family)
		case 2:
			p.move(d, choose(d, cities), streets)
		case 3:
			p.given = shorten(p.given)
		case 4:
			p.given, p.family = strings.ToUpper(p.given), strings.ToUpper(p.family)
		case 5:
			p.given, p.family = p.family, p.given
		case 6:
			p.birthday, p.phone = "", ""
		}
	}
}

// misspell makes one typing error: a letter lost, doubled or exchanged with the next.
func misspell(d *dice, s string) string {
	letters := []rune(s)
	if len(letters) < 4 {
		return s + "e"
	}
	i := d.between(1, len(letters)-2)
	switch d.below(3) {
	case 0:
		return string(letters[:i]) + string(letters[i+1:])
	case 1:
		return string(letters[:i+1]) + string(letters[i:])
	}
	letters[i], letters[i+1] = letters[i+1], letters[i]
	return string(letters)
}

// shorten makes a familiar form of a given name: its first part, or its initial.
func shorten(given string) string {
	if first, _, ok := strings.Cut(given, "-"); ok {
		return first
	}
	return string([]rune(given)[:1]) + "."
}
