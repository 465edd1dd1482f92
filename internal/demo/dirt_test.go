package demo

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/kohorte/kohorte/internal/record"
)

// TestDirtComesAtItsRates holds the data to the rates that dirt.go documents.
func TestDirtComesAtItsRates(t *testing.T) {
	const n = 20_000
	count := map[string]int{}
	for number := range n {
		for _, what := range defects(number) {
			count[what]++
		}
	}
	rates := map[string]int{
		"no birthday": noBirthday, "no phone": noPhone, "no salutation": noSalutation, "no address": noAddress, "no email": noEmail,
		"1900": birthdayOf1900 * (1000 - noBirthday) / 1000, "to come": birthdayToCome * (1000 - noBirthday) / 1000,
		"country": otherCountry, "second account": secondAccounts,
	}
	for what, rate := range rates {
		between(t, what+" in "+"20,000", count[what], rate*n/1000*85/100-20, rate*n/1000*115/100+20)
	}
	between(t, "postal codes without their zero", count["zero"]*1000/count["east"], lostLeadingZero/2, lostLeadingZero*2)
}

func defects(number int) (found []string) {
	p := shopPerson(3, number)
	for what, is := range map[string]bool{
		"no birthday": p.birthday == "", "no phone": p.phone == "", "no salutation": p.salutation == "", "no address": p.postalCode == "",
		"no email": p.email == "", "1900": p.birthday == "1900-01-01", "to come": p.birthday > "2030", "country": len(p.country) != 2 || p.country != strings.ToUpper(p.country),
		"second account": original(3, forShopper, number, secondAccounts) != number,
		"zero":           len(p.postalCode) == 4 && !strings.Contains("ATatÖsterreichustriaCHchSchweizSwitzerlandSuisse", p.country),
		"east":           strings.HasPrefix(p.postalCode, "0"),
	} {
		if is {
			found = append(found, what)
		}
	}
	return found
}

// TestDuplicatesAreTrue wants every second account to exist, to belong to a first
// one that is none itself, and to resemble it.
func TestDuplicatesAreTrue(t *testing.T) {
	for _, c := range Companies {
		names := map[string]map[string]json.RawMessage{}
		for _, r := range collect[c]() {
			id := r.Company.Value
			if r.Kind == record.Identify {
				id = r.Customer[0].Value
			}
			if _, known := names[id]; !known && len(r.Fields) > 2 {
				names[id] = flat(t, r.Fields)
			}
		}
		truth, alike := Duplicates(c, few(c)), 0
		for second, first := range truth {
			a, b := names[second], names[first]
			if a == nil || b == nil || truth[first] != "" {
				t.Fatalf("%s: %s is said to be %s: %s, %s", c, second, first, a, b)
			}
			if resemble(a, b) {
				alike++
			}
		}
		if len(truth) < 40 || alike < len(truth)*85/100 {
			t.Errorf("%s: of %d second accounts, %d resemble the first", c, len(truth), alike)
		}
	}
}

// resemble finds one of the names, or the domain of a company, in both.
func resemble(a, b map[string]json.RawMessage) bool {
	for _, field := range []string{"first_name", "last_name", "website"} {
		for _, other := range []string{"first_name", "last_name", "website"} {
			if x, y := plain(a[field]), plain(b[other]); x != "" && x == y {
				return true
			}
		}
	}
	return false
}

func plain(name json.RawMessage) string {
	return strings.Trim(ascii(string(name)), `"`)
}

// TestEmailAddressesNameOnePerson wants no two customers to share one.
func TestEmailAddressesNameOnePerson(t *testing.T) {
	for _, c := range Companies {
		owners := map[string]string{}
		for _, r := range collect[c]() {
			if r.Kind != record.Identify || len(r.Customer) < 2 {
				continue
			}
			user, email := r.Customer[0].Value, r.Customer[1].Value
			if owner := owners[email]; owner != "" && owner != user {
				t.Fatalf("%s: %s belongs to %s and %s", c, email, owner, user)
			}
			if strings.ContainsFunc(email, func(r rune) bool { return r > unicode.MaxASCII || r == ' ' }) || !strings.HasSuffix(email, ".example") {
				t.Fatalf("%s: %q is no address", c, email)
			}
			owners[email] = user
		}
	}
}
