package live

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
	"pgregory.net/rapid"
)

const (
	hour = calendar.Instant(3_600_000)
	day  = 24 * hour
)

// tryDisturbed runs random cases in which something happens before each step.
func tryDisturbed(t *testing.T, prepare func(tr *trial)) {
	root := memoryDir(t)
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(root, "case")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		tr := newTrial(rt, dir)
		prepare(tr)
		tr.run()
	})
}

// When the clock is set back or on, by a day, time never goes back: nothing is told
// twice, nothing is lost, and once the clock has caught up all goes on.
func TestMembershipsSurviveAClockThatJumps(t *testing.T) {
	tryDisturbed(t, func(tr *trial) {
		var engine *Engine
		var reached calendar.Instant
		tr.disturb = func() {
			s := tr.server
			now := s.engine.Instant()
			if engine == s.engine && now < reached {
				tr.Fatalf("time went back from %d to %d", reached, now)
			}
			engine, reached = s.engine, now // a new one goes on from the last commit that wrote something
			by := rapid.SampledFrom([]calendar.Instant{0, 0, -day, day, -1, -hour, 40 * day}).Draw(tr.T, "jump")
			s.clock.Set(s.clock.Now() + by)
		}
	})
}

// After months in which nobody followed time, all that it caused meanwhile is told in
// order, each transition with the instant at which it became true.
func TestMembershipsSurviveMonthsOfDowntime(t *testing.T) {
	tryDisturbed(t, func(tr *trial) {
		tr.disturb = func() {
			months := rapid.SampledFrom([]calendar.Instant{0, 0, 1, 7}).Draw(tr.T, "months")
			if months == 0 {
				return
			}
			s := tr.server
			s.settle()
			tr.told = len(s.log())
			s.close()
			s.clock.Set(s.clock.Now() + months*30*day)
			s.start()
			s.settle()
			tr.checkTimes()
		}
	})
}

// What another process writes counts from the next commit on, and is told as imported.
func TestMembershipsFollowAnotherProcess(t *testing.T) {
	tryDisturbed(t, func(tr *trial) {
		tr.apply = func(records ...record.Record) store.Result {
			s := tr.server
			if rapid.Bool().Draw(tr.T, "by the engine") {
				return s.apply(records...)
			}
			s.settle()
			told := len(s.log())
			other, err := store.Open(s.dir, "main")
			if err != nil {
				tr.Fatal(err)
			}
			result, err := other.Apply(context.Background(), records, s.clock.Now())
			if err := errors.Join(err, other.Close()); err != nil {
				tr.Fatal(err)
			}
			s.settle()
			for _, t := range s.log()[told:] {
				if t.Cause != store.CauseImport && t.Cause != store.CauseMerge {
					tr.Fatalf("what was imported is told with the cause %v", t.Cause)
				}
			}
			return result
		}
	})
}
