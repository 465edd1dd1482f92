package rule_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
)

var rules = ruletest.Rule(ruletest.Schema())

// withoutSpans gives a condition with all its positions zero, so that reflect compares what it says.
func withoutSpans(n rule.Node) rule.Node {
	clear := reflect.TypeOf(rule.Span{})
	var copied func(reflect.Value) reflect.Value
	copied = func(v reflect.Value) reflect.Value {
		fresh := reflect.New(v.Type()).Elem()
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if v.IsNil() {
				return v
			}
			inner := copied(v.Elem())
			if v.Kind() == reflect.Interface {
				return inner.Convert(v.Type())
			}
			fresh.Set(reflect.New(v.Type().Elem()))
			fresh.Elem().Set(inner)
		case reflect.Slice:
			for i := range v.Len() {
				fresh = reflect.Append(fresh, copied(v.Index(i)))
			}
		case reflect.Struct:
			if v.Type() == clear {
				return fresh
			}
			for i := range v.NumField() {
				fresh.Field(i).Set(copied(v.Field(i)))
			}
		default:
			return v
		}
		return fresh
	}
	return copied(reflect.ValueOf(&n).Elem()).Interface().(rule.Node)
}

func mustParse(t *rapid.T, text string) rule.Node {
	n, problems := rule.Parse(text)
	if len(problems) > 0 {
		t.Fatalf("%s", problems.Format("rule", text))
	}
	return n
}

func same(t *rapid.T, want, got rule.Node, by string) {
	if !reflect.DeepEqual(withoutSpans(want), withoutSpans(got)) {
		t.Fatalf("%s changed\n%s\ninto\n%s", by, rule.MarshalJSON(want), rule.MarshalJSON(got))
	}
}

func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rules.Draw(t, "rule")
		text := rule.Print(n)
		same(t, n, mustParse(t, text), text)
		same(t, n, mustParse(t, rule.PrintLine(n)), "PrintLine")
		if again := rule.Print(mustParse(t, text)); again != text {
			t.Fatalf("printing\n%s\nagain gives\n%s", text, again)
		}
	})
}

func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rules.Draw(t, "rule")
		data := rule.MarshalJSON(n)
		back, problems := rule.ParseJSON(data)
		if len(problems) > 0 {
			t.Fatalf("%s\n%s", data, problems.Format("rule", ""))
		}
		same(t, n, back, "JSON")
		same(t, n, mustParse(t, rule.Print(back)), "tree → text → tree")
	})
}

// Parentheses around conditions, the case of keywords, white space and comments mean nothing.
func TestNoiseMeansNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rules.Draw(t, "rule")
		var noisy strings.Builder
		afterDot := false
		for _, word := range rule.Tokens(rule.Print(n)) {
			if rule.IsKeyword(word) && !afterDot && rapid.Bool().Draw(t, "upper") {
				word = strings.ToUpper(word)
			}
			afterDot = word == "."
			noisy.WriteString(rapid.SampledFrom([]string{" ", "\n", "\t \r\n", " # comment \"and\n", "\u00a0"}).Draw(t, "space"))
			noisy.WriteString(word)
		}
		text := rapid.SampledFrom([]string{"", "(", "((", "\uFEFF "}).Draw(t, "open")
		text += noisy.String() + "\n" + strings.Repeat(")", strings.Count(text, "("))
		same(t, n, mustParse(t, text), text)
	})
}

// The text under the span of a condition is that condition.
func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rule.Print(rules.Draw(t, "rule"))
		rule.Walk(mustParse(t, text), func(n rule.Node) bool {
			span := n.Where()
			same(t, n, mustParse(t, text[span.Start:span.End]), text[span.Start:span.End])
			for _, v := range rule.Values(n) {
				at := v.Where()
				if got, want := text[at.Start:at.End], rule.PrintValue(v); got != want {
					t.Fatalf("the span of %s is %s", want, got)
				}
			}
			return true
		})
	})
}

// A mistake makes few problems, and each stands inside the text.
func TestMistakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rule.Tokens(rule.Print(rules.Draw(t, "rule")))
		i := rapid.IntRange(0, len(words)-1).Draw(t, "where")
		switch rapid.IntRange(0, 3).Draw(t, "mistake") {
		case 0: // one word is missing
			words = append(words[:i:i], words[i+1:]...)
		case 1: // one is too many
			extra := rapid.SampledFrom([]string{"and", "x", ")", "(", `"t"`, "7", "in", "then", "not", "=", "where", "within", ",", "any"})
			words = append(words[:i:i], append([]string{extra.Draw(t, "word")}, words[i:]...)...)
		case 2: // two are swapped
			j := min(i+1, len(words)-1)
			words[i], words[j] = words[j], words[i]
		case 3: // the rest is missing
			words = words[:i]
		}
		text := strings.Join(words, " ")
		n, problems := rule.Parse(text)
		if (n == nil) != problems.Fatal() {
			t.Fatalf("%s: a rule and fatal problems exclude each other", text)
		}
		others := 0
		for _, p := range problems {
			if !strings.Contains(p.Message, "not closed") { // many parentheses may be open at a place
				others++
			}
		}
		if others > 5 {
			t.Fatalf("one mistake makes %d problems:\n%s", others, problems.Format("rule", text))
		}
		for i, p := range problems {
			if p.Start < 0 || p.End < p.Start || p.End > len(text) || i > 0 && p.Start < problems[i-1].Start {
				t.Fatalf("the problem %q stands at %v of %d", p.Message, p.Span, len(text))
			}
		}
		_ = problems.Format("rule", text)
	})
}
