package value

import (
	"slices"
	"strings"
	"unicode"
)

// Snake gives a name in snake_case, as fields and events are called: Order
// Completed, OrderCompleted and order-completed become order_completed. Letters
// of all languages stay.
func Snake(name string) string {
	runes := []rune(strings.TrimSpace(name))
	var out strings.Builder
	pending := false
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			pending = out.Len() > 0
			continue
		}
		if pending || i > 0 && startsWord(runes, i) && out.Len() > 0 {
			out.WriteByte('_')
		}
		pending = false
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// startsWord tells whether a capital begins a word: after a small letter or a
// digit, or as the last of several capitals.
func startsWord(runes []rune, i int) bool {
	if !isCapital(runes[i]) {
		return false
	}
	before := runes[i-1]
	if unicode.IsLower(before) || unicode.IsDigit(before) {
		return true
	}
	return isCapital(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
}

// isCapital tells whether a letter has a small form, which some that look like capitals have not.
func isCapital(r rune) bool { return unicode.ToLower(r) != r }

// Words gives the words of a column's name.
func Words(name string) []string { return strings.Split(Snake(name), "_") }

// codeWords at the end of a name say that its values are codes, not amounts.
var codeWords = strings.Fields(`id ids key keys code codes nr no nummer number num sku ean gtin isbn upc asin iban bic
	plz zip zipcode postal postcode postleitzahl phone telephone telefon tel fax mobile mobil handy cell
	vat ssn tin ust barcode serial konto token hash uuid guid guuid ip imei version hausnummer`)

// SoundsLikeCode tells whether the name of a column says that what looks like
// numbers are codes: postcodes, phone numbers, ids, articles.
func SoundsLikeCode(name string) bool {
	words := Words(name)
	if slices.Contains([]string{"number", "num", "no", "nr"}, words[0]) && len(words) > 1 {
		return slices.Contains(codeWords, words[len(words)-1]) // number_of_employees is none, number_id is
	}
	if len(words) == 1 && (words[0] == "number" || words[0] == "num") {
		return false
	}
	last := words[len(words)-1]
	if len(last) <= 2 && isNumber(last) && len(words) > 1 {
		last = words[len(words)-2] // phone_2
	}
	for _, ending := range []string{"nummer", "nr", "telefon", "kennung", "schlüssel"} {
		if strings.HasSuffix(last, ending) {
			return true
		}
	}
	return IsID(last) || slices.Contains(codeWords, last) || slices.Contains(words, "phone") || slices.Contains(words, "postal") || slices.Contains(words, "zip")
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

// things are what ids that are written as one word name: customerid.
var things = strings.Fields(`customer user client account contact person member household company order
	product item article invoice transaction session store campaign master sample kunden bestell artikel`)

// IsID tells whether a word is an id of something: id, customerid.
func IsID(word string) bool {
	thing, ok := strings.CutSuffix(word, "id")
	return ok && (thing == "" || slices.Contains(things, thing))
}

// SoundsLikeDate tells whether the name of a column speaks of a day, so that
// eight digits are one.
func SoundsLikeDate(name string) bool {
	for _, w := range Words(name) {
		if slices.Contains(dateWordsInNames, w) || strings.HasSuffix(w, "datum") || strings.HasSuffix(w, "date") {
			return true
		}
	}
	return SoundsLikeBirth(name)
}

var dateWordsInNames = strings.Fields(`date datum day tag am on`)

// SoundsLikeTime tells whether the name of a column speaks of a moment, so that
// ten or thirteen digits are one.
func SoundsLikeTime(name string) bool {
	for _, w := range Words(name) {
		if slices.Contains([]string{"time", "timestamp", "at", "ts", "zeit", "created", "updated", "modified", "datetime"}, w) || strings.HasSuffix(w, "zeit") || strings.HasSuffix(w, "time") {
			return true
		}
	}
	return SoundsLikeDate(name)
}

// SoundsLikeBirth tells whether the name of a column speaks of births, which
// never lie in the future.
func SoundsLikeBirth(name string) bool {
	for _, w := range Words(name) {
		if w == "dob" || w == "born" || strings.HasPrefix(w, "birth") || strings.HasPrefix(w, "geburt") || strings.HasPrefix(w, "geb") && len(w) <= 6 {
			return true
		}
	}
	return false
}
