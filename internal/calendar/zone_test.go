package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *Zone {
	z, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t testing.TB, z *Zone, text string) Instant {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999", "2006-01-02T15:04", "2006-01-02"} {
		if c, err := time.Parse(layout, text); err == nil {
			if layout == time.RFC3339Nano {
				return c.UnixMilli()
			}
			midnight := time.Date(c.Year(), c.Month(), c.Day(), 0, 0, 0, 0, time.UTC)
			return z.Instant(Civil{c.Year(), int(c.Month()), c.Day(), int(c.Sub(midnight).Milliseconds())})
		}
	}
	t.Fatalf("not a date: %s", text)
	return 0
}

func TestAddKeepsTheWallClock(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	cases := []struct {
		from string
		d    Duration
		want string
	}{
		{"2026-01-31T10:00", Duration{1, Month}, "2026-02-28T10:00"},
		{"2024-02-29T10:00", Duration{1, Year}, "2025-02-28T10:00"},
		{"2026-03-28T02:30", Duration{1, Day}, "2026-03-29T03:00"},     // skipped: the next valid instant
		{"2026-03-28T12:00", Duration{24, Hour}, "2026-03-29T13:00"},   // exact hours
		{"2026-10-24T02:30", Duration{1, Day}, "2026-10-25T00:30:00Z"}, // twice: the earlier
		{"2026-10-25T01:30:00Z", Duration{1, Day}, "2026-10-26T02:30"},
		{"2026-12-31T23:59:59.999", Duration{2, Week}, "2027-01-14T23:59:59.999"},
		{"1890-03-31T12:00", Duration{1, Month}, "1890-04-30T12:00"},
	}
	for _, c := range cases {
		if got, want := z.Add(at(t, z, c.from), c.d), at(t, z, c.want); got != want {
			t.Errorf("%s + %v = %s, want %s", c.from, c.d, Format(got), Format(want))
		}
	}
	if got := z.Add(at(t, z, "9999-06-01"), Duration{1, Year}); got != Never {
		t.Errorf("beyond year 9999: %v", got)
	}
	if first := at(t, z, "0001-01-01"); z.Add(first, Duration{30, Minute}) != first+30*milliMinute {
		t.Errorf("30 minutes after the first midnight: %v", z.Add(first, Duration{30, Minute}))
	}
	if got := z.Sub(at(t, z, "0001-06-01"), Duration{1, Year}); got != Unset {
		t.Errorf("before year 1: %v", got)
	}
}

var zoneNames = []string{"Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "Africa/Casablanca"}

func drawInstant(t *rapid.T, z *Zone) Instant {
	if rapid.Bool().Draw(t, "near a clock change") {
		if changes := z.Transitions(0, z.tableEnd); len(changes) > 0 {
			return rapid.SampledFrom(changes).Draw(t, "change") + rapid.Int64Range(-2*milliDay, 2*milliDay).Draw(t, "offset")
		}
	}
	return rapid.Int64Range(firstInstant+3*milliDay, endInstant-3*milliDay).Draw(t, "instant")
}

func TestOffsetsAgreeWithTheTimePackage(t *testing.T) {
	for _, name := range zoneNames {
		z := zone(t, name)
		rapid.Check(t, func(t *rapid.T) {
			i := drawInstant(t, z)
			want := time.UnixMilli(i).In(z.location)
			got := z.Civil(i)
			_, offset := want.Zone()
			if int64(offset)*1000 != z.offset(i) || got.Year != want.Year() || got.Month != int(want.Month()) || got.Day != want.Day() {
				t.Fatalf("%s at %s: %+v, want %s", name, Format(i), got, want)
			}
		})
	}
}

func TestResolveIsTheEarliestInstantOrTheEndOfTheGap(t *testing.T) {
	for _, name := range zoneNames {
		z := zone(t, name)
		rapid.Check(t, func(t *rapid.T) {
			wall := drawInstant(t, z)
			got := z.resolve(wall)
			earliest, found := Never, false
			for hours := range int64(49) { // every offset in force near the wall time names a candidate
				c := wall - z.offset(wall+(hours-24)*milliHour)
				if z.offset(c)+c == wall {
					earliest, found = min(earliest, c), true
				}
			}
			switch {
			case found && got != earliest:
				t.Fatalf("%s: %s resolves to %s, want %s", name, Format(wall), Format(got), Format(earliest))
			case !found && (z.offset(got)+got <= wall || z.offset(got-1)+got-1 >= wall):
				t.Fatalf("%s: skipped %s resolves to %s, which is not the end of the gap", name, Format(wall), Format(got))
			}
		})
	}
}

func drawDuration(t *rapid.T) Duration {
	unit := rapid.SampledFrom([]Unit{Minute, Hour, Day, Week, Month, Year}).Draw(t, "unit")
	return Duration{N: rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 20000)).Draw(t, "n"), Unit: unit}
}

func TestTrailIsTheTestOfEachInstant(t *testing.T) {
	for _, name := range zoneNames {
		z := zone(t, name)
		rapid.Check(t, func(t *rapid.T) {
			now, d := drawInstant(t, z), drawDuration(t)
			trail := z.Trail(now, d)
			past := now
			if edge := z.Sub(now, d); edge != Unset {
				past = edge
			}
			at := past + rapid.Int64Range(-7*milliDay, 7*milliDay).Draw(t, "distance")
			if got, want := trail.Within(at), z.Add(at, d) > now; got != want && at >= firstInstant {
				t.Fatalf("%s: now %s, %v, t %s: %v, want %v", name, Format(now), d, Format(at), got, want)
			}
		})
	}
}

func TestPeriods(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	now := at(t, z, "2026-11-21T14:30") // a Saturday
	cases := []struct {
		got  Instant
		want string
	}{
		{z.DayStart(now, 0), "2026-11-21"}, {z.DayStart(now, -1), "2026-11-20"}, {z.DayStart(now, 10), "2026-12-01"},
		{z.PeriodStart(now, Week, 0), "2026-11-16"}, {z.PeriodStart(now, Week, -1), "2026-11-09"},
		{z.PeriodStart(now, Month, 0), "2026-11-01"}, {z.PeriodStart(now, Month, 2), "2027-01-01"},
		{z.PeriodStart(now, Quarter, 0), "2026-10-01"}, {z.PeriodStart(now, Quarter, -1), "2026-07-01"},
		{z.PeriodStart(now, Year, 0), "2026-01-01"}, {z.PeriodStart(now, Year, 1), "2027-01-01"},
	}
	for _, c := range cases {
		if want := at(t, z, c.want); c.got != want {
			t.Errorf("got %s, want %s", Format(c.got), c.want)
		}
	}
}

func TestAgesAndReturns(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	leap := at(t, z, "2004-02-29")
	if a := z.Age(leap, at(t, z, "2025-02-28T23:59:59.999")); a != 20 {
		t.Errorf("age on 28 February: %d", a)
	}
	if a := z.Age(leap, at(t, z, "2025-03-01")); a != 21 {
		t.Errorf("age on 1 March: %d", a)
	}
	rapid.Check(t, func(t *rapid.T) {
		birth, now := rapid.Int64Range(-2e12, 2e12).Draw(t, "birth"), rapid.Int64Range(-2e12, 4e12).Draw(t, "now")
		age := z.Age(birth, now)
		if from, to := z.Birthday(birth, age), z.Birthday(birth, age+1); now < from || now >= to {
			t.Fatalf("age %d at %s does not lie between birthdays %s and %s", age, Format(now), Format(from), Format(to))
		}
		next := z.NextReturn(birth, now)
		if next < z.DayStart(now, 0) || z.Civil(next).Year <= z.Civil(birth).Year {
			t.Fatalf("next return %s", Format(next))
		}
	})
}

func TestAgeLimitsAgreeWithAges(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	rapid.Check(t, func(t *rapid.T) {
		now := drawInstant(t, z)
		if rapid.Bool().Draw(t, "leap day") {
			now = z.Instant(Civil{Year: 2028, Month: 2, Day: rapid.IntRange(28, 29).Draw(t, "day"), Milli: 5})
		}
		if z.Civil(now).Year < 200 {
			return
		}
		limits := z.AgeLimits(now)
		age := rapid.IntRange(0, oldest).Draw(t, "age")
		birth := limits[age] + rapid.Int64Range(-3*milliDay, 3*milliDay).Draw(t, "distance")
		if got := birth < limits[age]; got != (z.Age(birth, now) >= age) {
			t.Fatalf("born %s, at %s: age %d, but the limit of %d is %s", Format(birth), Format(now), z.Age(birth, now), age, Format(limits[age]))
		}
	})
}

func TestLoadZoneExplainsItself(t *testing.T) {
	for _, name := range []string{"", "Local", "Berlin", "../etc/passwd"} {
		if _, err := LoadZone(name); err == nil {
			t.Errorf("LoadZone(%q) must fail", name)
		}
	}
}
