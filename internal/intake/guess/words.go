package guess

import (
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/value"
)

// meaning is what the name of a column speaks of.
type meaning string

// meanings are the names that columns of a meaning have, in English and German,
// written together. The meanings of persons are the names that their fields get.
var meanings = map[meaning]string{
	"email":       "email emailaddress emailadresse emails mail mailadresse",
	"phone":       "phone phonenumber telephone telephonenumber telefon telefonnummer tel mobile mobilephone mobil handy handynummer",
	"first_name":  "firstname fname givenname forename vorname",
	"last_name":   "lastname lname surname familyname nachname familienname zuname",
	"name":        "name fullname accountname",
	"street":      "street streetaddress address address1 addressline1 addr strasse straße anschrift",
	"postal_code": "postalcode postcode zip zipcode plz postleitzahl",
	"city":        "city town place ort stadt wohnort suburb locality",
	"country":     "country countrycode land countryname",
	"birthday":    "birthday birthdate dateofbirth dob geburtsdatum geburtstag geboren bday",
	"gender":      "gender sex geschlecht",
	"salutation":  "salutation prefix anrede",
	"job_title":   "jobtitle beruf position occupation",

	"company_name": "company account companyname organization organisation firma firmenname unternehmen accountname",
	"company_id":   "companyid accountid organizationid organisationid firmenid firmennummer",
	"role":         "role rolle contactrole",
	"industry":     "industry sector branche sektor sicdesc naics",
	"employees":    "employees numberofemployees noofemployees employeecount mitarbeiter mitarbeiterzahl anzahlmitarbeiter headcount",
	"revenue":      "revenue annualrevenue umsatz jahresumsatz turnover",
	"website":      "website domain url homepage webseite",
	"founded":      "founded yearestablished yearfounded gründungsjahr gegründet",

	"quantity":    "quantity qty menge anzahl orderquantity units stück lineitemquantity stückzahl cds numberofcds",
	"price":       "price unitprice preis einzelpreis stückpreis itemprice lineitemprice verkaufspreis productprice",
	"line_total":  "linetotal salesvalue extendedprice positionssumme positionswert gesamtpreis lineamount itemtotal",
	"total":       "total amount ordertotal totalamount grandtotal totalprice betrag gesamtbetrag summe gesamtsumme sales ordervalue value dollarvalue spend rechnungsbetrag bestellwert closevalue invoicetotal netto brutto revenue umsatz",
	"sku":         "sku stockcode productid productkey productcode artikelnummer artikelnr article articleid itemid itemcode upc ean asin productsku lineitemsku",
	"product":     "product productname item itemname description bezeichnung artikel artikelbezeichnung produkt produktname title lineitemname",
	"category":    "category productcategory department kategorie warengruppe produktgruppe productline",
	"currency":    "currency currencycode währung waehrung",
	"status":      "status orderstatus bestellstatus state financialstatus",
	"stage":       "stage dealstage stagename phase pipelinestage",
	"event":       "event eventname eventtype action activity activitytype ereignis aktion type eventaction metric",
	"channel":     "channel kanal",
	"purpose":     "purpose zweck",
	"granted":     "granted consent optin einwilligung zustimmung consented",
	"latitude":    "latitude lat breitengrad breite",
	"longitude":   "longitude lon lng long längengrad länge",
	"description": "description beschreibung notes notiz comment kommentar bemerkung",
}

var meaningByName = func() map[string][]meaning {
	byName := map[string][]meaning{}
	for m, names := range meanings {
		for _, name := range strings.Fields(names) {
			byName[name] = append(byName[name], m)
		}
	}
	return byName
}()

// Nouns of what an id may be of.
var (
	customerNouns = strings.Fields("customer client kunde kunden user member household buyer contact person profile subscriber master lead recipient besteller käufer")
	orderNouns    = strings.Fields("order invoice basket transaction bestell bestellung bestellungs auftrag auftrags rechnung rechnungs beleg receipt purchase")
	idEndings     = strings.Fields("id key no nr number nummer num code uuid")
	plainIDs      = strings.Fields("id key nr nummer uuid recid recordid uniqueid kennung rowid vid")
	fillers       = strings.Fields("customer kunden user client contact billing shipping mailing primary main home work property person customers the of 1 c")
)

// speaks tells whether the name of a column has a meaning: by itself, or without words that add nothing.
func speaks(words []string, m meaning) bool {
	if slices.Contains(meaningByName[strings.Join(words, "")], m) {
		return true
	}
	var rest []string
	for _, w := range words {
		if !slices.Contains(fillers, w) {
			rest = append(rest, w)
		}
	}
	return len(rest) > 0 && slices.Contains(meaningByName[strings.Join(rest, "")], m)
}

// isExactly tells whether the name of a column has a meaning without leaving any of its words out.
func isExactly(words []string, m meaning) bool {
	return slices.Contains(meaningByName[strings.Join(words, "")], m)
}

// isIDOf tells whether a name is that of an id of one of some nouns: CustomerID, invoice no, kundennr, recipient.
func isIDOf(words []string, nouns []string) bool {
	joined := strings.Join(words, "")
	for _, noun := range nouns {
		if joined == noun {
			return true
		}
		for _, ending := range idEndings {
			if joined == noun+ending || joined == noun+"s"+ending {
				return true
			}
		}
	}
	return false
}

// column is what is known of a column before anything is decided.
type column struct {
	name    string
	index   int
	words   []string // of its name
	profile *value.Profile
	kind    value.Type
	doubt   value.Doubt
}

// sharedPrefix finds a word with which the names of more than half of the columns begin, as exports have it.
func sharedPrefix(columns []*column) string {
	counts := map[string]int{}
	for _, c := range columns {
		if len(c.words) > 1 {
			counts[c.words[0]]++
		}
	}
	for word, n := range counts {
		if 2*n > len(columns) && !slices.Contains(customerNouns, word) && !slices.Contains(orderNouns, word) {
			return word // there is only one
		}
	}
	return ""
}
