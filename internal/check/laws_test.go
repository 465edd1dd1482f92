package check

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
)

// TestSample checks the rules of the shared sample, which fit its declaration.
func TestSample(t *testing.T) {
	dir := os.Getenv("KOHORTE_TEST_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	c := readCatalog(t, filepath.Join(dir, "rules", "schema.json"))
	data, err := os.ReadFile(filepath.Join(dir, "rules", "rules.txt"))
	if err != nil {
		t.Fatal(err)
	}
	warnings := 0
	for i, text := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		problems := Check(parse(t, text), c, Options{})
		warnings += len(problems)
		for _, p := range problems {
			if !p.Warning {
				t.Errorf("rule %d:\n%s", i+1, problems.Format("rule", text))
			}
		}
	}
	if warnings > 10 {
		t.Errorf("%d warnings for the sample, which has few slips", warnings)
	}
}

func TestLenientWarnsOfUnknownNames(t *testing.T) {
	text := `cuontry = "DE" and count(order where totl > 1) > 0 and sum(order_completed.totl) > 1 and in segment nix
		and any subscriptions (prise > 3) and company.x = 1 and credit = "5"`
	problems := Check(parse(t, text), testCatalog(t), Options{Lenient: true})
	if len(problems) != 7 {
		t.Fatalf("found\n%s", problems.Format("rule", text))
	}
	for i, p := range problems {
		if unknown := i < 6; p.Warning != unknown {
			t.Errorf("%q has Warning %v", p.Message, p.Warning)
		}
	}
}

func TestWhatWasOnlyEverNullFitsEveryType(t *testing.T) {
	for _, text := range []string{
		`never_set = "a"`, `never_set > 3`, `never_set = true`, `never_set older than 3 days`, `never_set contains "a"`,
		`never_set`, `any never_set (a = 1)`, `never_set in (2026-01-01, 2026-01-01T10:00)`, `never_set = credit`,
		`age(never_set) > 3`, `distance(never_set, "DE-70173") < 3`, `top 3% by never_set`, `anniversary of never_set today`,
	} {
		if problems := Check(parse(t, text), testCatalog(t), Options{}); len(problems) > 0 {
			t.Error(problems.Format("rule", text))
		}
	}
}

func TestNoConsentsYet(t *testing.T) {
	c := testCatalog(t)
	c.Consents = nil
	if problems := Check(parse(t, "consent(anything, whatever)"), c, Options{}); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestEmptyCatalogue(t *testing.T) {
	for _, text := range corpus(t) {
		for _, p := range Check(parse(t, text), &catalog.Catalog{}, Options{}) {
			if p.Message == "" || p.Start < 0 || p.End > len(text) || p.Start >= p.End {
				t.Errorf("%s: %+v", text, p)
			}
		}
	}
}

// corpus gives the rules of testdata.
func corpus(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "# ") })
}

// TestLaws draws rules from conditions of testdata, and catalogues in which
// some fields are missing and some have other types.
func TestLaws(t *testing.T) {
	conditions, full := corpus(t), testCatalog(t)
	rapid.Check(t, func(t *rapid.T) {
		text := drawRule(t, conditions, 3)
		n, _ := rule.Parse(text)
		if n == nil {
			t.Skip("too deep")
		}
		c := drawCatalog(t, full)
		strict, lenient := Check(n, c, Options{}), Check(n, c, Options{Lenient: true})
		if !slices.IsSortedFunc(strict, func(a, b rule.Problem) int { return a.Start - b.Start }) {
			t.Fatal("problems are not in the order of their positions")
		}
		if len(strict) != len(lenient) {
			t.Fatalf("%d problems, leniently %d", len(strict), len(lenient))
		}
		for i, p := range lenient {
			if p.Warning = strict[i].Warning; p != strict[i] {
				t.Fatalf("leniently %+v, strictly %+v", p, strict[i])
			}
		}
		canonical := rule.Print(n)
		again, _ := rule.Parse(canonical)
		if got := messages(Check(again, c, Options{})); !slices.Equal(got, messages(strict)) {
			t.Fatalf("%s\nhas the problems %q, in its canonical form %q", text, messages(strict), got)
		}
		if !reflect.DeepEqual(Mentions(n), Mentions(again)) {
			t.Fatalf("%s mentions %+v, in its canonical form %+v", text, Mentions(n), Mentions(again))
		}
	})
}

// TestMoreKnownMeansFewerProblems adds fields to a catalogue, whose own fields keep their types.
func TestMoreKnownMeansFewerProblems(t *testing.T) {
	conditions, full := corpus(t), testCatalog(t)
	rapid.Check(t, func(t *rapid.T) {
		n, _ := rule.Parse(drawRule(t, conditions, 2))
		c := drawCatalog(t, full)
		for _, fields := range append(slices.Collect(maps.Values(c.Events)), c.Attributes, c.Company) {
			maps.DeleteFunc(fields, func(_ string, t catalog.Type) bool { return t.Kind == catalog.Unknown })
		}
		if n == nil || len(Check(n, c, Options{})) > 0 {
			return
		}
		more := &catalog.Catalog{}
		more.Merge(full)
		more.Merge(c)
		if problems := Check(n, more, Options{}); len(problems) > 0 {
			t.Fatalf("%s\nhas problems once more is known:\n%s", rule.PrintLine(n), problems.Format("rule", ""))
		}
	})
}

func drawRule(t *rapid.T, conditions []string, depth int) string {
	if depth == 0 || rapid.Bool().Draw(t, "leaf") {
		return rapid.SampledFrom(conditions).Draw(t, "condition")
	}
	switch rapid.IntRange(0, 3).Draw(t, "shape") {
	case 0:
		return "not (" + drawRule(t, conditions, depth-1) + ")"
	case 1:
		return "(" + drawRule(t, conditions, depth-1) + ") or (" + drawRule(t, conditions, depth-1) + ")"
	case 2:
		return "count(order_completed where " + drawRule(t, conditions, depth-1) + ") > 0"
	}
	return "(" + drawRule(t, conditions, depth-1) + ") and any subscriptions (" + drawRule(t, conditions, depth-1) + ")"
}

func drawCatalog(t *rapid.T, full *catalog.Catalog) *catalog.Catalog {
	c := &catalog.Catalog{
		Attributes: drawFields(t, full.Attributes), Company: drawFields(t, full.Company), Events: map[string]catalog.Fields{},
		Segments: full.Segments[:rapid.IntRange(0, len(full.Segments)).Draw(t, "segments")], Consents: full.Consents,
	}
	for _, event := range keys(full.Events) {
		if rapid.IntRange(0, 9).Draw(t, event) > 0 {
			c.Events[event] = drawFields(t, full.Events[event])
		}
	}
	return c
}

func drawFields(t *rapid.T, full catalog.Fields) catalog.Fields {
	fields := catalog.Fields{}
	for _, path := range keys(full) {
		switch rapid.IntRange(0, 9).Draw(t, path) {
		case 0:
		case 1:
			fields[path] = catalog.Type{Kind: catalog.Kind(rapid.IntRange(0, int(catalog.ObjectList)).Draw(t, "kind"))}
		default:
			fields[path] = full[path]
		}
	}
	return fields
}

func messages(problems rule.Problems) []string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Message+"; "+p.Hint)
	}
	return all
}

// TestWellTypedRulesHaveNoErrors draws rules of the whole language that fit a catalogue.
func TestWellTypedRulesHaveNoErrors(t *testing.T) {
	schema := ruletest.Schema()
	rules := ruletest.Rule(schema)
	rapid.Check(t, func(t *rapid.T) {
		n := rules.Draw(t, "rule")
		if problems := Check(n, schema, Options{}); problems.Fatal() {
			t.Fatalf("%s\n%s", rule.PrintLine(n), problems.Format("rule", ""))
		}
	})
}
