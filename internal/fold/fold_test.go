package fold

import (
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestStringFoldsSimply(t *testing.T) {
	cases := map[string]string{
		"WEIẞ": "weiß", "Weiß": "weiß", "WEISS": "weiss", "İ": "İ", "ı": "ı", "ΣΊΣΥΦΟΣ": "σίσυφοσ", "Σίσυφος": "σίσυφοσ",
		"\u212A": "k", "\u017F": "s", "µ": "μ", "Straßburg": "straßburg", "ÀÉ": "àé", "\u1E9E": "ß", "ꭰ": "Ꭰ", "Ꭰ": "Ꭰ", "ǅ": "ǆ",
	}
	for in, want := range cases {
		if got := String(in); got != want {
			t.Errorf("String(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEveryCodePointOfAnOrbitFoldsAlike(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		f := Rune(r)
		if Rune(f) != f {
			t.Fatalf("folding %U twice gives %U, then %U", r, f, Rune(f))
		}
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			if Rune(o) != f {
				t.Fatalf("%U folds to %U but %U of the same orbit to %U", r, f, o, Rune(o))
			}
		}
	}
}

func TestCompareAgreesWithEqual(t *testing.T) {
	text := rapid.StringOf(rapid.SampledFrom([]rune("aAbBßẞsSſKkKİiıIΣσς")))
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		if (Compare(a, b) == 0) != Equal(a, b) {
			t.Fatalf("%q and %q: Compare %d, Equal %v", a, b, Compare(a, b), Equal(a, b))
		}
	})
}
