package number

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	cases := map[string]string{
		"0": "0", "-0": "0", "1.5": "1.5", "33.33335": "33.3334", "-33.33335": "-33.3334",
		"0.00004": "0", "0.00005": "0.0001", "-0.00005": "-0.0001", "1e3": "1000", "1.25E-3": "0.0013",
		"922337203685477.5807": "922337203685477.5807", "123456789012345": "123456789012345", "1e-900": "0", "0e900": "0",
	}
	for in, want := range cases {
		n, err := Parse(in)
		if err != nil || n.String() != want {
			t.Errorf("Parse(%q) = %v, %v; want %s", in, n, err, want)
		}
	}
	for _, in := range []string{"", "-", ".5", "1.", "1,5", "+1", "1e", "0x10", "1 ", "NaN", "--1"} {
		if n, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", in, n)
		}
	}
	for _, in := range []string{"922337203685477.5808", "-922337203685477.58075", "1e20", "1e999"} {
		if n, err := Parse(in); err != ErrRange {
			t.Errorf("Parse(%q) = %v, %v; want ErrRange", in, n, err)
		}
	}
}

func TestParseReadsWhatStringWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Number(rapid.Int64Range(int64(Min), int64(Max)).Draw(t, "n"))
		back, err := Parse(n.String())
		if err != nil || back != n {
			t.Fatalf("%d is written %s and read as %d, %v", n, n, back, err)
		}
	})
}

func TestParseRoundsLikeRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`-?[0-9]{1,10}\.[0-9]{1,12}`).Draw(t, "s")
		got, err := Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		exact, _ := new(big.Rat).SetString(s)
		if want := exact.FloatString(Places); new(big.Rat).SetInt64(int64(got)).Cmp(rat(want)) != 0 {
			t.Fatalf("Parse(%s) = %v, want %s", s, got, want)
		}
	})
}

func rat(decimal string) *big.Rat {
	r, _ := new(big.Rat).SetString(decimal)
	return r.Mul(r, big.NewRat(Scale, 1))
}

func TestSumIsExactInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOf(rapid.Int64Range(int64(Min), int64(Max))).Draw(t, "numbers")
		var sum Sum
		exact := new(big.Int)
		for _, n := range numbers {
			sum.Add(Number(n))
			exact.Add(exact, big.NewInt(n))
		}
		switch {
		case exact.Cmp(big.NewInt(int64(Max))) > 0:
			if sum.Total() != Max {
				t.Fatalf("total %v, want Max", sum.Total())
			}
		case exact.Cmp(big.NewInt(int64(Min))) < 0:
			if sum.Total() != Min {
				t.Fatalf("total %v, want Min", sum.Total())
			}
		case int64(sum.Total()) != exact.Int64():
			t.Fatalf("total %v, want %v", sum.Total(), exact)
		}
		if len(numbers) > 0 {
			mean, _ := sum.Mean()
			if want := divRound(exact, big.NewInt(int64(len(numbers)))); int64(mean) != want.Int64() {
				t.Fatalf("mean %d, want %v", mean, want)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-0.5", "1e5", "9999999999999999999", "1.00005"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := Parse(s); err == nil {
			if back, err := Parse(n.String()); err != nil || back != n {
				t.Fatalf("%q → %d → %s → %d, %v", s, n, n, back, err)
			}
		}
	})
}
