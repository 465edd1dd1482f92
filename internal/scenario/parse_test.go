package scenario

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestProblemsOfFiles reads what is wrong in all kinds of ways.
func TestProblemsOfFiles(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "problems.scenario"))
	if err != nil {
		t.Fatal(err)
	}
	f, problems := Parse("problems.scenario", string(text), nil)
	if f != nil {
		t.Fatal("nothing was found to be wrong")
	}
	golden(t, "problems.golden", problems.Format("problems.scenario", string(text)))
}

// TestFailures shows how it is told what is otherwise than expected.
func TestFailures(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "failures.scenario"))
	if err != nil {
		t.Fatal(err)
	}
	f, problems := Parse("failures.scenario", string(text), nil)
	if f == nil {
		t.Fatal(problems.Format("failures.scenario", string(text)))
	}
	var told strings.Builder
	err = RunAll(t.Context(), f.Scenarios, 2, func(r Result) {
		told.WriteString("FAIL  " + r.Title + "\n")
		if len(r.Failures) == 0 {
			t.Errorf("%s holds", r.Title)
		}
		for _, failure := range r.Failures {
			told.WriteString(failure.Text)
		}
		told.WriteString("\n")
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "failures.golden", told.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is otherwise (-update rewrites it):\n%s", path, got)
	}
}

// TestNothingIsAProblem wants a file without a scenario to be told as such.
func TestNothingIsAProblem(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "\ufeff"} {
		if f, problems := Parse("empty", text, nil); f != nil || len(problems) != 1 {
			t.Errorf("%q: %v", text, problems)
		}
	}
}

// FuzzParse holds the parser to not panic, and its problems to lie within the text.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "docs", "scenarios", "*"+Extension))
	broken, _ := filepath.Glob(filepath.Join("testdata", "*"+Extension))
	for _, name := range append(files, broken...) {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for part := range strings.SplitSeq(string(text), "\n\n") {
			f.Add(part)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, problems := Parse("fuzz", text, shelf)
		if (file == nil) != (len(problems) > 0) {
			t.Fatalf("file %v, problems %v", file, problems)
		}
		for _, p := range problems {
			if p.Start < 0 || p.End < p.Start || p.End > len(text) {
				t.Errorf("%q lies outside of the text: %v", p.Message, p.Span)
			}
		}
		_ = problems.Format("fuzz", text)
	})
}
