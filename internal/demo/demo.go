// Package demo invents two companies and three years of their customers' lives,
// so that somebody who tries Kohorte sees it at work on data like their own: an
// online shop with private customers, and a Swabian machine builder whose
// customers are companies. The same seed gives the same records everywhere.
//
// The data are as dirty as real ones; dirt.go lists the rates. DESIGN.md says how
// the generators work and where they simplify.
package demo

import (
	"fmt"
	"iter"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// Company is one of the two invented companies; its value names the workspace.
type Company string

// The companies.
const (
	OnlineShop     Company = "shop"
	MachineBuilder Company = "maschinenbau"
)

// Companies are both of them, in the order in which they are shown.
var Companies = []Company{OnlineShop, MachineBuilder}

// Text is a text for people in two languages.
type Text struct{ DE, EN string }

// Title is the name of the company, with what it does.
func (c Company) Title() Text {
	if c == OnlineShop {
		return Text{"Waldwerk, Online-Shop für draußen und daheim", "Waldwerk, online shop for outdoors and home"}
	}
	return Text{"Alb-Tec Maschinenbau, Reutlingen", "Alb-Tec machine builders, Reutlingen"}
}

// Options say what to generate.
type Options struct {
	// Customers is how many customers there are: accounts of the shop, contacts of
	// the machine builder (a fifth as many companies). Zero means the default.
	Customers int
	// Seed chooses one of many worlds.
	Seed uint64
	// Until is the end of the three years, usually the midnight at which today begins.
	Until calendar.Instant
}

// Default numbers of customers.
const (
	DefaultShopCustomers   = 20_000
	DefaultMachineContacts = 2_000
)

func (o Options) withDefault(customers int) Options {
	if o.Customers <= 0 {
		o.Customers = customers
	}
	return o
}

// Records gives a company's data in the order of receipt: events that arrive late
// stand where they arrive, events that arrive twice stand there twice with the same
// key. The memory it needs grows with the customers, not with the records.
func Records(c Company, o Options) iter.Seq[record.Record] {
	if c == OnlineShop {
		return Shop(o)
	}
	return Machines(o)
}

// Duplicates is the truth about second accounts: the user id of each one, and the
// user id of the first account of the same person. Companies that were entered twice
// stand in it by their company ids. Matching is measured against it.
func Duplicates(c Company, o Options) map[string]string {
	truth := map[string]string{}
	if c == OnlineShop {
		shopDuplicates(o.withDefault(DefaultShopCustomers), truth)
	} else {
		machineDuplicates(o.withDefault(DefaultMachineContacts), truth)
	}
	return truth
}

// original tells whose account the account of a number is: its own or, in so many
// of 1000 cases, an earlier one's.
func original(seed uint64, purpose, number, perMille int) int {
	d := newDice(seed, forCopies+8*purpose, number)
	switch {
	case number == 1:
		return 0 // the customer who is shown as an example has registered twice
	case number > 1 && d.chance(perMille):
		return original(seed, purpose, d.below(number), perMille)
	}
	return number
}

// event is a type of event, with the name that the Segment specification gives it.
type event struct{ name, given string }

func eventType(name string) *event {
	given := []byte(name)
	for i := range given {
		switch {
		case given[i] == '_':
			given[i] = ' '
		case i == 0 || given[i-1] == ' ':
			given[i] -= 'a' - 'A'
		}
	}
	return &event{name, string(given)}
}

func isoDate(c calendar.Civil) string { return fmt.Sprintf("%04d-%02d-%02d", c.Year, c.Month, c.Day) }
