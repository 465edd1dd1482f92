package projection

import (
	"slices"
	"testing"
)

func TestColumnsAreSplitOutsideOfParenthesesAndQuotes(t *testing.T) {
	for text, want := range map[string][]string{
		"a":                         {"a"},
		"a, b.c ,d":                 {"a", "b.c", "d"},
		"sum(e.p in last 3 days),b": {"sum(e.p in last 3 days)", "b"},
		`count(e where c in ("x, )", "y")) as n,b`: {`count(e where c in ("x, )", "y")) as n`, "b"},
		"`a,b`,c": {"`a,b`", "c"},
		"a,":      {"a", ""},
		"a),b":    {"a)", "b"},
	} {
		if got := Split([]string{text}); !slices.Equal(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
}
