package schedule

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/calendar"
)

func zone(t interface{ Fatal(...any) }, name string) *calendar.Zone {
	z, err := calendar.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t interface{ Fatal(...any) }, z *calendar.Zone, text string) calendar.Instant {
	d, err := calendar.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return z.Resolve(d)
}

// Schedules are read as people write them, kept in one form, and refused with what is expected.
func TestParseWhen(t *testing.T) {
	for text, want := range map[string]string{
		"hourly": "hourly", "every 1 hour": "hourly", "Every  6 hours": "every 6 hours", "daily at 6:05": "daily at 06:05",
		"weekly on Monday at 06:00": "weekly on monday at 06:00", "monthly on 31 at 23:59": "monthly on 31 at 23:59",
	} {
		w, err := ParseWhen(text)
		if err != nil || w.String() != want {
			t.Errorf("%q is %q, %v", text, w, err)
		}
	}
	for _, text := range []string{
		"", "daily", "daily at", "daily at 24:00", "daily at 6", "daily on 1 at 06:00", "weekly at 06:00", "weekly on mon at 06:00", "monthly on 0 at 06:00",
		"monthly on 32 at 06:00", "every 5 hours", "every 0 hours", "every 48 hours", "every -1 hours", "yearly", "daily at 06:00 pm", "daily at 06:60",
	} {
		if w, err := ParseWhen(text); err == nil {
			t.Errorf("%q is read as %s", text, w)
		}
	}
}

// The next instants are those of the clocks on the wall, also where these change.
func TestNext(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	for _, c := range []struct{ when, after, want string }{
		{"daily at 06:00", "2026-11-21T05:59", "2026-11-21T06:00"},
		{"daily at 06:00", "2026-11-21T06:00", "2026-11-22T06:00"},
		{"daily at 02:30", "2026-03-28T12:00", "2026-03-29T03:00"}, // skipped
		{"daily at 02:30", "2026-10-24T12:00", "2026-10-25T02:30"}, // twice: the first
		{"daily at 02:30", "2026-10-25T02:30", "2026-10-26T02:30"},
		{"weekly on monday at 06:00", "2026-11-21T12:00", "2026-11-23T06:00"},
		{"weekly on sunday at 23:59", "2026-11-22T23:58", "2026-11-22T23:59"},
		{"monthly on 31 at 00:00", "2026-01-31T00:00", "2026-02-28T00:00"},
		{"monthly on 29 at 00:00", "2028-02-01T00:00", "2028-02-29T00:00"},
		{"monthly on 1 at 06:00", "2026-12-01T06:00", "2027-01-01T06:00"},
		{"every 6 hours", "2026-11-21T06:00", "2026-11-21T12:00"},
		{"every 6 hours", "2026-11-21T18:00", "2026-11-22T00:00"},
		{"every 24 hours", "2026-11-21T18:00", "2026-11-22T00:00"},
		{"hourly", "2026-11-21T18:59:59.999", "2026-11-21T19:00"},
		{"hourly", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"}, // 02:30 for the first time: 02:00 comes again
	} {
		w, err := ParseWhen(c.when)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := w.Next(z, at(t, z, c.after)), at(t, z, c.want); got != want {
			t.Errorf("%s after %s is %s, not %s", c.when, c.after, calendar.Format(got), c.want)
		}
	}
	if w, _ := ParseWhen("monthly on 31 at 00:00"); w.Next(z, at(t, z, "9999-12-31T12:00")) != calendar.Never {
		t.Error("there is something after the end of the calendar")
	}
}

// TestNextIsNext holds for any schedule, zone and instant: the next instant is later, nothing lies
// between, and the clock on the wall shows it unless that time is skipped.
func TestNextIsNext(t *testing.T) {
	zones := []*calendar.Zone{zone(t, "Europe/Berlin"), zone(t, "America/St_Johns"), zone(t, "Australia/Lord_Howe"), zone(t, "Asia/Kolkata")}
	rapid.Check(t, func(t *rapid.T) {
		z := rapid.SampledFrom(zones).Draw(t, "zone")
		clock := fmt.Sprintf("at %02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))
		text := rapid.SampledFrom([]string{
			"hourly", "every 2 hours", "every 8 hours", "every 24 hours", "daily " + clock,
			"weekly on " + rapid.SampledFrom(weekdays).Draw(t, "weekday") + " " + clock, fmt.Sprintf("monthly on %d %s", rapid.IntRange(1, 31).Draw(t, "day"), clock),
		}).Draw(t, "when")
		w, err := ParseWhen(text)
		if err != nil || w.String() != text {
			t.Fatal(w, err)
		}
		after := rapid.Int64Range(1_700_000_000_000, 2_000_000_000_000).Draw(t, "after")
		next := w.Next(z, after)
		if next <= after || next > after+32*24*hourMillis {
			t.Fatalf("%s after %s is %s", text, calendar.Format(after), calendar.Format(next))
		}
		for _, between := range []calendar.Instant{next - 1, after + (next-after)/2} {
			if got := w.Next(z, between); got != next {
				t.Fatalf("%s after %s is %s, after %s %s", text, calendar.Format(after), calendar.Format(next), calendar.Format(between), calendar.Format(got))
			}
		}
		if c := z.Civil(next); w.unit != calendar.Hour && c.Milli != w.minute*minuteMillis && z.Instant(calendar.Civil{Year: c.Year, Month: c.Month, Day: c.Day, Milli: w.minute * minuteMillis}) != next {
			t.Fatalf("%s is at %s", text, calendar.Format(next))
		}
	})
}
