// Package serve is the server: it takes calls in over HTTP, has the live engine
// follow them, and hands transitions out to those who listen and to webhooks.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/config"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/keyring"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/schedule"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/tracking"
	"github.com/kohorte/kohorte/internal/webhook"
)

// Options are what a server is told.
type Options struct {
	Config   *config.Config
	Clock    clock.Clock
	Log      *slog.Logger
	Progress index.Progress // of reading the data at the start
	Version  string
}

// server is one run of the server.
type server struct {
	Options
	store   *store.Store
	engine  *live.Engine
	zone    *calendar.Zone
	keys    *keyring.Ring
	hub     *hub
	exports *schedule.Service
	words   *Conditions
	handler atomic.Pointer[http.Handler] // nil until the data is read
	ending  context.Context              // done when long answers must end
}

// The limits of requests.
const (
	headerTimeout = 10 * time.Second
	maxHeader     = 64 << 10
)

// services is how many stand around the engine.
const services = 4

// Run serves a workspace until the context is done, and stops cleanly then.
func Run(ctx context.Context, o Options) (err error) {
	lock, err := Lock(o.Config.Data, o.Config.Workspace)
	if err != nil {
		return err
	}
	defer lock.Release()
	listener, err := net.Listen("tcp", o.Config.Listen)
	if err != nil {
		return fmt.Errorf("%s cannot be listened on: %w; --listen names another address", o.Config.Listen, err)
	}
	ending, end := context.WithCancel(context.Background())
	defer end()
	s := &server{Options: o, words: NewConditions(), ending: ending}
	web := &http.Server{
		Handler: http.HandlerFunc(s.dispatch), ReadHeaderTimeout: headerTimeout, ReadTimeout: o.Config.ReadTimeout,
		IdleTimeout: o.Config.IdleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1+services)
	go func() { failed <- web.Serve(listener) }()
	o.Log.Info("listening", "address", listener.Addr().String())
	defer func() {
		end()
		stopping, cancel := context.WithTimeout(context.Background(), o.Config.StopTimeout)
		defer cancel()
		if web.Shutdown(stopping) != nil {
			_ = web.Close()
		}
	}()
	return s.run(ctx, failed)
}

// run opens the workspace and runs its services until the context is done or one fails.
func (s *server) run(ctx context.Context, failed chan error) (err error) {
	if s.store, err = store.Open(s.Config.Data, s.Config.Workspace); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.store.Close()) }()
	s.engine, err = live.Open(ctx, s.store, live.Options{
		Clock: s.Clock, Log: s.Log, Queue: s.Config.Queue, MaxBatch: s.Config.MaxBatch,
		Snapshot: snapshotPath(s.Config.Data, s.Config.Workspace), Progress: s.Progress,
	})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(context.Background())
	defer stop()
	engine := make(chan error, 1)
	go func() { engine <- s.engine.Run(running) }()
	around, end := context.WithCancel(context.Background())
	defer end()
	done, err := s.startServices(around, failed)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		s.Log.Info("stopping")
	case err = <-failed:
	}
	s.handler.Store(nil) // nothing new comes in from here on
	end()
	stop()
	err = errors.Join(err, <-engine)
	done()
	return err
}

// startServices starts what stands around the engine; done waits until all of it has ended.
func (s *server) startServices(ctx context.Context, failed chan error) (done func(), err error) {
	known, err := s.store.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	if s.zone, err = calendar.LoadZone(known.Zone); err != nil {
		return nil, err
	}
	s.keys = keyring.New(s.store, s.Clock)
	s.hub = newHub(s.store, s.engine.Changed)
	s.exports = schedule.New(schedule.Options{
		Store: s.store, Members: s.engine, Clock: s.Clock, Zone: s.zone, Dir: s.Config.ExportDir(), Log: s.Log,
	})
	control, err := s.listenControl(ctx)
	if err != nil {
		return nil, err
	}
	deliverer := s.deliverer(ctx)
	ended := make(chan struct{}, services)
	run := func(work func() error) {
		go func() {
			if err := work(); err != nil && ctx.Err() == nil {
				failed <- err
			}
			ended <- struct{}{}
		}()
	}
	run(func() error { return deliverer.Run(ctx) })
	run(func() error { return s.hub.run(ctx) })
	run(func() error { return s.exports.Run(ctx) })
	run(control)
	handler, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.handler.Store(&handler)
	s.Log.Info("ready", "customers", s.engine.Counts().Customers)
	return func() {
		for range services {
			<-ended
		}
	}, nil
}

// deliverer makes the service that sends to webhooks, and tells it of what is new.
func (s *server) deliverer(ctx context.Context) *webhook.Deliverer {
	notify := make(chan struct{}, 1)
	go func() {
		for {
			changed := s.engine.Changed()
			select {
			case notify <- struct{}{}:
			default:
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}()
	return webhook.New(webhook.Options{
		Outbox: s.store, Clock: s.Clock, Notify: notify, Log: s.Log, Timeout: s.Config.WebhookTimeout,
		Rand: rand.New(rand.NewPCG(uint64(s.Clock.Now()), uint64(os.Getpid()))), // the spreading of retries should differ from server to server
		Condition: func(m *store.Message) string {
			return s.words.of(s.store, m.Segment, m.Version, int(m.Part))
		},
	})
}

// dispatch hands a request to the handler, once there is one.
func (s *server) dispatch(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
		return
	}
	handler := s.handler.Load()
	if handler == nil {
		unready(w, r)
		return
	}
	(*handler).ServeHTTP(w, r)
}

// unready answers while there is no handler, in the form of what will answer there.
func unready(w http.ResponseWriter, r *http.Request) {
	const why = "the data is being read, or the server stops; try again"
	if strings.HasPrefix(r.URL.Path, api.Prefix+"/") {
		api.Unready(w, why)
		return
	}
	w.Header().Set("Retry-After", "1")
	answer(w, http.StatusServiceUnavailable, failure(why))
}

// routes says what answers which address.
func (s *server) routes() (http.Handler, error) {
	track, err := tracking.New(tracking.Config{
		Sink: sink{s.engine}, Keys: writeKeys{s.keys, s.Log}, Now: s.Clock.Now, Zone: s.zone,
		Report: func(err error) { s.Log.Error("calls cannot be stored", "problem", err) },
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/", track)
	programs, _ := api.New(api.Config{Engine: s.engine, Store: s.store, Keys: s.keys, Exports: s.exports, Clock: s.Clock, Version: s.Version})
	mux.Handle(api.Prefix+"/", programs)
	mux.HandleFunc("GET /v1/transitions", s.reader(s.transitions))
	mux.HandleFunc("GET /v1/transitions/stream", s.reader(s.stream))
	mux.HandleFunc("GET /v1/segments", s.reader(s.segments))
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.metrics())
	return mux, nil
}

// sink hands what the tracking API reads to the engine.
type sink struct{ engine *live.Engine }

// Accept implements tracking.Sink.
func (s sink) Accept(ctx context.Context, b tracking.Batch) error {
	var rejected []live.Rejected
	for _, r := range b.Rejected {
		rejected = append(rejected, live.Rejected{Reason: r.Reason, Body: r.Body})
	}
	_, err := s.engine.Apply(ctx, b.Records, rejected)
	switch {
	case errors.Is(err, live.ErrFull):
		return tracking.ErrFull
	case errors.Is(err, live.ErrUnavailable):
		return tracking.ErrUnavailable
	}
	return err
}

// writeKeys knows the keys that may send calls.
type writeKeys struct {
	ring *keyring.Ring
	log  *slog.Logger
}

// WriteKey implements tracking.Keys.
func (k writeKeys) WriteKey(text string) (source string, ok bool) {
	key, ok, err := k.ring.Find(context.Background(), text)
	if err != nil {
		k.log.Error("the keys cannot be read", "problem", err)
	}
	return key.Name, ok && key.Scope == store.ScopeWrite
}
