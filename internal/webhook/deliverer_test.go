package webhook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/store"
)

// next gives the next n outcomes that were recorded.
func (o *watched) next(n int) []store.Outcome {
	list := make([]store.Outcome, n)
	for i := range list {
		list[i] = <-o.recorded
	}
	return list
}

func TestDelivers(t *testing.T) {
	w := newWorkspace(t)
	requests := make(chan *http.Request, 10)
	bodies := make(chan string, 10)
	h := w.add(t, "crm", receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- r
		bodies <- string(body)
	})+"/path?x=1")
	notify, out := make(chan struct{}), watch(w)
	end := begin(t, Options{Outbox: out, Clock: clock.NewManual(now), Notify: notify, Condition: func(m *store.Message) string { return "from " + m.Segment }})
	w.enter(t, 42)
	notify <- struct{}{}
	r, body := <-requests, <-bodies
	out.next(1)
	end()
	want, err := Sign(MessageID(h.ID, 1, now), now/1000, []byte(body), h.Secrets)
	must(t, err)
	for name := range want {
		if r.Header.Get(name) != want.Get(name) {
			t.Errorf("%s is %q, want %q", name, r.Header.Get(name), want.Get(name))
		}
	}
	if r.Method != http.MethodPost || r.URL.String() != "/path?x=1" || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %s with %v", r.Method, r.URL, r.Header)
	}
	for _, part := range []string{`"type":"segment.entered"`, `"segment":"vip"`, `"version":3`, `"id":42`, `"cause":"time"`, `"condition":"from vip"`} {
		if !strings.Contains(body, part) {
			t.Errorf("%s lacks %s", body, part)
		}
	}
	if b := w.backlog(t, h.ID); b.Waiting != 0 || b.Dead != 0 {
		t.Errorf("left: %+v", b)
	}
	if log := w.deliveries(t, "crm"); len(log) != 1 || log[0].Seq != 1 || log[0].Status != 200 || log[0].At != now || log[0].Error != "" {
		t.Errorf("log: %+v", log)
	}
}

// TestRetriesBySchedule moves the clock to each attempt, until the message is dead.
func TestRetriesBySchedule(t *testing.T) {
	w, m := newWorkspace(t), clock.NewManual(now)
	h := w.add(t, "crm", receiver(t, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) }))
	w.enter(t, 1)
	out := watch(w)
	end := begin(t, Options{Outbox: out, Clock: m})
	for attempt := 1; attempt <= 10; attempt++ {
		o := out.next(1)[0]
		if o.Attempt != attempt || o.Status != 502 || (o.Kind == store.Dead) != (attempt == 10) {
			t.Fatalf("attempt %d: %+v", attempt, o)
		}
		if o.Kind == store.Retry {
			m.WaitForDue(o.Due)
			m.Set(o.Due)
		}
	}
	end()
	if b := w.backlog(t, h.ID); b.Waiting != 0 || b.Dead != 1 {
		t.Errorf("left: %+v", b)
	}
	hooks, err := w.Webhooks(context.Background())
	if err != nil || hooks[0].Disabled != "" {
		t.Errorf("disabled: %q, %v", hooks[0].Disabled, err)
	}
	if n, err := w.Replay(context.Background(), "crm", m.Now()); err != nil || n != 1 {
		t.Errorf("%d replayed, %v", n, err)
	}
	out = watch(w)
	end = begin(t, Options{Outbox: out, Clock: m})
	if o := out.next(1)[0]; o.Attempt != 1 {
		t.Errorf("after replay: %+v", o)
	}
	end()
}

// TestGone has a receiver that wants no more, until somebody enables it again.
func TestGone(t *testing.T) {
	w, m := newWorkspace(t), clock.NewManual(now)
	var back atomic.Bool
	h := w.add(t, "crm", receiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		if !back.Load() {
			rw.WriteHeader(http.StatusGone)
		}
	}))
	w.enter(t, 1, 1, 1)
	notify, out := make(chan struct{}), watch(w)
	end := begin(t, Options{Outbox: out, Clock: m, Notify: notify})
	o := out.next(1)[0]
	hooks, err := w.Webhooks(context.Background())
	if err != nil || !strings.Contains(hooks[0].Disabled, "410 Gone at 2026-11-21") {
		t.Errorf("disabled: %q, %v", hooks[0].Disabled, err)
	}
	w.enter(t, 2) // is not for the webhook
	back.Store(true)
	must(t, w.EnableWebhook(context.Background(), "crm"))
	m.Set(o.Due)
	notify <- struct{}{}
	for i, o := range out.next(3) {
		if o.Kind != store.Delivered || o.Seq != int64(i+1) {
			t.Errorf("got %+v", o)
		}
	}
	end()
	if b := w.backlog(t, h.ID); b.Waiting != 0 {
		t.Errorf("left: %+v", b)
	}
}

// hang answers nothing until the sender gives up.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func TestTimeout(t *testing.T) {
	w := newWorkspace(t)
	w.add(t, "crm", receiver(t, hang)+"/token")
	w.enter(t, 1)
	var log lockedBuilder
	out := watch(w)
	end := begin(t, Options{Outbox: out, Clock: clock.NewManual(now), Timeout: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if o := out.next(1)[0]; o.Kind != store.Retry || o.Status != 0 || o.Error != "no answer within 20ms" {
		t.Errorf("got %+v", o)
	}
	end()
	if text := log.String(); !strings.Contains(text, "webhook=crm") || strings.Contains(text, "whsec_") || strings.Contains(text, "token") {
		t.Errorf("logged %s", text)
	}
}

type lockedBuilder struct {
	mu sync.Mutex
	strings.Builder
}

func (b *lockedBuilder) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Builder.Write(p)
}

// TestHangingReceiversHoldUpNobody has more hanging webhooks than requests in all.
func TestHangingReceiversHoldUpNobody(t *testing.T) {
	w := newWorkspace(t)
	hanging := receiver(t, hang)
	var stuck []store.Webhook
	for _, name := range []string{"a", "b", "c", "d"} {
		stuck = append(stuck, w.add(t, name, hanging))
	}
	good := w.add(t, "good", receiver(t, func(http.ResponseWriter, *http.Request) {}))
	var customers []int64
	for i := range int64(300) {
		customers = append(customers, i%100)
	}
	w.enter(t, customers...)
	out := watch(w)
	end := begin(t, Options{Outbox: out, Clock: clock.NewManual(now), Timeout: time.Hour, InAll: 3, PerWebhook: 2})
	for _, o := range out.next(300) {
		if o.Webhook != good.ID || o.Kind != store.Delivered {
			t.Fatalf("got %+v", o)
		}
	}
	end() // and the requests that hang
	for _, h := range stuck {
		if b := w.backlog(t, h.ID); b.Waiting != 300 || b.Failing != 0 {
			t.Errorf("left: %+v", b)
		}
	}
}

// TestBoundedRequests counts how many requests a receiver gets at a time.
func TestBoundedRequests(t *testing.T) {
	w := newWorkspace(t)
	var running, most atomic.Int64
	full := make(chan struct{})
	w.add(t, "crm", receiver(t, func(http.ResponseWriter, *http.Request) {
		if n := running.Add(1); n == 8 {
			close(full) // happens once: afterwards fewer wait
		}
		<-full
		for n := most.Load(); running.Load() > n && !most.CompareAndSwap(n, running.Load()); n = most.Load() {
			continue
		}
		running.Add(-100) // never 8 again
	}))
	var customers []int64
	for i := range int64(50) {
		customers = append(customers, i)
	}
	w.enter(t, customers...)
	out := watch(w)
	end := begin(t, Options{Outbox: out, Clock: clock.NewManual(now)})
	out.next(50)
	end()
	if most.Load() > 8 {
		t.Errorf("%d at a time", most.Load())
	}
}

// TestFailingCustomer fails for one customer only: the others go on.
func TestFailingCustomer(t *testing.T) {
	w := newWorkspace(t)
	h := w.add(t, "crm", receiver(t, func(rw http.ResponseWriter, r *http.Request) {
		if seqOf(r)%4 == 1 {
			rw.WriteHeader(http.StatusInternalServerError)
		}
	}))
	var customers []int64
	for i := range int64(400) {
		customers = append(customers, i%4)
	}
	w.enter(t, customers...)
	out := watch(w)
	end := begin(t, Options{Outbox: out, Clock: clock.NewManual(now), Window: 8})
	failed := 0
	for _, o := range out.next(301) {
		if o.Kind == store.Retry {
			failed++
			if o.Seq != 1 || o.Customer != 0 {
				t.Errorf("got %+v", o)
			}
		}
	}
	end()
	if b := w.backlog(t, h.ID); failed != 1 || b.Waiting != 100 || b.Failing != 1 {
		t.Errorf("%d failed, left: %+v", failed, b)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	w := newWorkspace(t)
	inside := receiver(t, func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
	w.add(t, "crm", receiver(t, func(rw http.ResponseWriter, r *http.Request) {
		http.SetCookie(rw, &http.Cookie{Name: "a", Value: "b"})
		http.Redirect(rw, r, inside, http.StatusTemporaryRedirect)
	}))
	w.enter(t, 1)
	out := watch(w)
	end := begin(t, Options{Outbox: out, Clock: clock.NewManual(now)})
	if o := out.next(1)[0]; o.Kind != store.Retry || o.Status != 307 {
		t.Errorf("got %+v", o)
	}
	end()
}

// TestEndlessAnswer reads no more of an answer than it needs.
func TestEndlessAnswer(t *testing.T) {
	w := newWorkspace(t)
	w.add(t, "crm", receiver(t, func(rw http.ResponseWriter, _ *http.Request) {
		for _, err := rw.Write(make([]byte, 4096)); err == nil; _, err = rw.Write(make([]byte, 4096)) {
			continue
		}
	}))
	w.enter(t, 1)
	out := watch(w)
	end := begin(t, Options{Outbox: out, Clock: clock.NewManual(now)})
	if o := out.next(1)[0]; o.Kind != store.Delivered {
		t.Errorf("got %+v", o)
	}
	end()
}

// TestRecordingFails delivers once and records again and again until it is possible.
func TestRecordingFails(t *testing.T) {
	w := newWorkspace(t)
	var requests, failures atomic.Int64
	h := w.add(t, "crm", receiver(t, func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	w.enter(t, 1)
	out := watch(w)
	out.fails = func() error {
		if failures.Add(1) <= 5 {
			return errors.New("the disk is full")
		}
		return nil
	}
	end := begin(t, Options{Outbox: out, Clock: &hurriedClock{now: now}})
	out.next(1)
	end()
	if b := w.backlog(t, h.ID); requests.Load() != 1 || b.Waiting != 0 {
		t.Errorf("%d requests, left: %+v", requests.Load(), b)
	}
}

// TestRemovedWhileHanging stops what is under way for a webhook that was removed.
func TestRemovedWhileHanging(t *testing.T) {
	w := newWorkspace(t)
	arrived, left := make(chan struct{}), make(chan struct{})
	w.add(t, "crm", receiver(t, func(rw http.ResponseWriter, r *http.Request) {
		close(arrived)
		hang(rw, r)
		close(left)
	}))
	w.enter(t, 1)
	notify := make(chan struct{})
	end := begin(t, Options{Outbox: watch(w), Clock: clock.NewManual(now), Notify: notify, Timeout: time.Hour})
	<-arrived
	must(t, w.RemoveWebhook(context.Background(), "crm"))
	notify <- struct{}{}
	<-left
	end()
}

// TestPolls finds what another process committed, without being notified.
func TestPolls(t *testing.T) {
	w, m := newWorkspace(t), clock.NewManual(now)
	w.add(t, "crm", receiver(t, func(http.ResponseWriter, *http.Request) {}))
	out := watch(w)
	end := begin(t, Options{Outbox: out, Clock: m, Poll: time.Minute})
	m.WaitForDue(now + 60_000)
	w.enter(t, 1)
	m.Advance(time.Minute)
	out.next(1)
	end()
}

// unreadable is an outbox that cannot be read at first.
type unreadable struct {
	*watched
	failures atomic.Int64
}

func (o *unreadable) DueMessages(ctx context.Context, webhook int64, at calendar.Instant, limit int, busy func(int64) bool) ([]store.Message, calendar.Instant, error) {
	if o.failures.Add(1) <= 3 {
		return nil, 0, errors.New("the disk is away")
	}
	return o.watched.DueMessages(ctx, webhook, at, limit, busy)
}

func TestReadingFails(t *testing.T) {
	w := newWorkspace(t)
	w.add(t, "crm", receiver(t, func(http.ResponseWriter, *http.Request) {}))
	w.enter(t, 1)
	out := &unreadable{watched: watch(w)}
	end := begin(t, Options{Outbox: out, Clock: &hurriedClock{now: now}})
	if o := out.next(1)[0]; o.Kind != store.Delivered {
		t.Errorf("got %+v", o)
	}
	end()
}

func BenchmarkDeliver(b *testing.B) {
	w := newWorkspace(b)
	must(b, w.conn.Script("CREATE INDEX IF NOT EXISTS outbox_due ON outbox (webhook, dead, due); CREATE INDEX IF NOT EXISTS outbox_customer ON outbox (webhook, customer, dead)"))
	w.add(b, "crm", receiver(b, func(http.ResponseWriter, *http.Request) {}))
	var customers []int64
	for i := range b.N {
		customers = append(customers, int64(i*7919%(b.N/4+1)))
	}
	w.enter(b, customers...)
	out := &watched{Outbox: w, recorded: make(chan store.Outcome, b.N)}
	b.ResetTimer()
	end := begin(b, Options{Outbox: out, Clock: clock.NewManual(now)})
	out.next(b.N)
	end()
}
