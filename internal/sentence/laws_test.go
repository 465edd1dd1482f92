package sentence

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
)

var languages = []Lang{German, English}

// TestEverySentenceIsWhole draws rules of the whole language and looks at the
// form of their sentences.
func TestEverySentenceIsWhole(t *testing.T) {
	rules := ruletest.Rule(ruletest.Schema())
	rapid.Check(t, func(t *rapid.T) {
		n := rules.Draw(t, "rule")
		if rapid.Bool().Draw(t, "wild") {
			mixTypes(t, n)
		}
		for _, lang := range languages {
			checkForm(t, Sentence(n, lang))
		}
	})
}

func checkForm(t *rapid.T, said string) {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(said, "("))
	if unicode.IsLower(first) || !strings.HasSuffix(said, ".") || len(said) < 5 {
		t.Fatalf("not a sentence: %s", said)
	}
	for _, bad := range []string{"  ", " ,", "( ", " )", ",,", ",.", "%!", open, "den den", "der der der"} {
		if strings.Contains(outsideQuotes(said), bad) {
			t.Fatalf("%q in: %s", bad, said)
		}
	}
	if depth := parentheses(outsideQuotes(said)); depth != 0 {
		t.Fatalf("parentheses do not match: %s", said)
	}
}

// outsideQuotes puts an x in the place of what stands in quotes.
func outsideQuotes(said string) string {
	var b strings.Builder
	quoted := false
	for _, r := range said {
		switch r {
		case '„':
			quoted = true
			b.WriteByte('x')
		case '“':
			if quoted = !quoted; quoted {
				b.WriteByte('x')
			}
		case '”':
			quoted = false
		default:
			if !quoted {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func parentheses(said string) int {
	depth := 0
	for _, r := range said {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
	}
	return depth
}

// mixTypes replaces literals by ones of other types, for sentences do not rely on a checked rule.
func mixTypes(t *rapid.T, n rule.Node) {
	literal := func(l *rule.Literal) {
		l.Kind = rule.LiteralKind(rapid.IntRange(0, 3).Draw(t, "kind"))
		l.Date = rapid.SampledFrom(ruletest.Dates).Draw(t, "date")
	}
	rule.Walk(n, func(n rule.Node) bool {
		switch n := n.(type) {
		case *rule.In:
			for _, l := range n.List {
				literal(l)
			}
		case *rule.Between:
			literal(n.Low)
			literal(n.High)
		}
		for _, v := range rule.Values(n) {
			switch v := v.(type) {
			case *rule.Literal:
				literal(v)
			case *rule.Aggregate:
				if v.Func != rule.Count && rapid.Bool().Draw(t, "no property") {
					v.Property = nil
				}
			}
		}
		return true
	})
}

// TestNegationIsSaid negates rules.
func TestNegationIsSaid(t *testing.T) {
	rules := ruletest.Rule(ruletest.Schema())
	rapid.Check(t, func(t *rapid.T) {
		n := rules.Draw(t, "rule")
		for _, lang := range languages {
			positive, negative := Sentence(n, lang), Sentence(&rule.Not{Part: n}, lang)
			if positive == negative {
				t.Fatalf("with and without a negation: %s", positive)
			}
			if again := Sentence(&rule.Not{Part: &rule.Not{Part: n}}, lang); again != positive {
				t.Fatalf("negated twice:\n%s\n%s", positive, again)
			}
		}
	})
}

// leaves are conditions whose sentences have clauses, lists and parentheses of their own.
var leaves = []string{
	`vip`,
	`country in ("DE", "AT")`,
	`credit not between 1 and 5`,
	`last(order_completed where gift) older than 1 day`,
	`count(order_completed where total > 5) > 1`,
	`sum(order_refunded.total where reason = "x") > sum(order_completed.total where gift)`,
	`order_completed where gift then no product_viewed where price > 5 within 1 day`,
	`any subscriptions (paused)`,
	`not every subscriptions (paused)`,
	`top 5% by count(order_completed where gift)`,
}

// TestGroupingIsSaid draws rules that differ only in how `and`, `or` and `not`
// group the same conditions. Two of them have the same sentence only if they are the same.
func TestGroupingIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		conditions := rapid.SliceOfNDistinct(rapid.SampledFrom(leaves), 3, 4, rapid.ID).Draw(t, "conditions")
		frame := rapid.SampledFrom([]string{"%", "not (%)", "count(order_completed where %) > 0", "every subscriptions (%)"}).Draw(t, "frame")
		said := map[string]string{}
		for range 30 {
			text := strings.Replace(frame, "%", group(t, conditions), 1)
			n, _ := rule.Parse(text)
			canonical := rule.PrintLine(n)
			for _, lang := range languages {
				sentence := Sentence(n, lang)
				if other, ok := said[sentence]; ok && other != canonical {
					t.Fatalf("%s\nand\n%s\nare both\n%s", other, canonical, sentence)
				}
				said[sentence] = canonical
			}
		}
	})
}

// group joins conditions, in their order, with random words and parentheses.
func group(t *rapid.T, conditions []string) string {
	if len(conditions) == 1 {
		return conditions[0]
	}
	at := rapid.IntRange(1, len(conditions)-1).Draw(t, "at")
	word := rapid.SampledFrom([]string{" and ", " or "}).Draw(t, "word")
	text := "(" + group(t, conditions[:at]) + ")" + word + "(" + group(t, conditions[at:]) + ")"
	if rapid.IntRange(0, 3).Draw(t, "not") == 0 {
		return "not (" + text + ")"
	}
	return text
}

func TestLongRulesStayOneSentence(t *testing.T) {
	deep := strings.Repeat("not (vip and ", 15) + "vip" + strings.Repeat(")", 15)
	for _, lang := range languages {
		if said := Sentence(parse(t, deep), lang); strings.Count(outsideQuotes(said), "(") != 15 || parentheses(said) != 0 {
			t.Errorf("%s", said)
		}
	}
}
