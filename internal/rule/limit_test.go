package rule_test

import (
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/rule"
)

// nested gives a rule of so many levels of `not`, and one without parentheses.
func nested(levels int) string {
	return strings.Repeat("not (", levels-2) + "not vip" + strings.Repeat(")", levels-2)
}

func TestLimits(t *testing.T) {
	predicates := func(n int) string { return strings.Repeat("vip or ", n-1) + "vip" }
	list := func(bytes int) string { // canonical as it stands
		const begin = "x in (1"
		n := (bytes - len(begin) - 1) / len(", 1")
		return begin + strings.Repeat(", 1", n) + ")"
	}
	for _, c := range []struct{ name, text, problem string }{
		{"32 levels", nested(32), ""},
		{"33 levels", nested(33), "nested more than 32 levels"},
		{"32 levels of where", strings.Repeat("count(a where ", 31) + "vip" + strings.Repeat(") = 1", 31), ""},
		{"33 levels of where", strings.Repeat("count(a where ", 32) + "vip" + strings.Repeat(") = 1", 32), "nested more than 32 levels"},
		{"32 empty parentheses around", strings.Repeat("(", 32) + "vip" + strings.Repeat(")", 32), ""},
		{"33 empty parentheses around", strings.Repeat("(", 33) + "vip" + strings.Repeat(")", 33), "nested more than 32 levels"},
		{"500 conditions", predicates(500), ""},
		{"501 conditions", predicates(501), "more than 500 conditions"},
		{"501 conditions in where", "count(a where " + predicates(500) + ") = 1", "more than 500 conditions"},
		{"64 KiB", list(64 << 10), ""},
		{"64 KiB with comments", "vip #" + strings.Repeat("x", 64<<10-5), ""},
		{"more than 64 KiB", "vip #" + strings.Repeat("x", 64<<10-4), "at most 65536 (64 KiB)"},
		{"more than 64 KiB in its canonical form", strings.ReplaceAll(list(64<<10+100), ", ", ","), "in its canonical form"},
		{"the longest duration", "in segment s for 1000000 minutes", ""},
		{"not UTF-8", "vip or \xff", "not valid UTF-8"},
	} {
		n, problems := rule.Parse(c.text)
		if c.problem == "" && len(problems) > 0 || c.problem != "" && (len(problems) != 1 || !strings.Contains(problems[0].Message, c.problem)) {
			t.Errorf("%s: got %v", c.name, problems)
		}
		if n != nil {
			if _, problems := rule.ParseJSON(rule.MarshalJSON(n)); len(problems) > 0 {
				t.Errorf("%s: the JSON form has problems: %v", c.name, problems)
			}
		}
	}
}

func TestJSONLimits(t *testing.T) {
	nested := func(levels int) string {
		return strings.Repeat(`{"not":`, levels-1) + `{"is_true":"vip"}` + strings.Repeat("}", levels-1)
	}
	for _, c := range []struct{ name, data, problem string }{
		{"32 levels", nested(32), ""},
		{"33 levels", nested(33), "nested more than 32 levels"},
		{"a million levels", strings.Repeat("[", 1<<20), "nested too deep"},
		{"500 conditions", `{"all":[` + strings.Repeat(`{"is_true":"a"},`, 499) + `{"is_true":"a"}]}`, ""},
		{"501 conditions", `{"all":[` + strings.Repeat(`{"is_true":"a"},`, 500) + `{"is_true":"a"}]}`, "more than 500 conditions"},
		{"1 MiB", strings.Repeat(" ", 1<<20-17) + `{"is_true":"vip"}`, ""},
		{"more than 1 MiB", strings.Repeat(" ", 1<<20) + `{"is_true":"vip"}`, "1 MiB"},
		{"more than 64 KiB as text", `{"=":["a","` + strings.Repeat("x", 64<<10) + `"]}`, "in its canonical form"},
	} {
		_, problems := rule.ParseJSON([]byte(c.data))
		if c.problem == "" && len(problems) > 0 || c.problem != "" && (len(problems) != 1 || !strings.Contains(problems[0].Message, c.problem)) {
			t.Errorf("%s: got %v", c.name, problems)
		}
	}
}

// What is built to exhaust the parser ends soon, with few problems.
func TestHostileInput(t *testing.T) {
	for _, piece := range []string{
		"(", ")", "not ", "not(", "count(", "count(a where ", "a where ", "a then ", "a where (", "any a (", "x in (", "=", "and ",
		"a ", "a=1 ", "`", "\"", "\"a ", "\\", "'", "1", "1.", "2026-", "-", "a-", ".", "a.", ",", "x between ", "in last ", "\x00", "é",
		"count a ", "a b(", "[{", "0.0.",
	} {
		text := strings.Repeat(piece, 64<<10/len(piece))
		n, problems := rule.Parse(text)
		if (n == nil) != problems.Fatal() || len(problems) > 101 {
			t.Errorf("%q repeated: %d problems", piece, len(problems))
		}
		if size := len(problems.Format("rule", text)); size > 100_000 {
			t.Errorf("%q repeated: %d bytes of messages", piece, size)
		}
	}
}
