package check

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
)

var update = flag.Bool("update", false, "write the golden files anew")

// testCatalog is the catalogue of testdata, with a field that was only ever null.
func testCatalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	c := readCatalog(t, filepath.Join("testdata", "catalog.json"))
	c.Attributes["never_set"] = catalog.Type{}
	return c
}

func readCatalog(t testing.TB, file string) *catalog.Catalog {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("The sample data is not there: set KOHORTE_TEST_DATA to its directory (%v).", err)
	}
	c, err := catalog.ParseDeclaration(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parse(t testing.TB, text string) rule.Node {
	t.Helper()
	n, problems := rule.Parse(text)
	if n == nil {
		t.Fatalf("not a rule:\n%s", problems.Format("rule", text))
	}
	return n
}

// TestProblems compares the problems of the rules in testdata/rules.txt, as
// people see them, with testdata/problems.txt.
func TestProblems(t *testing.T) {
	c := testCatalog(t)
	rules, err := os.ReadFile("testdata/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(string(rules)), "\n") {
		if strings.HasPrefix(line, "# ") {
			got.WriteString(line + "\n\n")
			continue
		}
		problems := Check(parse(t, line), c, Options{})
		if len(problems) == 0 {
			got.WriteString(line + "\n  no problem\n")
		}
		got.WriteString(problems.Format("rule", line) + "\n")
	}
	golden(t, "testdata/problems.txt", got.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		if line(gotLines, i) != line(wantLines, i) {
			t.Fatalf("%s:%d differs; go test -update writes it anew\n got %s\nwant %s", file, i+1, line(gotLines, i), line(wantLines, i))
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// TestProblemOfThePage is the example of docs/rules.md.
func TestProblemOfThePage(t *testing.T) {
	text := "country = \"DE\"\n  and sum(order_completed.totl in last 365 days) > 500"
	want := `rule:2:11: unknown event property "totl" of order_completed; did you mean "total"?
  2 |   and sum(order_completed.totl in last 365 days) > 500
    |           ^~~~~~~~~~~~~~~~~~~~
`
	if got := Check(parse(t, text), testCatalog(t), Options{}).Format("rule", text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	page, err := os.ReadFile("../../docs/rules.md")
	if err != nil || !strings.Contains(string(page), want) {
		t.Errorf("the page shows another example (%v)", err)
	}
}
