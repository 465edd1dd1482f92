package code

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/segment"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func berlin(t interface{ Fatal(...any) }) *calendar.Zone {
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// known are the fields of the tests.
func known() *catalog.Catalog {
	return &catalog.Catalog{
		Zone:       "Europe/Berlin",
		Attributes: catalog.Fields{"country": {Kind: catalog.Text}, "credit": {Kind: catalog.Number}, "vip": {Kind: catalog.Boolean}},
		Events:     map[string]catalog.Fields{"order_completed": {"total": {Kind: catalog.Number}}},
	}
}

// write puts files into a new directory that becomes the working directory.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, names ...string) *Set {
	t.Helper()
	set, err := Read(context.Background(), names, berlin(t))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func said(set *Set) string {
	var b strings.Builder
	for _, p := range set.Problems {
		b.WriteString(p.String())
	}
	return b.String()
}

// golden compares a text with a file below testdata.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s: want\n%s\ngot\n%s\n(go test -update rewrites it)", path, want, got)
	}
}

// archive reads files of a text in which "== NAME" begins each.
func archive(text string) map[string]string {
	files := map[string]string{}
	name := ""
	for line := range strings.Lines(text) {
		if next, ok := strings.CutPrefix(line, "== "); ok {
			name = strings.TrimSpace(next)
			continue
		}
		files[name] += line
	}
	return files
}

// Each file of testdata/problems holds some files; beside it stands what is said of them.
func TestProblems(t *testing.T) {
	cases, err := filepath.Glob("testdata/problems/*.txt")
	if err != nil || len(cases) < 5 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, path := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			expected, err := filepath.Abs(strings.TrimSuffix(path, ".txt") + ".said")
			if err != nil {
				t.Fatal(err)
			}
			write(t, archive(string(text)))
			set := read(t, ".")
			there := []segment.Definition{{Name: "outside", Rule: "in segment cycle_c"}, {Name: "old_parts", Kind: segment.Segmentation, Parts: []string{"outside"}, Rest: "rest"}}
			there = append(there, there[1].Derived()...)
			there = append(there, segment.Definition{Name: "worth", Kind: segment.Segmentation}, segment.Definition{Name: "worth.left_out", Kind: segment.Part, Of: "worth", Rule: "vip"})
			there = append(there, segment.Definition{Name: "past", Rule: "vip", State: segment.Retired}, segment.Definition{Name: "firms", Members: segment.Companies, Rule: "industry is known"},
				segment.Definition{Name: "beyond", Rule: "in segment gone_soon"}, segment.Definition{Name: "gone_soon", Rule: "vip"})
			fields := known()
			fields.Segments = []string{"worth.left_out"}
			set.Check(fields, there, false)
			golden(t, expected, said(set))
		})
	}
}

// Everything that can be said of a segment is read.
func TestRead(t *testing.T) {
	write(t, map[string]string{
		"a/sleeping.yaml": "# ours\r\nsegment: sleeping\r\ntitle: {de: Schläfer, en: Sleeping}\r\nrule: |\r\n  VIP = true\r\n  and country in (\"DE\")\r\n" +
			"owner: anna\npurpose: newsletter\ntags: [b, a]\nsize: {min: 100, max: 50000}\n" +
			"include: [{customer: \"email:anna@example.de\", reason: VIP, until: 2027-01-01}, u2]\nstate: paused\n",
		"guests.yml":          "segment: guests\nkind: list\nlist: lists/guests.csv\ninclude: [u9]\n---\nsegment: third\nrule: vip\n",
		"lists/guests.csv":    "customer\n# ours\n\"u1\"\n  email:b@example.de  \n",
		"kohorte.yaml":        "data: x\n",
		".git/x.yaml":         "nothing: here\n",
		"lists/no-yaml.md":    "nothing",
		"only-a-comment.yaml": "# nothing yet\n",
	})
	set := read(t, ".")
	set.Check(&catalog.Catalog{}, nil, true)
	if set.Fatal() || set.Files != 3 {
		t.Fatalf("%d files\n%s", set.Files, said(set))
	}
	defs := set.Definitions()
	want := `{"name":"sleeping","kind":"rule","title":{"de":"Schläfer","en":"Sleeping"},"rule":"VIP = true and country in (\"DE\")","owner":"anna","purpose":"newsletter",` +
		`"tags":["a","b"],"minSize":100,"maxSize":50000,"include":[{"customer":"email:anna@example.de","reason":"VIP","until":1798758000000},{"customer":"u2"}],"state":"paused"}`
	if got := defs[0].JSON(); got != want {
		t.Errorf("want %s\ngot  %s", want, got)
	}
	if got := defs[1].JSON(); got != `{"name":"guests","kind":"list","include":[{"customer":"email:b@example.de"},{"customer":"u1"},{"customer":"u9"}],"state":"active"}` {
		t.Errorf("got %s", got)
	}
	if place := set.Segments[2].Place(); place != "guests.yml:6:10" {
		t.Errorf("the third is at %s", place)
	}
}

// What stands outside of the directory stays unread.
func TestListsOutsideAreNotRead(t *testing.T) {
	write(t, map[string]string{"secret.csv": "u1\n", "in/a.yaml": "segment: a\nkind: list\nlist: ../secret.csv\n", "in/b.yaml": "segment: b\nkind: list\nlist: link.csv\n"})
	if err := os.Symlink("../secret.csv", "in/link.csv"); err != nil {
		t.Skip(err)
	}
	set := read(t, "in")
	if len(set.Problems) != 2 || !strings.Contains(said(set), "cannot be read") {
		t.Errorf("said is\n%s", said(set))
	}
}

func TestSchema(t *testing.T) { golden(t, "testdata/schema.json", Schema()) }
