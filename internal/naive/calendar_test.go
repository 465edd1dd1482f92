package naive

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/calendar"
)

func worldIn(t *testing.T, zone string) *World {
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return &World{Zone: location}
}

// parse reads a time with a zone, as the tables of the tests have it.
func parse(t *testing.T, text string) int64 {
	t.Helper()
	at, err := instant(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestLaterAndEarlierInBerlin(t *testing.T) {
	w := worldIn(t, "Europe/Berlin")
	for _, c := range []struct {
		from string
		by   calendar.Duration
		back bool
		to   string
	}{
		{"2026-03-28T02:30:00+01:00", calendar.Duration{N: 1, Unit: calendar.Day}, false, "2026-03-29T03:00:00+02:00"},   // skipped
		{"2026-03-30T02:00:00+02:00", calendar.Duration{N: 1, Unit: calendar.Day}, true, "2026-03-29T03:00:00+02:00"},    // skipped
		{"2026-10-24T02:30:00+02:00", calendar.Duration{N: 1, Unit: calendar.Day}, false, "2026-10-25T02:30:00+02:00"},   // twice
		{"2026-10-26T02:30:00+01:00", calendar.Duration{N: 1, Unit: calendar.Day}, true, "2026-10-25T02:30:00+02:00"},    // twice
		{"2026-10-25T02:30:00+01:00", calendar.Duration{N: 1, Unit: calendar.Week}, false, "2026-11-01T02:30:00+01:00"},  //
		{"2026-10-24T12:00:00+02:00", calendar.Duration{N: 24, Unit: calendar.Hour}, false, "2026-10-25T11:00:00+01:00"}, // exact
		{"2026-01-31T10:00:00+01:00", calendar.Duration{N: 1, Unit: calendar.Month}, false, "2026-02-28T10:00:00+01:00"}, // last day
		{"2026-03-31T10:00:00+02:00", calendar.Duration{N: 1, Unit: calendar.Month}, true, "2026-02-28T10:00:00+01:00"},  // last day
		{"2024-02-29T10:00:00+01:00", calendar.Duration{N: 1, Unit: calendar.Year}, false, "2025-02-28T10:00:00+01:00"},  // last day
		{"2024-02-29T10:00:00+01:00", calendar.Duration{N: 4, Unit: calendar.Year}, false, "2028-02-29T10:00:00+01:00"},  //
		{"2026-12-31T23:59:59.999+01:00", calendar.Duration{N: 2, Unit: calendar.Month}, false, "2027-02-28T23:59:59.999+01:00"},
	} {
		move := w.Later
		if c.back {
			move = w.Earlier
		}
		if got, want := move(parse(t, c.from), c.by), parse(t, c.to); got != want {
			t.Errorf("%s moved by %v is %s, want %s", c.from, c.by, timestamp(got), c.to)
		}
	}
	if got := w.Later(parse(t, "2026-01-01T00:00:00Z"), calendar.Duration{N: 7974, Unit: calendar.Year}); got != never {
		t.Errorf("8000 years later is %s, want never", timestamp(got))
	}
	if got := w.Earlier(parse(t, "2026-01-01T00:00:00Z"), calendar.Duration{N: 1 << 40, Unit: calendar.Minute}); got != always {
		t.Errorf("long ago is %s, want before all times", timestamp(got))
	}
}

// TestCalendarsAgree compares the time package's calendar with the table of
// clock changes that the program uses, in many zones.
func TestCalendarsAgree(t *testing.T) {
	type pair struct {
		naive    *World
		calendar *calendar.Zone
	}
	zones := map[string]pair{}
	names := []string{
		"Europe/Berlin", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "America/Sao_Paulo",
		"Europe/Dublin", "Africa/Casablanca", "Antarctica/Troll", "UTC",
	}
	for _, name := range names {
		zone, err := calendar.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		zones[name] = pair{worldIn(t, name), zone}
	}
	units := []calendar.Unit{calendar.Minute, calendar.Hour, calendar.Day, calendar.Week, calendar.Month, calendar.Year}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "zone")
		w, zone := zones[name].naive, zones[name].calendar
		from := time.Date(rapid.IntRange(1890, 2130).Draw(t, "year"), 1, 1, 0, 0, 0, 0, w.Zone)
		_, change := from.ZoneBounds()
		if change.IsZero() {
			change = from
		}
		at := change.UnixMilli() + rapid.Int64Range(-5*7_200_000, 5*7_200_000).Draw(t, "beside")
		d := calendar.Duration{N: rapid.IntRange(1, 40).Draw(t, "n"), Unit: rapid.SampledFrom(units).Draw(t, "unit")}
		if got, want := zone.Add(at, d), w.Later(at, d); got != want {
			t.Fatalf("%s: %s + %v: calendar %s, naive %s", name, timestamp(at), d, timestamp(got), timestamp(want))
		}
		far := w.Later(at, d)
		if got, want := zone.Sub(far, d), w.Earlier(far, d); got != want {
			t.Fatalf("%s: %s - %v: calendar %s, naive %s", name, timestamp(far), d, timestamp(got), timestamp(want))
		}
		plus := rapid.IntRange(-2, 2).Draw(t, "plus")
		if got, want := zone.DayStart(at, plus), w.instantOf(period(w.day(at), calendar.Day, plus)); got != want {
			t.Fatalf("%s: day of %s %+d: calendar %s, naive %s", name, timestamp(at), plus, timestamp(got), timestamp(want))
		}
		for _, unit := range []calendar.Unit{calendar.Week, calendar.Month, calendar.Quarter, calendar.Year} {
			if got, want := zone.PeriodStart(at, unit, plus), w.instantOf(period(w.day(at), unit, plus)); got != want {
				t.Fatalf("%s: period %d of %s %+d: calendar %s, naive %s", name, unit, timestamp(at), plus, timestamp(got), timestamp(want))
			}
		}
	})
}
