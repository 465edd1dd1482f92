package rule

import (
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// The words of the language, each in one place: the scanner, the printer, the
// JSON form and the messages all read them here.
var (
	opWords         = [...]string{Equal: "=", NotEqual: "!=", Less: "<", LessEqual: "<=", Greater: ">", GreaterEqual: ">="}
	matchingWords   = [...]string{Contains: "contains", StartsWith: "starts with", EndsWith: "ends with", Matches: "matches"}
	quantifierWords = [...]string{Any: "any", Every: "every", No: "no"}
	funcWords       = [...]string{Count: "count", Sum: "sum", Avg: "avg", Min: "min", Max: "max", Distinct: "distinct", First: "first", Last: "last"}
	unitWords       = [...]string{
		calendar.Minute: "minute", calendar.Hour: "hour", calendar.Day: "day", calendar.Week: "week",
		calendar.Month: "month", calendar.Quarter: "quarter", calendar.Year: "year",
	}
)

// String writes the operator as rules do.
func (o Op) String() string { return opWords[o] }

// String writes the matching as rules do: "starts with".
func (m Matching) String() string { return matchingWords[m] }

// String writes the quantifier as rules do.
func (q Quantifier) String() string { return quantifierWords[q] }

// String writes the function's name.
func (f Func) String() string { return funcWords[f] }

// keywords are the words that are no names unless they stand in backquotes or after a dot.
var keywords = wordSet(`
	or and not in between contains starts with ends matches is known unknown
	segment for entered left then no within any every consent top by
	older than next after on anniversary of today yesterday this previous since before
	age score distance count sum avg min max distinct first last where
	week month quarter year minutes hours days weeks months years true false`)

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// keyword gives the keyword that a word is, in lower case.
func keyword(word string) (string, bool) {
	if len(word) > len("anniversary") {
		return "", false
	}
	lower := asciiLower(word)
	return lower, keywords[lower]
}

// asciiLower leaves letters outside ASCII alone, so that no foreign letter turns into a keyword.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// index finds a word in one of the tables above.
func index[T ~uint8](words []string, word string) (T, bool) {
	for i, w := range words {
		if w == word {
			return T(i), true
		}
	}
	return 0, false
}

// unitOf reads the unit of a duration, singular or plural; quarters are no such unit.
func unitOf(word string) (calendar.Unit, bool) {
	u, ok := index[calendar.Unit](unitWords[:], strings.TrimSuffix(word, "s"))
	return u, ok && u != calendar.Quarter
}

// periodOf reads the unit of `in this` and `in previous`.
func periodOf(word string) (calendar.Unit, bool) {
	u, ok := index[calendar.Unit](unitWords[:], word)
	return u, ok && u >= calendar.Week
}

// isDecimal tells whether a written number has a fraction.
func isDecimal(s string) bool { return strings.Contains(s, ".") }
