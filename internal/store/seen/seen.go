// Package seen remembers which keys were imported, so that importing a fact
// again is noticed: a set of 16-byte keys, each with a fingerprint of what was
// imported under it, kept in the tables of the workspace's database.
//
// A unique index on random keys would touch a page of its own for each event.
// This set appends instead, as a log-structured merge tree does: the newest keys
// are in memory and in a log; when there are many, they become a sorted run,
// and sixteen runs become one large run. A filter for each run, in memory, tells
// for nearly every new key that the run does not have it.
package seen

import (
	"encoding/binary"
	"slices"

	"github.com/kohorte/kohorte/internal/store/lite"
)

// Key identifies a fact.
type Key = [keySize]byte

const (
	keySize   = 16
	entrySize = keySize + 8

	// freshLimit is how many keys the newest part holds before it becomes a run, fanout how many runs become a large one.
	freshLimit = 1 << 18
	fanout     = 16
)

// entry is a key, as two numbers in the order of its bytes, and the fingerprint of what it stands for.
type entry struct{ high, low, print uint64 }

func newEntry(key Key, print uint64) entry {
	return entry{binary.BigEndian.Uint64(key[:]), binary.BigEndian.Uint64(key[8:]), print}
}

func (e *entry) before(other *entry) bool {
	return e.high < other.high || e.high == other.high && e.low < other.low
}

func compare(a, b entry) int {
	switch {
	case a.before(&b):
		return -1
	case b.before(&a):
		return 1
	}
	return 0
}

// Set is the set of keys of a workspace. It writes within the transaction that
// is open on its connection. After a rollback it must be loaded again.
type Set struct {
	conn       *lite.Conn
	freshLimit int
	fresh      map[Key]uint64
	pending    []byte // entries that are not in the log yet
	runs       []*run
	chunk      *lite.Stmt
}

// Load reads what must be in memory.
func Load(conn *lite.Conn) (*Set, error) {
	s := &Set{conn: conn, freshLimit: freshLimit, fresh: map[Key]uint64{}}
	q := conn.Query("SELECT entries FROM key_log ORDER BY id")
	for q.Next() {
		for b := q.Bytes(0); len(b) >= entrySize; b = b[entrySize:] {
			s.fresh[Key(b[:keySize])] = decode(b).print
		}
	}
	if err := q.Close(); err != nil {
		return nil, err
	}
	if err := s.loadRuns(); err != nil {
		return nil, err
	}
	var err error
	s.chunk, err = conn.Prepare("SELECT entries FROM key_chunks WHERE id = ?")
	return s, err
}

// Close gives back what the set holds of its connection.
func (s *Set) Close() error { return s.chunk.Close() }

// Find gives the fingerprint that was added with a key.
func (s *Set) Find(key Key) (print uint64, found bool, err error) {
	if print, found = s.fresh[key]; found || len(s.runs) == 0 {
		return print, found, nil
	}
	probe := newProbe(newEntry(key, 0))
	for _, r := range s.runs {
		if !r.filter.mayHave(&probe) {
			continue
		}
		if print, found, err = s.findInRun(r, key); found || err != nil {
			return print, found, err
		}
	}
	return 0, false, nil
}

// Add adds a key that Find did not find.
func (s *Set) Add(key Key, print uint64) {
	s.fresh[key] = print
	s.pending = appendEntry(s.pending, newEntry(key, print))
}

// Flush writes what was added, and now and then reorganizes the runs.
func (s *Set) Flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	if len(s.fresh) < s.freshLimit {
		err := s.conn.Run("INSERT INTO key_log (entries) VALUES (?)", s.pending)
		s.pending = s.pending[:0]
		return err
	}
	if err := s.freshToRun(); err != nil {
		return err
	}
	return s.mergeRuns()
}

// freshToRun makes a run of the newest keys.
func (s *Set) freshToRun() error {
	entries := make([]entry, 0, len(s.fresh))
	for key, print := range s.fresh {
		entries = append(entries, newEntry(key, print))
	}
	slices.SortFunc(entries, compare)
	w, err := s.newWriter(small, len(entries))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := w.add(e); err != nil {
			return err
		}
	}
	if err := w.finish(); err != nil {
		return err
	}
	clear(s.fresh)
	s.pending = s.pending[:0]
	return s.conn.Run("DELETE FROM key_log")
}

func decode(b []byte) entry {
	return entry{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[keySize:])}
}

func appendKey(b []byte, e entry) []byte {
	b = binary.BigEndian.AppendUint64(b, e.high)
	return binary.BigEndian.AppendUint64(b, e.low)
}

func appendEntry(b []byte, e entry) []byte {
	return binary.LittleEndian.AppendUint64(appendKey(b, e), e.print)
}
