package rule_test

import (
	"bytes"
	"os"
	"regexp"
	"testing"

	"github.com/kohorte/kohorte/internal/rule"
)

// inputs lists the inputs of a golden file as seeds.
func inputs(f *testing.F, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range regexp.MustCompile(`(?m)^> (.*)$`).FindAllSubmatch(data, -1) {
		f.Add(string(line[1]))
	}
	for seed := range 50 {
		n := rules.Example(seed)
		f.Add(rule.Print(n))
		f.Add(string(rule.MarshalJSON(n)))
	}
}

// checkForms holds the forms of a rule together.
func checkForms(t *testing.T, n rule.Node) {
	text, data := rule.Print(n), rule.MarshalJSON(n)
	again, problems := rule.Parse(text)
	if len(problems) > 0 {
		t.Fatalf("the canonical form has problems:\n%s", problems.Format("rule", text))
	}
	if printed := rule.Print(again); printed != text {
		t.Fatalf("printing\n%s\nagain gives\n%s", text, printed)
	}
	if tree := rule.MarshalJSON(again); !bytes.Equal(tree, data) {
		t.Fatalf("text → tree changes\n%s\ninto\n%s", data, tree)
	}
	back, problems := rule.ParseJSON(data)
	if len(problems) > 0 {
		t.Fatalf("the JSON form %s has problems:\n%s", data, problems.Format("rule", ""))
	}
	if tree := rule.MarshalJSON(back); !bytes.Equal(tree, data) {
		t.Fatalf("tree → text → tree changes\n%s\ninto\n%s", data, tree)
	}
}

// checkProblems holds what a reader must always do.
func checkProblems(t *testing.T, n rule.Node, problems rule.Problems, text string) {
	if (n == nil) != problems.Fatal() {
		t.Fatal("a rule and fatal problems exclude each other")
	}
	for i, p := range problems {
		if p.Message == "" || p.Start < 0 || p.End < p.Start || p.End > len(text) || i > 0 && p.Start < problems[i-1].Start {
			t.Fatalf("the problem %q stands at %v of %d", p.Message, p.Span, len(text))
		}
	}
	_ = problems.Format("rule", text)
}

func FuzzParse(f *testing.F) {
	inputs(f, "testdata/errors.golden")
	f.Fuzz(func(t *testing.T, text string) {
		n, problems := rule.Parse(text)
		checkProblems(t, n, problems, text)
		if n != nil {
			checkForms(t, n)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	inputs(f, "testdata/json_errors.golden")
	f.Fuzz(func(t *testing.T, text string) {
		n, problems := rule.ParseJSON([]byte(text))
		checkProblems(t, n, problems, text)
		if n != nil {
			checkForms(t, n)
		}
	})
}
