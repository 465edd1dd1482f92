package live

import (
	"slices"
	"sync"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/columns"
)

// shardBits is the binary logarithm of the number of customers of a shard.
const (
	shardBits = 12
	shardRows = 1 << shardBits
)

// place is where a customer stands: the shard and the row in it.
type place int32

func placeOf(shard, row int) place { return place(shard<<shardBits | row) }

func (p place) shard() int { return int(p) >> shardBits }
func (p place) row() int   { return int(p) & (shardRows - 1) }

// shard is a block of customers with what is known of their memberships. Who
// reads holds the lock for reading, the engine for writing while it edits.
type shard struct {
	sync.RWMutex
	block *columns.Block
	firms bool // its customers are companies

	// For each customer and slot (a version of a segment), row after row: who is
	// in, and when time alone can next change that.
	slots   int // how many there is room for
	words   int // of in, a row
	in      []uint64
	expires []calendar.Instant
	stored  []calendar.Instant // for each row what the store has as the customer's timer
}

func newShard(block *columns.Block, slots int) *shard {
	s := &shard{block: block}
	s.widen(slots)
	return s
}

// widen makes room for more slots.
func (s *shard) widen(slots int) {
	in, expires, words, had := s.in, s.expires, s.words, s.slots
	s.slots, s.words, s.in, s.expires = slots, (slots+63)/64, nil, nil
	s.lengthen()
	for row := range s.stored {
		copy(s.in[row*s.words:], in[row*words:(row+1)*words])
		copy(s.expires[row*s.slots:], expires[row*had:(row+1)*had])
	}
}

// lengthen makes room for the rows that the block has.
func (s *shard) lengthen() {
	rows := s.block.Rows()
	s.in = append(s.in, make([]uint64, rows*s.words-len(s.in))...)
	s.expires = never(s.expires, rows*s.slots)
	s.stored = never(s.stored, rows)
}

func never(list []calendar.Instant, n int) []calendar.Instant {
	from := len(list)
	list = slices.Grow(list, n-from)[:n]
	for i := from; i < n; i++ {
		list[i] = calendar.Never
	}
	return list
}

// shorten takes back the last row.
func (s *shard) shorten(rows int) {
	s.in, s.expires, s.stored = s.in[:rows*s.words], s.expires[:rows*s.slots], s.stored[:rows]
}

func (s *shard) member(row, slot int) bool {
	return set(s.in[row*s.words : (row+1)*s.words]).has(slot)
}

func (s *shard) setMember(row, slot int, in bool) {
	set(s.in[row*s.words:(row+1)*s.words]).put(slot, in)
}

// timers gives the instants of a customer, slot by slot.
func (s *shard) timers(row int) []calendar.Instant {
	return s.expires[row*s.slots : (row+1)*s.slots]
}

// earliest gives when time alone can next change a membership of a customer.
func (s *shard) earliest(row int) calendar.Instant {
	first := calendar.Never
	for _, t := range s.timers(row) {
		first = min(first, t)
	}
	return first
}

// forget frees a slot.
func (s *shard) forget(slot int) {
	for row := range s.stored {
		s.setMember(row, slot, false)
		s.expires[row*s.slots+slot] = calendar.Never
	}
}
