package store

import (
	"context"
	"math/rand/v2"
	"testing"
)

// BenchmarkTransitions adds transitions as the live engine does, 1,000 a commit, with
// chapters and without; the processor time of both tells what chapters cost.
func BenchmarkTransitions(b *testing.B) {
	for name, size := range map[string]int64{"with chapters": chapterSize, "without chapters": 1 << 40} {
		b.Run(name, func(b *testing.B) {
			s, err := Open(b.TempDir(), "shop")
			must(b, err)
			s.SetChapter(size)
			const commit = 1000
			random, inside := rand.New(rand.NewPCG(1, 2)), map[[2]int64]bool{}
			began := cpu()
			for n := 0; n < b.N; n += commit {
				must(b, s.Update(context.Background(), now+int64(n), func(tx *Tx) error {
					for range commit {
						key := [2]int64{1 + random.Int64N(100), 1 + random.Int64N(1_000_000)}
						inside[key] = !inside[key]
						if err := tx.AddTransition(&Transition{Segment: key[0], Version: 1, Customer: key[1], Entered: inside[key], Due: now + int64(n)}); err != nil {
							return err
						}
					}
					return nil
				}))
			}
			b.ReportMetric(float64(cpu()-began)/float64(b.N), "cpu-ns/op")
			must(b, s.Close())
		})
	}
}

// TestChaptersAreSpread has a commit with many transitions: those after it write the chapters bit by bit.
func TestChaptersAreSpread(t *testing.T) {
	s := open(t)
	s.SetChapter(10)
	add := func(n int) (last int64) {
		must(t, s.Update(context.Background(), now, func(tx *Tx) error {
			for range n {
				if err := tx.AddTransition(&Transition{Segment: 1, Version: 1, Customer: int64(n), Entered: true, Due: now}); err != nil {
					return err
				}
			}
			return nil
		}))
		must(t, s.View(context.Background(), func(v *View) (err error) {
			last, _, err = v.conn.Int("SELECT max(last) FROM chapters")
			return err
		}))
		return last
	}
	for i, want := range []int64{0, 40, 80, 120} {
		if got := add([]int{9, 800, 1, 1}[i]); got != want {
			t.Errorf("after commit %d chapters go up to %d, want %d", i, got, want)
		}
	}
	for range 100 {
		add(1)
	}
	if got := add(1); got < 900 {
		t.Errorf("at last they go up to %d", got)
	}
}
