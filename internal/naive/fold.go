package naive

import (
	"strings"
	"unicode"
)

// fold applies simple case folding (the lines C and S of Unicode's
// CaseFolding.txt) to every character.
func fold(text string) string { return strings.Map(foldRune, text) }

// foldRune finds the character that stands for all that differ only in case.
// Mostly that is the small letter of their capital.
func foldRune(r rune) rune {
	if unicode.SimpleFold(r) == r {
		return r // not a letter with case, or one that folds to nothing but itself, as İ and ı do
	}
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r) // Cherokee got its small letters late, so its capitals stand for both
	}
	return unicode.ToLower(unicode.ToUpper(r))
}
