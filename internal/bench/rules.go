package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
)

// rounds is how often a question is asked; the least time counts, since what
// disturbs only ever adds.
const rounds = 3

func (b *bench) compile(texts []string) ([]*eval.Program, error) {
	programs := make([]*eval.Program, len(texts))
	for i, text := range texts {
		n, problems := rule.Parse(text)
		if !problems.Fatal() {
			problems = append(problems, check.Check(n, b.index.Schema.Catalog, check.Options{})...)
		}
		if problems.Fatal() {
			return nil, fmt.Errorf("%s", problems.Format("rule", text))
		}
		p, err := b.index.Compile(n)
		if err != nil {
			return nil, err
		}
		programs[i] = p
	}
	return programs, nil
}

// patience is after how much time there are no more rounds.
const patience = 20 * time.Second

// least gives the least processor time of some rounds of work.
func least(work func() error) (time.Duration, error) {
	best, spent := time.Duration(1<<63-1), time.Duration(0)
	for round := 0; round < rounds && spent < patience; round++ {
		cpu, wall, err := timed(work)
		if err != nil {
			return 0, err
		}
		best, spent = min(best, cpu), spent+wall
	}
	return best, nil
}

// typical asks each typical rule of everyone, and the same in SQL.
func (b *bench) typical(ctx context.Context) error {
	var sql *questions
	if !b.SkipSQL {
		b.Log("building the indexes that SQL needs")
		var err error
		if sql, err = b.prepareSQL(); err != nil {
			return err
		}
		defer func() { _ = sql.close() }()
	}
	for _, text := range benchdata.Typical() {
		if err := b.ask(ctx, sql, text); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) ask(ctx context.Context, sql *questions, text string) error {
	programs, err := b.compile([]string{text})
	if err != nil {
		return err
	}
	var counts []int
	own, err := least(func() (err error) {
		counts, err = b.index.Count(ctx, programs, until)
		return err
	})
	if err != nil {
		return err
	}
	ratio := ""
	if sql != nil {
		count, theirs, err := sql.count(text)
		if err != nil {
			return err
		}
		if count != counts[0] {
			return fmt.Errorf("SQL counts %d, Kohorte %d: %s", count, counts[0], text)
		}
		ratio = fmt.Sprintf("%.0f", theirs.Seconds()/own.Seconds())
	}
	target := fmt.Sprintf("at most %.0f ms", 150*float64(b.Customers)/1e6)
	b.add("`"+text+"`", target, ratio, "%.1f ms", float64(own.Microseconds())/1000)
	return nil
}

// hundred asks a hundred rules of everyone in one pass, and of a thousand customers.
func (b *bench) hundred(ctx context.Context) error {
	programs, err := b.compile(benchdata.Rules())
	if err != nil {
		return err
	}
	all, err := least(func() error {
		_, err := b.index.Count(ctx, programs, until)
		return err
	})
	if err != nil {
		return err
	}
	b.add(fmt.Sprintf("%d rules over everyone in one pass", len(programs)), fmt.Sprintf("at most %.2f s", 2.5*float64(b.Customers)/1e6), "",
		"%.2f s", all.Seconds())
	machines := make([]*eval.Machine, len(programs))
	for i, p := range programs {
		machines[i] = b.index.Machine(p, until) // ranks are computed once an hour, not with each question
	}
	some, err := least(func() error { return b.askSome(machines) })
	b.add(fmt.Sprintf("the same for %d given customers", given), "at most 25 ms", "", "%.1f ms", float64(some.Microseconds())/1000)
	return err
}

// given is how many customers are asked about one by one.
const given = 1000

// askSome asks all machines about customers that are spread over the index.
func (b *bench) askSome(machines []*eval.Machine) error {
	for _, m := range machines {
		for i := range given {
			block := b.index.Blocks[i*len(b.index.Blocks)/given]
			m.Holds(block, i*7919%block.Rows(), until)
		}
	}
	return nil
}
