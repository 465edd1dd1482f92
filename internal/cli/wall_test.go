package cli

import (
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"pgregory.net/rapid"
)

func zoneOf(t testing.TB, name string) *calendar.Zone {
	t.Helper()
	zone, err := calendar.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// anInstant is any instant of the years that the calendar knows, often near a clock change.
func anInstant() *rapid.Generator[calendar.Instant] {
	spring := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC).UnixMilli()
	autumn := time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC).UnixMilli()
	near := func(at calendar.Instant) *rapid.Generator[calendar.Instant] {
		return rapid.Custom(func(t *rapid.T) calendar.Instant { return at + rapid.Int64Range(-4_000_000, 4_000_000).Draw(t, "off") })
	}
	first := time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	last := time.Date(9998, 12, 31, 0, 0, 0, 0, time.UTC).UnixMilli()
	return rapid.OneOf(near(spring), near(autumn), near(noon), rapid.Int64Range(first, last),
		rapid.Map(rapid.Int64Range(first/1000, last/1000), func(s int64) calendar.Instant { return s * 1000 }))
}

// TestWhatIsWrittenCanBeAsked reads the written instants back.
func TestWhatIsWrittenCanBeAsked(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/St_Johns", "UTC", "Australia/Lord_Howe"} {
		zone := zoneOf(t, name)
		rapid.Check(t, func(t *rapid.T) {
			at := anInstant().Draw(t, "at")
			if zone.Civil(at).Year < 1901 {
				t.Skip("zones had odd offsets of seconds, which nobody writes")
			}
			back, err := instant(exactly(zone, at), zone)
			if err != nil || back != at {
				t.Fatalf("%s is written %s, read %s, %v", calendar.Format(at), exactly(zone, at), calendar.Format(back), err)
			}
			seconds, err := instant(wall(zone, at), zone)
			if err != nil || at-seconds < 0 || at-seconds > 999 {
				t.Fatalf("%s is written %s, read %s, %v", calendar.Format(at), wall(zone, at), calendar.Format(seconds), err)
			}
		})
	}
}

func TestClock(t *testing.T) {
	berlin := zoneOf(t, "Europe/Berlin")
	for text, want := range map[string]string{
		"2026-11-21T11:00:00.000Z": "2026-11-21 12:00:00",
		"2026-10-25T00:30:00.250Z": "2026-10-25 02:30:00.250",
		"2026-10-25T01:30:00.250Z": "2026-10-25 02:30:00.250+01:00",
		"2026-03-29T01:00:00.000Z": "2026-03-29 03:00:00",
		"2026-07-01T22:00:00.000Z": "2026-07-02 00:00:00",
	} {
		at, err := instant(text, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := exactly(berlin, at); got != want {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond: "0 seconds", time.Second: "1 second", 90 * time.Second: "90 seconds", 2 * time.Minute: "2 minutes",
		119 * time.Minute: "119 minutes", 47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 1000 * 24 * time.Hour: "1\u202f000 days",
		1 << 62: "50\u202f903 days",
	} {
		if got := roughly(d.Milliseconds()); got != want {
			t.Errorf("%v is roughly %q, want %q", d, got, want)
		}
	}
}
