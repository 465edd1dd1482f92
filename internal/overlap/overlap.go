// Package overlap compares sets of customers: how much any two have in common, and
// exactly how many are in which of a few.
package overlap

import (
	"cmp"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// Set is a set of customers with a name, such as the members of a segment.
type Set struct {
	Name    string
	Members *roaring.Bitmap
}

// Pair is what two sets have in common. A and B are their places in the list.
type Pair struct {
	A, B         int
	SizeA, SizeB int
	Both         int // who is in both
}

// Jaccard is the share of those in both among those in any, from 0 to 1; two empty
// sets are not alike.
func (p *Pair) Jaccard() float64 { return share(p.Both, p.SizeA+p.SizeB-p.Both) }

// AInB is the share of the first that is in the second too, from 0 to 1; 0 of nobody.
func (p *Pair) AInB() float64 { return share(p.Both, p.SizeA) }

// BInA is the share of the second that is in the first too.
func (p *Pair) BInA() float64 { return share(p.Both, p.SizeB) }

// nearlySame is the share in common from which on one of two sets may be enough.
const nearlySame = 0.9

// NearlySame tells whether one of the two may be enough.
func (p *Pair) NearlySame() bool { return p.Jaccard() >= nearlySame }

func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// Pairs compares each set with each that comes after it: the first with all others,
// then the second, and so on. All processors work on it.
func Pairs(sets []Set) []Pair {
	sizes := make([]int, len(sets))
	starts := make([]int, len(sets))
	count := 0
	for i, s := range sets {
		sizes[i], starts[i] = int(s.Members.GetCardinality()), count
		count += len(sets) - 1 - i
	}
	pairs := make([]Pair, count)
	eachOnAll(len(sets), func(a int) {
		for b := a + 1; b < len(sets); b++ {
			pairs[starts[a]+b-a-1] = Pair{a, b, sizes[a], sizes[b], int(sets[a].Members.AndCardinality(sets[b].Members))}
		}
	})
	return pairs
}

// MostAlike is Pairs with those first that have the most in common.
func MostAlike(sets []Set) []Pair {
	pairs := Pairs(sets)
	slices.SortStableFunc(pairs, func(a, b Pair) int { return cmp.Compare(b.Jaccard(), a.Jaccard()) })
	return pairs
}

// eachOnAll does work for 0 up to n on all processors.
func eachOnAll(n int, work func(i int)) {
	next := make(chan int)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := range next {
				work(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}

// MostRegions is how many sets Regions takes apart.
const MostRegions = 8

// Region is an intersection: those who are in all of some sets.
type Region struct {
	Sets  uint // bit i for the set at i
	All   int  // in all of these, whatever else they are in
	Exact int  // in these and in no other
}

// In tells whether the region is about the set at a place.
func (r Region) In(i int) bool { return r.Sets>>i&1 == 1 }

// Names gives the names of its sets.
func (r Region) Names(sets []Set) (names []string) {
	for i, s := range sets {
		if r.In(i) {
			names = append(names, s.Name)
		}
	}
	return names
}

// Regions counts all intersections of up to MostRegions sets: those of one set
// first, in the order of the list, then those of two, and so on.
func Regions(sets []Set) ([]Region, error) {
	if len(sets) > MostRegions {
		return nil, fmt.Errorf("the intersections of up to %d segments can be told; these are %d", MostRegions, len(sets))
	}
	regions := make([]Region, 1<<len(sets))
	for i := range regions {
		regions[i].Sets = uint(i)
	}
	if len(sets) > 0 {
		split(sets, nil, 0, regions)
	}
	for i := range sets { // what is in all of some is the sum over all that contain these
		for r := range regions {
			if !regions[r].In(i) {
				regions[r].All += regions[r|1<<i].All
			}
		}
	}
	regions = regions[1:]
	slices.SortStableFunc(regions, func(a, b Region) int {
		if n := bits.OnesCount(a.Sets) - bits.OnesCount(b.Sets); n != 0 {
			return n
		}
		return int(bits.Reverse(b.Sets)>>1) - int(bits.Reverse(a.Sets)>>1) // the first set first
	})
	return regions, nil
}

// split takes those who are in and not in the sets decided so far, nil for everybody,
// apart by the next set.
func split(sets []Set, who *roaring.Bitmap, decided uint, regions []Region) {
	i := bits.Len(uint(len(regions))) - 1 - len(sets)
	if len(sets) == 0 {
		n := int(who.GetCardinality())
		regions[decided].Exact, regions[decided].All = n, n
		return
	}
	if who == nil {
		all := make([]*roaring.Bitmap, len(sets))
		for i, s := range sets {
			all[i] = s.Members
		}
		who = roaring.FastOr(all...)
	}
	if who.IsEmpty() {
		return
	}
	split(sets[1:], roaring.And(who, sets[0].Members), decided|1<<i, regions)
	split(sets[1:], roaring.AndNot(who, sets[0].Members), decided, regions)
}
