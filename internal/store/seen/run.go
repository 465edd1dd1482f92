package seen

import (
	"bytes"
	"fmt"
	"sort"

	"github.com/kohorte/kohorte/internal/store/lite"
)

// The levels of runs.
const (
	small = 1 // made of the newest keys
	large = 2 // made of small runs; large runs stay as they are, so that no import waits for long
)

// chunkEntries is how many entries lie in one row of key_chunks: as many as fit into a page.
const chunkEntries = 336

// maxChunks is how many chunks a run can have.
const maxChunks = 1 << 20

// run is a sorted list of entries in chunks.
type run struct {
	id     int64
	level  int
	count  int
	filter filter
	fences []byte // the first key of each chunk
}

// chunkID is the rowid of a chunk.
func (r *run) chunkID(i int) int64 { return r.id*maxChunks + int64(i) }

func (r *run) chunks() int { return len(r.fences) / keySize }

func (r *run) fence(i int) []byte { return r.fences[i*keySize:][:keySize] }

func (s *Set) loadRuns() error {
	q := s.conn.Query("SELECT run, level, count, filter, fences FROM key_runs ORDER BY run")
	for q.Next() {
		s.runs = append(s.runs, &run{
			id: q.Int(0), level: int(q.Int(1)), count: int(q.Int(2)), filter: filterOf(q.Bytes(3)), fences: bytes.Clone(q.Bytes(4)),
		})
	}
	return q.Close()
}

// findInRun looks into the one chunk that can have the key.
func (s *Set) findInRun(r *run, key Key) (uint64, bool, error) {
	i := sort.Search(r.chunks(), func(i int) bool { return bytes.Compare(r.fence(i), key[:]) > 0 }) - 1
	if i < 0 {
		return 0, false, nil
	}
	s.chunk.BindInt(1, r.chunkID(i))
	if !s.chunk.Next() {
		err := s.chunk.Reset()
		if err == nil {
			err = fmt.Errorf("run %d of the imported keys lacks its chunk %d", r.id, i)
		}
		return 0, false, err
	}
	print, found := findInChunk(s.chunk.Bytes(0), key)
	return print, found, s.chunk.Reset()
}

func findInChunk(chunk []byte, key Key) (uint64, bool) {
	n := len(chunk) / entrySize
	i := sort.Search(n, func(i int) bool { return bytes.Compare(chunk[i*entrySize:][:keySize], key[:]) >= 0 })
	if i == n {
		return 0, false
	}
	at := chunk[i*entrySize:]
	return decode(at).print, Key(at[:keySize]) == key
}

// mergeRuns makes one large run of the small ones when there are enough.
func (s *Set) mergeRuns() error {
	var merged, kept []*run
	total := 0
	for _, r := range s.runs {
		if r.level == small {
			merged = append(merged, r)
			total += r.count
		} else {
			kept = append(kept, r)
		}
	}
	if len(merged) < fanout {
		return nil
	}
	s.runs = kept
	w, err := s.newWriter(large, total)
	if err != nil {
		return err
	}
	if err := s.merge(merged, w); err != nil {
		return err
	}
	for _, r := range merged {
		if err := s.conn.Run("DELETE FROM key_chunks WHERE id BETWEEN ? AND ?", r.chunkID(0), r.chunkID(r.chunks()-1)); err != nil {
			return err
		}
		if err := s.conn.Run("DELETE FROM key_runs WHERE run = ?", r.id); err != nil {
			return err
		}
	}
	return nil
}

// merge writes the entries of some runs, in order.
func (s *Set) merge(runs []*run, w *writer) error {
	cursors := make([]*cursor, len(runs))
	for i, r := range runs {
		cursors[i] = &cursor{set: s, run: r}
		if err := cursors[i].next(); err != nil {
			return err
		}
	}
	for {
		var least *cursor
		for _, c := range cursors {
			if !c.ended && (least == nil || c.now.before(&least.now)) {
				least = c
			}
		}
		if least == nil {
			return w.finish()
		}
		if err := w.add(least.now); err != nil {
			return err
		}
		if err := least.next(); err != nil {
			return err
		}
	}
}

// cursor steps through the entries of a run.
type cursor struct {
	set   *Set
	run   *run
	chunk int
	rest  []byte
	buf   []byte
	now   entry
	ended bool
}

func (c *cursor) next() error {
	if len(c.rest) == 0 {
		if c.chunk == c.run.chunks() {
			c.ended = true
			return nil
		}
		q := c.set.conn.Query("SELECT entries FROM key_chunks WHERE id = ?", c.run.chunkID(c.chunk))
		q.Next()
		c.buf = append(c.buf[:0], q.Bytes(0)...)
		if err := q.Close(); err != nil {
			return err
		}
		c.rest = c.buf
		c.chunk++
	}
	c.now = decode(c.rest)
	c.rest = c.rest[entrySize:]
	return nil
}

// writer writes a run.
type writer struct {
	set    *Set
	run    *run
	chunk  []byte
	insert *lite.Stmt
}

func (s *Set) newWriter(level, count int) (*writer, error) {
	last, _, err := s.conn.Int("SELECT max(run) FROM key_runs")
	if err != nil {
		return nil, err
	}
	insert, err := s.conn.Prepare("INSERT INTO key_chunks (id, entries) VALUES (?, ?)")
	r := &run{id: last + 1, level: level, count: count, filter: newFilter(count)}
	return &writer{set: s, run: r, insert: insert}, err
}

func (w *writer) add(e entry) error {
	if len(w.chunk) == 0 {
		w.run.fences = appendKey(w.run.fences, e)
	}
	p := newProbe(e)
	w.run.filter.add(&p)
	w.chunk = appendEntry(w.chunk, e)
	if len(w.chunk) == chunkEntries*entrySize {
		return w.flush()
	}
	return nil
}

func (w *writer) flush() error {
	w.insert.BindInt(1, w.run.chunkID(w.run.chunks()-1))
	w.insert.BindBlob(2, w.chunk)
	w.chunk = w.chunk[:0]
	return w.insert.Run()
}

func (w *writer) finish() error {
	if len(w.chunk) > 0 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if err := w.insert.Close(); err != nil {
		return err
	}
	r := w.run
	w.set.runs = append(w.set.runs, r)
	return w.set.conn.Run("INSERT INTO key_runs (run, level, count, filter, fences) VALUES (?, ?, ?, ?, ?)",
		r.id, r.level, r.count, r.filter.bytes(), r.fences)
}
