package overlap

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"
)

func drawSets(t *rapid.T, most int) []Set {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Set {
		members := rapid.SliceOf(rapid.Uint32Range(0, 12)).Draw(t, "members")
		return Set{fmt.Sprint(len(members)), roaring.BitmapOf(members...)}
	}), 0, most).Draw(t, "sets")
}

// TestRegions asks of each customer in which sets it is.
func TestRegions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sets := drawSets(t, MostRegions)
		exact, all := map[uint]int{}, map[uint]int{}
		for c := range uint32(13) {
			in := uint(0)
			for i, s := range sets {
				if s.Members.Contains(c) {
					in |= 1 << i
				}
			}
			exact[in]++
			for some := range uint(1 << len(sets)) {
				if some&in == some {
					all[some]++
				}
			}
		}
		regions, err := Regions(sets)
		if err != nil || len(regions) != 1<<len(sets)-1 {
			t.Fatalf("%d regions, %v", len(regions), err)
		}
		for i, r := range regions {
			if r.Exact != exact[r.Sets] || r.All != all[r.Sets] {
				t.Fatalf("%+v, want %d of %d", r, exact[r.Sets], all[r.Sets])
			}
			if i > 0 && bits.OnesCount(regions[i-1].Sets) > bits.OnesCount(r.Sets) {
				t.Fatalf("%b comes after %b", r.Sets, regions[i-1].Sets)
			}
		}
	})
}

func TestOrderOfRegions(t *testing.T) {
	one := roaring.BitmapOf(1)
	regions, err := Regions([]Set{{"a", one}, {"b", one}, {"c", one}})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, r := range regions {
		for i, name := range []string{"a", "b", "c"} {
			if r.In(i) {
				got += name
			}
		}
		got += " "
	}
	if want := "a b c ab ac bc abc "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, err := Regions(make([]Set, 9)); err == nil {
		t.Error("nine sets were taken apart")
	}
}

func TestPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sets := drawSets(t, 6)
		pairs := Pairs(sets)
		n := 0
		for a := range sets {
			for b := a + 1; b < len(sets); b++ {
				p := pairs[n]
				n++
				both, any := 0, 0
				for c := range uint32(13) {
					inA, inB := sets[a].Members.Contains(c), sets[b].Members.Contains(c)
					if inA && inB {
						both++
					}
					if inA || inB {
						any++
					}
				}
				if p.A != a || p.B != b || p.Both != both || any > 0 && p.Jaccard() != float64(both)/float64(any) {
					t.Fatalf("%+v, want %d of %d", p, both, any)
				}
			}
		}
		if n != len(pairs) {
			t.Fatalf("%d pairs, want %d", len(pairs), n)
		}
	})
}

func TestShares(t *testing.T) {
	p := Pair{SizeA: 4, SizeB: 10, Both: 2}
	if p.AInB() != 0.5 || p.BInA() != 0.2 || p.Jaccard() != 2.0/12 {
		t.Errorf("%v %v %v", p.AInB(), p.BInA(), p.Jaccard())
	}
	if empty := (Pair{}); empty.Jaccard() != 0 || empty.AInB() != 0 {
		t.Error("nobody is alike")
	}
}

// hundred are a hundred segments over a million customers, up to half of them in each.
func hundred() []Set {
	random := rand.New(rand.NewPCG(1, 2))
	sets := make([]Set, 100)
	for i := range sets {
		sets[i].Members = roaring.New()
		share := random.IntN(50)
		for c := range uint32(1_000_000) {
			if random.IntN(100) <= share {
				sets[i].Members.Add(c)
			}
		}
	}
	return sets
}

func BenchmarkPairs(b *testing.B) {
	sets := hundred()
	for b.Loop() {
		Pairs(sets)
	}
}

func BenchmarkRegions(b *testing.B) {
	sets := hundred()[:MostRegions]
	for b.Loop() {
		if _, err := Regions(sets); err != nil {
			b.Fatal(err)
		}
	}
}
