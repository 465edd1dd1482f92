package benchdata

import (
	"testing"

	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
)

// TestRulesAreAHundredAndRight wants a hundred different rules in canonical form, without any problem.
func TestRulesAreAHundredAndRight(t *testing.T) {
	rules, seen := Rules(), map[string]bool{}
	for i, text := range rules {
		node, problems := rule.Parse(text)
		if len(problems) == 0 {
			problems = check.Check(node, Catalog(), check.Options{})
		}
		if len(problems) > 0 {
			t.Errorf("line %d: %s", i+1, problems.Format("rule", text))
			continue
		}
		if line := rule.PrintLine(node); line != text {
			t.Errorf("line %d:\n%s\nis in canonical form\n%s", i+1, text, line)
		}
		if seen[text] {
			t.Errorf("line %d is there twice", i+1)
		}
		seen[text] = true
	}
	if len(rules) != 100 || len(Typical()) != 8 {
		t.Errorf("%d rules, %d typical ones", len(rules), len(Typical()))
	}
	for _, text := range Typical() {
		if node, _ := rule.Parse(text); !seen[text] || parts(node) > 3 {
			t.Errorf("%s is not typical", text)
		}
	}
}

func parts(n rule.Node) int {
	if and, ok := n.(*rule.And); ok {
		return len(and.Parts)
	}
	return 1
}
