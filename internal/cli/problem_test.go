package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// internals are words of the program's inside that no user should read.
var internals = regexp.MustCompile(`(^|[^.])\bjson:|strconv|struct|Unmarshal|bufio|invalid syntax|token too long|%!|0x[0-9a-f]{4}|goroutine|nil |<nil>|\bopen [^ ]+:|\bread [^ ]+:|\bstat [^ ]+:|mkdir `)

func TestSessionsShowNoInternals(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.session")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if found := internals.FindString(line); found != "" && !strings.HasPrefix(line, "|") {
				t.Errorf("%s: %q in %s", file, found, line)
			}
		}
	}
}

// TestProblemsOfLinesShowNoInternals reads lines of all kinds as memberships and probes.
func TestProblemsOfLinesShowNoInternals(t *testing.T) {
	valid := `{"segment": "a", "userId": "b", "from": "2026-01-01", "to": null, "rule": 1, "at": "2026-01-01", "customer": "c"}`
	rapid.Check(t, func(t *rapid.T) {
		line := valid
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			line = rapid.StringN(0, 20, -1).Draw(t, "line")
		case 1:
			at := rapid.IntRange(0, len(valid)-1).Draw(t, "cut")
			line = valid[:at]
		case 2:
			key := rapid.SampledFrom([]string{"segment", "userId", "from", "to", "rule", "at", "customer"}).Draw(t, "key")
			value := rapid.SampledFrom([]string{`3`, `"x"`, `true`, `[]`, `{}`, `1.5`, `1e400`, `-7`}).Draw(t, "value")
			line = `{"` + key + `": ` + value + `}`
		}
		for _, v := range []any{&membership{}, &probe{}} {
			if err := json.Unmarshal([]byte(line), v); err != nil {
				if said := jsonReason(err).Error(); internals.MatchString(said) || !strings.ContainsAny(said, " ") {
					t.Fatalf("%q is answered with %q", line, said)
				}
			}
		}
	})
}

func TestLongLines(t *testing.T) {
	p := newPlace(t)
	p.ok("fields", "--declare", p.write("shop.json", `{"attributes": {"vip": "boolean"}}`))
	p.write("rules.txt", "vip", strings.Repeat("x", longestLine+1))
	p.fails(1, "rules.txt line 2: the line is longer than", "list", "--rules", "rules.txt")
	p.write("rules.txt", "vip", strings.Repeat("v", 70_000)+" = 1")
	p.fails(1, "64 KiB", "list", "--rules", "rules.txt")
}

// TestBar draws on a terminal only, and leaves nothing behind.
func TestBar(t *testing.T) {
	now := noon
	var out bytes.Buffer
	a := &app{Env: Env{Stderr: &out, Terminal: true, Now: func() int64 { return now }}}
	b := a.bar("orders.csv")
	now += 2000
	b.show(250, 1000, 5000, "rows")
	if got := strings.ReplaceAll(out.String(), "\u202f", " "); !strings.Contains(got, "25 %") || !strings.Contains(got, "5 000 rows  2 500/s  6 seconds left") {
		t.Errorf("got %q", got)
	}
	shown := out.Len()
	now++
	b.show(251, 1000, 5001, "rows")
	if out.Len() != shown {
		t.Error("the bar is drawn more often than anybody can see")
	}
	b.remove()
	lines := strings.Split(out.String(), "\r")
	if strings.TrimSpace(lines[len(lines)-2]) != "" || lines[len(lines)-1] != "" {
		t.Errorf("left behind: %q", lines[len(lines)-2:])
	}
	out.Reset()
	b = a.bar("orders.csv") // a second pass has its own rate
	b.show(1000, 1000, 0, "rows")
	now += 60_000
	b.show(10, 1000, 0, "rows")
	now += 1000
	b.show(500, 1000, 700, "rows")
	if got := out.String(); !strings.HasSuffix(got, "50 %  700 rows  700/s  1 second left") {
		t.Errorf("got %q", got)
	}
	out.Reset()
	a.Terminal = false
	b = a.bar("orders.csv")
	now += 2000
	b.show(250, 1000, 5000, "rows")
	b.remove()
	if out.Len() > 0 {
		t.Errorf("drawn where there is no terminal: %q", out.String())
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{"demo-data": "demo-data", "": "''", "my data": "'my data'", "it's": `'it'\''s'`, "a;b": "'a;b'"} {
		if got := shellWord(word); got != want {
			t.Errorf("%q is written %s, want %s", word, got, want)
		}
	}
}

func TestTheDataDirectoryOfTheEnvironment(t *testing.T) {
	p := newPlace(t)
	t.Setenv("KOHORTE_DATA", "elsewhere")
	p.ok("fields", "--declare", p.write("shop.json", `{"attributes": {"vip": "boolean"}}`))
	if !p.exists("elsewhere/main.db") || p.exists("data") {
		t.Error("KOHORTE_DATA is not heard")
	}
	p.ok("demo", "--customers", "60")
	if !p.exists("elsewhere/shop.db") || p.exists("demo-data") {
		t.Error("the demo does not hear KOHORTE_DATA")
	}
}
