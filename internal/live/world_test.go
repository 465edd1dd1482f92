package live

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/naive"
	"github.com/kohorte/kohorte/internal/record"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/store/faulttest"
)

// failer is *testing.T and *rapid.T.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// memoryDir gives a directory in memory where there is one, since tests sync often.
func memoryDir(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "live")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// server is an engine that runs.
type server struct {
	t        failer
	dir      string
	snapshot bool
	clock    *clock.Manual
	store    *store.Store
	engine   *Engine
	stop     context.CancelFunc
	ended    chan error
	disk     *faulttest.Disk  // nil for one that is never broken
	mend     func(error) bool // mends it after an error, and tells whether it is worth to try again
}

// try does what can fail while the disk is broken until it is done.
func (s *server) try(work func() error) {
	s.t.Helper()
	for {
		err := work()
		if err != nil && s.mend == nil {
			s.t.Fatal(err)
		}
		if err == nil || !s.mend(err) {
			return
		}
	}
}

func serve(t failer, dir string, clk *clock.Manual, snapshot bool) *server {
	t.Helper()
	s := &server{t: t, dir: dir, clock: clk, snapshot: snapshot}
	s.start()
	return s
}

func (s *server) start() {
	s.t.Helper()
	var err error
	if s.store, err = store.Open(s.dir, "main"); err != nil {
		s.t.Fatal(err)
	}
	s.run()
}

// run opens the engine over the open store and runs it.
func (s *server) run() {
	s.t.Helper()
	options := Options{Clock: s.clock, Log: slog.New(slog.DiscardHandler), Queue: 100_000, MaxBatch: 4_000, Workers: 2}
	if s.snapshot {
		options.Snapshot = filepath.Join(s.dir, "main.index")
	}
	engine, err := Open(context.Background(), s.store, options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.engine = engine
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.ended = stop, make(chan error, 1)
	go func() { s.ended <- engine.Run(ctx) }()
}

func (s *server) close() {
	s.t.Helper()
	if s.disk != nil {
		s.disk.Mend()
	}
	s.stop()
	if err := <-s.ended; err != nil {
		s.t.Fatal(err)
	}
	if err := s.store.Close(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) restart() {
	s.t.Helper()
	s.close()
	s.start()
}

// settle waits until all that is due was done, and until no segment is being filled.
func (s *server) settle() {
	s.t.Helper()
	for {
		var changed <-chan struct{}
		s.try(func() error {
			changed = s.engine.Changed()
			return s.engine.do(context.Background(), func(*cycle) error { return nil })
		})
		busy := slices.ContainsFunc(s.engine.Segments(), func(st Status) bool { return st.State == Filling || st.State == Editing })
		if !busy {
			break
		}
		<-changed
	}
	if s.disk != nil {
		s.disk.Mend() // tests read from it now
	}
}

func (s *server) apply(records ...record.Record) store.Result {
	s.t.Helper()
	var result store.Result
	s.try(func() (err error) {
		result, err = s.engine.Apply(context.Background(), records, nil)
		return err
	})
	return result
}

func (s *server) put(name, text string) {
	s.t.Helper()
	s.try(func() error { return s.engine.PutSegment(context.Background(), name, text, "", Edit{}) })
}

// putFirms defines a segment of companies.
func (s *server) putFirms(name, text string) {
	s.t.Helper()
	s.try(func() error {
		return s.engine.PutSegment(context.Background(), name, text, spec.Companies, Edit{})
	})
}

// log gives all transitions.
func (s *server) log() (list []store.Told) {
	s.t.Helper()
	err := s.store.View(context.Background(), func(v *store.View) (err error) {
		list, err = v.Transitions(context.Background(), 0, 1<<30, "")
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// members gives who is in each segment by name, as the engine has it.
func (s *server) members() map[string][]string {
	s.t.Helper()
	all := map[string][]string{}
	s.try(func() error {
		return s.engine.do(context.Background(), func(c *cycle) error {
			for name, seg := range s.engine.segments {
				all[name] = []string{}
				if seg.active == nil {
					continue
				}
				c.eachMember(seg.active.slot, func(at place, _ int64) {
					all[name] = append(all[name], s.engine.shards[at.shard()].block.Names[at.row()])
				})
				slices.Sort(all[name])
			}
			return nil
		})
	})
	return all
}

// everybody gives the names of all customers.
func (s *server) everybody(firms bool) (names []string) {
	s.t.Helper()
	s.try(func() error {
		return s.engine.do(context.Background(), func(*cycle) error {
			names = nil
			for _, at := range s.engine.places {
				if shard := s.engine.shards[at.shard()]; shard.firms == firms {
					names = append(names, shard.block.Names[at.row()])
				}
			}
			return nil
		})
	})
	return names
}

// stored gives who is in each segment by name, as the store has it.
func (s *server) stored() map[string][]string {
	s.t.Helper()
	all := map[string][]string{}
	err := s.store.View(context.Background(), func(v *store.View) error {
		segments, err := v.Segments(context.Background())
		if err != nil {
			return err
		}
		names := map[int64]string{}
		for _, segment := range segments {
			names[segment.ID], all[segment.Name] = segment.Name, []string{}
		}
		customers := map[int64]string{}
		if err := v.Customers(context.Background(), func(c store.Customer) error {
			customers[c.ID] = c.Name
			return nil
		}); err != nil {
			return err
		}
		err = v.Members(context.Background(), func(segment, customer int64, _ calendar.Instant) error {
			if name, ok := names[segment]; ok {
				all[name] = append(all[name], customers[customer])
			}
			return nil
		})
		for _, list := range all {
			slices.Sort(list)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// fact is one thing that is said of a visitor or user, as a record and as the
// naive evaluator holds it.
type fact struct {
	who    string // the identity under which it is said
	record record.Record
	add    func(c *naive.Customer, company func(id string) *naive.Company)
}

func identity(who string) record.Identity {
	if who[0] == 'a' {
		return record.Identity{Namespace: "anonymous", Value: who}
	}
	return record.Identity{Namespace: record.UserID, Value: who}
}

// facts says all that is known of a world's customers, one record for each fact.
func (w *world) facts() []fact {
	var facts []fact
	seen := map[string]bool{}
	say := func(id string, r record.Record, add func(*naive.Customer, func(string) *naive.Company)) {
		r.HasTime, r.Source = true, "test"
		key, _ := json.Marshal([]any{r.Kind, id, r.Time, string(r.Fields), r.Company, r.Role, r.Channel, r.Purpose, r.Granted})
		if r.Kind != record.Track && seen[string(key)] {
			return // to say the same of the same time again changes nothing
		}
		seen[string(key)] = true
		facts = append(facts, fact{id, r, add})
	}
	companies := map[*naive.Company]bool{}
	for _, c := range w.Customers {
		for _, change := range c.Attributes {
			say(c.ID, record.Record{Kind: record.Identify, Time: change.Time, Fields: w.object(change.Path, w.Catalog.Attributes, change.Value)},
				func(c *naive.Customer, _ func(string) *naive.Company) { c.Attributes = append(c.Attributes, change) })
		}
		for _, join := range c.Companies {
			id := join.Company.ID
			firm := record.Identity{Namespace: "company", Value: id}
			say(c.ID, record.Record{Kind: record.Group, Time: join.Time, Company: firm, Role: join.Role, Fields: []byte("{}")},
				func(c *naive.Customer, company func(string) *naive.Company) {
					c.Companies = append(c.Companies, naive.Join{Company: company(id), Time: join.Time, Role: join.Role})
				})
			if companies[join.Company] {
				continue
			}
			companies[join.Company] = true
			for _, change := range join.Company.Attributes {
				say("", record.Record{Kind: record.Group, Time: change.Time, Company: firm, Fields: w.object(change.Path, w.Catalog.Company, change.Value)},
					func(_ *naive.Customer, company func(string) *naive.Company) {
						company(id).Attributes = append(company(id).Attributes, change)
					})
			}
		}
		for _, e := range c.Events {
			props := map[string]json.RawMessage{}
			for path, value := range e.Props {
				props[path] = w.JSON(w.Catalog.Events[e.Type][path], value)
			}
			fields, _ := json.Marshal(props)
			say(c.ID, record.Record{Kind: record.Track, Event: e.Type, Time: e.Time, Fields: fields},
				func(c *naive.Customer, _ func(string) *naive.Company) { c.Events = append(c.Events, e) })
		}
		for _, d := range c.Consents {
			say(c.ID, record.Record{Kind: record.Consent, Time: d.Time, Channel: d.Channel, Purpose: d.Purpose, Granted: d.Granted},
				func(c *naive.Customer, _ func(string) *naive.Company) { c.Consents = append(c.Consents, d) })
		}
	}
	return facts
}

// object writes one field of a record.
func (w *world) object(path string, fields catalog.Fields, value any) []byte {
	text, _ := json.Marshal(map[string]json.RawMessage{path: w.JSON(fields[path], value)})
	return text
}

// world is what was said so far, and who turned out to be whom.
type world struct {
	*naive.World
	arrived []fact
	into    map[string]string // by identity
}

func (w *world) final(who string) string {
	for w.into[who] != "" {
		who = w.into[who]
	}
	return who
}

// now gives the world as the naive evaluator sees it, with memberships from the log.
func (w *world) now(log []store.Told, names func(customer int64) string, united map[string]bool) *naive.World {
	customers, companies := map[string]*naive.Customer{}, map[string]*naive.Company{}
	company := func(id string) *naive.Company {
		if companies[id] == nil {
			companies[id] = &naive.Company{ID: id}
		}
		return companies[id]
	}
	for i, f := range w.arrived {
		who := w.final(f.who)
		c := customers[who]
		if c == nil {
			c = &naive.Customer{ID: who}
			customers[who] = c
		}
		events := len(c.Events)
		if f.add(c, company); len(c.Events) > events {
			c.Events[events].Seq = int64(i)
		}
	}
	delete(customers, "")
	for who, c := range customers {
		c.Memberships = stays(log, func(customer int64) bool { return w.final(names(customer)) == who }, united[who])
	}
	for id, c := range companies {
		c.Memberships = stays(log, func(customer int64) bool { return names(customer) == id }, false)
	}
	made := *w.World
	made.Companies = slices.SortedFunc(maps.Values(companies), func(a, b *naive.Company) int { return cmp.Compare(a.ID, b.ID) })
	made.Customers = slices.SortedFunc(maps.Values(customers), func(a, b *naive.Customer) int { return cmp.Compare(a.ID, b.ID) })
	return &made
}

// stays puts the log of those whom a customer was together: in as long as any of
// them is. Of one into whom others were merged, stays that touch are one.
func stays(log []store.Told, of func(customer int64) bool, united bool) []naive.Membership {
	type stay struct {
		naive.Membership
		customer int64
	}
	var all []stay
	for _, t := range log {
		if !of(t.Customer) {
			continue
		}
		if t.Entered {
			all = append(all, stay{naive.Membership{Segment: t.SegmentName, From: t.Due}, t.Customer})
			continue
		}
		for i := range all {
			if s := &all[i]; s.Segment == t.SegmentName && s.customer == t.Customer && s.To == nil {
				due := t.Due
				s.To = &due
			}
		}
	}
	slices.SortStableFunc(all, func(a, b stay) int {
		return cmp.Or(cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.From, b.From))
	})
	var list []naive.Membership
	for _, s := range all {
		n := len(list) - 1
		if !united || n < 0 || list[n].Segment != s.Segment || list[n].To != nil && s.From > *list[n].To {
			list = append(list, s.Membership)
		} else if to := list[n].To; to != nil && (s.To == nil || *s.To > *to) {
			list[n].To = s.To
		}
	}
	return list
}
