package intake

import (
	"math/bits"

	"github.com/kohorte/kohorte/internal/number"
)

// sum adds quantities times prices exactly: it has eight decimal places, in 128
// bits, and rounds once at the end.
type sum struct {
	hi int64
	lo uint64
}

// add adds a product of two numbers.
func (s *sum) add(a, b number.Number) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if (a < 0) != (b < 0) {
		hi, lo = negate(hi, lo)
	}
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	sumHi, _ := bits.Add64(uint64(s.hi), hi, carry)
	s.hi = int64(sumHi)
}

func magnitude(n number.Number) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func negate(hi, lo uint64) (uint64, uint64) {
	lo, borrow := bits.Sub64(0, lo, 0)
	hi, _ = bits.Sub64(0, hi, borrow)
	return hi, lo
}

// total rounds the sum half away from zero; false if it is beyond the range of a number.
func (s *sum) total() (number.Number, bool) {
	hi, lo := uint64(s.hi), s.lo
	if s.hi < 0 {
		hi, lo = negate(hi, lo)
	}
	if hi >= number.Scale {
		return 0, false
	}
	quotient, rest := bits.Div64(hi, lo, number.Scale)
	if rest*2 >= number.Scale {
		quotient++
	}
	if quotient > uint64(number.Max) {
		return 0, false
	}
	if s.hi < 0 {
		return -number.Number(quotient), true
	}
	return number.Number(quotient), true
}

// merge adds another sum.
func (s *sum) merge(o sum) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, o.lo, 0)
	hi, _ := bits.Add64(uint64(s.hi), uint64(o.hi), carry)
	s.hi = int64(hi)
}
