package index

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/columns"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
)

// Question is what a survey asks about all customers, or all companies, at an instant.
type Question struct {
	At      calendar.Instant
	Firms   bool     // the rules are about companies
	Counts  []string // rules: for how many customers each is true
	Members []string // rules: for which customers each is true
	Events  []string // types of events: on which days they happened
}

// Answers are those to a Question, in its order.
type Answers struct {
	Customers int
	Counts    []int             // -1 for a rule that does not fit the data, so that it cannot be asked
	Members   []*roaring.Bitmap // by the store's ids; nobody for a rule that cannot be asked
	Days      []*roaring.Bitmap // since 1970, in UTC; of events up to the instant
}

// Survey is a question while it is asked of one block after the other.
type Survey struct {
	question *Question
	programs []*eval.Program // those that are counted, then those whose members are wanted; nil if one cannot be asked
	ranks    [][]*eval.Ranks
	events   []int // the numbers of the types; -1 of one that is not known

	customers atomic.Int64
	counts    []atomic.Int64
	merging   sync.Mutex
	answers   *Answers
}

// NewSurvey makes a question ready for the blocks of a schema.
func NewSurvey(q *Question, schema *columns.Schema, places Places) *Survey {
	s := &Survey{question: q, counts: make([]atomic.Int64, len(q.Counts)), answers: &Answers{}}
	for _, text := range slices.Concat(q.Counts, q.Members) {
		s.programs = append(s.programs, compiled(text, q.Firms, schema, places))
	}
	s.ranks = make([][]*eval.Ranks, len(s.programs))
	for _, name := range q.Events {
		id, ok := schema.EventID(name)
		if !ok {
			id = -1
		}
		s.events = append(s.events, id)
		s.answers.Days = append(s.answers.Days, roaring.New())
	}
	for range q.Members {
		s.answers.Members = append(s.answers.Members, roaring.New())
	}
	return s
}

// compiled makes a rule ready; nil if it does not fit the data.
func compiled(text string, firms bool, schema *columns.Schema, places Places) *eval.Program {
	n, problems := rule.Parse(text)
	if problems.Fatal() {
		return nil
	}
	if firms {
		n = rule.ForCompanies(n)
	}
	if check.Check(n, schema.Catalog, check.Options{Lenient: true, Companies: firms}).Fatal() {
		return nil
	}
	p, err := eval.Compile(n, schema, places)
	if err != nil {
		return nil
	}
	return p
}

// Rank computes the ranks of the rules that need them, by a function that knows all blocks.
func (s *Survey) Rank(rank func(*eval.Program) []*eval.Ranks) {
	for i, p := range s.programs {
		if p != nil && p.NeedsRanks() {
			s.ranks[i] = rank(p)
		}
	}
}

// Worker gives a function that asks blocks one after the other; any number of
// workers may ask at a time.
func (s *Survey) Worker() func(*columns.Block) {
	machines := make([]*eval.Machine, len(s.programs))
	for i, p := range s.programs {
		if p != nil {
			machines[i] = p.Machine()
			machines[i].UseRanks(s.ranks[i])
		}
	}
	return func(b *columns.Block) {
		s.customers.Add(int64(b.Customers()))
		for i, m := range machines {
			switch at := i - len(s.counts); {
			case m == nil:
			case at < 0:
				s.counts[i].Add(int64(len(m.Select(b, s.question.At))))
			default:
				s.add(s.answers.Members[at], idsOf(b, m.Select(b, s.question.At)))
			}
		}
		for i, id := range s.events {
			if id < 0 {
				continue
			}
			if t := b.EventTable(id); t != nil {
				s.add(s.answers.Days[i], daysOf(b, t, s.question.At))
			}
		}
	}
}

func (s *Survey) add(all, some *roaring.Bitmap) {
	s.merging.Lock()
	defer s.merging.Unlock()
	all.Or(some)
}

func idsOf(b *columns.Block, rows []int32) *roaring.Bitmap {
	ids := roaring.New()
	for _, row := range rows {
		ids.Add(uint32(b.IDs[row]))
	}
	return ids
}

const day = 24 * 60 * 60 * 1000

// daysOf gives the days on which the events of a table happened.
func daysOf(b *columns.Block, t *columns.EventTable, at calendar.Instant) *roaring.Bitmap {
	days := roaring.New()
	begin, end := int64(0), int64(0) // of the day that was added last
	for row := range b.Rows() {
		if b.Gone(row) {
			continue
		}
		own, i := t.Of(row)
		if i+1 >= len(own.Off) {
			continue
		}
		for _, time := range own.Times[own.Off[i]:own.Off[i+1]] {
			if time >= begin && time < end || time < 0 || time > at {
				continue
			}
			days.Add(uint32(time / day))
			begin = time - time%day
			end = begin + day
		}
	}
	return days
}

// Answers gives what the blocks said.
func (s *Survey) Answers() *Answers {
	a := s.answers
	a.Customers = int(s.customers.Load())
	for i := range s.counts {
		n := int(s.counts[i].Load())
		if s.programs[i] == nil {
			n = -1
		}
		a.Counts = append(a.Counts, n)
	}
	return a
}

// Survey asks all customers, or all companies, in one pass, on all processors.
func (x *Index) Survey(ctx context.Context, q *Question) (*Answers, error) {
	if q.Firms {
		x = x.OfCompanies()
	}
	s := NewSurvey(q, x.Schema, x.Places)
	s.Rank(func(p *eval.Program) []*eval.Ranks { return p.Rank(x.Blocks, q.At) })
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(x.Blocks)) {
		workers.Go(func() {
			ask := s.Worker()
			for n := next.Add(1) - 1; n < int64(len(x.Blocks)) && ctx.Err() == nil; n = next.Add(1) - 1 {
				ask(x.Blocks[n])
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("the survey was interrupted: %w", err)
	}
	return s.Answers(), nil
}
