package live

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/rule"
)

// Survey asks all customers, or all companies, many questions in one pass, while the engine
// goes on: each shard is asked between two of its edits. Companies read their people,
// too, so no commit is made while they are asked.
func (e *Engine) Survey(ctx context.Context, q *index.Question) (*index.Answers, error) {
	if err := e.refer(ctx, segmentsOf(q)); err != nil {
		return nil, err
	}
	if q.Firms {
		if err := e.haveFirms(ctx); err != nil {
			return nil, err
		}
		e.committing.RLock()
		defer e.committing.RUnlock()
	}
	e.structure.RLock()
	survey := index.NewSurvey(q, e.index.Schema, e.index.Places)
	shards := slices.DeleteFunc(slices.Clone(e.shards), func(s *shard) bool { return s.firms != q.Firms })
	e.structure.RUnlock()
	survey.Rank(func(p *eval.Program) []*eval.Ranks { return ranksOf(p, shards, q.At) })
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			ask := survey.Worker()
			for n := next.Add(1) - 1; n < int64(len(shards)) && ctx.Err() == nil; n = next.Add(1) - 1 {
				s := shards[n]
				s.RLock()
				ask(s.block)
				s.RUnlock()
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return survey.Answers(), nil
}

// haveFirms makes the shards of companies if there are none yet.
func (e *Engine) haveFirms(ctx context.Context) error {
	e.structure.RLock()
	open := e.firms != nil
	e.structure.RUnlock()
	if open {
		return nil
	}
	return e.do(ctx, (*cycle).openFirms)
}

// segmentsOf gives the segments that the rules of a question refer to.
func segmentsOf(q *index.Question) (names []string) {
	for _, text := range slices.Concat(q.Counts, q.Members) {
		if n, problems := rule.Parse(text); !problems.Fatal() {
			names = append(names, check.Mentions(n).Segments...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
