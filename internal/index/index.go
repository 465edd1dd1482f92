// Package index holds all customers of a workspace in memory, in blocks of
// columns, and runs programs over them. It is a cache: built from the store, or
// read from a snapshot of an earlier build, and thrown away at will.
package index

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
)

// blockRows is how many customers a block holds: few enough that the columns
// that a hundred rules read of one block stay in the processor's cache.
const blockRows = 4096

// Index is all customers of a workspace at one revision of its store. It is
// immutable and may be read by any number of goroutines.
type Index struct {
	Schema    *columns.Schema
	Companies *columns.Companies
	Blocks    []*columns.Block
	Places    Places
	Revision  int64 // of the store when it was read

	derived sync.Once
	firms   *Index // see OfCompanies

	lookup    sync.Once
	positions map[int64]Position
}

// Position is where a customer stands.
type Position struct {
	Block *columns.Block
	Row   int
}

// Rows gives the number of customers.
func (x *Index) Rows() int {
	n := 0
	for _, b := range x.Blocks {
		n += b.Customers()
	}
	return n
}

// Find gives the position of a customer by the store's id.
func (x *Index) Find(id int64) (Position, bool) {
	x.lookup.Do(func() {
		x.positions = make(map[int64]Position, x.Rows())
		for _, b := range x.Blocks {
			for row, id := range b.IDs {
				if !b.Gone(row) {
					x.positions[id] = Position{b, row}
				}
			}
		}
	})
	p, ok := x.positions[id]
	return p, ok
}

// OfCompanies gives the index whose customers are the companies: of rules about
// companies it is asked. It is made when it is first asked for.
func (x *Index) OfCompanies() *Index {
	x.derived.Do(func() {
		companies := *x.Companies
		companies.SeatPeople(x.Blocks)
		x.firms = &Index{Schema: x.Schema, Companies: &companies, Places: x.Places, Revision: x.Revision}
		x.firms.Blocks = columns.FirmBlocks(x.Schema, &companies)
	})
	return x.firms
}

// Compile makes a checked rule ready to run over the index.
func (x *Index) Compile(n rule.Node) (*eval.Program, error) {
	return eval.Compile(n, x.Schema, x.Places)
}

// Machine gives a machine for one program at one instant, with ranks if it needs them.
func (x *Index) Machine(p *eval.Program, now calendar.Instant) *eval.Machine {
	m := p.Machine()
	if p.NeedsRanks() {
		m.UseRanks(p.Rank(x.Blocks, now))
	}
	return m
}

// Count counts the members of each program at an instant, in one pass.
func (x *Index) Count(ctx context.Context, programs []*eval.Program, now calendar.Instant) ([]int, error) {
	totals := make([]atomic.Int64, len(programs))
	err := x.each(ctx, programs, now, func(b *columns.Block, i int, m *eval.Machine) {
		totals[i].Add(int64(len(m.Select(b, now))))
	})
	counts := make([]int, len(programs))
	for i := range totals {
		counts[i] = int(totals[i].Load())
	}
	return counts, err
}

// Members lists the members of a program at an instant, in the order of the index.
func (x *Index) Members(ctx context.Context, p *eval.Program, now calendar.Instant) ([]Position, error) {
	found := make(map[*columns.Block][]Position, len(x.Blocks))
	var mu sync.Mutex
	err := x.each(ctx, []*eval.Program{p}, now, func(b *columns.Block, _ int, m *eval.Machine) {
		var here []Position
		for _, row := range m.Select(b, now) {
			here = append(here, Position{b, int(row)})
		}
		mu.Lock()
		found[b] = here
		mu.Unlock()
	})
	var all []Position
	for _, b := range x.Blocks {
		all = append(all, found[b]...)
	}
	return all, err
}

// Verdicts evaluates each program for every customer at an instant, with
// expiries. The verdicts of program i are result[i], in the order of the index.
func (x *Index) Verdicts(ctx context.Context, programs []*eval.Program, now calendar.Instant) ([][]eval.Verdict, error) {
	first := make(map[*columns.Block]int, len(x.Blocks))
	rows := 0
	for _, b := range x.Blocks {
		first[b] = rows
		rows += b.Rows()
	}
	result := make([][]eval.Verdict, len(programs))
	for i := range result {
		result[i] = make([]eval.Verdict, rows)
	}
	err := x.each(ctx, programs, now, func(b *columns.Block, i int, m *eval.Machine) {
		for row := range b.Rows() {
			result[i][first[b]+row] = m.Verdict(b, row, now)
		}
	})
	return result, err
}

// each calls work for every block and program, on all processors; each worker
// takes whole blocks and has machines of its own.
func (x *Index) each(ctx context.Context, programs []*eval.Program, now calendar.Instant, work func(b *columns.Block, i int, m *eval.Machine)) error {
	ranks := make([][]*eval.Ranks, len(programs))
	for i, p := range programs {
		if p.NeedsRanks() {
			ranks[i] = p.Rank(x.Blocks, now)
		}
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(x.Blocks)) {
		workers.Go(func() {
			machines := make([]*eval.Machine, len(programs))
			for i, p := range programs {
				machines[i] = p.Machine()
				machines[i].UseRanks(ranks[i])
			}
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= len(x.Blocks) {
					return
				}
				for i, m := range machines {
					work(x.Blocks[n], i, m)
				}
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}

// Places tells where postcodes lie: by country and code, in degrees.
type Places map[[2]string][2]float64

// Place finds a postcode.
func (p Places) Place(country, code string) (lat, lon float64, ok bool) {
	at, ok := p[[2]string{country, code}]
	return at[0], at[1], ok
}
