package demo

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// plans are the files of the two companies.
var plans = map[Company]plan{
	OnlineShop: {
		people: sheet{"kunden.csv", []column{
			{"Kundennummer", "id", nil}, {"Anrede", "salutation", nil}, {"Vorname", "first_name", nil}, {"Nachname", "last_name", nil},
			{"E-Mail", "email", nil}, {"Telefon", "phone", nil}, {"Geburtsdatum", "birthday", germanDate},
			{"Straße", "address.street", nil}, {"PLZ", "address.postal_code", nil}, {"Ort", "address.city", nil}, {"Land", "country", nil},
			{"Kunde seit", "signed_up_on", germanDate}, {"Herkunft", "channel", nil}, {"Stufe", "loyalty_tier", nil},
		}},
		orders: sheet{"bestellungen.csv", append(orderColumns("Bestellnummer", "Kundennummer"),
			column{"Warengruppe", "product.category", nil}, column{"Gutschein", "coupon", nil},
			column{"Zahlart", "payment", nil}, column{"Grund", "reason", nil})},
		calls: "klicks.ndjson", consents: "einwilligungen.ndjson",
	},
	MachineBuilder: {
		people: sheet{"ansprechpartner.csv", []column{
			{"Nr", "id", nil}, {"Firma-Nr", "company", nil}, {"Anrede", "salutation", nil}, {"Titel", "title", nil},
			{"Vorname", "first_name", nil}, {"Nachname", "last_name", nil}, {"Rolle", "role", nil}, {"Funktion", "job_title", nil},
			{"E-Mail", "email", nil}, {"Telefon", "phone", nil}, {"Sprache", "language", nil}, {"Geburtsdatum", "birthday", germanDate},
		}},
		firms: sheet{"firmen.csv", []column{
			{"Firma-Nr", "id", nil}, {"Firma", "name", nil}, {"Branche", "industry", nil}, {"Mitarbeiter", "employees", nil},
			{"Gegründet", "founded_on", germanDate}, {"Straße", "address.street", nil}, {"PLZ", "address.postal_code", nil},
			{"Ort", "address.city", nil}, {"Land", "country", nil}, {"Telefon", "phone", nil}, {"Web", "website", nil},
		}},
		orders: sheet{"auftraege.csv", append(orderColumns("Auftragsnummer", "Ansprechpartner-Nr"), column{"Auftragsart", "order_type", nil})},
		calls:  "vorgaenge.ndjson", consents: "einwilligungen.ndjson",
	},
}

// orderColumns are those that every table of orders has.
func orderColumns(order, customer string) []column {
	return []column{
		{order, "order_id", nil}, {"Datum", "time", nil}, {customer, "customer", nil}, {"Artikelnummer", "product.sku", nil},
		{"Artikel", "product.name", nil}, {"Menge", "product.quantity", nil}, {"Einzelpreis", "product.price", decimalComma},
		{"Gesamt", "total", decimalComma}, {"Währung", "currency", nil},
	}
}

func germanDate(iso string) string { return iso[8:] + "." + iso[5:7] + "." + iso[:4] }

func germanTime(t calendar.Instant) string {
	c := berlin.Civil(t)
	minutes := c.Milli / int(minute)
	return fmt.Sprintf("%s %02d:%02d", germanDate(isoDate(c)), minutes/60, minutes%60)
}

func decimalComma(number string) string { return strings.Replace(number, ".", ",", 1) }
