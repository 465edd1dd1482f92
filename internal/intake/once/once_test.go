package once

import (
	"testing"

	"pgregory.net/rapid"
)

func TestTheSameFileGivesTheSameKeysAndNoRowTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.SliceOf(rapid.SampledFrom([]string{"", "a", "b", "aa"})).Draw(t, "file")
		var first, second Keys
		seen := map[[16]byte]bool{}
		for _, row := range file {
			key := first.Key([]byte(row))
			if key != second.Key([]byte(row)) {
				t.Fatalf("%q has two keys", row)
			}
			if seen[key] {
				t.Fatalf("the key of %q came before", row)
			}
			seen[key] = true
		}
	})
}

func TestTheOrderOfRowsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 20).Draw(t, "file")
		shuffled := rapid.Permutation(file).Draw(t, "shuffled")
		keys := func(rows []string) map[[16]byte]bool {
			var k Keys
			all := map[[16]byte]bool{}
			for _, row := range rows {
				all[k.Key([]byte(row))] = true
			}
			return all
		}
		a, b := keys(file), keys(shuffled)
		for key := range a {
			if !b[key] {
				t.Fatalf("%q and %q have different keys", file, shuffled)
			}
		}
	})
}
