package guess_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/intake"
	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/table"
)

var update = flag.Bool("update", false, "write the golden files anew")

func guessOf(t testing.TB, path string, given *mapping.Mapping) (*mapping.Mapping, error) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	in, err := intake.Open(table.Source{Name: filepath.Base(path), Reader: file})
	if err != nil {
		return nil, err
	}
	return in.Guess(t.Context(), given, nil)
}

// TestGuesses compares what is guessed of small files of many kinds with the golden files beside them.
func TestGuesses(t *testing.T) {
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	guessed := 0
	for _, path := range files {
		if strings.HasSuffix(path, ".golden") {
			continue
		}
		guessed++
		t.Run(filepath.Base(path), func(t *testing.T) {
			m, err := guessOf(t, path, nil)
			got := ""
			if err != nil {
				got = "error: " + err.Error() + "\n"
			} else {
				got = m.String()
				again, err := mapping.Parse("guess", []byte(got))
				if err != nil {
					t.Fatalf("the guess is no mapping: %v", err)
				}
				if second, err := guessOf(t, path, again); err != nil || second != again {
					t.Errorf("a guess that was read back is guessed again: %v", err)
				}
			}
			golden := path + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	if guessed < 15 {
		t.Errorf("only %d files", guessed)
	}
}
