package demo

import (
	"math/bits"
	"math/rand/v2"
)

// dice draws at random, in whole numbers only: floating point may round
// differently from one processor to the next, and the demo must not.
type dice struct{ pcg rand.PCG }

// What a stream of random numbers is for, so that no two streams are alike.
const (
	forPerson = iota + 1
	forDirt
	forShopper
	forVisitor
	forFirm
	forContact
	forDelivery
	forCopies
)

// newDice gives the stream of random numbers of one thing, the same whatever else is generated.
func newDice(seed uint64, purpose, number int) dice {
	var d dice
	d.pcg.Seed(scramble(seed+uint64(purpose)<<56), scramble(uint64(number)+1))
	return d
}

// scramble spreads a number over 64 bits, one to one (SplitMix64).
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below draws from 0 to n-1.
func (d *dice) below(n int) int { return int(d.span(int64(n))) }

// span draws a length of time shorter than n.
func (d *dice) span(n int64) int64 {
	hi, _ := bits.Mul64(d.pcg.Uint64(), uint64(n))
	return int64(hi)
}

// between draws from low to high, both included.
func (d *dice) between(low, high int) int { return low + d.below(high-low+1) }

// chance is true in so many of 1000 cases.
func (d *dice) chance(perMille int) bool { return d.below(1000) < perMille }

// exponential draws waiting times of this mean, by von Neumann's method: the
// fraction is the head of a falling run of odd length, the whole part counts the runs of even length.
func (d *dice) exponential(mean int64) int64 {
	for whole := uint64(0); ; whole++ {
		head := d.pcg.Uint64() >> 32
		for last, length := head, 1; ; length++ {
			next := d.pcg.Uint64() >> 32
			if next < last {
				last = next
				continue
			}
			if length%2 == 1 {
				hi, lo := bits.Mul64(uint64(mean), whole<<32|head)
				return int64(hi<<32 | lo>>32)
			}
			break
		}
	}
}

// heavy draws from a long-tailed distribution: at least 100, on average about
// 350, and now and then 10,000. (Exponentially many doublings make a Pareto distribution.)
func (d *dice) heavy() int64 {
	const one, most = 1 << 16, 7 * (1 << 16)
	doublings := min(d.exponential(one), most) // in 65536ths
	return 100 * (one + doublings%one) << (doublings / one) / one
}

// skewed draws an index below n, the first ones about twice as often as the middle ones.
func (d *dice) skewed(n int) int { return min(d.below(n), d.below(n)) }

// weighted draws an index in proportion to the weights.
func (d *dice) weighted(weights ...int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	at := d.below(total)
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// of draws one of some things, the first ones more often.
func of[T any](d *dice, things []T) T { return things[d.skewed(len(things))] }

// any draws one of some things, each equally often.
func anyOf[T any](d *dice, things ...T) T { return things[d.below(len(things))] }
