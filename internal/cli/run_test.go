package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
)

// noon is the now of the tests: 2026-11-21T12:00 in Berlin.
const noon calendar.Instant = 1_795_258_800_000

// place is a directory of its own, in which the program is called.
type place struct {
	t     *testing.T
	stdin io.Reader
	ctx   context.Context
	now   calendar.Instant
}

// newPlace makes an empty directory the working directory.
func newPlace(t *testing.T) *place {
	t.Helper()
	t.Setenv("KOHORTE_DATA", "")
	t.Setenv("USER", "tester")
	t.Chdir(t.TempDir())
	return &place{t: t, stdin: strings.NewReader(""), ctx: context.Background(), now: noon}
}

// run calls the program.
func (p *place) run(args ...string) (stdout, stderr string, status int) {
	p.t.Helper()
	var out, problems bytes.Buffer
	status = Run(p.ctx, Env{
		Args: args, Stdin: p.stdin, Stdout: &out, Stderr: &problems, Version: "test",
		Now: func() calendar.Instant { return p.now },
	})
	return out.String(), problems.String(), status
}

// ok calls the program, which must succeed.
func (p *place) ok(args ...string) (stdout string) {
	p.t.Helper()
	stdout, stderr, status := p.run(args...)
	if status != 0 {
		p.t.Fatalf("kohorte %s: status %d\n%s%s", strings.Join(args, " "), status, stdout, stderr)
	}
	return stdout
}

// fails calls the program, which must fail with a status and say something.
func (p *place) fails(want int, says string, args ...string) {
	p.t.Helper()
	stdout, stderr, status := p.run(args...)
	if status != want || !strings.Contains(stderr, says) {
		p.t.Errorf("kohorte %s: status %d, want %d and %q\n%s%s", strings.Join(args, " "), status, want, says, stdout, stderr)
	}
}

// write makes a file with these lines.
func (p *place) write(name string, lines ...string) string {
	p.t.Helper()
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return name
}

func (p *place) read(name string) string {
	p.t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

func (p *place) exists(name string) bool {
	_, err := os.Stat(name)
	return !errors.Is(err, os.ErrNotExist)
}

// sampleDir finds the sample of rules with expected answers; the test is skipped without it.
func sampleDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("KOHORTE_TEST_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir, err := filepath.Abs(filepath.Join(dir, "rules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the sample of rules with expected answers is not here; KOHORTE_TEST_DATA names its directory")
	}
	return dir
}
