package language_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/language"
	"github.com/kohorte/kohorte/internal/rule"
)

var update = flag.Bool("update", false, "write the reference in docs/rules.md anew")

const page = "../../docs/rules.md"

// TestReference holds the page to the declarations.
func TestReference(t *testing.T) {
	before, reference, after := splitPage(t)
	want := language.Reference()
	if *update {
		text := before + language.ReferenceBegin + "\n" + want + language.ReferenceEnd + after
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, wanted := strings.Split(reference, "\n"), strings.Split("\n"+want, "\n")
	for i := range max(len(got), len(wanted)) {
		if i >= len(got) || i >= len(wanted) || got[i] != wanted[i] {
			t.Fatalf("docs/rules.md differs from the declarations in line %d of its reference; go generate ./internal/language writes it anew", i)
		}
	}
}

func splitPage(t *testing.T) (before, reference, after string) {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(data), language.ReferenceBegin)
	reference, after, ends := strings.Cut(rest, language.ReferenceEnd)
	if !begins || !ends {
		t.Fatal("docs/rules.md lacks the marks of its reference")
	}
	return before, reference, after
}

// TestRulesOfThePages parses the rules that the pages for people show: every
// block of code marked as a rule, a blank line between two. The reference has none.
func TestRulesOfThePages(t *testing.T) {
	for _, file := range []string{page, "../../docs/regeln.md"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for _, block := range strings.Split(string(data), "```rule\n")[1:] {
			code, _, _ := strings.Cut(block, "```")
			for _, text := range strings.Split(code, "\n\n") {
				count++
				if n, problems := rule.Parse(text); n == nil {
					t.Errorf("%s", problems.Format(file, text))
				}
			}
		}
		if count < 10 {
			t.Errorf("%s shows only %d rules", file, count)
		}
	}
}

// TestJSONOfThePage compares the columns of the page's table of JSON forms.
func TestJSONOfThePage(t *testing.T) {
	before, _, _ := splitPage(t)
	_, table, _ := strings.Cut(before, "| text | JSON |\n")
	pairs := 0
	for _, row := range strings.Split(table, "\n") {
		columns := strings.SplitN(row, " | ", 2)
		if len(columns) != 2 {
			continue
		}
		texts, trees := codes(columns[0]), codes(columns[1])
		if len(texts) != len(trees) {
			t.Errorf("different numbers of forms in: %s", row)
			continue
		}
		for i := range texts {
			pairs++
			n, problems := rule.ParseJSON([]byte(trees[i]))
			if n == nil {
				t.Errorf("%s", problems.Format(trees[i], ""))
			} else if got := rule.PrintLine(n); got != texts[i] {
				t.Errorf("%s\nis not %s but %s", trees[i], texts[i], got)
			}
		}
	}
	if pairs < 10 {
		t.Errorf("the table has only %d forms", pairs)
	}
}

// codes gives what stands between backquotes.
func codes(column string) []string {
	var found []string
	for i, part := range strings.Split(column, "`") {
		if i%2 == 1 {
			found = append(found, part)
		}
	}
	return found
}
