package seen

import (
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/kohorte/kohorte/internal/store/lite"
	"pgregory.net/rapid"
)

// schema are the tables that the store's migrations make.
const schema = `PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
CREATE TABLE key_log (id INTEGER PRIMARY KEY, entries BLOB NOT NULL);
CREATE TABLE key_runs (run INTEGER PRIMARY KEY, level INTEGER NOT NULL, count INTEGER NOT NULL, filter BLOB NOT NULL, fences BLOB NOT NULL);
CREATE TABLE key_chunks (id INTEGER PRIMARY KEY, entries BLOB NOT NULL);`

type tester interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

func newConn(t tester, dir string) *lite.Conn {
	conn, err := lite.Open(filepath.Join(dir, "keys.db"), lite.Create)
	must(t, err)
	must(t, conn.Script(schema))
	return conn
}

func load(t tester, conn *lite.Conn, limit int) *Set {
	s, err := Load(conn)
	must(t, err)
	s.freshLimit = limit
	return s
}

func must(t tester, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// anyKey draws keys that are random, or alike in their first or last bytes.
func anyKey(t *rapid.T) Key {
	var k Key
	n := rapid.Uint64Range(0, 3000).Draw(t, "n")
	switch rapid.IntRange(0, 2).Draw(t, "form") {
	case 0:
		binary.BigEndian.PutUint64(k[8:], n)
	case 1:
		binary.LittleEndian.PutUint64(k[:], n<<48)
	default:
		binary.LittleEndian.PutUint64(k[:], mix(n))
		binary.LittleEndian.PutUint64(k[8:], mix(n+1))
	}
	return k
}

// TestAgreesWithMap adds keys in batches, some of which are rolled back, and
// loads the set again now and then; it must always know what a map knows.
func TestAgreesWithMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		conn := newConn(rt, t.TempDir())
		defer func() { must(rt, conn.Close()) }()
		limit := rapid.IntRange(1, 60).Draw(rt, "limit")
		s := load(rt, conn, limit)
		known := map[Key]uint64{}
		for range rapid.IntRange(1, 60).Draw(rt, "batches") {
			keep := rapid.IntRange(0, 9).Draw(rt, "keep") > 0
			must(rt, conn.Script("BEGIN"))
			added := addSome(rt, s, known)
			must(rt, s.Flush())
			if keep {
				must(rt, conn.Script("COMMIT"))
				for k, v := range added {
					known[k] = v
				}
			} else {
				must(rt, conn.Script("ROLLBACK"))
			}
			if !keep || rapid.IntRange(0, 9).Draw(rt, "reload") == 0 {
				must(rt, s.Close())
				s = load(rt, conn, limit)
			}
		}
		for k, want := range known {
			if got, found, err := s.Find(k); !found || got != want || err != nil {
				rt.Fatalf("%x gives %d %t %v, want %d", k, got, found, err, want)
			}
		}
		checkTables(rt, s, len(known))
		must(rt, s.Close())
	})
}

func addSome(t *rapid.T, s *Set, known map[Key]uint64) map[Key]uint64 {
	added := map[Key]uint64{}
	for range rapid.IntRange(0, 40).Draw(t, "keys") {
		k := anyKey(t)
		want, old := known[k]
		if v, again := added[k]; again {
			want, old = v, true
		}
		got, found, err := s.Find(k)
		if err != nil || found != old || found && got != want {
			t.Fatalf("%x gives %d %t %v, want %d %t", k, got, found, err, want, old)
		}
		if !found {
			added[k] = rapid.Uint64().Draw(t, "print")
			s.Add(k, added[k])
		}
	}
	return added
}

// checkTables counts what is stored: each key once, no chunk without its run, fewer small runs than make a large one.
func checkTables(t tester, s *Set, want int) {
	bytes, _, err := s.conn.Int("SELECT coalesce((SELECT sum(length(entries)) FROM key_log), 0) + coalesce((SELECT sum(length(entries)) FROM key_chunks), 0)")
	must(t, err)
	if int(bytes) != want*entrySize {
		t.Fatalf("%d bytes for %d keys", bytes, want)
	}
	chunks, smalls := 0, 0
	for _, r := range s.runs {
		chunks += r.chunks()
		if r.level == small {
			smalls++
		}
	}
	stored, _, err := s.conn.Int("SELECT count(*) FROM key_chunks")
	must(t, err)
	if int(stored) != chunks || smalls >= fanout {
		t.Fatalf("%d chunks stored, %d in runs; %d small runs", stored, chunks, smalls)
	}
}

// TestFilter measures the rate of error of a full filter.
func TestFilter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 100_000
	f := newFilter(n)
	keys := make([]Key, 2*n)
	for i := range keys {
		keys[i] = randomKey(r)
	}
	for _, k := range keys[:n] {
		p := newProbe(newEntry(k, 0))
		f.add(&p)
	}
	f = filterOf(f.bytes())
	wrong := 0
	for i, k := range keys {
		p := newProbe(newEntry(k, 0))
		switch has := f.mayHave(&p); {
		case i < n && !has:
			t.Fatal("the filter forgot a key")
		case i >= n && has:
			wrong++
		}
	}
	if wrong > n/500 {
		t.Errorf("%d of %d new keys pass the filter", wrong, n)
	}
}

func randomKey(r *rand.Rand) Key {
	var k Key
	binary.LittleEndian.PutUint64(k[:], r.Uint64())
	binary.LittleEndian.PutUint64(k[8:], r.Uint64())
	return k
}

// BenchmarkAdd looks up and adds new keys in batches of 10,000.
func BenchmarkAdd(b *testing.B) {
	conn := newConn(b, b.TempDir())
	defer conn.Close()
	s := load(b, conn, freshLimit)
	r := rand.New(rand.NewPCG(1, 2))
	must(b, conn.Script("BEGIN"))
	for i := 0; b.Loop(); i++ {
		if i%10_000 == 0 {
			must(b, s.Flush())
			must(b, conn.Script("COMMIT; BEGIN"))
		}
		k := randomKey(r)
		if _, found, err := s.Find(k); found || err != nil {
			b.Fatal("found a new key", err)
		}
		s.Add(k, 1)
	}
	b.ReportMetric(float64(len(s.runs)), "runs")
}
