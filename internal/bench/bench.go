// Package bench measures Kohorte on generated data: import, index, rules, and
// the same questions in SQL against the same file in the same run. Figures are
// processor time of the whole process, so they do not depend on the number of
// processors; docs/performance.md says how to read them.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// Options say what to measure.
type Options struct {
	Customers, Events int
	Dir               string // for the data, kept; a temporary one if empty
	SkipSQL           bool
	Out               io.Writer // for the table
	Log               func(format string, args ...any)
}

// workspace is the name of the workspace with the generated data.
const workspace = "bench"

// seed makes all runs measure the same data.
const seed = 1

// until is the end of the generated three years and the now of the rules:
// 2026-11-21T00:00:00Z, so that every run asks the same of the same data.
const until calendar.Instant = 1_795_219_200_000

// bench is one run.
type bench struct {
	Options
	rows  []row
	store *store.Store
	index *index.Index
	// The snapshot's file and what was in memory before the index was built.
	snapshot string
}

// row is a line of the table.
type row struct{ what, measured, target, ratio string }

// Run measures everything and prints the table.
func Run(ctx context.Context, o Options) (err error) {
	if o.Customers < 1 || o.Events < 0 {
		return errors.New("bench needs at least one customer")
	}
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "kohorte-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	}
	b := &bench{Options: o, snapshot: filepath.Join(o.Dir, workspace+".index")}
	defer func() {
		if b.store != nil {
			err = errors.Join(err, b.store.Close())
		}
	}()
	for _, step := range []func(context.Context) error{b.importCalls, b.fill, b.build, b.reopen, b.typical, b.hundred} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return b.print()
}

// add adds a line to the table and tells it at once.
func (b *bench) add(what, target, ratio, format string, args ...any) {
	r := row{what, fmt.Sprintf(format, args...), target, ratio}
	b.rows = append(b.rows, r)
	b.Log("%-58s %22s   %s %s", r.what, r.measured, r.target, r.ratio)
}

// timed measures the processor time and the time on the wall of some work.
func timed(work func() error) (cpu, wall time.Duration, err error) {
	cpu, began := processorTime(), time.Now()
	err = work()
	return processorTime() - cpu, time.Since(began), err
}

// fill stores the generated data, without the reading of files.
func (b *bench) fill(ctx context.Context) (err error) {
	if b.store, err = store.Open(b.Dir, workspace); err != nil {
		return err
	}
	if _, last, err := b.store.Revision(ctx); err != nil || last > 0 {
		b.Log("the data in %s are used again", b.Dir)
		return err
	}
	if err := b.store.Declare(ctx, benchdata.Catalog()); err != nil {
		return err
	}
	b.Log("storing %d events of %d customers", b.Events, b.Customers)
	cpu, wall, err := timed(func() error { return b.apply(ctx) })
	if err != nil {
		return err
	}
	info, err := os.Stat(b.store.Path())
	if err != nil {
		return err
	}
	events := float64(b.Events)
	b.add("store, generated in the process: events per processor second", "", "", "%.0f", events/cpu.Seconds())
	b.add("the same: time on the wall", "", "", "%.0f s", wall.Seconds())
	b.add("file: bytes an event", "", "", "%.0f", float64(info.Size())/events)
	return nil
}

func (b *bench) apply(ctx context.Context) error {
	const batch = 20_000
	records := make([]record.Record, 0, batch)
	done, told := 0, time.Now()
	flush := func() error {
		_, err := b.store.Apply(ctx, records, until)
		done += len(records)
		records = records[:0]
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			b.Log("  %d records", done)
		}
		return err
	}
	for r := range benchdata.Generate(benchdata.Options{Customers: b.Customers, Events: b.Events, Seed: seed, Until: until}) {
		if records = append(records, r); len(records) == batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// build builds the index from the store and weighs it.
func (b *bench) build(ctx context.Context) error {
	before := heap()
	cpu, wall, err := timed(func() error {
		return b.store.View(ctx, func(v *store.View) (err error) {
			b.index, err = index.Build(ctx, v, nil)
			return err
		})
	})
	if err != nil {
		return err
	}
	events, own := b.weigh()
	b.add("index built from the store: time on the wall (processor time)", "", "", "%.1f s (%.1f s)", wall.Seconds(), cpu.Seconds())
	b.add("memory an event before properties: bytes", "at most 24", "", "%.1f", own/events)
	b.add("memory an event with everything: bytes", "", "", "%.1f", float64(heap()-before)/events)
	return nil
}

// weigh counts the events and the bytes that they take without properties.
func (b *bench) weigh() (events, bytes float64) {
	for _, block := range b.index.Blocks {
		for _, t := range block.Events {
			if t != nil {
				events += float64(t.Rows)
				bytes += float64(8*len(t.Times) + 4*len(t.Off))
			}
		}
	}
	return events, bytes
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// reopen opens the store with the snapshot, as a new start of the program does.
func (b *bench) reopen(ctx context.Context) error {
	cpu, wall, err := timed(func() error { return b.index.Save(b.snapshot) })
	if err != nil {
		return err
	}
	b.add("snapshot written: time on the wall (processor time)", "", "", "%.1f s (%.1f s)", wall.Seconds(), cpu.Seconds())
	known, zone, revision := b.index.Schema.Catalog, b.index.Schema.Zone, b.index.Revision
	b.index = nil
	runtime.GC()
	cpu, wall, err = timed(func() error {
		s, err := store.OpenReadOnly(b.Dir, workspace)
		if err != nil {
			return err
		}
		if b.index, err = index.Load(b.snapshot, known, zone, revision); err != nil {
			return err
		}
		return s.Close()
	})
	b.add("store opened with snapshot: time on the wall (processor time)", "at most 15 s", "", "%.1f s (%.1f s)", wall.Seconds(), cpu.Seconds())
	return err
}

// print writes the table in Markdown.
func (b *bench) print() error {
	_, err := fmt.Fprintf(b.Out, "%s, %d processors, %s; %d customers, %d events\n\n| what | measured | target | SQL ÷ Kohorte |\n|---|---:|---:|---:|\n",
		runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(), runtime.Version(), b.Customers, b.Events)
	for _, r := range b.rows {
		if err == nil {
			_, err = fmt.Fprintf(b.Out, "| %s | %s | %s | %s |\n", r.what, r.measured, r.target, r.ratio)
		}
	}
	return err
}
