package scenario

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// server is a run against the live engine, over a store of its own.
type server struct {
	ctx    context.Context
	dir    string
	clock  *clock.Manual
	store  *store.Store
	engine *live.Engine
	stop   context.CancelFunc
	ended  chan error
	seqs   map[string]int64 // of the events that have names
}

// inMemory is a directory in memory, where a machine has one: a store syncs often.
const inMemory = "/dev/shm"

// newServer makes a workspace with the fields of a scenario.
func newServer(ctx context.Context, s *Scenario, now calendar.Instant) (*server, error) {
	dir, err := os.MkdirTemp(inMemory, "kohorte-test")
	if err != nil {
		dir, err = os.MkdirTemp("", "kohorte-test")
	}
	if err != nil {
		return nil, err
	}
	sv := &server{ctx: ctx, dir: dir, clock: clock.NewManual(now), seqs: map[string]int64{}}
	if err := sv.prepare(s); err != nil {
		sv.remove()
		return nil, err
	}
	return sv, nil
}

func (sv *server) prepare(s *Scenario) error {
	st, err := store.Open(sv.dir, "main")
	if err != nil {
		return err
	}
	sv.store = st
	if err := st.Declare(sv.ctx, s.known); err != nil {
		return err
	}
	if len(s.postcodes) > 0 {
		var list []store.Postcode
		for _, p := range s.postcodes {
			list = append(list, store.Postcode{Country: p.country, Code: p.code, Lat: p.lat, Lon: p.lon})
		}
		if err := st.SetPostcodes(sv.ctx, list); err != nil {
			return err
		}
	}
	return sv.start()
}

// start runs the engine over the open store.
func (sv *server) start() error {
	engine, err := live.Open(sv.ctx, sv.store, live.Options{
		Clock: sv.clock, Log: slog.New(slog.DiscardHandler), Queue: 100_000, MaxBatch: 100_000, Workers: 1,
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(sv.ctx))
	sv.engine, sv.stop, sv.ended = engine, stop, make(chan error, 1)
	go func() { sv.ended <- engine.Run(ctx) }()
	return sv.settle()
}

// end stops the engine and closes the store.
func (sv *server) end() error {
	var err error
	if sv.engine != nil {
		sv.stop()
		err = <-sv.ended
		sv.engine = nil
	}
	if sv.store != nil {
		if closed := sv.store.Close(); err == nil {
			err = closed
		}
		sv.store = nil
	}
	return err
}

func (sv *server) restart() error {
	if err := sv.end(); err != nil {
		return err
	}
	st, err := store.Open(sv.dir, "main")
	if err != nil {
		return err
	}
	sv.store = st
	return sv.start()
}

// remove ends the run and leaves nothing behind.
func (sv *server) remove() {
	_ = sv.end()
	_ = os.RemoveAll(sv.dir)
}

// settle waits until all that is due was done, and until no segment is being filled.
func (sv *server) settle() error {
	for {
		changed := sv.engine.Changed()
		if _, err := sv.engine.Import(sv.ctx, nil); err != nil {
			return err
		}
		busy := slices.ContainsFunc(sv.engine.Segments(), func(st live.Status) bool { return st.State == live.Filling || st.State == live.Editing })
		if !busy {
			return nil
		}
		select {
		case <-changed:
		case <-sv.ctx.Done():
			return sv.ctx.Err()
		}
	}
}

func (sv *server) moveTo(now calendar.Instant) error {
	sv.clock.Set(now)
	return sv.settle()
}

// receive has the engine take facts in; those that it refuses come back with the reason.
func (sv *server) receive(facts []*fact, now calendar.Instant) (refused map[*fact]string, err error) {
	records := make([]record.Record, len(facts))
	for i, f := range facts {
		records[i] = f.record(now)
	}
	result, err := sv.engine.Import(sv.ctx, records)
	if err != nil {
		return nil, err
	}
	refused = map[*fact]string{}
	for _, r := range result.Rejections {
		refused[facts[r.Index]] = r.Reason
	}
	return refused, sv.number(facts)
}

// record is a fact as it comes in.
func (f *fact) record(now calendar.Instant) record.Record {
	r := record.Record{Time: now, HasTime: true, Source: fmt.Sprint("at ", f.Start)}
	if f.on != nil {
		r.Time = *f.on
	}
	if f.who != (person{}) {
		r.Customer = []record.Identity{f.who.identity()}
	}
	if len(f.fields) > 0 {
		r.Fields = object(f.fields)
	}
	switch f.kind {
	case attributes:
		r.Kind = record.Identify
	case event:
		r.Kind, r.Event = record.Track, f.event
	case consent:
		r.Kind, r.Channel, r.Purpose, r.Granted = record.Consent, f.channel, f.purpose, f.granted
	case join, companyAttributes:
		r.Kind, r.Company, r.Role = record.Group, record.Identity{Namespace: record.CompanyID, Value: f.company}, f.role
	case alias:
		r.Kind, r.Previous, r.Customer = record.Alias, f.who.identity(), []record.Identity{f.other.identity()}
	}
	return r
}

func (p person) identity() record.Identity {
	if p.visitor {
		return record.Identity{Namespace: anonymous, Value: p.name}
	}
	return record.Identity{Namespace: record.UserID, Value: p.name}
}

// number finds the numbers of the events that have names, by their sources.
func (sv *server) number(facts []*fact) error {
	bySource := map[string]string{}
	for _, f := range facts {
		if f.label != "" {
			bySource[fmt.Sprint("at ", f.Start)] = f.label
		}
	}
	if len(bySource) == 0 {
		return nil
	}
	return sv.store.Events(sv.ctx, 0, func(e *store.Event) error {
		if label, ok := bySource[e.Source]; ok {
			sv.seqs[label] = e.Seq
		}
		return nil
	})
}

func (sv *server) correct(c *correction) error {
	seq := sv.seqs[c.label]
	if c.gone {
		return sv.engine.RemoveEvent(sv.ctx, seq)
	}
	at := calendar.Unset
	err := sv.store.EventsAt(sv.ctx, []int64{seq}, func(e *store.Event) error {
		at = e.Time
		return nil
	})
	if err != nil {
		return err
	}
	if c.on != nil {
		at = *c.on
	}
	return sv.engine.CorrectEvent(sv.ctx, seq, at, object(c.fields))
}

// memberships gives who is in each segment, by name, sorted.
func (sv *server) memberships() (map[string][]string, error) {
	all := map[string][]string{}
	err := sv.store.View(sv.ctx, func(v *store.View) error {
		list, err := v.Segments(sv.ctx)
		if err != nil {
			return err
		}
		segments, names := map[int64]string{}, map[int64]string{}
		for _, s := range list {
			segments[s.ID], all[s.Name] = s.Name, nil
		}
		if err := v.Customers(sv.ctx, func(c store.Customer) error {
			names[c.ID] = shown(c.Name)
			return nil
		}); err != nil {
			return err
		}
		return v.Members(sv.ctx, func(segment, customer int64, _ calendar.Instant) error {
			if name, ok := segments[segment]; ok {
				all[name] = append(all[name], names[customer])
			}
			return nil
		})
	})
	for _, list := range all {
		slices.Sort(list)
	}
	return all, err
}

// log gives all transitions.
func (sv *server) log() (list []transition, err error) {
	err = sv.store.View(sv.ctx, func(v *store.View) error {
		told, err := v.Transitions(sv.ctx, 0, 1<<30, "")
		for _, t := range told {
			list = append(list, transition{t.CustomerName, t.SegmentName, t.Entered, t.Due, t.Cause.String()})
		}
		return err
	})
	return list, err
}
