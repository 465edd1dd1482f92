package advise

import (
	"math"
	"slices"

	"github.com/kohorte/kohorte/internal/overlap"
)

// pairs finds segments that have almost the same members, and those inside others.
func (a *advisor) pairs() {
	var sets []overlap.Set
	var of []*Segment
	for _, s := range a.segments {
		if size, known := s.size(); known && size >= fewMembers {
			sets, of = append(sets, overlap.Set{Name: s.Name, Members: s.Members}), append(of, s)
		}
	}
	references := make([]map[string]bool, len(of))
	for i, s := range of {
		references[i] = a.references(s.Name)
	}
	within := make([][]int, len(of)) // by the outer one
	all, pairs := a.compared(sets)
	for _, p := range pairs {
		s, t := of[p.A], of[p.B]
		switch {
		case references[p.A][t.Name] || references[p.B][s.Name]:
		case p.Jaccard() >= nearlySame && !byChance(&p, a.total(s)):
			a.duplicate(s, t, &p)
		case p.Both == p.SizeA && a.tells(s, t, p.SizeA, p.SizeB):
			within[p.B] = append(within[p.B], p.A)
		case p.Both == p.SizeB && a.tells(t, s, p.SizeB, p.SizeA):
			within[p.A] = append(within[p.A], p.B)
		}
	}
	for outer, inner := range within {
		if all || slices.Contains(a.Only, of[outer].Name) { // else more may lie in it
			a.inside(of, outer, inner)
		}
	}
}

// compared compares each two sets or, of many, those of interest with all.
func (a *advisor) compared(sets []overlap.Set) (all bool, pairs []overlap.Pair) {
	if len(sets) <= fewCompared || len(a.Only) == 0 && len(sets) <= mostCompared {
		return true, overlap.Pairs(sets)
	}
	for i, s := range sets {
		for j, t := range sets[:i] {
			if !slices.Contains(a.Only, s.Name) && !slices.Contains(a.Only, t.Name) || len(pairs) == mostCompared*mostCompared/2 {
				continue
			}
			pairs = append(pairs, overlap.Pair{
				A: j, B: i, SizeA: int(t.Members.GetCardinality()), SizeB: int(s.Members.GetCardinality()),
				Both: int(s.Members.AndCardinality(t.Members)),
			})
		}
	}
	return false, pairs
}

// byChance tells whether two sets that have nothing to do with each other would be as alike.
func byChance(p *overlap.Pair, all int) bool {
	x, y := float64(p.SizeA)/float64(all), float64(p.SizeB)/float64(all)
	return x*y/(x+y-x*y) >= p.Jaccard()-0.05
}

// tells tells whether it is worth a word that one segment lies in another: neither
// chance nor the rules bring it about.
func (a *advisor) tells(inner, outer *Segment, sizeInner, sizeOuter int) bool {
	chance := float64(sizeInner) * math.Log(float64(sizeOuter)/float64(a.total(outer)))
	return chance < math.Log(mostChance) && !a.implies(inner, outer)
}

func (a *advisor) duplicate(s, t *Segment, p *overlap.Pair) {
	alike := share(p.Jaccard())
	f := Finding{
		Kind: NearDuplicate, Segments: []string{s.Name, t.Name}, measure: int64(p.Jaccard() * 1000),
		Figures: figures("jaccard", alike, "both", p.Both, "first", p.SizeA, "second", p.SizeB),
		What: both("%s (%s) und %s (%s): %s sind in beiden, das sind %s derer, die in einem davon sind.",
			"%s (%s) and %s (%s): %s are in both, which is %s of those in either.", s.Name, p.SizeA, t.Name, p.SizeB, p.Both, alike),
	}
	if s.Rule != "" && s.Rule == t.Rule {
		f.What = joined(f.What, both("Die Regeln sind gleich.", "Their rules are the same."))
	}
	a.add(f)
}

// inside tells which segments lie in another one.
func (a *advisor) inside(of []*Segment, outer int, inner []int) {
	if len(inner) == 0 || len(inner) > mostInside {
		return
	}
	names, sizes := list{}, 0
	for _, i := range inner {
		size, _ := of[i].size()
		names, sizes = append(names, of[i].Name), sizes+size
	}
	size, _ := of[outer].size()
	f := Finding{
		Kind: Inside, Key: string(Inside) + ":" + of[outer].Name, Segments: append([]string{of[outer].Name}, names...), measure: int64(sizes),
		Figures: figures("inner", len(inner), "members", sizes, "outer", size),
		What: both("%s liegen ganz in %s (%s Mitglieder), ohne dass die Regeln das sagen.",
			"%s lie wholly in %s (%s members), though the rules do not say so.",
			names, of[outer].Name, size),
	}
	if len(inner) == 1 {
		f.What = both("%s (%s) liegt ganz in %s (%s), ohne dass die Regeln das sagen.", "%s (%s) lies wholly in %s (%s), though the rules do not say so.",
			of[inner[0]].Name, sizes, of[outer].Name, size)
	}
	a.add(f)
}
