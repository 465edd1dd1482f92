package live

import (
	"context"
	"fmt"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Report is what a verification looked at and what it found.
type Report struct {
	Customers, Segments, Memberships, Transitions int
	Skipped                                       []string // segments that are filled or broken, with the reason
	Problems                                      []string // at most mostProblems; empty if all is well
}

const mostProblems = 20

func (r *Report) found(format string, args ...any) {
	if len(r.Problems) < mostProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

// Verify checks, at one moment of the store, whether the memberships are those that
// the data gives when it is read anew, whether the log leads to them, and whether
// no timer comes too late. It only reads; a server may go on meanwhile.
func Verify(ctx context.Context, s *store.Store, progress index.Progress) (*Report, error) {
	report := &Report{}
	if err := s.Check(ctx); err != nil {
		report.found("%v", err)
		return report, nil
	}
	err := s.View(ctx, func(v *store.View) error {
		e := &Engine{store: s, Options: Options{Progress: progress, Workers: 1}, segments: map[string]*segment{}, plan: newPlan(nil)}
		e.log = discard
		e.Clock = stopped(0)
		x, err := index.Build(ctx, v, progress)
		if err != nil {
			return err
		}
		e.use(x)
		if err := e.readState(ctx, v); err != nil {
			return err
		}
		return e.verify(ctx, v, report)
	})
	return report, err
}

func (e *Engine) verify(ctx context.Context, v *store.View, report *Report) error {
	evaluated, now, err := v.Followed()
	if err != nil {
		return err
	}
	if revision, _, err := v.Revision(ctx); err != nil {
		return err
	} else if revision != evaluated && len(e.segments) > 0 {
		report.Skipped = append(report.Skipped, "data came in while nobody followed it: start the server, then verify")
		return nil
	}
	report.Customers = e.people()
	members, err := e.replay(ctx, v, report)
	if err != nil {
		return err
	}
	earliest := map[int64]calendar.Instant{}
	for _, s := range e.ordered() {
		if s.Definition.Kind == spec.Segmentation || s.active == nil && s.Definition.State != spec.Active {
			continue // it has no members: of a segmentation the parts have, a draft has none, nor has what is retired
		}
		if s.active == nil {
			report.Skipped = append(report.Skipped, s.Name+": it is being filled")
			continue
		}
		if s.active.program.NeedsRanks() {
			report.Skipped = append(report.Skipped, s.Name+": its ranks are those of the hour in which they were computed")
			continue
		}
		if s.active.paused {
			report.Skipped = append(report.Skipped, s.Name+": it is paused")
			continue
		}
		report.Segments++
		e.verifySegment(s, now, members[s.ID], earliest, report)
	}
	for id, due := range earliest {
		at := e.places[id]
		if stored := e.shards[at.shard()].stored[at.row()]; stored > due {
			report.found("customer %d changes by time at %s, its timer says %s", id, calendar.Format(due), timerText(stored))
		}
	}
	return nil
}

func timerText(t calendar.Instant) string {
	if t == calendar.Never {
		return "never"
	}
	return calendar.Format(t)
}

func (e *Engine) ordered() []*segment {
	var list []*segment
	for _, s := range e.segments {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *segment) int { return int(a.ID - b.ID) })
	return list
}

// replay plays the log and compares who is in at its end with who is said to be.
func (e *Engine) replay(ctx context.Context, v *store.View, report *Report) (map[int64]map[int64]bool, error) {
	inside := map[int64]map[int64]bool{}
	err := v.Log(ctx, 0, func(t *store.Transition) error {
		report.Transitions++
		if inside[t.Segment] == nil {
			inside[t.Segment] = map[int64]bool{}
		}
		if inside[t.Segment][t.Customer] == t.Entered {
			report.found("transition %d repeats what was so already", t.Seq)
		}
		if t.Entered {
			inside[t.Segment][t.Customer] = true
		} else {
			delete(inside[t.Segment], t.Customer)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	stored := map[int64]map[int64]bool{}
	err = v.Members(ctx, func(segment, customer int64, _ calendar.Instant) error {
		report.Memberships++
		if stored[segment] == nil {
			stored[segment] = map[int64]bool{}
		}
		stored[segment][customer] = true
		if !inside[segment][customer] {
			report.found("customer %d is a member of segment %d, but not by the log", customer, segment)
		}
		return nil
	})
	for segment, customers := range inside {
		for customer := range customers {
			if !stored[segment][customer] {
				report.found("customer %d is a member of segment %d by the log, but not in fact", customer, segment)
			}
		}
	}
	return stored, err
}

// verifySegment evaluates a segment for everybody anew.
func (e *Engine) verifySegment(s *segment, now calendar.Instant, members map[int64]bool, earliest map[int64]calendar.Instant, report *Report) {
	machine := s.active.program.Machine()
	for _, block := range e.blocksOf(s.active.firms) {
		for row, id := range block.IDs {
			if block.Gone(row) {
				continue
			}
			v := s.active.rule(machine.Verdict(block, row, now), id, now)
			if v.In != members[id] {
				report.found("customer %d (%s) is a member of %s: %v; by the data: %v", id, block.Names[row], s.Name, members[id], v.In)
			}
			note(earliest, id, v)
		}
	}
}

func note(earliest map[int64]calendar.Instant, id int64, v eval.Verdict) {
	if known, ok := earliest[id]; v.Expires != calendar.Never && (!ok || v.Expires < known) {
		earliest[id] = v.Expires
	}
}

// VerifyMemory compares what the engine has in memory with what is stored, between two commits.
func (e *Engine) VerifyMemory(ctx context.Context) (problems []string, err error) {
	err = e.do(ctx, func(c *cycle) error {
		if err := c.writeTold(); err != nil {
			return err
		}
		report := &Report{}
		for _, s := range e.ordered() {
			if s.active == nil {
				continue
			}
			stored := map[int64]bool{}
			err := c.tx.Members(ctx, func(segment, customer int64, _ calendar.Instant) error {
				if segment == s.ID {
					stored[customer] = true
				}
				return nil
			})
			if err != nil {
				return err
			}
			c.eachMember(s.active.slot, func(_ place, id int64) {
				if !stored[id] {
					report.found("customer %d is a member of %s in memory, but not in the store", id, s.Name)
				}
				delete(stored, id)
			})
			for id := range stored {
				report.found("customer %d is a member of %s in the store, but not in memory", id, s.Name)
			}
		}
		problems = report.Problems
		return nil
	})
	return problems, err
}
