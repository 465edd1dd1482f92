package value

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/calendar"
)

var berlin = func() *calendar.Zone {
	z, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return z
}()

var reader = Reader{Zone: berlin, Year: 2026}

func TestDatesOfAllForms(t *testing.T) {
	for _, c := range []struct{ cell, order, want string }{
		{"31.12.2025", "", "2025-12-31"},
		{"1.2.2025", "", "2025-02-01"},
		{"31. 12. 2025", "", "no date"},
		{"31.12. 2025", "", "2025-12-31"},
		{"31.12.25", "", "2025-12-31"},
		{"01.02.03", "", "2003-02-01"},
		{"31.12.65", "", "1965-12-31"},
		{"2025-12-31", "m/d/y", "2025-12-31"},
		{"2025/1/2", "", "2025-01-02"},
		{"12/31/2025", "m/d/y", "2025-12-31"},
		{"31/12/2025", "d/m/y", "2025-12-31"},
		{"1/2/2025", "", "ambiguous"},
		{"12/31/2025", "d/m/y", "impossible"},
		{"30.02.2025", "", "impossible"},
		{"29.02.2024", "", "2024-02-29"},
		{"29.2.00", "d.m.y", "2000-02-29"},
		{"20-10-16", "d-m-y", "2016-10-20"},
		{"20-10-16", "y-m-d", "2020-10-16"},
		{"20251231", "", "2025-12-31"},
		{"20251331", "", "impossible"},
		{"31 Dec 2025", "", "2025-12-31"},
		{"Dec 31, 2025", "", "2025-12-31"},
		{"31. Dezember 2025", "", "2025-12-31"},
		{"1. März 2025", "", "2025-03-01"},
		{"31-Dec-25", "", "2025-12-31"},
		{"Wed, 31 Dec 2025 10:00:00 GMT", "", "2025-12-31T10:00:00.000Z"},
		{"3rd Jan 2025", "", "2025-01-03"},
		{"Mai 2025", "", "no date"},
		{"2025-12-31T10:00:00Z", "", "2025-12-31T10:00:00.000Z"},
		{"2025-12-31 10:00", "", "2025-12-31T09:00:00.000Z"},
		{"2025-06-30 3:15:52", "", "2025-06-30T01:15:52.000Z"},
		{"2025-12-31T10:00:00.123456+01:00", "", "2025-12-31T09:00:00.123Z"},
		{"2025-12-31 10:00:00 +0530", "", "2025-12-31T04:30:00.000Z"},
		{"2023-07-18 12:43:52 UTC", "", "2023-07-18T12:43:52.000Z"},
		{"31.12.2025, 14:30 Uhr", "", "2025-12-31T13:30:00.000Z"},
		{"12/1/2010 8:26", "m/d/y", "2010-12-01T07:26:00.000Z"},
		{"12/1/2010 8:26:05 PM", "m/d/y", "2010-12-01T19:26:05.000Z"},
		{"12/1/2010 12:00 AM", "m/d/y", "2010-11-30T23:00:00.000Z"},
		{"12/1/2010 13:00 PM", "m/d/y", "no date"},
		{"2025-12-31 24:00", "", "no date"},
		{"1617380165", "unix", "2021-04-02T16:16:05.000Z"},
		{"1617380165.0", "unix", "2021-04-02T16:16:05.000Z"},
		{"1617380165123", "unix_ms", "2021-04-02T16:16:05.123Z"},
		{"99999999999999999", "unix", "outside"},
		{"1.2.3", "", "no date"},
		{"192.168.1.1", "", "no date"},
		{"555-1234", "", "no date"},
		{"12-34-5678", "", "ambiguous"},
		{"5.3.2025.", "", "no date"},
		{"heute", "", "no date"},
		{"", "", "no date"},
	} {
		kind := Type{Kind: Date}
		if c.order != "" {
			order, err := ParseOrder(c.order)
			if err != nil {
				t.Fatal(err)
			}
			kind.Order = order
		}
		d, err := reader.date([]byte(c.cell), kind)
		var got string
		switch {
		case err == errNoDate:
			got = "no date"
		case err == errAmbiguous:
			got = "ambiguous"
		case err != nil && strings.Contains(err.Error(), "calendar"):
			got = "impossible"
		case err != nil:
			got = "outside"
		case d.HasTime:
			got = calendar.Format(berlin.Resolve(d))
		default:
			got = d.String()
		}
		if got != c.want {
			t.Errorf("%q %s: %s, want %s", c.cell, c.order, got, c.want)
		}
	}
}

func TestYearsOfTwoDigits(t *testing.T) {
	for short, want := range map[int][2]int{26: {2026, 2026}, 27: {2027, 1927}, 46: {2046, 1946}, 47: {1947, 1947}, 99: {1999, 1999}, 0: {2000, 2000}} {
		if got := [2]int{reader.fullYear(short, false), reader.fullYear(short, true)}; got != want {
			t.Errorf("%02d is %d, and of a birth %d; want %d", short, got[0], got[1], want)
		}
	}
}

// layouts are forms of dates with the order that they need.
var layouts = map[string]Order{
	"02.01.2006": AnyOrder, "2.1.06": DayFirst, "2006-01-02": AnyOrder, "01/02/2006": MonthFirst, "1/2/06": MonthFirst, "02/01/2006": DayFirst,
	"2-1-2006": DayFirst, "2 Jan 2006": AnyOrder, "January 2, 2006": AnyOrder, "20060102": AnyOrder,
}

// TestColumnsOfDatesAreReadAsTheyWereMeant: the order is found from the values,
// or there is a doubt; a wrong reading without a doubt never happens.
func TestColumnsOfDatesAreReadAsTheyWereMeant(t *testing.T) {
	var forms []string
	for layout := range layouts {
		forms = append(forms, layout)
	}
	rapid.Check(t, func(t *rapid.T) {
		layout := rapid.SampledFrom(forms).Draw(t, "layout")
		clock := rapid.SampledFrom([]string{"", " 15:04", " 15:04:05Z", " 3:04 PM"}).Draw(t, "clock")
		var moments []time.Time
		p := Profile{Name: "datum"}
		for range rapid.IntRange(1, 30).Draw(t, "rows") {
			at := time.Date(rapid.IntRange(1990, 2026).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"),
				rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"), 0, 0, time.UTC)
			moments = append(moments, at)
			p.Add([]byte(at.Format(layout+clock)), false)
		}
		kind, doubt := p.Decide(Hints{})
		if kind.Kind != Date && kind.Kind != Time {
			t.Fatalf("%q are %s", p.Examples, kind)
		}
		if doubt != Sure {
			if layouts[layout] == AnyOrder {
				t.Fatalf("%q are doubtful", p.Examples)
			}
			return
		}
		for _, at := range moments {
			cell := at.Format(layout + clock)
			d, err := reader.date([]byte(cell), kind)
			year, month, day := at.Date()
			if err != nil || d.Year != year || d.Month != int(month) || d.Day != day {
				if layouts[layout] != AnyOrder && strings.Contains(layout, "06") && !strings.Contains(layout, "2006") {
					return // two digits everywhere: days may look like years
				}
				t.Fatalf("%q as %s is %v, %v; want %v", cell, kind, d, err, at)
			}
		}
	})
}

// FuzzDate: what is a date lies in the calendar and reads back from its own form.
func FuzzDate(f *testing.F) {
	for layout := range layouts {
		f.Add(time.Date(2025, 12, 31, 1, 2, 3, 0, time.UTC).Format(layout+" 15:04:05 PM"), byte(0))
	}
	f.Add("Wed, 31 Dec 2025 10:00:00 +01:00", byte(1))
	f.Add("1617380165", byte(4))
	f.Fuzz(func(t *testing.T, cell string, order byte) {
		kind := Type{Kind: Date, Order: Order(order % byte(UnixMilli+1))}
		out, err := reader.Append(nil, []byte(cell), kind)
		if err != nil {
			return
		}
		if _, err := calendar.ParseDate(strings.Trim(string(out), `"`)); err != nil {
			t.Fatalf("%q is read as %s: %v", cell, out, err)
		}
		kind.Kind = Time
		at, err := reader.Append(nil, []byte(cell), kind)
		if err != nil {
			if strings.Contains(err.Error(), "outside") {
				return // its first or last hours belong to another year in UTC
			}
			t.Fatalf("%q is a date and no time: %v", cell, err)
		}
		again, err := reader.Append(nil, at[1:len(at)-1], Type{Kind: Time})
		if err != nil || string(again) != string(at) {
			t.Fatalf("%q is read as %s, and that as %s (%v)", cell, at, again, err)
		}
	})
}

func ExampleParseOrder() {
	for _, s := range []string{"d.m.y", "MM/DD/YYYY", "y-m-d", "dd/yy"} {
		order, err := ParseOrder(s)
		fmt.Println(order, err)
	}
	// Output:
	// d/m/y <nil>
	// m/d/y <nil>
	// y/m/d <nil>
	//  unknown form of dates "dd/yy": write d.m.y, d/m/y, m/d/y, y-m-d, unix or unix_ms
}
