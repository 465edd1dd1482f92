package config

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the reference in docs/configuration.md anew")

const page = "../../docs/configuration.md"

// TestReference holds the page to the settings.
func TestReference(t *testing.T) {
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(data), ReferenceBegin+"\n")
	got, after, ends := strings.Cut(rest, ReferenceEnd)
	if !begins || !ends {
		t.Fatal("docs/configuration.md lacks the marks of its reference")
	}
	switch want := Reference(); {
	case *update:
		if err := os.WriteFile(page, []byte(before+ReferenceBegin+"\n"+want+ReferenceEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case got != want:
		t.Errorf("docs/configuration.md differs from the settings; go generate ./internal/config writes it anew. It must be\n%s", want)
	}
}

// TestExampleOfThePage reads the file that the page shows.
func TestExampleOfThePage(t *testing.T) {
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "```yaml\n")
	text, _, _ := strings.Cut(rest, "```")
	t.Chdir(t.TempDir())
	c, err := Load(Sources{File: write(t, "kohorte.yaml", text)})
	if err != nil || c.Data != "/var/lib/kohorte" || c.LogFormat != "json" {
		t.Errorf("%+v, %v", c, err)
	}
}
