package rule_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/rule"
)

// testData finds a file of the real data, or skips the test.
func testData(t *testing.T, name string) []byte {
	t.Helper()
	root := os.Getenv("KOHORTE_TEST_DATA")
	if root == "" {
		dir, err := os.Getwd()
		for err == nil && dir != "/" {
			if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
				break
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared", "data")
	}
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Skipf("the real data is not here: %v", err)
	}
	return data
}

// timeZeros are the seconds and milliseconds of times that the canonical form leaves out.
var timeZeros = regexp.MustCompile(`(T\d\d:\d\d):00(?:\.000)?([^.\d]|$)`)

// The sample is canonical but for the zeros of times, so it prints as it was written.
func TestSampleRules(t *testing.T) {
	for i, text := range strings.Split(strings.TrimSpace(string(testData(t, "rules/rules.txt"))), "\n") {
		n, problems := rule.Parse(text)
		if len(problems) > 0 {
			t.Errorf("line %d:\n%s", i+1, problems.Format("rule", text))
			continue
		}
		want := timeZeros.ReplaceAllString(text, "$1$2")
		if got := rule.PrintLine(n); got != want {
			t.Errorf("line %d: printed as\n%s\ninstead of\n%s", i+1, got, want)
		}
	}
}
