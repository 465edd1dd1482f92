package demo

import (
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// TestTheStoreTakesAll wants no record to be refused, and no two accounts to claim one identity.
func TestTheStoreTakesAll(t *testing.T) {
	for _, c := range Companies {
		s, err := store.Open(t.TempDir(), string(c))
		if err != nil {
			t.Fatal(err)
		}
		records := slices.Collect(Records(c, Options{Customers: 300, Seed: 5, Until: until}))
		result, err := s.Apply(t.Context(), records, until)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Rejections) > 0 || result.Conflicts > 0 {
			t.Errorf("%s: %d conflicts, %d rejections: %v", c, result.Conflicts, len(result.Rejections), result.Rejections)
		}
		events, twice := map[[16]byte]bool{}, 0
		for _, r := range records {
			if r.Kind == record.Track {
				if events[r.Key] {
					twice++
				}
				events[r.Key] = true
			}
		}
		if result.Events != len(events) || result.Duplicates != twice || c == OnlineShop && result.Merges == 0 {
			t.Errorf("%s: %+v, want %d events, %d duplicates", c, result, len(events), twice)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
