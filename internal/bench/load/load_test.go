package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

var options = Options{
	Data:     benchdata.Options{Customers: 1000, Events: 20_000, Seed: 1, Until: 1_795_219_200_000},
	Sessions: 100, Batches: 3, Anonymous: 50,
}

// call is what a server reads.
type call struct {
	Type, UserID, AnonymousID, MessageID, Timestamp, Event string
	Properties, Traits                                     json.RawMessage
}

// receiver is a server that keeps what it gets.
type receiver struct {
	mu    sync.Mutex
	calls map[string]call
	lists int
	fails bool
}

func (s *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, _, _ := r.BasicAuth()
	var body struct{ Batch []call }
	err := json.NewDecoder(r.Body).Decode(&body)
	if key != "wk" || r.URL.Path != "/v1/batch" || err != nil || s.fails {
		http.Error(w, "no, thank you", http.StatusTeapot)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists++
	for _, c := range body.Batch {
		s.calls[c.MessageID] = c
	}
	_, _ = io.WriteString(w, "{}")
}

func serve(t *testing.T) (*receiver, string) {
	s := &receiver{calls: map[string]call{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

// TestServerGetsWhatRecordsSay sends each batch twice, as different messages.
func TestServerGetsWhatRecordsSay(t *testing.T) {
	s, url := serve(t)
	l := Prepare(options)
	sent, err := l.Run(t.Context(), Target{URL: url, Key: "wk", Connections: 2, Requests: 6, First: 7, Shift: -time.Hour})
	if err != nil || len(s.calls) != 600 || s.lists != 6 {
		t.Fatalf("%d calls in %d requests, %v", len(s.calls), s.lists, err)
	}
	byKey, kinds := map[[16]byte]call{}, map[record.Kind]int{}
	for id, c := range s.calls {
		byKey[record.MessageKey(id)] = c
	}
	for i, one := range sent {
		if ahead := one.Due.UnixMilli() - one.At; one.Number != 7+i || one.Acked.Before(one.Due) || ahead != time.Hour.Milliseconds() {
			t.Errorf("%+v", one)
		}
		for _, r := range l.Records(one) {
			kinds[r.Kind]++
			c := byKey[r.Key]
			if c.UserID+c.AnonymousID != r.Customer[0].Value || (c.AnonymousID == "") != (r.Customer[0].Namespace == record.UserID) ||
				c.Event != r.EventGiven || c.Timestamp != calendar.Format(r.Time) || r.Time != one.At || string(c.Properties)+string(c.Traits) != string(r.Fields) {
				t.Fatalf("%+v was sent as %+v", r, c)
			}
		}
	}
	if kinds[record.Track]+kinds[record.Identify] != 600 || kinds[record.Track] < 500 {
		t.Errorf("sent %v", kinds)
	}
}

// TestRateIsKept wants requests at their time, and the wait of those that come late to count.
func TestRateIsKept(t *testing.T) {
	_, url := serve(t)
	l := Prepare(options)
	began := time.Now()
	sent, err := l.Run(t.Context(), Target{URL: url, Key: "wk", Connections: 1, Requests: 20, Rate: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range sent[1:] {
		if gap := s.Due.Sub(sent[i].Due); gap != 5*time.Millisecond {
			t.Errorf("%v between two requests", gap)
		}
	}
	if d := time.Since(began); d < 95*time.Millisecond {
		t.Errorf("20 requests of 5 ms took %v", d)
	}
	if a := Acknowledged(sent); len(a) != 20 || a.At(0) <= 0 || a.At(0.5) > a.At(1) || a.At(1) != slices.Max(a) {
		t.Errorf("%v", a)
	}
}

func TestRunEndsWithTheFirstError(t *testing.T) {
	s, url := serve(t)
	s.fails = true
	if _, err := Prepare(options).Run(t.Context(), Target{URL: url, Key: "wk", Connections: 2, Requests: 100}); err == nil || !strings.Contains(err.Error(), "no, thank you") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Prepare(options).Run(ctx, Target{URL: url, Key: "wk", Connections: 2, Requests: 100, Rate: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestWatch follows a server that has two transitions, one after the other.
func TestWatch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch after := r.URL.Query().Get("after"); after {
		case "4", "5":
			n := int(after[0]-'0') + 1
			_, _ = fmt.Fprintf(w, `{"transitions":[{"seq":%d,"segment":"s","version":1,"customer":{"id":"17","name":"c1"},"entered":true,
				"due":"2026-11-21T00:00:00Z","committed":"2026-11-21T00:00:00.007Z","cause":"event"}],"next":%d}`, n, n)
		default:
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	var seen []Transition
	last, err := Watch(ctx, server.URL, "wk", 4, func(found []Transition) {
		if seen = append(seen, found...); len(seen) == 2 {
			cancel()
		}
	})
	if err != nil || last != 6 || len(seen) != 2 {
		t.Fatalf("%d, %v, %v", last, seen, err)
	}
	want := Transition{Seq: 6, Segment: "s", CustomerID: "17", Customer: "c1", Entered: true, Due: 1_795_219_200_000, Committed: 1_795_219_200_007, Cause: "event", Seen: seen[1].Seen}
	if seen[1] != want {
		t.Errorf("%+v", seen[1])
	}
}

// TestVisible explains transitions by the earliest request that can have caused them.
func TestVisible(t *testing.T) {
	l := Prepare(options)
	const shift = time.Hour
	start := time.UnixMilli(1_000_000)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	sent := []Sent{{Number: 0, Due: at(0), Acked: at(10)}, {Number: 3, Due: at(5), Acked: at(20)}, {Number: 6, Due: at(50), Acked: at(60)}}
	id := l.Customers(sent[0])[0]
	seen := func(due, seen int, cause string) Transition {
		return Transition{Customer: id, Cause: cause, Due: at(due).Add(shift).UnixMilli(), Seen: at(seen)}
	}
	v := l.Visible(sent, []Transition{
		seen(7, 30, "event"), seen(15, 40, "event"), seen(30, 65, "event"), seen(1, 200, "time"), seen(-9, 1, "event"), {Customer: "nobody", Cause: "event"},
	}, shift)
	want := Visibility{ByEvent: Latencies{30e6, 35e6, 60e6}, ByTime: Latencies{199e6}, Unknown: 2}
	if !slices.Equal(v.ByEvent, want.ByEvent) || !slices.Equal(v.ByTime, want.ByTime) || v.Unknown != want.Unknown {
		t.Errorf("%+v", v)
	}
}

func BenchmarkBody(b *testing.B) {
	l := Prepare(options)
	var buffer []byte
	for i := 0; b.Loop(); i++ {
		buffer = l.body(buffer, i, 1_795_219_200_000)
	}
}
