package value

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/number"
)

func TestNumbersOfAllCountries(t *testing.T) {
	for _, c := range []struct {
		cell, point, comma string // what each style reads; empty if it is no number there
	}{
		{"0", "0", "0"},
		{"-12", "-12", "-12"},
		{"1234.5", "1234.5", ""},
		{"1234,5", "", "1234.5"},
		{"1.234,56", "", "1234.56"},
		{"1,234.56", "1234.56", ""},
		{"1.234", "1.234", "1234"},
		{"1,234", "1234", "1.234"},
		{"1.234.567", "", "1234567"},
		{"12.34.567", "", ""},
		{"1234,567", "", "1234.567"},
		{"0,123", "", "0.123"},
		{"0.123", "0.123", ""},
		{".5", "0.5", ""},
		{",5", "", "0.5"},
		{"5.", "", ""},
		{"$90,000", "90000", "90.000"},
		{"90.000 €", "90.000", "90000"},
		{"EUR 1.234,50", "", "1234.50"},
		{"-$5.25", "-5.25", ""},
		{"($1,234.50)", "-1234.50", ""},
		{"12,50-", "", "-12.50"},
		{"−7", "-7", "-7"},
		{"5,- €", "5", "5"},
		{"19 %", "19", "19"},
		{"1'234.50", "1234.50", ""},
		{"1’234,50", "", "1234.50"},
		{"1 234,50", "", "1234.50"},
		{"1\u00a0234.50", "1234.50", ""},
		{"1.5E+10", "1.5E+10", ""},
		{"1,23E-2", "", "1.23E-2"},
		{"12E4", "", ""}, // an article
		{"007", "", ""},  // a code
		{"00", "", ""},
		{"+49123", "", ""},
		{"1-2", "", ""},
		{"--5", "", ""},
		{"-", "", ""},
		{"€", "", ""},
		{"", "", ""},
		{"1a", "", ""},
		{"2025-12-31", "", ""},
		{"31.12.2025", "", ""},
		{"NaN", "", ""},
		{"٣", "", ""},
	} {
		for style, want := range map[Style]string{Point: c.point, Comma: c.comma} {
			got, ok := readNumber(nil, []byte(c.cell), style)
			if ok != (want != "") || ok && string(got) != want {
				t.Errorf("%q as %s: %q %v, want %q", c.cell, style, got, ok, want)
			}
		}
	}
}

func TestNumbersBeyondTheRangeAreErrors(t *testing.T) {
	var r Reader
	for _, cell := range []string{"1000000000000000000", "1.5E+99"} {
		if got, err := r.Append(nil, []byte(cell), IsNumber); err == nil {
			t.Errorf("%s became %s", cell, got)
		}
	}
}

// written writes a number as people of a country do.
func written(n number.Number, point, group string) string {
	s := n.String()
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	whole, fraction, has := strings.Cut(s, ".")
	var groups []string
	for len(whole) > 3 && group != "" {
		groups = append([]string{whole[len(whole)-3:]}, groups...)
		whole = whole[:len(whole)-3]
	}
	out := sign + strings.Join(append([]string{whole}, groups...), group)
	if has {
		out += point + fraction
	}
	return out
}

// TestColumnsOfNumbersAreReadAsTheyWereMeant: whatever the style, if one number shows it.
func TestColumnsOfNumbersAreReadAsTheyWereMeant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		style := rapid.SampledFrom([]Style{Point, Comma}).Draw(t, "style")
		point, group := ".", rapid.SampledFrom([]string{"", ",", "'", " "}).Draw(t, "group")
		if style == Comma {
			point = ","
			group = strings.Replace(group, ",", ".", 1)
		}
		unit := rapid.SampledFrom([]string{"", "$", " €"}).Draw(t, "unit")
		numbers := rapid.SliceOfN(rapid.Int64Range(-1e13, 1e13), 1, 20).Draw(t, "numbers")
		numbers = append(numbers, 12_3400) // 12.34 can be read in one way only
		p := Profile{Name: "wert"}
		var cells []string
		for _, n := range numbers {
			cell := written(number.Number(n), point, group)
			if unit == "$" {
				cell = unit + cell
			} else {
				cell += unit
			}
			cells = append(cells, cell)
			p.Add([]byte(cell), false)
		}
		kind, doubt := p.Decide(Hints{})
		if kind.Kind != Number || doubt != Sure {
			t.Fatalf("%q: %s, doubt %d", cells, kind, doubt)
		}
		var r Reader
		for i, n := range numbers {
			got, err := r.Append(nil, []byte(cells[i]), kind)
			if err != nil {
				t.Fatalf("%q as %s: %v", cells[i], kind, err)
			}
			if back, err := number.Parse(string(got)); err != nil || back != number.Number(n) {
				t.Fatalf("%q as %s is %s, want %v (%v)", cells[i], kind, got, number.Number(n), err)
			}
		}
	})
}

// FuzzNumber: what is a number is one in JSON, and no other reading of the same style exists.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"1.234,56", "$90,000", "(5)", "12,50-", "1'000", "1E+5", "-€ 5", "US$-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		before := strings.Clone(cell)
		for _, style := range []Style{AnyStyle, Point, Comma} {
			got, ok := readNumber([]byte("x"), []byte(cell), style)
			if cell != before || got[0] != 'x' || !ok && len(got) != 1 {
				t.Fatalf("%q: %q %v", cell, got, ok)
			}
			if !ok {
				continue
			}
			json := string(got[1:])
			if _, err := number.Parse(json); err != nil && err != number.ErrRange {
				t.Fatalf("%q is read as %q, which is no number: %v", cell, json, err)
			}
			if strings.Trim(cell, "0123456789-") == "" && len(strings.Trim(cell, "-")) > 1 && strings.Trim(cell, "-")[0] == '0' {
				t.Fatalf("the code %q is read as the number %q", cell, json)
			}
		}
	})
}

func ExampleParseStyle() {
	style, _ := ParseStyle("1.234,56")
	fmt.Println(style == Comma)
	_, err := ParseStyle("12")
	fmt.Println(err)
	// Output:
	// true
	// unknown form of numbers "12": write 1,234.56 or 1.234,56
}
