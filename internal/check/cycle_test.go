package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/rule"
)

func TestCycle(t *testing.T) {
	cases := []struct{ defs, want string }{
		{"a: in segment b; b: in segment c; c: vip", ""},
		{"a: in segment b; b: in segment c; c: in segment b", "segments refer to each other in a circle: b → c → b"},
		{"z: in segment y; y: vip or left segment x today; x: count(e where in segment z) > 0", "segments refer to each other in a circle: x → z → y → x"},
		{"a: not (vip and entered segment a today)", "segment a refers to itself"},
		{"a: in segment elsewhere", ""},
	}
	for _, c := range cases {
		defs := map[string]rule.Node{}
		for _, def := range strings.Split(c.defs, "; ") {
			name, text, _ := strings.Cut(def, ": ")
			defs[name] = parse(t, text)
		}
		got := ""
		if cycle := Cycle(defs); cycle != nil {
			got = CycleMessage(cycle)
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.defs, got, c.want)
		}
	}
}

// TestCycleFindsExactlyTheCycles compares with the closure of the references.
func TestCycleFindsExactlyTheCycles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 6).Draw(t, "segments")
		refers := make([][]bool, size)
		defs := map[string]rule.Node{}
		for i := range refers {
			refers[i] = rapid.SliceOfN(rapid.SampledFrom([]bool{false, false, false, true}), size, size).Draw(t, "refers to")
			text := "vip"
			for j, to := range refers[i] {
				if to {
					text += fmt.Sprintf(" and in segment s%d", j)
				}
			}
			defs[fmt.Sprintf("s%d", i)], _ = rule.Parse(text)
		}
		cycle := Cycle(defs)
		if (cycle != nil) != hasCycle(refers) {
			t.Fatalf("Cycle says %v of %v", cycle, refers)
		}
		for i := 1; i < len(cycle); i++ {
			if !slices.Contains(Mentions(defs[cycle[i-1]]).Segments, cycle[i]) {
				t.Fatalf("%v: %s does not refer to %s", cycle, cycle[i-1], cycle[i])
			}
		}
		if len(cycle) > 0 && (cycle[0] != cycle[len(cycle)-1] || cycle[0] != slices.Min(cycle)) {
			t.Fatalf("%v does not begin and end with its first segment", cycle)
		}
	})
}

// hasCycle closes the references over and over and looks for a segment that reaches itself.
func hasCycle(refers [][]bool) bool {
	reaches := make([][]bool, len(refers))
	for i := range refers {
		reaches[i] = slices.Clone(refers[i])
	}
	for range refers {
		for i := range reaches {
			for j := range reaches {
				for k := range reaches {
					reaches[i][j] = reaches[i][j] || reaches[i][k] && reaches[k][j]
				}
			}
		}
	}
	for i := range reaches {
		if reaches[i][i] {
			return true
		}
	}
	return false
}
