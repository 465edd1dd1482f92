package naive

import (
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"WEIẞ": "weiß", "STRASSE": "strasse", "ſ": "s", "\u212A": "k", "Å": "å", "Σίσυφος": "σίσυφοσ", "İ": "İ", "ı": "ı", "I": "i",
		"ꭰ": "Ꭰ", "Ꭰ": "Ꭰ", "ᏸ": "Ᏸ", "ǅ": "ǆ", "µ": "μ", "\u0345": "ι", "ϴ": "θ", "ᲀ": "в", "Ა": "ა", "_Z": "_z", "𐐀": "𐐨",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestFoldGivesOneCharacterOfEachOrbit holds fold to the orbits of the unicode package.
func TestFoldGivesOneCharacterOfEachOrbit(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		folded, inOrbit := foldRune(r), r == foldRune(r)
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			inOrbit = inOrbit || other == folded
			if foldRune(other) != folded {
				t.Errorf("%U folds to %U, but %U to %U", r, folded, other, foldRune(other))
			}
		}
		if !inOrbit {
			t.Errorf("%U folds to %U, which is no variant of it", r, folded)
		}
	}
}
