package scenario

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestDocumentedScenarios runs the scenarios of the documentation.
func TestDocumentedScenarios(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "scenarios", "*"+Extension))
	if err != nil {
		t.Fatal(err)
	}
	var all []*Scenario
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, problems := Parse(filepath.Base(name), string(text), nil)
		if f == nil {
			t.Errorf("\n%s", problems.Format(filepath.Base(name), string(text)))
			continue
		}
		all = append(all, f.Scenarios...)
	}
	err = RunAll(context.Background(), all, runtime.GOMAXPROCS(0), func(r Result) {
		for _, failure := range r.Failures {
			t.Errorf("%s\n%s", r.Title, failure.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 150 {
		t.Errorf("only %d scenarios were found", len(all))
	}
}
