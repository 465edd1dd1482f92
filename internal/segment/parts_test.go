package segment

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/rule"
)

var lifecycle = Definition{Name: "lifecycle", Kind: Segmentation, Parts: []string{"vip", "loyal", "at_risk"}, Rest: "others"}

func TestDerived(t *testing.T) {
	d := lifecycle
	d.State, d.RestTitle = Paused, Texts{DE: "Übrige"}
	var got []string
	for _, part := range d.Derived() {
		if part.Kind != Part || part.Of != "lifecycle" || part.State != Paused || part.JSON() != part.Normal().JSON() {
			t.Errorf("a part is %s", part.JSON())
		}
		got = append(got, part.Name+part.Title.DE+": "+part.Rule)
	}
	want := []string{
		"lifecycle.vip: in segment vip",
		"lifecycle.loyal: in segment loyal and not in segment vip",
		"lifecycle.at_risk: in segment at_risk and not in segment loyal and not in segment vip",
		"lifecycle.othersÜbrige: not in segment at_risk and not in segment loyal and not in segment vip",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the parts are\n%s", strings.Join(got, "\n"))
	}
}

// Names that are words of the language stand in backquotes, and the longest segmentation is a rule like any other.
func TestDerivedRulesAreRules(t *testing.T) {
	d := Definition{Name: "left", Kind: Segmentation, Parts: []string{"in", "größe"}, Rest: "rest"}
	if got := d.Derived()[1].Rule; got != "in segment größe and not in segment `in`" {
		t.Errorf("the rule is %s", got)
	}
	d.Parts = nil
	for i := range MaxParts {
		d.Parts = append(d.Parts, strings.Repeat("x", i+1))
	}
	if wrong := d.Check(); wrong != nil {
		t.Errorf("%v", wrong)
	}
	for _, part := range d.Derived() {
		if _, problems := rule.Parse(part.Rule); part.Rule == "" || len(problems) > 0 {
			t.Errorf("%s: %v", part.Name, problems)
		}
	}
}

// Moving a part leaves the parts before and behind it as they are.
func TestMovingAPartChangesThoseThatItPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}`), 1, 8, rapid.ID[string]).Draw(t, "parts")
		from, to := rapid.IntRange(0, len(parts)-1).Draw(t, "from"), rapid.IntRange(0, len(parts)-1).Draw(t, "to")
		before, after := lifecycle, lifecycle
		before.Parts = parts
		after.Parts = slices.Insert(slices.Delete(slices.Clone(parts), from, from+1), to, parts[from])
		was := map[string]string{}
		for _, d := range before.Derived() {
			was[d.Name] = d.JSON()
		}
		for i, d := range after.Derived() {
			passed := from != to && min(from, to) <= i && i <= max(from, to)
			if same := was[d.Name] == d.JSON(); same == passed {
				t.Fatalf("%s, %d of %v moved to %d: it is the same: %v", d.Name, from, parts, to, same)
			}
		}
	})
}

func TestCheckSegmentation(t *testing.T) {
	if wrong := lifecycle.Check(); wrong != nil {
		t.Errorf("a good one: %v", wrong)
	}
	for part, spoil := range map[string]func(*Definition){
		"no rule":              func(d *Definition) { d.Rule = "a = 1" },
		"nobody is included":   func(d *Definition) { d.Exclude = []Override{{Customer: "c"}} },
		"no sensible sizes":    func(d *Definition) { d.MinSize = 1 },
		"1 to 100 parts":       func(d *Definition) { d.Parts = nil },
		"cannot be a part":     func(d *Definition) { d.Parts = []string{"a.b"} },
		"part of itself":       func(d *Definition) { d.Parts = []string{"a", "lifecycle"} },
		"loyal is a part":      func(d *Definition) { d.Parts = []string{"loyal", "vip", "loyal"} },
		"rest has no name":     func(d *Definition) { d.Rest = "" },
		"name of the rest":     func(d *Definition) { d.Rest = "a-b" },
		"the name of a part":   func(d *Definition) { d.Rest = "vip" },
		"longer than":          func(d *Definition) { d.RestTitle.EN = strings.Repeat("u", 2001) },
		"the name of a segmen": func(d *Definition) { d.Name = "a.b" },
	} {
		d := lifecycle
		d.Parts = slices.Clone(d.Parts)
		spoil(&d)
		if wrong := strings.Join(d.Check(), "\n"); !strings.Contains(wrong, part) || strings.Contains(wrong, "\n") {
			t.Errorf("%s: the problems are %q", part, wrong)
		}
	}
}
