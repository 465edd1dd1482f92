// Package number holds Kohorte's numbers: exact decimals of four places.
//
// Money, counts, prices and every other number of a customer or an event is a
// Number. What has more than four places is rounded half away from zero, once,
// where it enters the program. Nothing here uses floating point.
package number

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Number is a decimal of four places, stored as ten-thousandths: 1.5 is 15000.
// Its range is about ±922 trillion.
type Number int64

const (
	// Scale is how many units of a Number make one.
	Scale = 10_000
	// Places is the number of decimal places a Number keeps.
	Places = 4
	// Max and Min are the largest and the smallest Number. The smallest int64 is
	// left out, so that columns can use it for "unknown".
	Max Number = math.MaxInt64
	Min Number = -math.MaxInt64
)

// Errors of Parse.
var (
	ErrSyntax = errors.New("not a decimal number")
	ErrRange  = errors.New("number is beyond ±922,337,203,685,477")
)

// FromInt gives the Number of a whole number, held to the range of a Number.
func FromInt(n int64) Number {
	switch {
	case n > int64(Max)/Scale:
		return Max
	case n < int64(Min)/Scale:
		return Min
	}
	return Number(n * Scale)
}

// Parse reads a decimal as JSON and the rule language write it: an optional
// minus sign, digits, an optional fraction and, from JSON, an optional exponent.
// More than four places are rounded half away from zero.
func Parse(s string) (Number, error) {
	if n, ok := parseShort(s); ok {
		return n, nil
	}
	return parseLong(s)
}

// parseShort reads the numbers that nearly all data consists of, without
// allocating: at most 14 digits before the point and four after it.
func parseShort(s string) (Number, bool) {
	i, neg := 0, false
	if i < len(s) && s[i] == '-' {
		neg, i = true, 1
	}
	var n int64
	start := i
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		n = n*10 + int64(s[i]-'0')
		if i-start >= 14 {
			return 0, false
		}
	}
	if i == start {
		return 0, false
	}
	places := 0
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && s[i] >= '0' && s[i] <= '9' && places < Places; i++ {
			n = n*10 + int64(s[i]-'0')
			places++
		}
		if places == 0 {
			return 0, false
		}
	}
	if i != len(s) {
		return 0, false
	}
	for ; places < Places; places++ {
		n *= 10
	}
	if neg {
		n = -n
	}
	return Number(n), true
}

func parseLong(s string) (Number, error) {
	if !wellFormed(s) {
		return 0, ErrSyntax
	}
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(strings.TrimPrefix(s[i+1:], "+"))
		if err != nil || e > 400 || e < -400 {
			return extremeExponent(s[:i], s[i+1:])
		}
		mantissa, exponent = s[:i], e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if len(whole)+len(fraction) > 1000 {
		return 0, ErrRange
	}
	units, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return 0, ErrSyntax
	}
	return shift(units, exponent-len(fraction)+Places)
}

// extremeExponent decides numbers whose exponent is far outside the range:
// zero stays zero, tiny ones round to zero, huge ones are out of range.
func extremeExponent(mantissa, exponent string) (Number, error) {
	if strings.HasPrefix(exponent, "-") || strings.Trim(mantissa, "-0.") == "" {
		return 0, nil
	}
	return 0, ErrRange
}

// shift gives units × 10^by, rounded half away from zero.
func shift(units *big.Int, by int) (Number, error) {
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(abs(by))), nil)
	if by >= 0 {
		units.Mul(units, power)
	} else {
		units = divRound(units, power)
	}
	if !units.IsInt64() || units.Int64() == math.MinInt64 {
		return 0, ErrRange
	}
	return Number(units.Int64()), nil
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// divRound divides by a positive divisor and rounds half away from zero.
func divRound(n, divisor *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(n, divisor, new(big.Int))
	if r.Abs(r).Lsh(r, 1).Cmp(divisor) >= 0 {
		q.Add(q, big.NewInt(int64(n.Sign())))
	}
	return q
}

// wellFormed accepts -? digits ( . digits )? ( e [+-]? digits )?.
func wellFormed(s string) bool {
	s = strings.TrimPrefix(s, "-")
	mantissa := s
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa = s[:i]
		exponent := s[i+1:]
		if exponent != "" && (exponent[0] == '+' || exponent[0] == '-') {
			exponent = exponent[1:]
		}
		if !digits(exponent) {
			return false
		}
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	return digits(whole) && (!point || digits(fraction))
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// String writes the number with as few places as it needs: 1.5, -0.01, 200.
func (n Number) String() string {
	u := uint64(n)
	sign := ""
	if n < 0 {
		u, sign = -u, "-"
	}
	whole := strconv.FormatUint(u/Scale, 10)
	fraction := u % Scale
	if fraction == 0 {
		return sign + whole
	}
	digits := strconv.FormatUint(fraction+Scale, 10)[1:]
	return sign + whole + "." + strings.TrimRight(digits, "0")
}

// MarshalJSON writes the number as a JSON number.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalJSON reads a JSON number.
func (n *Number) UnmarshalJSON(b []byte) error {
	v, err := Parse(string(b))
	*n = v
	return err
}

// Float gives the nearest float64, for charts and models, never for money.
func (n Number) Float() float64 { return float64(n) / Scale }

// Sum adds Numbers exactly, in 128 bits, so that the order of addition and
// numbers of opposite sign never matter. The zero Sum is empty.
type Sum struct {
	hi    int64
	lo    uint64
	count int64
}

// Add adds one number.
func (s *Sum) Add(n Number) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, uint64(n), 0)
	s.hi += int64(n)>>63 + int64(carry)
	s.count++
}

// Count tells how many numbers were added.
func (s *Sum) Count() int64 { return s.count }

// Total gives the sum; one beyond the range of a Number is held at Max or Min,
// which still compares rightly with every Number inside the range.
func (s *Sum) Total() Number {
	if s.hi == int64(s.lo)>>63 && int64(s.lo) != math.MinInt64 {
		return Number(s.lo)
	}
	if s.hi < 0 {
		return Min
	}
	return Max
}

// Mean gives the sum divided by the count, rounded half away from zero;
// false if nothing was added.
func (s *Sum) Mean() (Number, bool) {
	if s.count == 0 {
		return 0, false
	}
	if s.hi == int64(s.lo)>>63 && int64(s.lo) != math.MinInt64 {
		return Number(meanShort(int64(s.lo), s.count)), true
	}
	total := new(big.Int).Lsh(big.NewInt(s.hi), 64)
	total.Add(total, new(big.Int).SetUint64(s.lo))
	return Number(divRound(total, big.NewInt(s.count)).Int64()), true
}

func meanShort(total, count int64) int64 {
	q, r := total/count, total%count
	switch {
	case r > 0 && r >= count-r:
		q++
	case r < 0 && -r >= count+r:
		q--
	}
	return q
}
