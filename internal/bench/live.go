package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/kohorte/kohorte/internal/bench/load"
	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
)

// liveBench measures a server with live segments under load.
type liveBench struct {
	*bench
	program    string // the program itself, as the server
	server     *exec.Cmd
	url        string
	write      string // key
	read       string // key
	control    *serve.Remote
	load       *load.Load
	next       int // number of the next request
	sentEvents int

	// Of the two runs: what was sent, and the server's processor time an event.
	fullSent, halfSent []load.Sent
	fullCPU, halfCPU   time.Duration
}

const (
	connections = 8
	fullSeconds = 20
	halfSeconds = 30
	fullRate    = 20_000
	blinks      = 1_000 // customers who leave a segment by time alone
)

// RunLive measures the live service: it fills a workspace, starts the program as a
// server, defines a hundred segments and loads it over HTTP from this process.
func RunLive(ctx context.Context, o Options) (err error) {
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "kohorte-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	}
	l := &liveBench{bench: &bench{Options: o}, next: int(time.Now().Unix()) << 16} // other messages than those of an earlier run over the same data
	if l.program, err = os.Executable(); err != nil {
		return err
	}
	if err := l.fill(ctx); err != nil {
		return err
	}
	if err := l.keys(ctx); err != nil {
		return errors.Join(err, l.store.Close())
	}
	if err := l.store.Close(); err != nil {
		return err
	}
	l.store = nil
	if err := l.start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.stop()) }() // where it was not stopped yet
	l.Log("preparing the load")
	l.load = load.Prepare(load.Options{Data: l.data(), Sessions: max(1, o.Customers/10), Batches: 4000})
	for _, step := range []func(context.Context) error{l.define, l.full, l.steady, l.half, l.verify} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := l.stop(); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{l.compare, l.day} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return l.print()
}

func (l *liveBench) data() benchdata.Options {
	return benchdata.Options{Customers: l.Customers, Events: l.Events, Seed: seed, Until: until}
}

// keys makes the keys of this run.
func (l *liveBench) keys(ctx context.Context) (err error) {
	for _, key := range []struct {
		scope store.Scope
		into  *string
	}{{store.ScopeWrite, &l.write}, {store.ScopeRead, &l.read}} {
		name := "bench " + string(key.scope)
		_ = l.store.RemoveKey(ctx, name) // of an earlier run over the same data
		if *key.into, err = l.store.AddKey(ctx, name, key.scope, time.Now().UnixMilli()); err != nil {
			return err
		}
	}
	return nil
}

var listening = regexp.MustCompile(`msg=listening address=(\S+)`)

// start starts the server and waits until it is ready.
func (l *liveBench) start(ctx context.Context) error {
	began := time.Now()
	l.server = exec.CommandContext(ctx, l.program, "--data", l.Dir, "--workspace", workspace, "serve", "--listen", "127.0.0.1:0")
	l.server.Cancel = func() error { return l.server.Process.Signal(syscall.SIGTERM) }
	output, err := l.server.StderrPipe()
	if err != nil {
		return err
	}
	if err := l.server.Start(); err != nil {
		return err
	}
	ready := make(chan error, 1)
	go func() {
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if found := listening.FindStringSubmatch(lines.Text()); found != nil {
				l.url = "http://" + found[1]
			}
			if strings.Contains(lines.Text(), "msg=ready") {
				ready <- nil
			} else if strings.Contains(lines.Text(), "level=ERROR") {
				l.Log("%s", lines.Text())
			}
		}
		ready <- errors.New("the server ended")
	}()
	if err := <-ready; err != nil {
		return err
	}
	control, ok := serve.Connect(l.Dir, workspace)
	if !ok {
		return errors.New("the server's socket does not answer")
	}
	l.control = control
	l.add("server started over the history: time on the wall", "", "", "%.1f s", time.Since(began).Seconds())
	return nil
}

func (l *liveBench) stop() error {
	if l.server == nil || l.server.Process == nil {
		return nil
	}
	server := l.server
	l.server = nil
	_ = server.Process.Signal(syscall.SIGTERM)
	return server.Wait()
}

// define defines the segments, and waits until all are filled.
func (l *liveBench) define(ctx context.Context) error {
	began := time.Now()
	for _, s := range benchdata.Segments() {
		if err := l.control.PutSegment(ctx, s.Name, s.Rule, "", live.Edit{}); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	for {
		list, err := l.control.Segments(ctx)
		if err != nil {
			return err
		}
		busy, members := 0, 0
		for _, s := range list {
			if s.State != string(live.Active) {
				busy++
			}
			members += s.Members
		}
		if busy == 0 {
			l.add("100 segments defined and filled: time on the wall", "", "", "%.1f s", time.Since(began).Seconds())
			l.Log("%d memberships", members)
			return nil
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// full sends as much as the server takes.
func (l *liveBench) full(ctx context.Context) error {
	const warmUp = 500
	if _, err := l.send(ctx, warmUp, 0); err != nil {
		return err
	}
	began := time.Now()
	sent, err := l.send(ctx, fullRate*fullSeconds/load.BatchSize, 0)
	if err != nil {
		return err
	}
	l.add("events a second, acknowledged on disk in batches of 100, as fast as it goes", "at least 20000", "", "%.0f",
		float64(len(sent)*load.BatchSize)/time.Since(began).Seconds())
	return nil
}

// steady sends as much as is asked for.
func (l *liveBench) steady(ctx context.Context) error {
	size, err := l.fileSize()
	if err != nil {
		return err
	}
	cpu, began := processorTimeOf(l.server.Process.Pid), time.Now()
	sent, err := l.send(ctx, fullRate*fullSeconds/load.BatchSize, fullRate)
	if err != nil {
		return err
	}
	events := float64(len(sent) * load.BatchSize)
	l.fullSent, l.fullCPU = sent, (processorTimeOf(l.server.Process.Pid)-cpu)/time.Duration(len(sent)*load.BatchSize)
	acked := load.Acknowledged(sent)
	l.add("at 20000 events a second: those acknowledged a second; request to acknowledgement: median, 99 %", "", "", "%.0f; %.0f ms, %.0f ms",
		events/time.Since(began).Seconds(), ms(acked.At(0.5)), ms(acked.At(0.99)))
	l.add("the server's processor time an event, everything", "", "", "%.1f µs", micros(l.fullCPU))
	after, err := l.fileSize()
	if err != nil {
		return err
	}
	l.add("disk a million events, with their transitions", "", "", "%.0f MB", float64(after-size)/events)
	l.add("memory of the server, a million events", "", "", "%.0f MB", float64(residentOf(l.server.Process.Pid))/float64(l.Events+l.sentEvents))
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (l *liveBench) fileSize() (int64, error) {
	info, err := os.Stat(l.Dir + "/" + workspace + ".db")
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (l *liveBench) send(ctx context.Context, requests int, rate float64) ([]load.Sent, error) {
	sent, err := l.load.Run(ctx, load.Target{
		URL: l.url, Key: l.write, Connections: connections, Rate: rate, Requests: requests, First: l.next,
	})
	l.next += requests
	l.sentEvents += len(sent) * load.BatchSize
	return sent, err
}

// verify checks every membership against an evaluation of all data read anew.
func (l *liveBench) verify(ctx context.Context) error {
	s, err := store.OpenReadOnly(l.Dir, workspace)
	if err != nil {
		return err
	}
	l.Log("verifying every membership")
	report, err := live.Verify(ctx, s, nil)
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	problems, err := l.control.VerifyMemory(ctx)
	if err != nil {
		return err
	}
	if wrong := append(report.Problems, problems...); len(wrong) > 0 {
		return fmt.Errorf("memberships are wrong: %s", strings.Join(wrong, "; "))
	}
	l.add("memberships checked after it, all exact", "", "", "%d", report.Memberships)
	return nil
}

// half sends at half the load and watches when memberships become visible.
func (l *liveBench) half(ctx context.Context) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var seen []load.Transition
	var watcher sync.WaitGroup
	var failed error
	after, err := l.lastTransition(ctx)
	if err != nil {
		return err
	}
	watcher.Go(func() {
		_, failed = load.Watch(watching, l.url, l.read, after, func(list []load.Transition) { seen = append(seen, list...) })
	})
	if err := l.blink(ctx); err != nil {
		stop()
		return err
	}
	cpu := processorTimeOf(l.server.Process.Pid)
	sent, err := l.send(ctx, fullRate/2*halfSeconds/load.BatchSize, fullRate/2)
	l.halfCPU = (processorTimeOf(l.server.Process.Pid) - cpu) / time.Duration(max(1, len(sent)*load.BatchSize))
	if err == nil {
		err = pause(ctx, 2*time.Second)
	}
	stop()
	watcher.Wait()
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	l.halfSent = sent
	v := l.load.Visible(sent, seen, 0)
	l.add("at 10000 events a second, request to visible membership: median, 99 %", "at most 20, 100 ms", "", "%.0f ms, %.0f ms", ms(v.ByEvent.At(0.5)), ms(v.ByEvent.At(0.99)))
	l.add("segments that flip by time alone, instant to visible: median, 99 %, longest", "at most 200 ms", "", "%.0f ms, %.0f ms, %.0f ms",
		ms(v.ByTime.At(0.5)), ms(v.ByTime.At(0.99)), ms(v.ByTime.At(1)))
	l.Log("%d transitions by events, %d by time, %d unexplained", len(v.ByEvent), len(v.ByTime), v.Unknown)
	return nil
}

// blink has customers leave a segment by time alone during the next half minute.
func (l *liveBench) blink(ctx context.Context) error {
	const rule, name = "count(blinked in last 1 minutes) >= 1", "just_blinked"
	if err := l.control.PutSegment(ctx, name, rule, "", live.Edit{Lenient: true}); err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	var records []record.Record
	for i := range blinks {
		leaves := now + int64(i+1)*halfSeconds*1000/blinks
		records = append(records, record.Record{
			Kind: record.Track, Event: "blinked", Time: leaves - 60_000, HasTime: true, Fields: []byte("{}"),
			Customer: []record.Identity{{Namespace: record.UserID, Value: fmt.Sprintf("blinker-%d", i)}},
		})
	}
	_, err := l.control.Apply(ctx, records, now)
	return err
}

func (l *liveBench) lastTransition(ctx context.Context) (last int64, err error) {
	s, err := store.OpenReadOnly(l.Dir, workspace)
	if err != nil {
		return 0, err
	}
	err = s.View(ctx, func(v *store.View) (err error) {
		last, err = v.LastTransition()
		return err
	})
	return last, errors.Join(err, s.Close())
}
