package webhook

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// now is 2026-11-21T12:00:00Z.
const now calendar.Instant = 1_795_262_400_000

type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// workspace is a store with a segment, and a second connection that commits
// transitions as the store does.
type workspace struct {
	*store.Store
	conn *lite.Conn
	seq  int64
}

func newWorkspace(t testing.TB) *workspace {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "webhook") // in memory, where there is one
	if err != nil {
		dir = t.TempDir()
	}
	s, err := store.Open(dir, "shop")
	must(t, err)
	conn, err := lite.Open(s.Path(), lite.ReadWrite)
	must(t, err)
	t.Cleanup(func() {
		must(t, conn.Close())
		must(t, s.Close())
		must(t, os.RemoveAll(dir))
	})
	must(t, conn.Run("INSERT INTO segments (id, name, version, active, deleted) VALUES (1, 'vip', 3, 3, 0)"))
	return &workspace{Store: s, conn: conn}
}

// enter commits entries of customers, one after the other, for all webhooks.
func (w *workspace) enter(t tester, customers ...int64) {
	t.Helper()
	must(t, w.conn.Script("BEGIN IMMEDIATE"))
	for _, customer := range customers {
		w.seq++
		must(t, w.conn.Run("INSERT INTO transitions VALUES (?, 1, 3, ?, 1, ?, ?, 1, 0)", w.seq, customer, now-500, now))
		must(t, w.conn.Run("INSERT INTO outbox SELECT id, ?, ?, 0, ?, 0 FROM webhooks WHERE disabled = ''", w.seq, customer, now))
	}
	must(t, w.conn.Script("COMMIT"))
}

func (w *workspace) add(t tester, name, url string) store.Webhook {
	t.Helper()
	h, err := w.AddWebhook(context.Background(), store.Webhook{Name: name, URL: url, Private: true, Created: now})
	must(t, err)
	return h
}

func (w *workspace) deliveries(t tester, name string) (list []store.Delivery) {
	t.Helper()
	must(t, w.View(context.Background(), func(v *store.View) error {
		var err error
		list, err = v.Deliveries(context.Background(), name, 0, 1000)
		return err
	}))
	return list
}

func (w *workspace) backlog(t tester, id int64) (b store.Backlog) {
	t.Helper()
	must(t, w.View(context.Background(), func(v *store.View) error {
		all, err := v.Backlogs(context.Background())
		b = all[id]
		return err
	}))
	return b
}

// watched tells the test of what was recorded, and can fail as a disk would.
type watched struct {
	Outbox
	recorded chan store.Outcome
	fails    func() error // may be nil
}

func (o *watched) RecordOutcomes(ctx context.Context, outcomes []store.Outcome) error {
	if o.fails != nil {
		if err := o.fails(); err != nil {
			return err
		}
	}
	err := o.Outbox.RecordOutcomes(ctx, outcomes)
	for _, outcome := range outcomes {
		o.recorded <- outcome
	}
	return err
}

func watch(o Outbox) *watched {
	return &watched{Outbox: o, recorded: make(chan store.Outcome, 100_000)}
}

// hurriedClock never lets anybody wait: the time for which somebody waits has come.
type hurriedClock struct {
	mu  sync.Mutex
	now calendar.Instant
}

func (c *hurriedClock) Now() calendar.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *hurriedClock) At(t calendar.Instant) (<-chan struct{}, func()) {
	due := make(chan struct{})
	if t >= distant {
		return due, func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = max(c.now, t)
	close(due)
	return due, func() {}
}

// distant is the end of time for the hurried clock, so that nobody polls.
const (
	distant = now + neverPoll/1_000_000
	// neverPoll is a Poll that does not come in a test; in nanoseconds.
	neverPoll = 20 * 365 * 24 * 60 * 60 * 1_000_000_000
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// begin runs a deliverer and gives what ends it and waits for its end.
func begin(t tester, o Options) (end func()) {
	t.Helper()
	if o.Log == nil {
		o.Log = quiet
	}
	if o.Rand == nil {
		o.Rand = rand.New(rand.NewPCG(1, 2))
	}
	if o.Poll == 0 {
		o.Poll = neverPoll
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = New(o).Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// receiver is a server that answers as the test wants and keeps what came.
func receiver(t testing.TB, answer http.HandlerFunc) (url string) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

// seqOf reads which transition a request is about.
func seqOf(r *http.Request) int64 {
	id := r.Header.Get(HeaderID)
	parts := strings.Split(id, "_") // msg_WEBHOOK_SEQ_COMMITTED
	seq, _ := strconv.ParseInt(parts[2], 10, 64)
	return seq
}
