package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/store"
)

const (
	until calendar.Instant = 1_795_219_200_000 // 2026-11-21T00:00:00Z
	hour  calendar.Instant = 3_600_000
	day                    = 24 * hour
)

// size is how much the comparison is made with; KOHORTE_POSTGRES_CUSTOMERS asks for more.
func size(t *testing.T) benchdata.Options {
	t.Helper()
	customers := 2000
	if text := os.Getenv("KOHORTE_POSTGRES_CUSTOMERS"); text != "" {
		var err error
		if customers, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	return benchdata.Options{Customers: customers, Events: 50 * customers, Seed: 1, Until: until}
}

// TestSameMembers wants SQL to let in exactly those whom the rules let in: with the
// history, and again after a second's worth of events.
func TestSameMembers(t *testing.T) {
	o := size(t)
	d, err := Open(t.Context(), benchdata.Segments())
	if errors.Is(err, ErrAbsent) {
		t.Skip(err)
	}
	must(t, err)
	defer func() { must(t, d.Close()) }()
	s, err := store.Open(t.TempDir(), "bench")
	must(t, err)
	defer func() { must(t, s.Close()) }()
	must(t, s.Declare(t.Context(), benchdata.Catalog()))
	took(t, d, "loading", func() { must(t, d.Load(benchdata.Generate(o))) })
	apply(t, s, benchdata.Generate(o))
	c := &comparison{T: t, db: d, store: s}
	c.begin(until)
	c.compare(until, d.names)
	must(t, d.Tidy())
	// The second after the history, in which many act.
	news, acted := second(o)
	took(t, d, "a second's events", func() { must(t, d.Insert(news)) })
	apply(t, s, slices.Values(news))
	c.rebuild()
	c.compare(until+1000, acted)
	c.compare(until+hour/6, acted)
	c.compare(until+20*hour, d.names)
}

// second is what happens in the second after the history, and who acts in it.
func second(o benchdata.Options) ([]record.Record, []string) {
	var news []record.Record
	var acted []string
	n := min(20_000, o.Events/50)
	for r := range head(benchdata.More(o, o.Customers/10), n) {
		r.Time += int64(len(news)) * 1000 / int64(n)
		news, acted = append(news, r), append(acted, r.Customer[0].Value)
	}
	slices.Sort(acted)
	return news, slices.Compact(acted)
}

func head(all iter.Seq[record.Record], n int) iter.Seq[record.Record] {
	return func(yield func(record.Record) bool) {
		for r := range all {
			if n--; n < 0 || !yield(r) {
				return
			}
		}
	}
}

// comparison holds the shop in both, and the stays so far.
type comparison struct {
	*testing.T
	db    *DB
	store *store.Store
	index *index.Index
	stays []Stay
}

// begin makes up stays from before: of those who were members a while ago, some
// longer and some of whom have left.
func (c *comparison) begin(now calendar.Instant) {
	c.rebuild()
	for _, s := range benchdata.Segments()[:80] {
		for i, name := range c.members(s, now-5*day, c.index) {
			from := now - calendar.Instant(1+i%90)*day - calendar.Instant(i)*1000
			stay := Stay{Segment: s.Name, Customer: name, From: from, To: calendar.Never}
			if i%4 == 0 {
				stay.To = from + (now-from)/2
			}
			c.stays = append(c.stays, stay)
		}
	}
	for i, name := range c.db.names {
		if i%9 == 0 { // few would hesitate at any one time
			from := now - hour - calendar.Instant(i%7)*1000
			c.stays = append(c.stays, Stay{Segment: "hesitating", Customer: name, From: from, To: now - calendar.Instant(i%60)*60_000})
		}
	}
	must(c.T, c.db.SetStays(c.stays))
}

// rebuild reads the store anew.
func (c *comparison) rebuild() {
	must(c.T, c.store.View(context.Background(), func(v *store.View) (err error) {
		c.index, err = index.Build(context.Background(), v, nil)
		return err
	}))
}

// compare recomputes the segments in both.
func (c *comparison) compare(now calendar.Instant, customers []string) {
	var theirs [][]string
	took(c.T, c.db, fmt.Sprintf("recomputing for %d customers", len(customers)), func() {
		var err error
		theirs, err = c.db.Recompute(customers, now)
		must(c.T, err)
	})
	among := map[string]bool{}
	for _, name := range customers {
		among[name] = true
	}
	equal, all := 0, 0
	for i, s := range benchdata.Segments() {
		ours := slices.DeleteFunc(c.members(s, now, c.withStays()), func(name string) bool { return !among[name] })
		c.keep(s.Name, ours, among, now)
		slices.Sort(theirs[i])
		slices.Sort(ours)
		if !slices.Equal(ours, theirs[i]) {
			c.Errorf("%s: the rule lets in %d, SQL %d: %s\n%s", s.Name, len(ours), len(theirs[i]), s.Rule, difference(ours, theirs[i]))
			continue
		}
		if len(ours) == 0 || len(ours) == len(customers) {
			c.Logf("%s lets in %d of %d", s.Name, len(ours), len(customers))
		}
		equal, all = equal+1, all+len(ours)
	}
	c.Logf("%d segments have equal members, %d in all", equal, all)
}

// keep changes the stays in a segment as PostgreSQL does.
func (c *comparison) keep(segment string, members []string, among map[string]bool, now calendar.Instant) {
	in := map[string]bool{}
	for _, name := range members {
		in[name] = true
	}
	for i := range c.stays {
		s := &c.stays[i]
		if s.Segment == segment && s.To == calendar.Never && among[s.Customer] {
			if !in[s.Customer] {
				s.To = now
			}
			delete(in, s.Customer)
		}
	}
	for name := range in {
		c.stays = append(c.stays, Stay{Segment: segment, Customer: name, From: now, To: calendar.Never})
	}
}

func (c *comparison) withStays() *index.Index {
	at := map[string]index.Position{}
	for _, b := range c.index.Blocks {
		for row, name := range b.Names {
			at[name] = index.Position{Block: b, Row: row}
		}
	}
	slices.SortStableFunc(c.stays, func(a, b Stay) int { return cmp.Compare(a.From, b.From) })
	var stays []index.Stay
	for _, s := range benchdata.Segments() { // an empty stay makes a segment known
		stays = append(stays, index.Stay{Segment: s.Name, Customer: at[c.db.names[0]]})
	}
	for _, s := range c.stays {
		stays = append(stays, index.Stay{Segment: s.Segment, Customer: at[s.Customer], From: s.From, To: s.To})
	}
	return c.index.WithStays(stays)
}

func (c *comparison) members(s benchdata.Segment, now calendar.Instant, x *index.Index) []string {
	n, problems := rule.Parse(s.Rule)
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, x.Schema.Catalog, check.Options{})...)
	}
	if problems.Fatal() {
		c.Fatal(problems.Format(s.Name, s.Rule))
	}
	p, err := x.Compile(n)
	must(c.T, err)
	verdicts, err := x.Verdicts(context.Background(), []*eval.Program{p}, now)
	must(c.T, err)
	var names []string
	i := 0
	for _, b := range x.Blocks {
		for row := range b.Rows() {
			if verdicts[0][i+row].In {
				names = append(names, b.Names[row])
			}
		}
		i += b.Rows()
	}
	return names
}

func difference(a, b []string) string {
	only := func(a, b []string) []string {
		return slices.DeleteFunc(slices.Clone(a), func(name string) bool { return slices.Contains(b, name) })
	}
	first := func(all []string) []string { return all[:min(5, len(all))] }
	return fmt.Sprintf("only by the rule: %v, only by SQL: %v", first(only(a, b)), first(only(b, a)))
}

func apply(t *testing.T, s *store.Store, records iter.Seq[record.Record]) {
	t.Helper()
	var batch []record.Record
	flush := func() {
		_, err := s.Apply(t.Context(), batch, until)
		must(t, err)
		batch = batch[:0]
	}
	for r := range records {
		if batch = append(batch, r); len(batch) == 20_000 {
			flush()
		}
	}
	flush()
}

// took tells the processor time that PostgreSQL uses for some work.
func took(t *testing.T, d *DB, what string, work func()) {
	t.Helper()
	before, err := d.CPU()
	must(t, err)
	began := time.Now()
	work()
	wall := time.Since(began)
	after, err := d.CPU()
	must(t, err)
	t.Logf("%s: %v of PostgreSQL's processor time, %v on the wall", what, after-before, wall)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
