package demo

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kohorte/kohorte/internal/calendar"
	"pgregory.net/rapid"
)

func TestDiceAreFair(t *testing.T) {
	d := newDice(1, forPerson, 1)
	const n = 200_000
	sum, longer, heavy, most := int64(0), 0, int64(0), int64(0)
	for range n {
		x := d.exponential(1_000_000)
		if sum += x; x > 1_000_000 {
			longer++
		}
		h := d.heavy()
		heavy, most = heavy+h, max(most, h)
		if h < 100 {
			t.Fatalf("%d is not heavy", h)
		}
	}
	between(t, "mean of a million", int(sum/n), 990_000, 1_010_000)
	between(t, "longer than the mean, per 1000", longer*1000/n, 362, 374) // 1/e
	between(t, "mean of the heavy", int(heavy/n), 290, 340)
	between(t, "the heaviest", int(most), 9_000, 12_800)
	counts := [3]int{}
	for range n {
		counts[d.weighted(1, 0, 3)]++
	}
	if counts[1] != 0 {
		t.Errorf("what has no weight was drawn %d times", counts[1])
	}
	between(t, "a quarter, per 1000", counts[0]*1000/n, 245, 255)
}

func TestFieldsAreJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n := rapid.String().Draw(t, "text"), rapid.IntRange(-10_000_000, 10_000_000).Draw(t, "cents")
		object := newFields().text("a", s).cents("b", n).whole("c", n).yes("d", n > 0).null("e").
			list("f", 2, func(i int) []byte { return newFields().whole("i", i).done() }).done()
		var back struct {
			A    string
			B    float64
			C    int
			D    bool
			E    *int
			F    []struct{ I int }
			Rest json.RawMessage
		}
		if err := json.Unmarshal(object, &back); err != nil {
			t.Fatalf("%v: %s", err, object)
		}
		if utf8.ValidString(s) && back.A != s || int(back.B*100+0.5*sign(n)) != n || back.C != n || back.D != (n > 0) || back.E != nil || back.F[1].I != 1 {
			t.Fatalf("%q %d became %s", s, n, object)
		}
	})
}

func sign(n int) float64 {
	if n < 0 {
		return -1
	}
	return 1
}

// TestAgendaKeepsOrder compares it with sorting.
func TestAgendaKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOf(rapid.Int64Range(0, 20)).Draw(t, "times")
		var a agenda
		var got []int
		for i, at := range times {
			a.add(at, func() { got = append(got, i) })
		}
		for range times {
			a.take().do()
		}
		want := make([]int, len(times))
		for i := range want {
			want[i] = i
		}
		slices.SortStableFunc(want, func(i, j int) int { return int(times[i] - times[j]) })
		if !slices.Equal(got, want) {
			t.Fatalf("took %v, want %v", got, want)
		}
	})
}

func TestDaysOfTheYear(t *testing.T) {
	for _, fridays := range []calendar.Civil{
		{Year: 2023, Month: 11, Day: 24}, {Year: 2024, Month: 11, Day: 29}, {Year: 2025, Month: 11, Day: 28}, {Year: 2026, Month: 11, Day: 27},
	} {
		if n := daysToBlackFriday(fridays); n != 0 {
			t.Errorf("%s is %d days before Black Friday", isoDate(fridays), n)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := time.Date(1900, 1, 1+rapid.IntRange(0, 80_000).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		c := calendar.Civil{Year: at.Year(), Month: int(at.Month()), Day: at.Day()}
		if got := weekday(c); (got+1)%7 != int(at.Weekday()) {
			t.Fatalf("%s is weekday %d", isoDate(c), got)
		}
		if trade := consumerTrade(c); trade <= 0 || trade > busiest || businessTrade(c) > busiest {
			t.Fatalf("%s has a trade of %d", isoDate(c), trade)
		}
	})
}

func TestNamesOfEvents(t *testing.T) {
	for name, given := range map[string]string{"order_completed": "Order Completed", "email_link_clicked": "Email Link Clicked", "x": "X"} {
		if e := eventType(name); e.name != name || e.given != given {
			t.Errorf("%s is given as %q", name, e.given)
		}
	}
}

// TestCitiesAreRight wants postal codes of the length that their country has.
func TestCitiesAreRight(t *testing.T) {
	for _, c := range slices.Concat(cities, worksCities) {
		length := map[string]int{"DE": 5, "AT": 4, "CH": 4}[c.country]
		for _, code := range c.codes {
			if len(code) != length {
				t.Errorf("%s in %s has the postal code %s", c.name, c.country, code)
			}
		}
		if len(c.codes) == 0 || c.weight <= 0 || otherCountries[c.country] == nil || c.dial == "" {
			t.Errorf("%+v lacks something", c)
		}
	}
}
