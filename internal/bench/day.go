package bench

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// The simulated day: a smaller shop, so that it takes a minute.
const (
	dayCustomers   = 20_000
	dayEvents      = 1_000_000
	eventsAMinute  = 100
	minutesOfADay  = 24 * 60
	minutesWarmUp  = 60
	daySegmentsMax = 100
)

// day lets 24 hours pass for an engine in this process, minute by minute, and weighs it.
func (l *liveBench) day(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "kohorte-day-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := store.Open(dir, workspace)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	data := benchdata.Options{Customers: dayCustomers, Events: dayEvents, Seed: seed, Until: until}
	if err := s.Declare(ctx, benchdata.Catalog()); err != nil {
		return err
	}
	small := &bench{Options: Options{Customers: dayCustomers, Events: dayEvents, Log: func(string, ...any) {}}, store: s}
	if err := small.apply(ctx); err != nil {
		return err
	}
	now := clock.NewManual(until)
	engine, err := live.Open(ctx, s, live.Options{Clock: now, Log: slog.New(slog.DiscardHandler), Queue: 1 << 20, MaxBatch: 4000})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(running) }()
	d := simulation{liveBench: l, engine: engine, clock: now, path: filepath.Join(dir, workspace+".db")}
	err = d.run(ctx, data)
	stop()
	return errors.Join(err, <-ended)
}

// simulation lets time pass.
type simulation struct {
	*liveBench
	engine *live.Engine
	clock  *clock.Manual
	path   string
}

func (d *simulation) run(ctx context.Context, data benchdata.Options) error {
	for _, s := range benchdata.Segments()[:daySegmentsMax] {
		if err := d.engine.PutSegment(ctx, s.Name, s.Rule, "", live.Edit{}); err != nil {
			return err
		}
	}
	for busy := true; busy; {
		changed := d.engine.Changed()
		busy = false
		for _, s := range d.engine.Segments() {
			busy = busy || s.State != live.Active
		}
		if busy {
			<-changed
		}
	}
	d.Log("letting 24 hours pass")
	batch, minute := []record.Record{}, 0
	var weight, began, size int64
	for r := range benchdata.More(data, dayCustomers/10) {
		r.Time, r.HasTime = d.clock.Now(), true
		if batch = append(batch, r); len(batch) < eventsAMinute {
			continue
		}
		if _, err := d.engine.Apply(ctx, batch, nil); err != nil {
			return err
		}
		batch = batch[:0]
		d.clock.Advance(time.Minute)
		if minute++; minute == minutesWarmUp {
			weight, began, size = int64(heap()), d.engine.Counts().Transitions, d.size()
		}
		if minute == minutesWarmUp+minutesOfADay {
			break
		}
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	events := float64(minutesOfADay * eventsAMinute)
	d.add("24 simulated hours, 100 segments, 100 events a minute: memory grown, bytes an event", "", "", "%.0f", float64(int64(heap())-weight)/events)
	d.add("the same: disk grown, bytes an event; transitions", "", "", "%.0f; %d", float64(d.size()-size)/events, d.engine.Counts().Transitions-began)
	return nil
}

// settle waits until the engine has caught up with the clock.
func (d *simulation) settle(ctx context.Context) error {
	_, err := d.engine.Apply(ctx, nil, nil)
	return err
}

func (d *simulation) size() int64 {
	var sum int64
	for _, ending := range []string{"", "-wal"} {
		if info, err := os.Stat(d.path + ending); err == nil {
			sum += info.Size()
		}
	}
	return sum
}
