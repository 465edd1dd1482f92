package code

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/rule/ruletest"
	"github.com/kohorte/kohorte/internal/segment"
	"pgregory.net/rapid"
)

// Files of testdata/format before and after.
func TestFormat(t *testing.T) {
	for _, name := range []string{"comments", "styles"} {
		text, err := os.ReadFile("testdata/format/" + name + ".in")
		if err != nil {
			t.Fatal(err)
		}
		got, problems := Format(name, string(text))
		if problems != nil {
			t.Fatalf("%s: %v", name, problems)
		}
		golden(t, "testdata/format/"+name+".out", got)
		if again, _ := Format(name, got); again != got {
			t.Errorf("%s: once more it becomes\n%s", name, again)
		}
	}
}

// written draws files as people write them, and the comments that they have.
type written struct {
	*rapid.T
	b     strings.Builder
	marks int
}

var marks = regexp.MustCompile(`# \d+: it's "odd" {, - # \|`)

func (w *written) one(of ...string) string { return rapid.SampledFrom(of).Draw(w.T, "choice") }

// mark draws a comment of its own number, or none.
func (w *written) mark(before, after string) string {
	if rapid.IntRange(0, 3).Draw(w.T, "comment") > 0 {
		return ""
	}
	w.marks++
	return before + fmt.Sprintf("# %d: it's \"odd\" {, - # |", w.marks) + after
}

// alone draws comments and blank lines between entries.
func (w *written) alone(indent string) {
	for range rapid.IntRange(0, 2).Draw(w.T, "lines") {
		w.b.WriteString(w.one("", "\n", "  \n") + w.mark(indent, "\n"))
	}
}

var someTextsOf = []string{"Anna", "it's", `a "b"`, "yes", "12", "2027-01-01", "a: b", "a #b", "Größe 😀", "- x", "x,[y]{z}", "", "a\tb", "trailing:", "null", "two\nlines\n", "two\n\n lines", "é\u200b", " around ", "'", "%x", "@at", "`b`"}

func (w *written) scalar() string {
	text := rapid.SampledFrom(someTextsOf).Draw(w.T, "text")
	if isPlain(text) && rapid.Bool().Draw(w.T, "plain") {
		return text
	}
	if !strings.ContainsAny(text, "\n\t\u200b") && rapid.Bool().Draw(w.T, "single") {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return quote(text)
}

func (w *written) entry(key, value string) {
	w.alone("")
	w.b.WriteString(key + ":" + w.one(" ", "   ") + value + w.mark("  ", "") + w.one("", "  ") + "\n")
}

func (w *written) texts(key string) {
	if rapid.Bool().Draw(w.T, "flow") {
		w.entry(key, w.one("{de: "+w.scalar()+"}", "{ de: "+w.scalar()+" ,\n   en: "+w.scalar()+" }"))
		return
	}
	w.entry(key, "")
	indent := w.one(" ", "  ", "     ")
	for _, language := range []string{"de", "en"} {
		w.alone(indent)
		w.b.WriteString(indent + language + ": " + w.scalar() + w.mark(" ", "") + "\n")
	}
	w.alone(w.one(indent, ""))
}

func (w *written) list(key string) {
	switch rapid.IntRange(0, 2).Draw(w.T, "form") {
	case 0:
		between := ", "
		if rapid.Bool().Draw(w.T, "lines") {
			between = "," + w.mark(" ", "") + "\n  "
		}
		w.entry(key, "["+w.scalar()+between+w.scalar()+w.one("", ",")+"]")
		return
	case 1:
		w.entry(key, "[]")
		return
	}
	w.entry(key, "")
	indent := w.one("", "  ", "    ")
	for range rapid.IntRange(1, 3).Draw(w.T, "entries") {
		w.alone(indent)
		w.b.WriteString(indent + "-" + w.one(" ", "   ") + w.scalar() + w.mark(" ", "") + "\n")
	}
	w.alone(indent)
}

func (w *written) objects(key string) {
	w.entry(key, "")
	indent := w.one("", "  ")
	for range rapid.IntRange(1, 3).Draw(w.T, "entries") {
		w.alone(indent)
		switch rapid.IntRange(0, 2).Draw(w.T, "form") {
		case 0:
			w.b.WriteString(indent + "- {customer: " + w.scalar() + ", reason: " + w.scalar() + "}" + w.mark(" ", "") + "\n")
		case 1:
			w.b.WriteString(indent + "- customer: " + w.scalar() + w.mark(" ", "") + "\n")
			w.alone(indent + "  ")
			w.b.WriteString(indent + "  reason: " + w.scalar() + w.mark(" ", "") + "\n")
			w.alone(w.one(indent, indent+"  "))
		default:
			w.b.WriteString(indent + "-" + w.mark(" ", "") + "\n" + indent + "    customer: " + w.scalar() + "\n")
		}
	}
}

var someRules = ruletest.Rule(ruletest.Schema())

func (w *written) rule() {
	n := someRules.Draw(w.T, "rule")
	text := rule.Print(n)
	if rapid.Bool().Draw(w.T, "quoted") {
		w.entry("rule", quote(text))
		return
	}
	w.entry("rule", w.one("|", "|-", "|+", "|2")+w.mark(" ", ""))
	for line := range strings.Lines(text + w.one("", "\n", "\n# note\n")) {
		w.b.WriteString("  " + strings.TrimSuffix(line, "\n") + w.one("", "  ") + "\n")
	}
}

func (w *written) document() {
	parts := []func(){
		func() { w.entry("owner", w.scalar()) }, func() { w.texts("title") }, func() { w.texts("description") }, func() { w.list("tags") },
		func() { w.objects("include") }, func() { w.objects("exclude") }, w.rule, func() { w.entry("size", "{min: 1 , max: 020}") },
		func() { w.entry("purpose", "") }, func() { w.entry("state", "draft") },
	}
	w.entry("segment", "a")
	for _, i := range rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).Draw(w.T, "order")[:rapid.IntRange(1, 10).Draw(w.T, "keys")] {
		parts[i]()
	}
	w.alone("")
}

func drawFile(t *rapid.T) *written {
	w := &written{T: t}
	for i := range rapid.IntRange(1, 2).Draw(t, "documents") {
		if i > 0 {
			w.b.WriteString("---" + w.mark(" ", "") + "\n")
		}
		w.document()
	}
	return w
}

// definitionsOf reads a text as the file x.yaml; problems of values are no matter.
func definitionsOf(t interface{ Fatal(...any) }, text string) (all []string) {
	set := &Set{zone: berlin(t), files: map[string]int{}}
	for _, c := range newSource("x.yaml", text).chunks() {
		(&reader{chunk: c, set: set}).document()
	}
	for _, d := range set.Definitions() {
		all = append(all, d.JSON())
	}
	return all
}

// Formatting keeps what is said and every comment in its order, and once is enough.
func TestFormatKeepsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawFile(t)
		text := w.b.String()
		once, problems := Format("x.yaml", text)
		if problems != nil {
			t.Fatalf("%s\n%v", text, problems)
		}
		if again, problems := Format("x.yaml", once); again != once || problems != nil {
			t.Fatalf("%s\nbecomes\n%s\nand then\n%s%v", text, once, again, problems)
		}
		if before, after := definitionsOf(t, text), definitionsOf(t, once); !slices.Equal(before, after) || len(before) == 0 {
			t.Fatalf("%s\nbecomes\n%s\nwhich says %s, not %s", text, once, after, before)
		}
		if before, after := marks.FindAllString(text, -1), marks.FindAllString(once, -1); !slices.Equal(before, after) {
			t.Fatalf("%s\nbecomes\n%s\nwhose comments are %q, not %q", text, once, after, before)
		}
		for line := range strings.Lines(once) {
			if line != strings.TrimRight(line, " \n")+"\n" {
				t.Fatalf("%q ends in spaces", line)
			}
		}
	})
}

// What is written reads back as the same, and is in its usual form already.
func TestWriteAndReadAgain(t *testing.T) {
	zone := berlin(t)
	root := t.TempDir()
	t.Chdir(root)
	some := func(t *rapid.T, label string) string {
		return strings.TrimSpace(rapid.SampledFrom(someTextsOf).Draw(t, label))
	}
	rapid.Check(t, func(t *rapid.T) {
		d := segment.Definition{Name: rapid.SampledFrom([]string{"a", "Größe", "yes", "_x", "null"}).Draw(t, "name"), Owner: some(t, "owner"), Purpose: some(t, "purpose"),
			Title: segment.Texts{DE: some(t, "de"), EN: some(t, "en")}, Description: segment.Texts{EN: some(t, "description")},
			MinSize: rapid.IntRange(0, 5).Draw(t, "min"), MaxSize: rapid.SampledFrom([]int{0, 5, 1 << 30}).Draw(t, "max"), State: rapid.SampledFrom(segment.States).Draw(t, "state")}
		for range rapid.IntRange(0, 80).Draw(t, "customers") {
			o := segment.Override{Customer: rapid.SampledFrom([]string{"u1", "email:a@b.de", "#7", `"q"`, "a,b", "customer", "é"}).Draw(t, "customer") + rapid.StringMatching(`[a-z]{0,3}`).Draw(t, "more")}
			if rapid.IntRange(0, 9).Draw(t, "rest") == 0 {
				o.Reason = some(t, "reason")
				o.Until = calendar.Instant(rapid.SampledFrom([]int64{0, 1_798_758_000_000, 1_798_758_000_001}).Draw(t, "until"))
			}
			d.Include = append(d.Include, o)
		}
		switch rapid.SampledFrom([]segment.Kind{segment.ByRule, segment.List, segment.Segmentation}).Draw(t, "kind") {
		case segment.List:
			d.Kind = segment.List
		case segment.Segmentation:
			d.Kind, d.MinSize, d.MaxSize, d.Include = segment.Segmentation, 0, 0, nil
			d.Parts = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"b", "on", "true", "größe", "x1"}), 1, 5, rapid.ID[string]).Draw(t, "parts")
			d.Rest, d.RestTitle = rapid.SampledFrom([]string{"rest", "no", "false"}).Draw(t, "the rest"), segment.Texts{DE: some(t, "rest de")}
		default:
			d.Rule = rule.Print(someRules.Draw(t, "rule"))
		}
		for range rapid.IntRange(0, 3).Draw(t, "tags") {
			if tag := some(t, "tag"); tag != "" {
				d.Tags = append(d.Tags, tag)
			}
		}
		file, list := Text(d, zone, "list.csv")
		if again, problems := Format("x", file); again != file || problems != nil {
			t.Fatalf("%s\nbecomes\n%s%v", file, again, problems)
		}
		for name, text := range map[string]string{"x.yaml": file, "list.csv": list} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		set, err := Read(context.Background(), []string{"x.yaml"}, zone)
		if err != nil || set.Fatal() || len(set.Segments) != 1 {
			t.Fatalf("%v\n%s\n%s", err, file, said(set))
		}
		if got := set.Definitions()[0]; got.JSON() != d.JSON() {
			t.Fatalf("%s\nis %s\nand was %s", file, got.JSON(), d.JSON())
		}
	})
}

// FuzzFormat feeds the reader and the formatter with anything.
func FuzzFormat(f *testing.F) {
	f.Add("segment: a\nrule: |\n  vip # c\ntags: [a, b]\n---\n# x\n")
	f.Add("a: &b {c: *b}\n? - x\n: 'y'\n...\n%YAML 1.2\n")
	f.Fuzz(func(t *testing.T, text string) {
		before := definitionsOf(t, text)
		once, problems := Format("x.yaml", text)
		if problems != nil {
			if once != text {
				t.Fatalf("%q is changed although it has problems", text)
			}
			return
		}
		again, problems := Format("x.yaml", once)
		if again != once || problems != nil {
			t.Fatalf("%q becomes %q and then %q: %v", text, once, again, problems)
		}
		if after := definitionsOf(t, once); !slices.Equal(before, after) {
			t.Fatalf("%q becomes %q, which says %s, not %s", text, once, after, before)
		}
	})
}
