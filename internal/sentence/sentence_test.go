package sentence

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/rule"
)

var update = flag.Bool("update", false, "write the golden files anew")

func parse(t testing.TB, text string) rule.Node {
	t.Helper()
	n, problems := rule.Parse(text)
	if n == nil {
		t.Fatalf("not a rule:\n%s", problems.Format("rule", text))
	}
	return n
}

// TestSentences compares the sentences of the rules in testdata/rules.txt with
// testdata/sentences.txt. Read what changes there aloud, in both languages.
func TestSentences(t *testing.T) {
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
		n := parse(t, line)
		got.WriteString(line + "\n  " + Sentence(n, German) + "\n  " + Sentence(n, English) + "\n\n")
	}
	golden(t, "testdata/sentences.txt", got.String())
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
