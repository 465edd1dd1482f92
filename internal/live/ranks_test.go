package live

import (
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/clock"
)

// The first rule with ranks is ranked from when it comes, not for each hour since the clock of the workspace.
func TestFirstRanksBeginNow(t *testing.T) {
	c := clock.NewManual(someday)
	s := serve(t, memoryDir(t), c, false)
	defer func() { s.close() }()
	s.apply(kick("u1", someday, 1), kick("u2", someday, 1), kick("u2", someday, 2))
	s.put("eager", "count(kick) >= 2")
	for range 2 {
		before := s.engine.Counts().Commits
		s.put("best", "top 50% by count(kick)")
		s.settle()
		s.in("best", "u2")
		if commits := s.engine.Counts().Commits - before; commits > 1000 { // some for each shard
			t.Fatalf("it took %d commits", commits)
		}
		if err := s.engine.RemoveSegment(t.Context(), "best"); err != nil {
			t.Fatal(err)
		}
		c.Advance(400 * 24 * time.Hour)
		s.settle()
	}
}
