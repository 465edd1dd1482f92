package rule

import (
	"strings"
	"unicode/utf8"
)

// Suggest finds the candidate that a name was likely meant to be: the one with
// the fewest typing mistakes (a letter too many, too few, wrong, or two swapped),
// regardless of case; of equally good ones the first in the alphabet. About every
// third letter may be wrong.
func Suggest(name string, candidates []string) (string, bool) {
	const longest = 100
	best, found := "", false
	wrong := strings.ToLower(name)
	limit := max(1, utf8.RuneCountInString(wrong)/3)
	if len(wrong) > longest {
		return "", false
	}
	for _, c := range candidates {
		if c == name || len(c) > longest {
			continue
		}
		lower := strings.ToLower(c)
		d := distance([]rune(wrong), []rune(lower), limit)
		if d > limit || d > 0 && d >= utf8.RuneCountInString(lower) {
			continue
		}
		if !found || d < limit || c < best {
			best, found, limit = c, true, d
		}
	}
	return best, found
}

// distance counts the mistakes that turn one word into the other, as Damerau and
// Levenshtein count them with no letter touched twice; beyond limit any larger number will do.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, twoAbove := rows[i%3], rows[(i+2)%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], twoAbove[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
