package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/rule"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// Failure is something in a scenario that is otherwise than expected.
type Failure struct {
	Line, Column int    // from 1
	Text         string // for people: where it is, what was expected, what came
}

// Result is what became of a scenario; it holds if there are no failures.
type Result struct {
	*Scenario
	Failures []Failure
}

// FileName is the name of the file in which the scenario stands.
func (s *Scenario) FileName() string { return s.file.Name }

// RunAll runs scenarios, so many at once, and hands on the results in their order.
// The error is that of the context, or of a machine on which nothing can be run.
func RunAll(ctx context.Context, list []*Scenario, parallel int, done func(Result)) error {
	results := make([]chan Result, len(list))
	for i := range results {
		results[i] = make(chan Result, 1)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	for range max(1, parallel) {
		workers.Go(func() {
			for i := range next {
				r, err := list[i].Run(ctx)
				if err != nil {
					stop(err)
				}
				results[i] <- r
			}
		})
	}
	workers.Go(func() {
		defer close(next)
		for i := range list {
			next <- i
		}
	})
	for _, r := range results {
		if result := <-r; ctx.Err() == nil {
			done(result)
		}
	}
	workers.Wait()
	return context.Cause(ctx)
}

// Run runs a scenario against the evaluator and the live engine. The error is one
// of the machine, not of the scenario.
func (s *Scenario) Run(ctx context.Context) (Result, error) {
	r := runner{Scenario: s, ctx: ctx, world: newWorld(s)}
	for _, step := range s.steps {
		if begin, ok := step.(*at); ok {
			r.now = begin.instant
			break
		}
	}
	r.world.now = r.now
	var err error
	if r.server, err = newServer(ctx, s, r.now); err != nil {
		return Result{Scenario: s}, err
	}
	defer r.server.remove()
	err = r.run()
	if errors.Is(err, errStopped) {
		err = nil
	}
	return Result{s, r.failures}, err
}

// errStopped ends a scenario after a failure that makes the rest pointless.
var errStopped = errors.New("stopped")

// runner carries a scenario out.
type runner struct {
	*Scenario
	ctx      context.Context
	world    *world
	server   *server
	now      calendar.Instant
	pending  []*fact // that come together with what follows
	agreed   int     // how many transitions the two agreed on
	told     int     // how many transitions were expected so far
	failures []Failure
}

// run does one step after the other; what follows of each is the same in both runs.
func (r *runner) run() error {
	if err := r.world.renew(); err != nil {
		return err
	}
	for _, step := range r.steps {
		if f, ok := step.(*fact); ok {
			r.pending = append(r.pending, f)
			continue
		}
		err := r.flush(step)
		if err == nil {
			err = r.do(step)
		}
		if err != nil {
			return r.trouble(step, err)
		}
	}
	if len(r.pending) == 0 {
		return nil
	}
	last := r.pending[len(r.pending)-1]
	return r.trouble(last, r.flush(last))
}

// trouble makes failures of the errors that the scenario is to blame for.
func (r *runner) trouble(step step, err error) error {
	if err == nil || errors.Is(err, errStopped) || r.ctx.Err() != nil {
		return err
	}
	r.fail(step.where(), err.Error(), "")
	return errStopped
}

// flush has the facts that wait come in together.
func (r *runner) flush(before step) error {
	facts := r.pending
	r.pending = nil
	if len(facts) == 0 {
		return nil
	}
	refused, err := r.server.receive(facts, r.now)
	if err != nil {
		return err
	}
	for _, f := range facts {
		r.compareRefusal(f, refused[f])
	}
	facts = slices.DeleteFunc(facts, func(f *fact) bool { return refused[f] != "" })
	if err := r.world.receive(facts); err != nil {
		return err
	}
	return r.agree(before)
}

func (r *runner) compareRefusal(f *fact, reason string) {
	switch {
	case reason == "" && f.refused != nil:
		r.fail(f.refused.Span, "the fact was taken in without a problem", "")
	case reason != "" && f.refused == nil:
		r.fail(f.Span, "this "+reason, "")
	case reason != "" && !strings.Contains(reason, f.refused.text):
		r.fail(f.refused.Span, "the fact is refused for another reason", "  got: "+reason+"\n")
	}
}

func (r *runner) do(s step) error {
	var err error
	switch s := s.(type) {
	case *at:
		r.now = s.instant
		err = errors.Join(r.world.follow(s.instant), r.server.moveTo(s.instant))
	case *segment:
		err = r.define(s)
	case *division:
		err = r.divide(s)
	case *usage:
		err = r.use(s)
	case *removal:
		r.world.remove(s.name)
		err = r.server.engine.RemoveSegment(r.ctx, s.name)
	case *restart:
		err = r.server.restart()
	case *correction:
		err = errors.Join(r.world.correct(s), r.server.correct(s))
	case *expectMembers:
		r.compareMembers(s)
		return nil
	case *expectOne:
		return r.compareOne(s)
	case *expectTransitions:
		r.compareTransitions(s)
		return nil
	}
	if err != nil {
		return err
	}
	return r.agree(s)
}

// define gives a segment its rule in both runs, or compares what is wrong with it.
func (r *runner) define(s *segment) error {
	n, problems := r.world.check(s)
	var wrong *live.Wrong
	d := spec.Definition{Name: s.name, Rule: s.text}
	if s.firms {
		d.Members = spec.Companies
	}
	_, err := r.server.engine.Define(r.ctx, d, live.Edit{})
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	if problems.Fatal() != (err != nil) {
		r.fail(s.Span, "the check and the live engine disagree about this rule", "  check:       "+problems.Format("", "")+fmt.Sprintf("  live engine: %v\n", err))
		return errStopped
	}
	if problems.Fatal() || s.refused != nil {
		r.compareProblems(s, problems)
	}
	switch {
	case problems.Fatal() && s.refused == nil:
		return errStopped
	case problems.Fatal():
		return nil
	}
	delete(r.world.hands, s.name)
	return errors.Join(r.world.define(map[string]rule.Node{s.name: n}, s.firms, nil), r.server.settle())
}

// divide gives a segmentation its parts in both runs, or compares what is wrong with it.
func (r *runner) divide(s *division) error {
	possible := r.world.divides(&s.segmentation)
	var wrong *live.Wrong
	_, err := r.server.engine.Define(r.ctx, s.segmentation, live.Edit{})
	switch {
	case err != nil && !errors.As(err, &wrong):
		return err
	case possible != (err == nil):
		r.fail(s.Span, "the check and the live engine disagree about this segmentation", fmt.Sprintf("  check:       possible: %v\n  live engine: %v\n", possible, err))
		return errStopped
	case err == nil && s.refused != nil:
		r.fail(s.refused.Span, "the segmentation has no such problem", "  nothing is wrong with it\n")
		return errStopped
	case err == nil:
		return errors.Join(r.world.divide(&s.segmentation), r.server.settle())
	case s.refused == nil:
		r.fail(s.Span, wrong.Text, "")
		return errStopped
	case s.refused.warning || !strings.Contains(wrong.Text, s.refused.text):
		r.fail(s.refused.Span, "the segmentation has no such problem", "  "+wrong.Text+"\n")
	}
	return nil
}

func (r *runner) compareProblems(s *segment, problems rule.Problems) {
	if s.refused == nil {
		line, column := r.position(s.Span)
		r.failures = append(r.failures, Failure{line, column, problems.Format(r.file.Name, r.file.Text)})
		return
	}
	for _, p := range problems {
		said := p.Message
		if p.Hint != "" {
			said += "; " + p.Hint
		}
		if p.Warning == s.refused.warning && strings.Contains(said, s.refused.text) {
			return
		}
	}
	detail := ""
	for line := range strings.Lines(problems.Format(r.file.Name, r.file.Text)) {
		detail += "  " + line
	}
	if detail == "" {
		detail = "  nothing is wrong with it\n"
	}
	r.fail(s.refused.Span, "the rule of "+s.name+" has no such problem", detail)
}
