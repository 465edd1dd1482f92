package segment

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/kohorte/kohorte/internal/rule"
)

// The rules of other segments stand in the place of what asks for them; what asks for the past, or for the other kind, stays.
func TestExpand(t *testing.T) {
	defined := map[string]Definition{}
	for _, d := range []Definition{
		{Name: "a", Rule: "x = 1"},
		{Name: "b", Rule: "in segment a or y = 2"},
		{Name: "c", Rule: "not in segment b and in segment a for 3 days and left segment d in last 2 days and in segment firms and in segment draft"},
		{Name: "d", Kind: List},
		{Name: "firms", Members: Companies, Rule: "x = 1"},
		{Name: "more_firms", Members: Companies, Rule: "in segment firms and count(company.people where in segment a) >= 1"},
	} {
		defined[d.Name] = d.Normal()
	}
	of := func(name string) (Definition, bool) { d, ok := defined[name]; return d, ok }
	for name, want := range map[string]string{
		"b": "x = 1 or y = 2 | a b | ",
		"c": `not (x = 1 or y = 2) and in segment a for 3 days and left segment d in last 2 days and in segment firms and "" is unknown | a b c draft | a d firms`,
		"d": `"" is unknown | d | `, "more_firms": "company.x = 1 and count(company.people where in segment a) >= 1 | firms more_firms | a",
	} {
		d := defined[name]
		today, err := Expand(&d, of)
		if err != nil {
			t.Fatal(err)
		}
		got := rule.PrintLine(today.full("")) + " | " + strings.Join(slices.Sorted(slices.Values(today.Segments())), " ") + " | " + strings.Join(today.FromLog(), " ")
		if got != want {
			t.Errorf("%s is\n%s, not\n%s", name, got, want)
		}
	}
}

// Of whom something was decided by hand, that counts in each segment of which it was.
func TestWhatIsDecidedByHandCounts(t *testing.T) {
	defined := map[string]Definition{"a": {Name: "a", Rule: "x = 1"}, "b": {Name: "b", Rule: "not in segment a and y = 2"}}
	d := defined["b"]
	today, err := Expand(&d, func(name string) (Definition, bool) { d, ok := defined[name]; return d, ok })
	if err != nil {
		t.Fatal(err)
	}
	byHand := map[string]map[int64]bool{"a": {1: true, 2: false, 3: true}, "b": {3: true, 4: false}}
	holds := map[string]*roaring.Bitmap{
		"not x = 1 and y = 2": roaring.BitmapOf(1, 4, 5), `not "" is known and y = 2`: roaring.New(), `not "" is unknown and y = 2`: roaring.BitmapOf(1, 2, 5),
		`"" is known`: roaring.BitmapOf(1, 2, 3, 4, 5), `"" is unknown`: roaring.New(),
	}
	members, err := today.Members(func(name string) map[int64]bool { return byHand[name] }, func(n rule.Node) (*roaring.Bitmap, error) {
		if holds[rule.PrintLine(n)] == nil {
			return nil, fmt.Errorf("asked for %s", rule.PrintLine(n))
		}
		return holds[rule.PrintLine(n)].Clone(), nil
	})
	if err != nil || !slices.Equal(members.ToArray(), []uint32{2, 3, 5}) {
		t.Errorf("in are %v, %v", members, err)
	}
}

// Rules that refer to each other many times grow without end: that is refused.
func TestExpandIsBounded(t *testing.T) {
	of := func(name string) (Definition, bool) {
		if name == "a0" {
			return Definition{Name: name, Rule: "x = 1"}, true
		}
		var n int
		_, err := fmt.Sscanf(name, "a%d", &n)
		return Definition{Name: name, Rule: fmt.Sprintf("in segment a%d or not in segment a%[1]d", n-1)}, err == nil
	}
	for name, fits := range map[string]bool{"a12": true, "a13": false, "a100": false} {
		d, _ := of(name)
		if _, err := Expand(&d, of); (err == nil) != fits {
			t.Errorf("%s: %v", name, err)
		}
	}
}
