package webhook

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

func TestOutcomes(t *testing.T) {
	const hour = 60 * 60 * 1000
	for _, c := range []struct {
		name     string
		attempts int // before
		answer   answer
		kind     store.OutcomeKind
		wait     int64 // milliseconds, without what spreads it
		says     string
	}{
		{"ok", 0, answer{status: 204}, store.Delivered, 0, ""},
		{"first", 0, answer{status: 500}, store.Retry, 5000, "answered 500 Internal Server Error"},
		{"second", 1, answer{failure: "no answer"}, store.Retry, 300_000, "no answer"},
		{"ninth", 8, answer{status: 404}, store.Retry, 24 * hour, "answered 404 Not Found"},
		{"last", 9, answer{status: 503, retryAfter: "5"}, store.Dead, 0, "answered 503"},
		{"redirect", 0, answer{status: 302}, store.Retry, 5000, "redirects are not followed"},
		{"unknown", 0, answer{status: 799}, store.Retry, 5000, "answered 799"},
		{"later", 0, answer{status: 429, retryAfter: "120"}, store.Retry, 120_000, "429"},
		{"sooner", 3, answer{status: 429, retryAfter: "1"}, store.Retry, 2 * hour, "429"},
		{"date", 0, answer{status: 503, retryAfter: "Sat, 21 Nov 2026 13:00:00 GMT"}, store.Retry, hour, "503"},
		{"past", 0, answer{status: 503, retryAfter: "Sat, 21 Nov 2015 13:00:00 GMT"}, store.Retry, 5000, "503"},
		{"far", 0, answer{status: 503, retryAfter: "Sat, 21 Nov 2099 13:00:00 GMT"}, store.Retry, 24 * hour, "503"},
		{"far seconds", 0, answer{status: 503, retryAfter: "2000000000"}, store.Retry, 24 * hour, "503"},
		{"nonsense", 0, answer{status: 503, retryAfter: "-5 soon"}, store.Retry, 5000, "503"},
		{"gone", 0, answer{status: 410}, store.Retry, 5000, "answered 410 Gone"},
	} {
		j := jitter{rand: rand.New(rand.NewPCG(1, 2))}
		m := store.Message{Webhook: 1, Seq: 2, Customer: 3, Attempts: c.attempts}
		o := j.outcome(&m, &c.answer, now-7, now)
		if o.Kind != c.kind || o.Attempt != c.attempts+1 || o.At != now-7 || o.Millis != 7 || o.Seq != 2 || o.Customer != 3 || !strings.Contains(o.Error, c.says) || (o.Error == "") != (c.says == "") {
			t.Errorf("%s: %+v", c.name, o)
		}
		if wait := o.Due - now; c.kind == store.Retry && (wait < c.wait || wait > c.wait+c.wait/10) {
			t.Errorf("%s: waits %d, want %d", c.name, wait, c.wait)
		}
		if (o.Disable != "") != (c.name == "gone") {
			t.Errorf("%s: disables %q", c.name, o.Disable)
		}
	}
}

func TestRetryAfterIsBounded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		header := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9]{1,30}`), rapid.Map(rapid.Int64Range(-1<<40, 1<<40), func(s int64) string {
			return time.Unix(s, 0).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
		})).Draw(rt, "header")
		j := jitter{rand: rand.New(rand.NewPCG(1, 2))}
		o := j.outcome(&store.Message{Attempts: rapid.IntRange(0, 8).Draw(rt, "attempts")}, &answer{status: 503, retryAfter: header}, now, now)
		if wait := calendar.Instant(o.Due - now); wait < 5000 || wait > 27*60*60*1000 {
			rt.Fatalf("waits %d", wait)
		}
	})
}

func TestSchedule(t *testing.T) {
	total := time.Duration(0)
	for _, d := range schedule {
		total += d
	}
	if len(schedule) != 10 || total != 75*time.Hour+35*time.Minute+5*time.Second {
		t.Errorf("%d attempts over %s", len(schedule), total)
	}
	a, b := jitter{rand: rand.New(rand.NewPCG(1, 2))}, jitter{rand: rand.New(rand.NewPCG(1, 2))}
	if x, y := a.spread(time.Hour), b.spread(time.Hour); x != y || x == a.spread(time.Hour) {
		t.Error("the spread does not follow the seed")
	}
}
