package intake

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/table"
)

// groups collects the lines of orders, which need not stand together.
//
// The file is read once to count the lines of each order, so that on the next
// reading each order is complete, and forgotten, with its last line: lines that
// do stand together need hardly any memory. Where lines of orders stand so far
// apart that more than Memory would be held, half of the orders wait for another
// reading of the file, and so on.
type groups struct {
	*converter
	lines map[uint64]uint32 // of the orders by the hash of their ids; 0 once they are done
	open  map[string]*group
	held  int    // bytes of the rows of open orders
	until uint64 // orders whose hash is greater wait for another reading

	scratch []byte
}

// group is an order that is not complete.
type group struct {
	id   string
	hash uint64
	rows [][]byte // kept
	size int
}

// first is the line of the first row.
func (g *group) first() uint64 {
	line, _ := binary.Uvarint(g.rows[0])
	return line
}

const allHashes = ^uint64(0)

// groupOrders reads a file with several lines an order.
func (c *converter) groupOrders() error {
	g := &groups{converter: c, lines: map[uint64]uint32{}}
	if err := g.count(); err != nil {
		return err
	}
	for from, more := uint64(0), true; more; {
		g.open, g.until, g.held = map[string]*group{}, allHashes, 0
		if err := g.collect(from); err != nil {
			return err
		}
		if err := g.closeAll(); err != nil {
			return err
		}
		from, more = g.until+1, g.until != allHashes
	}
	return nil
}

// count counts the lines of each order.
func (g *groups) count() error {
	if err := g.begin(false); err != nil {
		return err
	}
	for n := 1; ; n++ {
		row, err := g.rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", g.in.Name, err)
		}
		if n%interval == 0 {
			g.show(true)
			if err := g.ctx.Err(); err != nil {
				return err
			}
		}
		if id := g.id(row); len(id) > 0 && !g.skips(row) {
			g.lines[hash(id)]++
		}
	}
}

// skips tells whether the mapping passes over a row.
func (g *groups) skips(row *table.Row) bool { return row.Fault == "" && anyFits(g.skip, row.Cells) }

// id gives the id of the order that a row belongs to.
func (g *groups) id(row *table.Row) []byte { return g.firstOf(mapping.Order, row.Cells) }

// hash is FNV-1a with its bits mixed once more, so that halves of the hashes are
// halves of the orders. Two orders with one hash are only kept longer.
func hash(id []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range id {
		h = (h ^ uint64(b)) * 1099511628211
	}
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// collect reads the file and closes the orders from a hash on that become complete.
func (g *groups) collect(from uint64) error {
	if err := g.begin(false); err != nil {
		return err
	}
	for n := 1; ; n++ {
		row, err := g.rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", g.in.Name, err)
		}
		if from == 0 {
			g.summary.Read++
		}
		if err := g.tick(n); err != nil {
			return err
		}
		if err := g.line(row, from); err != nil {
			return err
		}
	}
}

// line puts a row to its order.
func (g *groups) line(row *table.Row, from uint64) error {
	id := g.id(row)
	skipped := g.skips(row)
	switch {
	case from > 0 && (skipped || len(id) == 0):
		return nil // it was dealt with on the first reading
	case skipped:
		g.summary.Skipped++
		return nil
	case len(id) == 0 && row.Fault != "":
		return g.reject(row, row.Fault)
	case len(id) == 0:
		return g.reject(row, fmt.Sprintf("no order id: %s is empty", titles(g.roles[mapping.Order])))
	}
	h := hash(id)
	if h < from || h > g.until || g.lines[h] == 0 {
		return nil
	}
	order, ok := g.open[string(id)]
	if !ok {
		order = &group{id: string(id), hash: h}
		g.open[order.id] = order
	}
	g.scratch = g.rows.Keep(g.scratch[:0], row)
	kept := bytes.Clone(g.scratch)
	order.rows = append(order.rows, kept)
	order.size += len(kept) + lineCost
	g.held += len(kept) + lineCost
	if uint32(len(order.rows)) == g.lines[h] {
		return g.close(order)
	}
	if g.held > g.opt.Memory && len(g.open) > 1 {
		g.postpone(from)
	}
	return nil
}

// lineCost is what holding a row needs besides its bytes.
const lineCost = 48

// postpone leaves the upper half of the orders to another reading.
func (g *groups) postpone(from uint64) {
	for g.held > g.opt.Memory/2 && g.until > from {
		g.until = from + (g.until-from)/2
		for id, order := range g.open {
			if order.hash > g.until {
				g.held -= order.size
				delete(g.open, id)
			}
		}
	}
}

// close makes records of an order that is complete.
func (g *groups) close(order *group) error {
	delete(g.open, order.id)
	g.held -= order.size
	g.lines[order.hash] = 0
	return g.order(order.id, order.rows)
}

// closeAll closes the orders that two of one hash kept open.
func (g *groups) closeAll() error {
	var left []*group
	for _, order := range g.open {
		left = append(left, order)
	}
	slices.SortFunc(left, func(a, b *group) int { return cmp.Compare(a.first(), b.first()) })
	for _, order := range left {
		if err := g.close(order); err != nil {
			return err
		}
	}
	return nil
}
