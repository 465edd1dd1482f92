package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/overlap"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// year is a log of a year as a busy workspace has it: the segments begin with up to
// half of the customers, then people enter and leave, some by time at midnight in
// the order of their numbers, some by events at any time.
type year struct {
	customers, segments, transitions int
	conn                             *lite.Conn
	add                              *lite.Stmt
	random                           *rand.Rand
	inside                           [][]bool
	seq                              int64
}

const (
	dayMillis                  = 24 * 3600 * 1000
	begin     calendar.Instant = 1_767_222_000_000 // 2026-01-01 in Berlin
)

// makeYear writes the log past the engine, and then its chapters as the engine's commits do.
func makeYear(b *testing.B, dir string, customers, segments, transitions int) {
	b.Helper()
	w := newWorkspace(b, dir, 1<<16)
	names := make([]string, segments)
	for i := range names {
		names[i] = fmt.Sprintf("s%03d", i)
	}
	w.put(begin, names...)
	must(b, w.store.Close())
	conn, err := lite.Open(filepath.Join(dir, "w.db"), lite.ReadWrite)
	must(b, err)
	must(b, conn.Script("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; BEGIN"))
	y := &year{customers: customers, segments: segments, transitions: transitions, conn: conn, random: rand.New(rand.NewPCG(1, 2))}
	y.addCustomers(b)
	y.write(b)
	must(b, conn.Script("COMMIT"))
	must(b, conn.Close())
	w = newWorkspace(b, dir, 1<<16)
	for range 1 + transitions>>16 { // each writes some of the chapters that are missing
		w.update(begin+366*dayMillis, func(tx *store.Tx) error { tx.Touch(); return nil })
	}
	must(b, w.store.Close())
}

func (y *year) addCustomers(b *testing.B) {
	b.Helper()
	for i := range y.customers {
		created := begin - dayMillis
		if i >= y.customers/10*9 {
			created = begin + int64(i%365)*dayMillis
		}
		must(b, y.conn.Run("INSERT INTO customers (id, kind, name, has_user, created) VALUES (?, 0, ?, 1, ?)", i+1, fmt.Sprintf("c%07d", i+1), created))
	}
}

func (y *year) write(b *testing.B) {
	b.Helper()
	var err error
	y.add, err = y.conn.Prepare("INSERT INTO transitions (seq, segment, version, customer, entered, due, committed, cause, part) VALUES (?, ?, 1, ?, ?, ?, ?, ?, 0)")
	must(b, err)
	y.inside = make([][]bool, y.segments)
	for s := range y.inside {
		y.inside[s] = make([]bool, y.customers)
		share := y.random.IntN(50)
		for c := range y.inside[s] {
			if y.random.IntN(100) < share {
				y.flip(b, s, c, begin, store.CauseEdit)
			}
		}
	}
	each := (y.transitions - int(y.seq)) / 365
	for d := range 365 {
		midnight := begin + int64(d)*dayMillis
		for n := range each / 2 { // segment by segment, customers in order
			s, c := n*y.segments/(each/2), y.random.IntN(y.customers/(each/2/y.segments+1)+1)
			y.flip(b, s, (n*97+c)%y.customers, midnight, store.CauseTime)
		}
		for n := range each - each/2 {
			y.flip(b, y.random.IntN(y.segments), y.random.IntN(y.customers), midnight+int64(n)*dayMillis/int64(each), store.CauseEvent)
		}
	}
	must(b, y.add.Close())
}

func (y *year) flip(b *testing.B, s, c int, due calendar.Instant, cause store.Cause) {
	y.inside[s][c] = !y.inside[s][c]
	entered := int64(0)
	if y.inside[s][c] {
		entered = 1
	}
	y.seq++
	for i, v := range [...]int64{y.seq, int64(s + 1), int64(c + 1), entered, due, due + 40, int64(cause)} {
		y.add.BindInt(i+1, v)
	}
	if err := y.add.Run(); err != nil {
		b.Fatal(err)
	}
}

func number(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

// BenchmarkYear asks each question of the history. KOHORTE_HISTORY_DIR keeps the log
// for the next time; KOHORTE_HISTORY_CUSTOMERS, _SEGMENTS and _TRANSITIONS make it larger.
func BenchmarkYear(b *testing.B) {
	customers, segments := number("KOHORTE_HISTORY_CUSTOMERS", 20_000), number("KOHORTE_HISTORY_SEGMENTS", 100)
	dir := os.Getenv("KOHORTE_HISTORY_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	if _, err := os.Stat(filepath.Join(dir, "w.db")); err != nil {
		began := clock.System{}.Now()
		makeYear(b, dir, customers, segments, number("KOHORTE_HISTORY_TRANSITIONS", 1_000_000))
		b.Logf("written in %d s", (clock.System{}.Now()-began)/1000)
	}
	s, err := store.OpenReadOnly(dir, "w")
	must(b, err)
	w := &workspace{b, s, nil}
	ctx := context.Background()
	ask := func(name string, question func(v *store.View, p *Past, all []store.FollowedSegment) error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w.past(func(v *store.View, p *Past) error {
					all, err := v.FollowedSegments(ctx)
					must(b, err)
					return question(v, p, all)
				})
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/answer")
		})
	}
	at := begin + 200*dayMillis + 12*3600*1000
	ask("members", func(_ *store.View, p *Past, _ []store.FollowedSegment) error {
		_, err := p.Members(ctx, 7, at)
		return err
	})
	ask("names", func(v *store.View, p *Past, _ []store.FollowedSegment) error {
		members, err := p.Members(ctx, 7, at)
		must(b, err)
		_, err = v.Names(ctx, members)
		return err
	})
	ask("course by day", func(_ *store.View, p *Past, _ []store.FollowedSegment) error {
		zone, err := calendar.LoadZone("Europe/Berlin")
		must(b, err)
		_, err = p.Course(ctx, 7, Marks(zone, begin, begin+365*dayMillis, calendar.Day))
		return err
	})
	ask("migration of all", func(_ *store.View, p *Past, all []store.FollowedSegment) error {
		_, err := p.Migration(ctx, begin+100*dayMillis, at, all, all)
		return err
	})
	ask("migration of 8", func(_ *store.View, p *Past, all []store.FollowedSegment) error {
		_, err := p.Migration(ctx, begin+100*dayMillis, at, all[:8], all[:8])
		return err
	})
	ask("overlap of all", func(_ *store.View, p *Past, all []store.FollowedSegment) error {
		sets, err := p.Sets(ctx, all, calendar.Never)
		must(b, err)
		overlap.Pairs(sets)
		return nil
	})
	must(b, s.Close())
}
