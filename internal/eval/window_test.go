package eval

import (
	"slices"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/naive/gen"
	"pgregory.net/rapid"
)

// TestFirstEnd draws instants close to each other, at month ends and clock changes,
// where adding a duration can change their order.
func TestFirstEnd(t *testing.T) {
	days := []time.Time{
		time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC),
		time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC), time.Date(2026, 5, 17, 9, 0, 0, 0, time.UTC),
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(append(slices.Clone(gen.Zones), "Pacific/Apia")).Draw(t, "zone")
		zone, err := calendar.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		d := calendar.Duration{
			N:    rapid.IntRange(1, 13).Draw(t, "n"),
			Unit: rapid.SampledFrom([]calendar.Unit{calendar.Minute, calendar.Hour, calendar.Day, calendar.Week, calendar.Month, calendar.Quarter, calendar.Year}).Draw(t, "unit"),
		}
		near := zone.Sub(rapid.SampledFrom(days).Draw(t, "day").UnixMilli(), calendar.Duration{N: d.N * rapid.IntRange(0, 1).Draw(t, "ago"), Unit: d.Unit})
		offset := rapid.Custom(func(t *rapid.T) int64 {
			return rapid.Int64Range(-10, 10).Draw(t, "hours")*rapid.SampledFrom([]int64{1, 12}).Draw(t, "times")*3_600_000 + rapid.Int64Range(-90, 90).Draw(t, "minutes")*60_000
		})
		var times []calendar.Instant
		for _, o := range rapid.SliceOfN(offset, 0, 8).Draw(t, "offsets") {
			times = append(times, near+o)
		}
		slices.Sort(times)
		m := &Machine{zone: zone, now: zone.Add(near+offset.Draw(t, "now"), d)}
		want := calendar.Never
		for _, at := range times {
			if end := zone.Add(at, d); end > m.now {
				want = min(want, end)
			}
		}
		if got := m.firstEnd(times, d); got != want {
			t.Fatalf("in %s %v later: %s, not %s", name, d, calendar.Format(got), calendar.Format(want))
		}
	})
}
