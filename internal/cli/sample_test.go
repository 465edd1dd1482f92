package cli

import (
	"bufio"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
)

// verdictLine is a line of list --verdicts, read as strictly as outside readers may.
type verdictLine struct {
	Rule     int     `json:"rule"`
	At       string  `json:"at"`
	Customer string  `json:"customer"`
	In       *bool   `json:"in"`
	Expires  *string `json:"expires"`
}

const stamp = "2006-01-02T15:04:05.000Z"

// readVerdicts reads verdict lines; each must have every key and instants with milliseconds.
func readVerdicts(t *testing.T, text string) []verdictLine {
	t.Helper()
	var all []verdictLine
	for line := range strings.Lines(text) {
		var v verdictLine
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&v); err != nil || v.In == nil || v.Customer == "" || v.Rule == 0 || !strings.Contains(line, `"expires":`) {
			t.Fatalf("%v: %s", err, line)
		}
		for _, at := range []*string{&v.At, v.Expires} {
			if at == nil {
				continue
			}
			if _, err := time.Parse(stamp, *at); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
		}
		all = append(all, v)
	}
	return all
}

// millis reads an instant; without one it never comes.
func millis(t *testing.T, text *string) calendar.Instant {
	t.Helper()
	if text == nil {
		return calendar.Never
	}
	at, err := time.Parse(stamp, *text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMilli()
}

// importSample brings the sample into the workspace.
func importSample(t *testing.T, dir string) *place {
	t.Helper()
	p := newPlace(t)
	p.ok("fields", "--declare", filepath.Join(dir, "schema.json"))
	p.ok("import", "--as", "calls", filepath.Join(dir, "calls.ndjson.gz"))
	p.ok("import", "--as", "consents", filepath.Join(dir, "consents.ndjson.gz"))
	return p
}

func (p *place) unzip(path string) string {
	p.t.Helper()
	var text strings.Builder
	if err := eachLine(path, func(_ int, line string) error {
		text.WriteString(line + "\n")
		return nil
	}); err != nil {
		p.t.Fatal(err)
	}
	return text.String()
}

// TestSample asks the sample's rules as outside tests do, and compares with its answers.
func TestSample(t *testing.T) {
	dir := sampleDir(t)
	p := importSample(t, dir)
	rules, stays := filepath.Join(dir, "rules.txt"), filepath.Join(dir, "memberships.ndjson.gz")
	args := []string{"list", "--rules", rules, "--verdicts", "--format", "ndjson", "--memberships", stays}
	instants := strings.Fields(p.read(filepath.Join(dir, "instants.txt")))
	for _, at := range instants {
		args = append(args, "--at", at)
	}
	type key struct {
		rule         int
		at, customer string
	}
	got := map[key]verdictLine{}
	for _, v := range readVerdicts(t, p.ok(args...)) {
		got[key{v.Rule, v.At, v.Customer}] = v
	}
	wrong, tight, all := 0, 0, 0
	lines := bufio.NewScanner(strings.NewReader(p.unzip(filepath.Join(dir, "expected.ndjson.gz"))))
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var e struct {
			Rule    int                `json:"rule"`
			At      string             `json:"at"`
			Members []string           `json:"members"`
			Flips   map[string]*string `json:"flips"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		in := map[string]bool{}
		for _, name := range e.Members {
			in[name] = true
		}
		for name, flip := range e.Flips {
			all++
			v, ok := got[key{e.Rule, e.At, name}]
			switch at, expires, flips := millis(t, &e.At), millis(t, v.Expires), millis(t, flip); {
			case !ok || *v.In != in[name] || expires > flips || expires <= at:
				if wrong++; wrong <= 5 {
					t.Errorf("rule %d at %s for %s: in is %v, and it flips at %v; got %+v", e.Rule, e.At, name, in[name], flip, v)
				}
			case expires == flips:
				tight++
			}
		}
	}
	if wrong > 0 || all == 0 || all != len(got) || tight*100 < all*95 {
		t.Errorf("of %d verdicts %d were given, %d are wrong, %d expire exactly when they flip", all, len(got), wrong, tight)
	}
	answers := p.ok("list", "--rules", rules, "--probes", filepath.Join(dir, "probes.ndjson.gz"), "--format", "ndjson", "--memberships", stays)
	compareProbes(t, p.unzip(filepath.Join(dir, "probes.ndjson.gz")), readVerdicts(t, answers))
}

// compareProbes compares single answers, line by line.
func compareProbes(t *testing.T, probes string, answers []verdictLine) {
	t.Helper()
	n, wrong := 0, 0
	for line := range strings.Lines(probes) {
		var want verdictLine
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		if n >= len(answers) {
			break
		}
		got := answers[n]
		n++
		if got.Rule != want.Rule || got.At != want.At || got.Customer != want.Customer || *got.In != *want.In {
			if wrong++; wrong <= 5 {
				t.Errorf("%sgot %+v in %v", line, got, *got.In)
			}
		}
	}
	if wrong > 0 || n == 0 || n != strings.Count(probes, "\n") || n != len(answers) {
		t.Errorf("%d of %d probes were answered, %d wrongly", len(answers), strings.Count(probes, "\n"), wrong)
	}
}

// TestCommandsAgree asks the same of count, list, list --verdicts and explain.
func TestCommandsAgree(t *testing.T) {
	dir := sampleDir(t)
	p := importSample(t, dir)
	stays := []string{"--memberships", filepath.Join(dir, "memberships.ndjson.gz"), "--at", "2026-10-25T01:30:00Z"}
	rules := strings.Split(strings.TrimSpace(p.read(filepath.Join(dir, "rules.txt"))), "\n")
	for _, r := range rules[:20] {
		ask := func(args ...string) string { return p.ok(append(args, stays...)...) }
		var members []string
		for _, v := range readVerdicts(t, ask("list", r, "--verdicts", "--json")) {
			if *v.In {
				members = append(members, v.Customer)
			}
		}
		var counted struct{ Count, Customers int }
		decode(t, ask("count", r, "--json"), &counted)
		listed := strings.Fields(ask("list", r, "--format", "csv"))[1:]
		if counted.Count != len(members) || counted.Customers != 60 || strings.Join(listed, " ") != strings.Join(members, " ") {
			t.Errorf("%s: count says %d of %d, list %v, verdicts %v", r, counted.Count, counted.Customers, listed, members)
		}
		for _, customer := range []string{"c00001", "c00034"} {
			var why struct{ In bool }
			decode(t, ask("explain", customer, r, "--json"), &why)
			if why.In != strings.Contains(" "+strings.Join(members, " ")+" ", " "+customer+" ") {
				t.Errorf("%s: explain says %v of %s", r, why.In, customer)
			}
		}
	}
}

// decode reads the JSON that the program wrote.
func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}
