// Package fold compares text the way the rule language does: without regard to
// case, by simple Unicode case folding, in order of code points.
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// String gives the simple case folding of a text (statuses C and S of Unicode's
// CaseFolding.txt): "WEIẞ" and "weiß" become the same, "İ" stays itself.
func String(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			return strings.Map(Rune, s)
		}
	}
	return s
}

// Rune folds one code point.
func Rune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	if unicode.SimpleFold(r) == r {
		return r
	}
	if isCherokee(r) {
		return unicode.ToUpper(r) // Cherokee is the script that folds to its capitals
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

func isCherokee(r rune) bool {
	return r >= 0x13A0 && r <= 0x13FD || r >= 0xAB70 && r <= 0xABBF
}

// Equal tells whether two texts are equal without regard to case.
func Equal(a, b string) bool { return strings.EqualFold(a, b) }

// Compare orders two texts without regard to case: negative, zero or positive.
// UTF-8 keeps the order of code points.
func Compare(a, b string) int { return strings.Compare(String(a), String(b)) }
