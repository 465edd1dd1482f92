package code

import (
	"fmt"
	"strings"
	"testing"
)

// A rule can have 64 KiB and 500 conditions in a file as elsewhere, and not more.
func TestRuleAtItsLimits(t *testing.T) {
	conditions := func(n int) string { return "vip" + strings.Repeat("\n  and vip", n-1) }
	wide := func(bytes int) string {
		const frame = `country = ""`
		return frame[:len(frame)-1] + strings.Repeat("x", bytes-len(frame)) + `"`
	}
	for rule, want := range map[string]string{
		conditions(500):   "",
		conditions(501):   "a.yaml:503:7: the rule has more than 500 conditions",
		wide(64 << 10):    "",
		wide(64<<10 + 1):  "a.yaml:3:3: the rule has 65538 bytes; at most 65536 (64 KiB) are allowed", // with the end of its line
		wide(2 * maxFile): "a.yaml: the file has more than 16777216 bytes",
		wide(maxDocument): "a.yaml:1:1: the segment has 1048598 bytes; at most 1048576 (1 MiB) are allowed",
	} {
		text := "segment: a\nrule: |\n  " + rule + "\n"
		if want == "" && strings.HasPrefix(rule, "country") {
			text = "segment: a\nrule: |-\n  " + rule + "\n"
		}
		write(t, map[string]string{"a.yaml": text})
		set := read(t, "a.yaml")
		set.Check(known(), nil, false)
		if got := said(set); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("want %q, got %.300q", want, got)
		}
		if set.Fatal() != (want != "") {
			t.Errorf("fatal is %v for %q", set.Fatal(), want)
		}
	}
}

// A chain of ten thousand references is no circle; a last link makes it one.
func TestLongChains(t *testing.T) {
	const many = 10_000
	var b strings.Builder
	b.WriteString("segment: s0\nrule: vip\n")
	for i := 1; i < many; i++ {
		fmt.Fprintf(&b, "---\nsegment: s%d\nrule: in segment s%d\n", i, i-1)
	}
	write(t, map[string]string{"a.yaml": b.String(), "b/b.yaml": strings.Replace(b.String(), "rule: vip", "rule: in segment s9999", 1)})
	set := read(t, "a.yaml")
	set.Check(known(), nil, false)
	if set.Fatal() || len(set.Segments) != many {
		t.Fatalf("%d segments: %.300s", len(set.Segments), said(set))
	}
	set = read(t, "b")
	set.Check(known(), nil, false)
	if len(set.Problems) != 1 || !strings.Contains(said(set), "in a circle") {
		t.Fatalf("%d problems: %.300s", len(set.Problems), said(set))
	}
}

// Of very many mistakes the first thousand are told.
func TestManyMistakes(t *testing.T) {
	write(t, map[string]string{"a.yaml": strings.Repeat("segment: a\nrule: vipp\n---\n", 2_000)})
	set := read(t, "a.yaml")
	set.Check(known(), nil, false)
	if len(set.Problems) != maxProblems || set.More != 2_000-maxProblems {
		t.Errorf("%d problems and %d more", len(set.Problems), set.More)
	}
}

// What YAML makes large out of little is refused.
func TestBombs(t *testing.T) {
	for name, text := range map[string]string{
		"aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nsegment: [*c, *c]\n",
		"depth":   "segment: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000),
		"keys":    "segment: " + strings.Repeat("{a: ", 500) + strings.Repeat("}", 500),
	} {
		write(t, map[string]string{"a.yaml": text})
		if set := read(t, "a.yaml"); !set.Fatal() {
			t.Errorf("%s: nothing is said", name)
		}
		if made, problems := Format("a.yaml", text); made != text || problems == nil {
			t.Errorf("%s: it is formatted", name)
		}
	}
}

// A list can have a million customers, read as they come.
func TestLongLists(t *testing.T) {
	var b strings.Builder
	for i := range maxList {
		fmt.Fprintf(&b, "u%d\n", i)
	}
	write(t, map[string]string{"a.yaml": "segment: a\nkind: list\nlist: a.csv\n", "a.csv": b.String(),
		"b/a.yaml": "segment: a\nkind: list\nlist: a.csv\n", "b/a.csv": b.String() + "one more\n",
		"c/a.yaml": "segment: a\nkind: list\nlist: a.csv\n", "c/a.csv": strings.Repeat("x", longest+1)})
	if set := read(t, "a.yaml"); set.Fatal() || len(set.Segments[0].Include) != maxList {
		t.Errorf("said is %s", said(set))
	}
	for dir, want := range map[string]string{"b": "more than 1000000 customers", "c": "a line has more than 4096 bytes"} {
		if set := read(t, dir); !strings.Contains(said(set), want) {
			t.Errorf("%s: %s", dir, said(set))
		}
	}
}
