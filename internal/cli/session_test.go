package cli

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the sessions with what the program says now")

// TestSessions replays the sessions in testdata. Each runs in an empty directory.
// "= NAME" begins a file, whose lines follow after "| "; "$ kohorte …" is a
// call, "< TEXT" before it what is typed. What follows is what it must write:
// "! " before lines of standard error, at last the status if it is not 0.
func TestSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/*.session")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d sessions found, %v", len(files), err)
	}
	for _, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".session"), func(t *testing.T) { newPlace(t).replay(path) })
	}
}

func (p *place) replay(path string) {
	t := p.t
	t.Helper()
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := session{place: p}
	for line := range strings.Lines(string(script)) {
		s.line(line)
	}
	s.endFile()
	if *update {
		if err := os.WriteFile(path, []byte(s.got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, got := strings.Split(string(script), "\n"), strings.Split(s.got.String(), "\n")
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			from := max(0, i-6)
			t.Fatalf("%s:%d: want\n%s\ngot\n%s\n(go test -run Sessions ./internal/cli -update rewrites it)", path, i+1,
				strings.Join(want[from:min(len(want), i+6)], "\n"), strings.Join(got[from:min(len(got), i+6)], "\n"))
		}
	}
}

// session carries out a script and writes it anew.
type session struct {
	*place
	got      strings.Builder
	name     string // of the file that is being written
	contents strings.Builder
}

func (s *session) line(line string) {
	mark, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	switch {
	case mark == "=":
		s.endFile()
		s.name = rest
	case mark == "|":
		s.contents.WriteString(rest + "\n")
	case mark == "<":
		s.stdin = strings.NewReader(rest + "\n")
	case mark == "$":
		s.endFile()
		s.got.WriteString(line)
		s.call(words(rest)[1:])
		return
	case mark != "#":
		return // what was written before
	}
	s.got.WriteString(line)
}

func (s *session) endFile() {
	if s.name != "" {
		if err := os.MkdirAll(filepath.Dir(s.name), 0o700); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(s.name, []byte(s.contents.String()), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	s.name = ""
	s.contents.Reset()
}

// madeAt is when a version of a segment was made, which is when the session runs.
var madeAt = regexp.MustCompile(`(version \d+(?: by \w+)? at )\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`)

func (s *session) call(args []string) {
	stdout, stderr, status := s.run(args...)
	s.stdin = strings.NewReader("")
	for line := range strings.Lines(stdout) {
		s.got.WriteString(madeAt.ReplaceAllString(line, "${1}NOW"))
		if slices.Contains(args, "--json") && !json.Valid([]byte(line)) {
			s.t.Errorf("%s: no JSON: %s", args, line)
		}
	}
	for line := range strings.Lines(stderr) {
		s.got.WriteString("! " + strings.TrimSuffix(line, "\n") + "\n")
	}
	if status != 0 {
		s.got.WriteString("[" + string(rune('0'+status)) + "]\n")
	}
	s.got.WriteString("\n")
}

// words splits a line as a shell does, which knows only single quotes.
func words(line string) []string {
	var all []string
	var word strings.Builder
	inQuotes, begun := false, false
	for _, r := range line + " " {
		switch {
		case r == '\'':
			inQuotes, begun = !inQuotes, true
		case r == ' ' && !inQuotes:
			if begun {
				all = append(all, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	return all
}
