package calendar

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDate(t *testing.T) {
	day := Civil{Year: 2026, Month: 11, Day: 21}
	at := func(milli int) Civil { c := day; c.Milli = milli; return c }
	const half = (14*60 + 30) * 60_000
	for _, c := range []struct {
		text, canonical string
		want            Date
	}{
		{"2026-11-21", "2026-11-21", Date{Civil: day}},
		{"2026-11-21T14:30", "2026-11-21T14:30", Date{Civil: at(half), HasTime: true}},
		{"2026-11-21T14:30:00", "2026-11-21T14:30", Date{Civil: at(half), HasTime: true}},
		{"2026-11-21T14:30:00.000Z", "2026-11-21T14:30Z", Date{Civil: at(half), HasTime: true, HasZone: true}},
		{"2026-11-21T14:30:05", "2026-11-21T14:30:05", Date{Civil: at(half + 5000), HasTime: true}},
		{"2026-11-21T14:30:05.2", "2026-11-21T14:30:05.200", Date{Civil: at(half + 5200), HasTime: true}},
		{"2026-11-21T14:30:05.2509999999", "2026-11-21T14:30:05.250", Date{Civil: at(half + 5250), HasTime: true}},
		{"2026-11-21T14:30+01:00", "2026-11-21T14:30+01:00", Date{Civil: at(half), HasTime: true, HasZone: true, Offset: 60}},
		{"2026-11-21T14:30-03:30", "2026-11-21T14:30-03:30", Date{Civil: at(half), HasTime: true, HasZone: true, Offset: -210}},
		{"2026-11-21T14:30+00:00", "2026-11-21T14:30Z", Date{Civil: at(half), HasTime: true, HasZone: true}},
		{"2024-02-29", "2024-02-29", Date{Civil: Civil{Year: 2024, Month: 2, Day: 29}}},
		{"0001-01-01", "0001-01-01", Date{Civil: Civil{Year: 1, Month: 1, Day: 1}}},
	} {
		got, err := ParseDate(c.text)
		if err != nil || got != c.want || got.String() != c.canonical {
			t.Errorf("ParseDate(%q) = %+v (%s), %v", c.text, got, got, err)
		}
	}
}

func TestParseDateRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "dates are written", "2026": "dates are written", "2026-1-1": "dates are written", "26-11-21": "dates are written",
		"2026/11/21": "dates are written", "2026-11-2x": "dates are written", "+026-11-21": "dates are written",
		"2026-11-21 14:30": "dates are written", "2026-11-21t14:30": "dates are written", "2026-11-21T": "dates are written",
		"2026-11-21T14": "dates are written", "2026-11-21T1:30": "dates are written", "2026-11-21T14:30:": "dates are written",
		"2026-11-21T14:30:00.": "dates are written", "2026-11-21T14:30:00,5": "dates are written", "2026-11-21T14:30z": "dates are written",
		"2026-11-21T14:30+1": "dates are written", "2026-11-21T14:30+01:00Z": "dates are written", "2026-11-21Z": "dates are written",
		"2026-11-21T14:30ZT": "dates are written", "0000-01-01": "years run", "2026-00-01": "months run", "2026-13-01": "months run",
		"2026-01-00": "the days of 2026-01 run from 01 to 31", "2026-02-30": "the days of 2026-02 run from 01 to 28",
		"2023-02-29": "run from 01 to 28", "2026-11-21T24:00": "hours run", "2026-11-21T23:60": "minutes run",
		"2026-11-21T23:59:60": "seconds run", "2026-11-21T14:30+24:00": "an offset runs", "2026-11-21T14:30+10:60": "an offset runs",
	} {
		if got, err := ParseDate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseDate(%q) = %v, %v, want an error with %q", text, got, err, want)
		}
	}
}

// Dates with a zone mean the instant that the time package reads in them, and every date survives printing.
func TestDateRoundTrip(t *testing.T) {
	utc, err := LoadZone("UTC")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		day := time.Unix(rapid.Int64Range(-62135596800+86400, 253402300799-86400).Draw(t, "second"), 0).UTC()
		d := Date{Civil: Civil{Year: day.Year(), Month: int(day.Month()), Day: day.Day()}}
		if d.HasTime = rapid.Bool().Draw(t, "time"); d.HasTime {
			d.Milli = rapid.SampledFrom([]int{0, 1, 999, 1000, 59_999, 60_000, 86_399_999}).Draw(t, "milli")
			if d.HasZone = rapid.Bool().Draw(t, "zone"); d.HasZone {
				d.Offset = rapid.IntRange(-1439, 1439).Draw(t, "offset")
			}
		}
		text := d.String()
		if back, err := ParseDate(text); err != nil || back != d {
			t.Fatalf("%s is read as %+v, %v", text, back, err)
		}
		if !d.HasZone {
			return
		}
		if strings.Count(text, ":") < 3 && d.Milli%60_000 == 0 { // RFC 3339 demands seconds
			text = text[:16] + ":00" + text[16:]
		}
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || utc.Resolve(d) != want.UnixMilli() {
			t.Fatalf("%s is %d, not %v (%v)", text, utc.Resolve(d), want, err)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	f.Add("2026-11-21T14:30:05.250+01:00")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDate(text)
		if err != nil {
			return
		}
		if back, err := ParseDate(d.String()); err != nil || back != d {
			t.Fatalf("%q is %+v, printed and read %+v (%v)", text, d, back, err)
		}
	})
}
