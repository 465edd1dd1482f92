package live

import "math/bits"

// set is a set of small numbers.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) has(i int) bool { return i>>6 < len(s) && s[i>>6]&(1<<(i&63)) != 0 }

func (s set) add(i int) { s[i>>6] |= 1 << (i & 63) }

func (s set) put(i int, in bool) {
	if in {
		s.add(i)
	} else {
		s[i>>6] &^= 1 << (i & 63)
	}
}

// addAll adds what another set, not longer than this one, has.
func (s set) addAll(other set) {
	for i, word := range other {
		s[i] |= word
	}
}

// next gives the first member from i on; -1 if there is none.
func (s set) next(i int) int {
	for w := i >> 6; w < len(s); w++ {
		word := s[w]
		if w == i>>6 {
			word &= ^uint64(0) << (i & 63)
		}
		if word != 0 {
			return w<<6 + bits.TrailingZeros64(word)
		}
	}
	return -1
}
