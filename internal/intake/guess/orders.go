package guess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/value"
)

// orders takes the id, the time, the customer, and the products and amounts.
func (f *file) orders() error {
	if order := f.given(mapping.Order); order != nil {
		f.lines = order.profile.Repeats() > repeated
	} else if order := f.orderID(); order != nil {
		f.lines = order.profile.Repeats() > repeated
		comment := "the id of the order, "
		if f.lines {
			comment = "the id of the order, which has several rows, "
		}
		f.take(order, comment+examples(order), role(mapping.Order))
	} else if id := f.plainID(); id != nil {
		f.take(id, "the id of the order, "+examples(id), role(mapping.Order))
	}
	who := f.someone()
	if who == nil {
		return fmt.Errorf("%w: whose orders they are, the columns do not tell", ErrNobody)
	}
	f.whose(who)
	when := f.when()
	if when == nil {
		return fmt.Errorf("no column is a date or a time: when the orders were placed, the columns do not tell")
	}
	f.take(when, "when it was placed, "+examples(when), role(mapping.Time))
	f.ordered(when)
	f.product()
	f.refunds()
	return nil
}

// repeated is how often ids come in a file with several rows an order, and a little less.
const repeated = 1.05

// product takes what the lines have of products and money.
func (f *file) product() {
	sku := f.find("sku")
	f.lines = f.lines || f.has("quantity", "price")
	if f.take(sku, "", target(mapping.Product, "sku")) {
		f.charges(sku)
	}
	f.take(f.find("product"), "", target(mapping.Product, "name"))
	f.amount("quantity", "", target(mapping.Product, "quantity"))
	f.amount("price", "the price of one", target(mapping.Product, "price"))
	if f.lines {
		f.amount("line_total", "the price of the line", target(mapping.Product, "total"))
		f.take(f.find("category"), "", target(mapping.Product, "category"))
	}
	f.total()
	if order := f.given(mapping.Order); order != nil && !f.fields["total"] && !f.fields["product.price"] && !f.fields["product.total"] {
		f.at(order).Comment += " - no column is a price: the orders get no total"
	}
	if c := f.find("currency"); c != nil {
		f.take(c, "", target(mapping.Field, "currency"))
	} else if f.mapping.Currency == "" {
		f.mapping.Currency = f.currencyBeside()
	}
}

// total takes the column with the total of the order: where an order has several
// rows, one that is filled in one row of each. Else it is that of the line, which
// is not needed where lines have a price.
func (f *file) total() {
	c := f.find("total")
	order := f.given(mapping.Order)
	switch {
	case c == nil || !c.profile.Numeric():
	case !f.lines, order != nil && order.profile.Repeats() > repeated && c.profile.Filled <= order.profile.Distinct:
		f.amount("total", "the total of the order", target(mapping.Field, "total"))
	case !f.fields["product.price"] && !f.fields["product.total"]:
		f.amount("total", "the price of the line", target(mapping.Product, "total"))
	}
}

// amount takes a column of numbers.
func (f *file) amount(m meaning, comment string, t mapping.Target) {
	c := f.find(m)
	if c == nil || !c.profile.Numeric() {
		return
	}
	if comment != "" {
		comment += ", " + examples(c)
	}
	f.take(c, comment, t)
	if c.kind.Style != value.AnyStyle {
		f.at(c).Type = c.kind
	}
}

// currencyBeside gives the currency whose sign stands beside amounts, if it is always the same.
func (f *file) currencyBeside() string {
	var found []string
	for _, c := range f.columns {
		for _, code := range c.profile.Currencies {
			if !slices.Contains(found, code) {
				found = append(found, code)
			}
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return ""
}

// chargeCodes are what shops have in the place of an article that is none.
// Single letters are only believed beside one of the others.
var (
	chargeCodes   = strings.Fields("post postage shipping versand porto dot discount rabatt gutschein voucher manual fee gebühr adjust adjustment cruk amazonfee samples pads")
	chargeLetters = strings.Fields("m d s")
)

// charges says which articles are none.
func (f *file) charges(sku *column) {
	var found, letters []string
	for _, v := range sku.profile.Values(value.MostDistinct) {
		switch {
		case slices.Contains(chargeCodes, strings.ToLower(v)) || strings.EqualFold(v, "bank charges"):
			found = append(found, v)
		case slices.Contains(chargeLetters, strings.ToLower(v)):
			letters = append(letters, v)
		}
	}
	if found != nil && f.mapping.Charges == nil {
		f.mapping.Charges = []mapping.Condition{{Column: sku.name, Patterns: append(found, letters...)}}
	}
}

// refundWords are the states in which an order is given back.
var refundWords = strings.Fields("refund refunded return returned cancelled canceled cancellation storno storniert retoure retourniert erstattet gutschrift chargeback widerruf credit")

// refunds says by which state orders are refunds.
func (f *file) refunds() {
	c := f.find("status")
	if c == nil || f.mapping.Refunds != nil {
		return
	}
	var found []string
	for _, v := range c.profile.Values(100) {
		if slices.Contains(refundWords, strings.ToLower(v)) {
			found = append(found, v)
		}
	}
	if found != nil {
		f.mapping.Refunds = []mapping.Condition{{Column: c.name, Patterns: found}}
	}
}

// whenWords are the words of names of dates, with how well they say when
// something happened; what was later planned, changed or loaded says it badly.
var whenWords = map[string]int{
	"order": 30, "invoice": 30, "transaction": 30, "purchase": 30, "event": 30, "bestell": 30, "bestelldatum": 60, "rechnungs": 30, "rechnungsdatum": 55,
	"auftrags": 30, "auftragsdatum": 55, "kauf": 30, "kaufdatum": 60, "buchungsdatum": 50, "belegdatum": 50,
	"timestamp": 25, "datetime": 25, "occurred": 30, "happened": 30, "date": 20, "datum": 20, "time": 15, "zeit": 15, "zeitpunkt": 30, "at": 5,
	"created": 18, "createdate": 15, "createddate": 15, "placed": 30, "received": 10, "close": 20, "closed": 18, "closing": 15, "start": 8, "engage": 10, "activity": 12,
	"stock": -40, "ship": -20, "shipping": -20, "shipped": -20, "delivery": -20, "lieferdatum": -10, "due": -20, "updated": -10, "update": -10, "modified": -15,
	"synced": -60, "end": -15, "expected": -20, "birth": -80, "birthdate": -80, "dob": -80, "geburtsdatum": -80, "viewed": -20, "referenced": -20, "last": -10, "reminder": -30,
}

// when gives the column that best says when something happened.
func (f *file) when() *column {
	if c := f.given(mapping.Time); c != nil {
		return c
	}
	var best *column
	most := -100
	for _, c := range f.columns {
		if f.taken[c.index] || !isMoment(c) || strings.HasPrefix(c.name, "_") {
			continue
		}
		score := whenScore(c)
		if c.profile.Filled*10 < f.survey.Rows*9 {
			score -= 15
		}
		if score > most {
			best, most = c, score
		}
	}
	return best
}

func whenScore(c *column) (score int) {
	for _, w := range c.words {
		score += whenWords[w]
	}
	return score
}

// clearly tells whether a column by its name is when something happened, and not any date.
func clearly(c *column) bool {
	const clear = 25
	return whenScore(c) >= clear
}

func isMoment(c *column) bool { return c.kind.Kind == value.Date || c.kind.Kind == value.Time }
