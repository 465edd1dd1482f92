package rule_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/rule"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden runs a file of cases: lines that begin with "> " are the input, the
// lines up to the next input are what render makes of it.
func golden(t *testing.T, file string, least int, render func(input string) string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var inputs []string
	open := false
	for line := range strings.Lines(string(data)) {
		text, isInput := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "> ")
		switch {
		case isInput && open:
			inputs[len(inputs)-1] += "\n" + text
		case isInput:
			inputs = append(inputs, text)
		}
		open = isInput
	}
	if len(inputs) < least {
		t.Errorf("%s has %d cases, fewer than %d", file, len(inputs), least)
	}
	var got strings.Builder
	for i, input := range inputs {
		if i > 0 {
			got.WriteString("\n")
		}
		got.WriteString("> " + strings.ReplaceAll(input, "\n", "\n> ") + "\n")
		got.WriteString(render(input))
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	compare(t, string(data), got.String())
}

// compare shows the first difference of two texts.
func compare(t *testing.T, want, got string) {
	t.Helper()
	wanted, found := strings.Split(want, "\n"), strings.Split(got, "\n")
	input := ""
	for i := range max(len(wanted), len(found)) {
		var w, g string
		if i < len(wanted) {
			w = wanted[i]
		}
		if i < len(found) {
			g = found[i]
		}
		if strings.HasPrefix(g, "> ") {
			input = g
		}
		if w != g {
			t.Errorf("line %d, after %s\nwant %s\n got %s\n(go test -run %s -update rewrites the file)", i+1, input, w, g, t.Name())
			return
		}
	}
}

func TestErrors(t *testing.T) {
	golden(t, "testdata/errors.golden", 80, func(text string) string {
		n, problems := rule.Parse(text)
		if (n == nil) != problems.Fatal() {
			t.Errorf("%s: a rule and fatal problems exclude each other", text)
		}
		return problems.Format("rule", text)
	})
}

// TestForms shows the JSON and the canonical form of rules with every construct.
func TestForms(t *testing.T) {
	golden(t, "testdata/forms.golden", 20, func(text string) string {
		n, problems := rule.Parse(text)
		if n == nil {
			t.Fatal(problems.Format("rule", text))
		}
		checkForms(t, n)
		return string(rule.MarshalJSON(n)) + "\n" + rule.Print(n) + "\n"
	})
}

func TestJSONErrors(t *testing.T) {
	golden(t, "testdata/json_errors.golden", 60, func(text string) string {
		n, problems := rule.ParseJSON([]byte(text))
		if (n == nil) != problems.Fatal() {
			t.Errorf("%s: a rule and fatal problems exclude each other", text)
		}
		return problems.Format("rule", "")
	})
}
