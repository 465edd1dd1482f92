package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/calendar"
)

// outboxIndexes are those that the queries of the outbox count on.
const outboxIndexes = `CREATE INDEX IF NOT EXISTS outbox_due ON outbox (webhook, dead, due);
	CREATE INDEX IF NOT EXISTS outbox_customer ON outbox (webhook, customer, dead)`

// openSegments opens a store with the segments a (1), b (2), and the removed one c (3).
func openSegments(t *testing.T) *Store {
	t.Helper()
	s := open(t)
	scriptIn(t, s, outboxIndexes+"; INSERT INTO segments (id, name, version, active, deleted) VALUES (1, 'a', 1, 1, 0), (2, 'b', 1, 1, 0), (3, 'c', 1, 1, 1)")
	return s
}

func scriptIn(t tester, s *Store, sql string) {
	t.Helper()
	must(t, s.write(context.Background(), func(w *writer) error {
		w.written = true
		return w.conn.Script(sql)
	}))
}

// enter commits an entry of a customer into a segment, with what the webhooks get.
func enter(t tester, s *Store, seq, segment, customer int64) {
	t.Helper()
	must(t, s.write(context.Background(), func(w *writer) error {
		return errors.Join(
			w.jot("INSERT INTO transitions (seq, segment, version, customer, entered, due, committed, cause, part) VALUES (?, ?, 1, ?, 1, ?, ?, 0, 2)",
				seq, segment, customer, now-1000, now),
			w.enqueue(seq, segment, customer, now))
	}))
}

func addHook(t tester, s *Store, name string, segments ...string) Webhook {
	t.Helper()
	h, err := s.AddWebhook(context.Background(), Webhook{Name: name, URL: "https://example.de/" + name, Segments: segments, Created: now})
	must(t, err)
	return h
}

// due gives the Seqs that may be sent to a webhook.
func due(t tester, s *Store, h Webhook, at calendar.Instant) []int64 {
	t.Helper()
	messages, _, err := s.DueMessages(context.Background(), h.ID, at, 100, func(int64) bool { return false })
	must(t, err)
	var seqs []int64
	for _, m := range messages {
		seqs = append(seqs, m.Seq)
	}
	return seqs
}

func wantSeqs(t tester, got []int64, want ...int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestWebhooks(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	before, _, err := s.Revision(ctx)
	must(t, err)
	first := addHook(t, s, "first", "b", "a", "a")
	addHook(t, s, "all")
	must(t, s.DisableWebhook(ctx, "all", "test"))
	must(t, s.SetWebhook(ctx, Webhook{Name: "all", URL: "http://10.0.0.1/x", Private: true, Segments: []string{"b"}}))
	secret, err := s.RotateSecret(ctx, "first")
	must(t, err)
	hooks, err := s.Webhooks(ctx)
	must(t, err)
	if len(hooks) != 2 || hooks[0].Name != "all" || hooks[0].Disabled != "test" || !hooks[0].Private || hooks[0].URL != "http://10.0.0.1/x" || !slices.Equal(hooks[0].Segments, []string{"b"}) {
		t.Errorf("got %#v", hooks)
	}
	h := hooks[1]
	if h.ID != first.ID || !slices.Equal(h.Segments, []string{"a", "b"}) || !slices.Equal(h.Secrets, []string{secret, first.Secrets[0]}) || h.Created != now || h.Disabled != "" {
		t.Errorf("got %#v", h)
	}
	must(t, s.DropOldSecrets(ctx, "first"))
	must(t, s.EnableWebhook(ctx, "all"))
	must(t, s.View(ctx, func(v *View) error {
		if h, err = v.Webhook(ctx, "first"); err != nil || !slices.Equal(h.Secrets, []string{secret}) {
			t.Errorf("got %#v, %v", h, err)
		}
		if _, err := v.Webhook(ctx, "none"); !errors.Is(err, ErrNoWebhook) {
			t.Errorf("a webhook that does not exist: %v", err)
		}
		return nil
	}))
	if after, _, err := s.Revision(ctx); err != nil || after != before {
		t.Errorf("the revision went from %d to %d: %v", before, after, err)
	}
}

func TestWebhookRefusals(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	addHook(t, s, "taken")
	for _, refused := range []struct {
		hook Webhook
		says string
	}{
		{Webhook{Name: "taken", URL: "https://example.de"}, "already"},
		{Webhook{Name: " a", URL: "https://example.de"}, "name"},
		{Webhook{Name: strings.Repeat("ä", 101), URL: "https://example.de"}, "name"},
		{Webhook{Name: "a", URL: "ftp://example.de"}, "https"},
		{Webhook{Name: "a", URL: "https:///path"}, "host"},
		{Webhook{Name: "a", URL: "https://u:topsecret@example.de"}, "password"},
		{Webhook{Name: "a", URL: "https://example.de/#x"}, "#"},
		{Webhook{Name: "a", URL: "https://example.de", Segments: []string{"none"}}, `"none"`},
		{Webhook{Name: "a", URL: "https://example.de", Segments: []string{"c"}}, `"c"`},
		{Webhook{Name: "a", URL: "https://example.de", Secrets: []string{"whsec_c2hvcnQ="}}, "24 to 64"},
	} {
		_, err := s.AddWebhook(ctx, refused.hook)
		if err == nil || !strings.Contains(err.Error(), refused.says) || strings.Contains(err.Error(), "topsecret") || strings.Contains(err.Error(), "c2hvcnQ") {
			t.Errorf("%v: %v", refused.hook, err)
		}
	}
	for _, err := range []error{s.RemoveWebhook(ctx, "none"), s.EnableWebhook(ctx, "none"), s.DropOldSecrets(ctx, "none"), s.SetWebhook(ctx, Webhook{Name: "none", URL: "http://a"})} {
		if !errors.Is(err, ErrNoWebhook) {
			t.Errorf("got %v", err)
		}
	}
	if s.writer == nil {
		t.Error("a refusal cost the writer what it knows")
	}
	for range maxSecrets - 1 {
		_, err := s.RotateSecret(ctx, "taken")
		must(t, err)
	}
	if _, err := s.RotateSecret(ctx, "taken"); err == nil {
		t.Error("secrets without end")
	}
}

func TestSecretsStayOutOfLogs(t *testing.T) {
	var log strings.Builder
	h := Webhook{Name: "crm", URL: "https://example.de/token", Secrets: []string{NewSecret()}}
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "webhook", h, "pointer", &h)
	fmt.Fprintf(&log, "%v %+v %s", h, &h, h)
	if strings.Contains(log.String(), "whsec") || strings.Contains(log.String(), "token") || !strings.Contains(log.String(), "crm") {
		t.Error(log.String())
	}
	if key, err := SecretKey(NewSecret()); err != nil || len(key) != secretBytes {
		t.Errorf("%d bytes, %v", len(key), err)
	}
}

func TestEnqueue(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	all, onlyB, off := addHook(t, s, "all"), addHook(t, s, "b", "b"), addHook(t, s, "off")
	must(t, s.DisableWebhook(ctx, "off", "test"))
	enter(t, s, 1, 1, 10)
	enter(t, s, 2, 2, 11)
	wantSeqs(t, due(t, s, all, now), 1, 2)
	wantSeqs(t, due(t, s, onlyB, now), 2)
	wantSeqs(t, due(t, s, off, now))
	must(t, s.EnableWebhook(ctx, "off"))
	other := openIn(t, strings.TrimSuffix(s.Path(), "/shop.db")) // as another process
	must(t, other.RemoveWebhook(ctx, "all"))
	must(t, other.Close())
	enter(t, s, 3, 2, 12)
	wantSeqs(t, due(t, s, all, now))
	wantSeqs(t, due(t, s, onlyB, now), 2, 3)
	wantSeqs(t, due(t, s, off, now), 3)
	if again := addHook(t, s, "all"); again.ID <= off.ID {
		t.Errorf("the id %d comes again", again.ID)
	}
	must(t, s.write(ctx, func(w *writer) error { return w.forgetOutbox(12) }))
	wantSeqs(t, due(t, s, off, now))
}

func TestMessage(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	apply(t, s, now, identify(ids(user("anna")), 10, `{}`))
	h := addHook(t, s, "all")
	enter(t, s, 1, 2, 1)
	enter(t, s, 2, 2, 99)
	messages, next, err := s.DueMessages(ctx, h.ID, now, 10, func(int64) bool { return false })
	must(t, err)
	want := Message{Webhook: h.ID, Seq: 1, Due: now, Segment: "b", Version: 1, Customer: 1, Name: "anna", Entered: true, At: now - 1000, Committed: now, Part: 2}
	if len(messages) != 2 || messages[0] != want || messages[1].Name != "" || next != calendar.Never {
		t.Errorf("got %+v, next %d", messages, next)
	}
	if messages, next, err = s.DueMessages(ctx, h.ID, now-1, 10, nil); err != nil || len(messages) != 0 || next != now {
		t.Errorf("before they are due: %v, next %d, %v", messages, next, err)
	}
}

// TestHeads holds that only the first of a customer's rows may be sent, whatever
// becomes of it.
func TestHeads(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	h := addHook(t, s, "all")
	for seq := range int64(6) {
		enter(t, s, seq+1, 1, 10+seq%2) // 10: 1 3 5, 11: 2 4 6
	}
	wantSeqs(t, due(t, s, h, now), 1, 2)
	record := func(seq, customer int64, kind OutcomeKind, at calendar.Instant) {
		must(t, s.RecordOutcomes(ctx, []Outcome{{Webhook: h.ID, Seq: seq, Customer: customer, Kind: kind, Due: at, Attempt: 1, At: now, Status: 500}}))
	}
	record(1, 10, Retry, now+50)
	wantSeqs(t, due(t, s, h, now), 2)
	record(2, 11, Delivered, 0)
	wantSeqs(t, due(t, s, h, now), 4)
	wantSeqs(t, due(t, s, h, now+50), 4, 1)
	record(1, 10, Dead, 0)
	record(4, 11, Retry, now+99)
	wantSeqs(t, due(t, s, h, now), 3)
	n, err := s.Replay(ctx, "all", now, 1, 77)
	must(t, err)
	if n != 1 {
		t.Errorf("%d replayed", n)
	}
	wantSeqs(t, due(t, s, h, now), 1)
	record(1, 10, Delivered, 0)
	record(3, 10, Delivered, 0)
	wantSeqs(t, due(t, s, h, now+99), 5, 4)
}

// TestOutboxProperty compares the outbox with lists in memory, and sees that
// nothing is ever lost behind a head.
func TestOutboxProperty(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	serial := int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		name := fmt.Sprintf("hook %d", serial)
		h := addHook(rt, s, name)
		at, open := now, map[int64][]int64{} // by customer
		dues := map[int64]calendar.Instant{} // of failed heads
		rt.Repeat(map[string]func(*rapid.T){
			"enter": func(rt *rapid.T) {
				serial++
				customer := rapid.Int64Range(1, 4).Draw(rt, "customer")
				enter(rt, s, serial, 1, customer)
				open[customer] = append(open[customer], serial)
			},
			"attempt": func(rt *rapid.T) {
				var want []int64
				for _, seqs := range open {
					if dues[seqs[0]] <= at {
						want = append(want, seqs[0])
					}
				}
				got := due(rt, s, h, at)
				slices.Sort(want)
				slices.Sort(got)
				wantSeqs(rt, got, want...)
				if len(got) == 0 {
					return
				}
				seq := rapid.SampledFrom(got).Draw(rt, "seq")
				o := Outcome{Webhook: h.ID, Seq: seq, Kind: OutcomeKind(rapid.IntRange(0, 2).Draw(rt, "kind")), Due: at + 10, At: at}
				for customer, seqs := range open {
					if seqs[0] != seq {
						continue
					}
					o.Customer = customer
					if open[customer] = seqs[1:]; o.Kind == Retry {
						open[customer], dues[seq] = seqs, o.Due
					} else if len(seqs) == 1 {
						delete(open, customer)
					}
					break
				}
				must(rt, s.RecordOutcomes(ctx, []Outcome{o}))
			},
			"time": func(*rapid.T) { at += 5 },
		})
		must(rt, s.RemoveWebhook(ctx, name))
	})
}

// TestSetAsideTooLate sets rows aside whose head is done meanwhile: nobody would
// make them due again.
func TestSetAsideTooLate(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	h := addHook(t, s, "all")
	for seq := range int64(3) {
		enter(t, s, seq+1, 1, 7)
	}
	must(t, s.RecordOutcomes(ctx, []Outcome{{Webhook: h.ID, Seq: 1, Customer: 7, At: now}}))
	must(t, s.setAside(ctx, h.ID, []int64{2, 3}))
	wantSeqs(t, due(t, s, h, now), 2)
}

func TestManyBehind(t *testing.T) {
	s := openSegments(t)
	h := addHook(t, s, "all")
	scriptIn(t, s, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < %d)
		INSERT INTO transitions SELECT i, 1, 1, 7, 1, %d, %[2]d, 0, -1 FROM n`, 2*maxBehind+2, now))
	scriptIn(t, s, fmt.Sprintf("INSERT INTO outbox SELECT %d, seq, customer, 0, due, 0 FROM transitions", h.ID))
	enter(t, s, 2*maxBehind+3, 1, 8)
	wantSeqs(t, due(t, s, h, now), 1, 2*maxBehind+3)
}

func TestPlans(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	must(t, s.Glance(ctx, func(v *View) error {
		var plan []string
		q := v.conn.Query("EXPLAIN QUERY PLAN SELECT "+messageColumns+", "+behindHead+" FROM "+messageTables+" WHERE o.webhook = ? AND o.dead = 0 AND o.due <= ? ORDER BY o.due, o.seq", 1, 1)
		for q.Next() {
			plan = append(plan, q.Text(3))
		}
		text := strings.Join(plan, "\n")
		if strings.Contains(text, "TEMP B-TREE") || !strings.Contains(text, "outbox_due") || !strings.Contains(text, "outbox_customer") || strings.Contains(text, "SCAN") {
			t.Error(text)
		}
		return q.Close()
	}))
}

func TestDeliveryLog(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	h := addHook(t, s, "all")
	other := addHook(t, s, "other")
	for seq := int64(1); seq <= 5; seq++ {
		enter(t, s, seq, 1, seq)
		must(t, s.RecordOutcomes(ctx, []Outcome{
			{Webhook: h.ID, Seq: seq, Customer: seq, Kind: Dead, Attempt: 10, At: now + seq, Millis: 3, Status: 500, Error: "answered 500"},
			{Webhook: other.ID, Seq: seq, Customer: seq, Kind: Retry, Due: now + 9, Attempt: 1, At: now - deliveriesKept},
			{Webhook: 99, Seq: seq, Customer: seq, At: now}, // was removed meanwhile
		}))
	}
	must(t, s.View(ctx, func(v *View) error {
		page, err := v.Deliveries(ctx, "all", 0, 2)
		must(t, err)
		if len(page) != 2 || page[0] != (Delivery{ID: page[0].ID, Seq: 5, Attempt: 10, At: now + 5, Millis: 3, Status: 500, Error: "answered 500"}) || page[1].Seq != 4 {
			t.Errorf("got %+v", page)
		}
		page, err = v.Deliveries(ctx, "all", page[1].ID, 10)
		must(t, err)
		if len(page) != 3 || page[0].Seq != 3 || page[2].Seq != 1 {
			t.Errorf("got %+v", page)
		}
		dead, err := v.DeadLetters(ctx, "all", 2, 2)
		must(t, err)
		if len(dead) != 2 || dead[0].Seq != 3 || dead[1].Attempts != 10 {
			t.Errorf("got %+v", dead)
		}
		backlogs, err := v.Backlogs(ctx)
		must(t, err)
		if backlogs[h.ID] != (Backlog{Dead: 5, Oldest: calendar.Never}) || backlogs[other.ID] != (Backlog{Waiting: 5, Failing: 5, Oldest: now}) {
			t.Errorf("got %+v", backlogs)
		}
		_, err = v.Deliveries(ctx, "none", 0, 1)
		if !errors.Is(err, ErrNoWebhook) {
			t.Errorf("got %v", err)
		}
		return nil
	}))
	must(t, s.PruneDeliveries(ctx, now+2)) // other's 5 and the first of all are older, in order of id
	count := func() (n int64) {
		must(t, s.View(ctx, func(v *View) error {
			var err error
			n, _, err = v.conn.Int("SELECT count(*) FROM deliveries")
			return err
		}))
		return n
	}
	if n := count(); n != 10 {
		t.Errorf("%d are left", n) // the first is recent, those behind it stay for order
	}
	must(t, s.PruneDeliveries(ctx, now+deliveriesKept+6))
	if n := count(); n != 0 {
		t.Errorf("%d are left", n)
	}
	if n, err := s.Replay(ctx, "all", now); err != nil || n != 5 {
		t.Errorf("%d replayed, %v", n, err)
	}
	wantSeqs(t, due(t, s, h, now), 1, 2, 3, 4, 5)
}

func TestDeliveryLogIsBounded(t *testing.T) {
	s, ctx := openSegments(t), context.Background()
	h := addHook(t, s, "all")
	outcomes := make([]Outcome, maxDeliveries+deliveriesPrune+1)
	for i := range outcomes {
		outcomes[i] = Outcome{Webhook: h.ID, Seq: int64(i), At: now}
	}
	must(t, s.RecordOutcomes(ctx, outcomes))
	must(t, s.View(ctx, func(v *View) error {
		n, _, err := v.conn.Int("SELECT count(*) FROM deliveries")
		if n > maxDeliveries+deliveriesPrune || n < maxDeliveries {
			t.Errorf("%d entries", n)
		}
		return err
	}))
}

func BenchmarkEnqueue(b *testing.B) {
	s := openIn(b, b.TempDir())
	defer func() { must(b, s.Close()) }()
	scriptIn(b, s, outboxIndexes)
	addHook(b, s, "all")
	seq := int64(0)
	b.ResetTimer()
	must(b, s.write(context.Background(), func(w *writer) error {
		for b.Loop() {
			seq++
			if err := w.enqueue(seq, 1, seq*7919%1_000_003, now); err != nil {
				return err
			}
		}
		return nil
	}))
}
