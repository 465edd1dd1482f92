package segment

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func definition(t *rapid.T) Definition {
	word := rapid.SampledFrom([]string{"", "a", "b", "ä ß", "c (d)", "e until f"})
	override := rapid.Custom(func(t *rapid.T) Override {
		return Override{word.Draw(t, "customer"), word.Draw(t, "reason"), rapid.SampledFrom([]int64{0, 0, 1, 1_795_000_000_000}).Draw(t, "until")}
	})
	overrides := rapid.SliceOfN(override, 0, 4)
	return Definition{
		Members: rapid.SampledFrom([]Members{"", People, Companies}).Draw(t, "members"),
		Kind:    rapid.SampledFrom([]Kind{"", ByRule, List, Segmentation, Part}).Draw(t, "kind"), State: rapid.SampledFrom(append(States, "")).Draw(t, "state"),
		Title: Texts{word.Draw(t, "de"), word.Draw(t, "en")}, Description: Texts{word.Draw(t, "de"), word.Draw(t, "en")},
		Rule: word.Draw(t, "rule"), Owner: word.Draw(t, "owner"), Purpose: word.Draw(t, "purpose"), Tags: rapid.SliceOfN(word, 0, 3).Draw(t, "tags"),
		MinSize: rapid.IntRange(0, 2).Draw(t, "least"), MaxSize: rapid.IntRange(0, 2).Draw(t, "most"),
		Include: overrides.Draw(t, "include"), Exclude: overrides.Draw(t, "exclude"),
		Parts: rapid.SliceOfN(word, 0, 3).Draw(t, "parts"), Rest: word.Draw(t, "rest"), RestTitle: Texts{word.Draw(t, "de"), word.Draw(t, "en")},
		Of: word.Draw(t, "of"),
	}
}

// What is kept is what was said, and a diff is empty exactly if two definitions say the same.
func TestNormalForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Custom(definition).Draw(t, "a"), rapid.Custom(definition).Draw(t, "b")
		if rapid.Bool().Draw(t, "alike") {
			b = a
			b.Tags = slices.Clone(a.Tags)
			slices.Reverse(b.Tags)
		}
		read, err := Parse(a.JSON())
		if err != nil || read.JSON() != a.JSON() {
			t.Fatalf("%s was read as %s, %v", a.JSON(), read.JSON(), err)
		}
		same := a.JSON() == b.JSON()
		if changes := Diff(a, b); same != (len(changes) == 0) {
			t.Fatalf("%s\n%s\ndiffer in %v", a.JSON(), b.JSON(), changes)
		}
	})
}

func TestDiff(t *testing.T) {
	before := Definition{Name: "s", Rule: "a = 1", Exclude: []Override{{Customer: "x"}}, Include: []Override{{Customer: "y", Reason: "r"}}}
	after := Definition{Name: "s", Rule: "a = 2", State: Paused, MaxSize: 7, Include: []Override{{Customer: "y", Until: 1000}}}
	want := []Change{
		{"state", "active", "paused"}, {"rule", "a = 1", "a = 2"}, {"maxSize", "", "7"},
		{"include", "y (r)", "y until 1970-01-01T00:00:01.000Z"}, {"exclude", "x", ""},
	}
	if got := Diff(before, after); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	long := Definition{Name: "s"}
	for c := range 300 {
		long.Include = append(long.Include, Override{Customer: string(rune('a'+c%26)) + strings.Repeat("z", c/26)})
	}
	got := Diff(Definition{Name: "s"}, long)
	if last := got[len(got)-1]; len(got) != mostOverrides+1 || last.After != "… and 280 more" {
		t.Errorf("a diff of 300 customers has %d lines and ends with %v", len(got), last)
	}
}

func TestCheck(t *testing.T) {
	good := Definition{Name: "a", Rule: "b = 1"}
	if wrong := good.Check(); wrong != nil {
		t.Errorf("a good one: %v", wrong)
	}
	for part, spoil := range map[string]func(*Definition){
		"cannot be the name":   func(d *Definition) { d.Name = "a b" },
		"rule is missing":      func(d *Definition) { d.Rule = " " },
		"no rule":              func(d *Definition) { d.Kind = List },
		"unknown kind":         func(d *Definition) { d.Kind = "soup" },
		"unknown members":      func(d *Definition) { d.Members = "cats" },
		"unknown state":        func(d *Definition) { d.State = "asleep" },
		"longer than":          func(d *Definition) { d.Title.DE = strings.Repeat("ü", 1001) },
		"tags":                 func(d *Definition) { d.Tags = make([]string, maxTags+1) },
		"make no sense":        func(d *Definition) { d.MinSize, d.MaxSize = 2, 1 },
		"customer has no name": func(d *Definition) { d.Exclude = []Override{{}} },
		"parts and a rest":     func(d *Definition) { d.Rest = "others" },
		"change that":          func(d *Definition) { d.Kind = Part },
	} {
		d := good
		spoil(&d)
		if wrong := strings.Join(d.Check(), "\n"); !strings.Contains(wrong, part) || strings.Contains(wrong, "\n") {
			t.Errorf("%s: the problems are %q", part, wrong)
		}
	}
}

func TestSteps(t *testing.T) {
	allowed := map[string]bool{}
	for _, step := range strings.Fields("-draft -active draft-active draft-retired active-paused active-retired paused-active paused-retired retired-active") {
		allowed[step] = true
	}
	for _, from := range append([]State{""}, States...) {
		for _, to := range States {
			want := from == to || allowed[string(from)+"-"+string(to)]
			if err := CheckStep(from, to); (err == nil) != want {
				t.Errorf("from %q to %q: %v", from, to, err)
			}
		}
	}
}
