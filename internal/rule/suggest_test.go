package rule_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/rule"
)

func TestSuggest(t *testing.T) {
	fields := []string{"country", "county", "total", "Total", "currency", "straße", "id", "a", ""}
	for _, c := range []struct{ name, want string }{
		{"cuontry", "country"}, // swapped
		{"contry", "country"},  // one missing: as near to county, so the first in the alphabet
		{"totl", "Total"},      // both as near but for case, so the first in the alphabet
		{"TOTAL", "Total"},
		{"currencyy", "currency"},
		{"strasse", "straße"},
		{"strase", "straße"},
		{"di", "id"},
		{"x", ""}, // as far from a as from anything
		{"unlike_any", ""},
		{"", ""},
		{strings.Repeat("x", 1000), ""},
	} {
		got, ok := rule.Suggest(c.name, fields)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Suggest(%q) = %q, %v, want %q", c.name, got, ok, c.want)
		}
	}
}

// A single mistake in a word of some length is always found, whatever the order of the candidates.
func TestSuggestFindsOneMistake(t *testing.T) {
	word := rapid.StringMatching(`[a-zäöü_]{3,20}`)
	rapid.Check(t, func(t *rapid.T) {
		meant := word.Draw(t, "meant")
		letters := []rune(meant)
		i := rapid.IntRange(0, len(letters)-2).Draw(t, "where")
		switch rapid.IntRange(0, 3).Draw(t, "mistake") {
		case 0:
			letters = slices.Delete(letters, i, i+1)
		case 1:
			letters = slices.Insert(letters, i, 'x')
		case 2:
			letters[i] = 'q'
		case 3:
			letters[i], letters[i+1] = letters[i+1], letters[i]
		}
		wrong := string(letters)
		candidates := append(rapid.SliceOfN(word, 0, 5).Draw(t, "others"), meant)
		best, ok := rule.Suggest(wrong, candidates)
		if wrong == meant {
			return // a letter was swapped with its like
		}
		if !ok {
			t.Fatalf("nothing suggested for %q among %q", wrong, candidates)
		}
		slices.Reverse(candidates)
		if again, _ := rule.Suggest(wrong, candidates); again != best {
			t.Fatalf("the order of the candidates decides between %q and %q", best, again)
		}
	})
}
