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
	return members != nil && members[m.row]
}

func (c *topCond) change(m *Machine) calendar.Instant { return nextRanking(m.now) }

// NeedsRanks tells whether machines of the program must be given ranks first.
func (p *Program) NeedsRanks() bool { return len(p.ranks) > 0 }

// UseRanks gives the machine the ranks computed for the instant it will be asked about.
func (m *Machine) UseRanks(r []*Ranks) { m.ranks = r }

// ranked is a customer with a known value.
type ranked struct {
	value int64
	block *columns.Block
	row   int
}

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
	var everyone []ranked
	ranks := &Ranks{members: make(map[*columns.Block][]bool, len(blocks))}
	for _, block := range blocks {
		ranks.members[block] = make([]bool, block.Rows())
		for row := range block.Rows() {
			m.block, m.row, m.now = block, row, now
			if v := c.by.scalar(m); v != unset {
				everyone = append(everyone, ranked{v, block, row})
			}
		}
	}
	slices.SortFunc(everyone, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.block.Names[a.row], b.block.Names[b.row]))
	})
	for _, r := range everyone[:c.places(len(everyone))] {
		ranks.members[r.block][r.row] = true
	}
	return ranks
}

// places gives ceil(percent of n), exactly.
func (c *topCond) places(n int) int {
	const hundred = 100 * number.Scale
	return (n*int(c.percent) + hundred - 1) / hundred
}
