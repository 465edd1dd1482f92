package eval

import (
	"cmp"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/number"
)

// topCond is `top percent% by value`. It needs the ranks of all customers, which
// are computed together (Rank) and given to the machines.
type topCond struct {
	index   int
	percent number.Number
	by      scalar
}

// Ranks are the customers that are in the top of one `top` condition at one instant.
type Ranks struct {
	members map[*columns.Block][]bool
}

// rankEvery is how often ranks are computed again.
const rankEvery = int64(60 * 60 * 1000)

// nextRanking gives the instant at which ranks are computed again: the next full hour.
func nextRanking(now calendar.Instant) calendar.Instant {
	hour := now / rankEvery
	if now%rankEvery < 0 {
		hour--
	}
	return (hour + 1) * rankEvery
}

func (c *topCond) holds(m *Machine) bool {
	if c.index >= len(m.ranks) || m.ranks[c.index] == nil {
		return false
	}
	members := m.ranks[c.index].members[m.block]
	return m.row < len(members) && members[m.row] // who came later has no rank yet
}

func (c *topCond) change(m *Machine) calendar.Instant { return nextRanking(m.now) }

// NeedsRanks tells whether machines of the program must be given ranks first.
func (p *Program) NeedsRanks() bool { return len(p.ranks) > 0 }

// UseRanks gives the machine the ranks computed for the instant it will be asked about.
func (m *Machine) UseRanks(r []*Ranks) { m.ranks = r }

// Rank computes who is in the top of each `top` condition of the program at an
// instant: all customers with a known value in descending order, ties in
// ascending order of their names; the first ceil(percent of them) are in.
func (p *Program) Rank(blocks []*columns.Block, now calendar.Instant) []*Ranks {
	all := make([]*Ranks, len(p.ranks))
	m := p.Machine()
	for i, top := range p.ranks {
		all[i] = top.rank(m, blocks, now)
	}
	return all
}

func (c *topCond) rank(m *Machine, blocks []*columns.Block, now calendar.Instant) *Ranks {
	rows := 0
	for _, block := range blocks {
		rows += block.Rows()
	}
	values, known := make([][]int64, len(blocks)), make([]int64, 0, rows)
	for i, block := range blocks {
		values[i] = c.valuesOf(m, block, now)
		for _, v := range values[i] {
			if v != unset {
				known = append(known, v)
			}
		}
	}
	places := c.places(len(known))
	ranks := &Ranks{members: make(map[*columns.Block][]bool, len(blocks))}
	least := int64(calendar.Never)
	if places > 0 {
		least = nthGreatest(known, places)
	}
	var ties []tie
	for i, block := range blocks {
		members := make([]bool, len(values[i]))
		for row, v := range values[i] {
			if v > least {
				members[row] = true
				places--
			} else if v == least && v != unset {
				ties = append(ties, tie{block, row})
			}
		}
		ranks.members[block] = members
	}
	slices.SortFunc(ties, func(a, b tie) int { return cmp.Compare(a.block.Names[a.row], b.block.Names[b.row]) })
	for _, t := range ties[:places] {
		ranks.members[t.block][t.row] = true
	}
	return ranks
}

// tie is a customer whose value is the last that is in.
type tie struct {
	block *columns.Block
	row   int
}

// valuesOf computes the value for everybody in a block.
func (c *topCond) valuesOf(m *Machine, block *columns.Block, now calendar.Instant) []int64 {
	m.begin(block, now)
	all := make([]int64, block.Rows())
	for i := range all {
		all[i] = unset
	}
	rows := block.Settled(m.rows.take(len(all)))
	values := m.values(c.by, rows)
	for i, row := range rows {
		all[row] = values[i]
	}
	m.numbers.give(values)
	m.rows.give(rows)
	for row := range block.Changed() {
		m.row = row
		all[row] = c.by.scalar(m)
	}
	return all
}

// nthGreatest gives the n-th greatest of some numbers, whose order it changes.
// Method: quickselect, with the median of three as pivot.
func nthGreatest(v []int64, n int) int64 {
	lo, hi, want := 0, len(v)-1, n-1
	for lo < hi {
		pivot := median(v[lo], v[(lo+hi)/2], v[hi])
		i, j := lo, hi
		for i <= j {
			for v[i] > pivot {
				i++
			}
			for v[j] < pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case want <= j:
			hi = j
		case want >= i:
			lo = i
		default:
			return v[want]
		}
	}
	return v[want]
}

func median(a, b, c int64) int64 { return max(min(a, b), min(max(a, b), c)) }

// places gives ceil(percent of n), exactly.
func (c *topCond) places(n int) int {
	const hundred = 100 * number.Scale
	return (n*int(c.percent) + hundred - 1) / hundred
}
