package tracking

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// now is 2026-11-21T12:00:00Z, when all requests of the tests are received.
const now calendar.Instant = 1_795_262_400_000

// key is the write key of the source "shop".
const key = "wk_shop"

type keyring map[string]string

func (k keyring) WriteKey(given string) (string, bool) {
	source, ok := k[given]
	return source, ok
}

// memory keeps what it accepts as text, since the batch's memory is used again.
type memory struct {
	mu       sync.Mutex
	fails    error
	accepted int
	lines    []string // of the records
	records  []record.Record
	rejected []Rejected
	batch    Batch
}

func (m *memory) Accept(_ context.Context, b Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails != nil {
		return m.fails
	}
	m.accepted++
	m.batch = b
	m.rejected = append(m.rejected, b.Rejected...)
	for _, r := range b.Records {
		m.lines = append(m.lines, line(r))
		m.records = append(m.records, r)
	}
	return nil
}

// line writes a record.
func line(r record.Record) string {
	s := fmt.Sprint([]string{"identify", "track", "group", "alias", "consent"}[r.Kind], " ", r.Customer)
	switch r.Kind {
	case record.Track:
		s += " " + r.Event
		if r.EventGiven != r.Event {
			s += " (" + r.EventGiven + ")"
		}
	case record.Group:
		s += fmt.Sprint(" of ", r.Company)
	case record.Alias:
		s += fmt.Sprint(" was ", r.Previous)
	}
	if r.Time != now {
		s += " at " + calendar.Format(r.Time)
	}
	if r.Corrected {
		s += " not " + calendar.Format(r.Original)
	}
	return strings.TrimSpace(s + " " + string(r.Fields))
}

// server is a real one with a memory behind it.
type server struct {
	*testing.T
	sink *memory
	url  string
}

func serve(t *testing.T, change ...func(*Config)) *server {
	t.Helper()
	zone, err := calendar.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	sink := &memory{}
	config := Config{Sink: sink, Keys: keyring{key: "shop"}, Now: func() calendar.Instant { return now }, Zone: zone}
	for _, c := range change {
		c(&config)
	}
	h, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &server{T: t, sink: sink, url: s.URL}
}

// do sends a request and gives the answer with its body.
func (s *server) do(method, path, body string, header ...string) (*http.Response, string) {
	s.Helper()
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		s.Fatal(err)
	}
	return w, string(text)
}

// post sends a body with the right key and wants a status.
func (s *server) post(path, body string, want int) string {
	s.Helper()
	w, text := s.do("POST", path, body, "Authorization", "Bearer "+key)
	if w.StatusCode != want {
		s.Fatalf("%s %.200s: %d %s, want %d", path, body, w.StatusCode, text, want)
	}
	return strings.TrimSpace(text)
}

// kept gives what the sink has since the last time.
func (s *server) kept() string {
	got := strings.Join(s.sink.lines, "\n")
	for _, r := range s.sink.rejected {
		got += "\nrejected: " + r.Reason + ": " + string(r.Body)
	}
	s.sink.lines, s.sink.records, s.sink.rejected = nil, nil, nil
	return strings.TrimSpace(got)
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCalls(t *testing.T) {
	s := serve(t)
	for _, test := range []struct{ path, body, want string }{
		{"/v1/identify", `{"userId":"u","traits":{"plan":"pro"}}`, `identify [{user u}] {"plan":"pro"}`},
		{"/v1/i", `{"userId":"u","anonymousId":"a","traits":{}}`, `identify [{user u} {anonymous a}] {}`},
		{"/v1/track", `{"userId":"u","event":"Order Completed","properties":{"total":1.50}}`, `track [{user u}] order_completed (Order Completed) {"total":1.50}`},
		{"/v1/track/", `{"userId":"u","event":"ÄrgerGemeldet"}`, `track [{user u}] ärger_gemeldet (ÄrgerGemeldet) {}`},
		{"/v1/t", `{"anonymousId":"a","event":"e","type":"page"}`, `track [{anonymous a}] e {}`},
		{"/v1/page", `{"userId":"u","name":"Home","properties":{"url":"/"}}`, `track [{user u}] page_viewed {"name":"Home","url":"/"}`},
		{"/v1/p", `{"userId":"u"}`, `track [{user u}] page_viewed {}`},
		{"/v1/screen", `{"userId":"u","name":"Home"}`, `track [{user u}] screen_viewed {"name":"Home"}`},
		{"/v1/s", `{"userId":"u"}`, `track [{user u}] screen_viewed {}`},
		{"/v1/group", `{"userId":"u","groupId":"g","traits":{"n":1}}`, `group [{user u}] of {company g} {"n":1}`},
		{"/v1/g", `{"userId":"u","groupId":"g"}`, `group [{user u}] of {company g} {}`},
		{"/v1/alias", `{"userId":"u","previousId":"a"}`, `alias [{user u}] was {anonymous a}`},
		{"/v1/a", `{"userId":"u","previousId":"a"}`, `alias [{user u}] was {anonymous a}`},
		{"/v1/track", "\ufeff \n" + `{"userId":"u","event":"e"}`, `track [{user u}] e {}`},
		{"/v1/track", `{"userId":"u","event":"e","context":{"traits":{"plan":"pro"},"ip":"1.2.3.4"}}`, "identify [{user u}] {\"plan\":\"pro\"}\ntrack [{user u}] e {}"},
		{"/v1/page", `{"userId":"u","context":{"traits":{"plan":"pro"}}}`, "identify [{user u}] {\"plan\":\"pro\"}\ntrack [{user u}] page_viewed {}"},
		{"/v1/identify", `{"userId":"u","traits":{"a":1},"context":{"traits":{"plan":"pro"}}}`, `identify [{user u}] {"a":1}`},
		{"/v1/track", `{"userId":"u","event":"e","context":{"traits":{}}}`, `track [{user u}] e {}`},
		{"/v1/track", `{"userId":"u","event":"e","context":"none"}`, `track [{user u}] e {}`},
	} {
		if got := s.post(test.path, test.body, 200); got != `{"success": true}` {
			t.Errorf("answer %s", got)
		}
		if got := s.kept(); got != test.want {
			t.Errorf("%s %s\n got %s\nwant %s", test.path, test.body, got, test.want)
		}
	}
	if b := s.sink.batch; b.Source != "shop" || b.Received != now {
		t.Errorf("the batch is of %s, received at %d", b.Source, b.Received)
	}
}

// TestNonsenseIsKept and answered with 200, without the key.
func TestNonsenseIsKept(t *testing.T) {
	s := serve(t)
	for _, test := range []struct{ path, body, want string }{
		{"/v1/track", `{"event":"e","writeKey":"wk_shop"}`, `the call names nobody: userId or anonymousId is missing: {"event":"e","type":"track"}`},
		{"/v1/track", `{"userId":"u"}`, `the event has no name: {"userId":"u","type":"track"}`},
		{"/v1/identify", `{"type":"x","userId":"u","timestamp":"gestern","we\"ird":[]}`, `timestamp: "gestern" is no date: {"userId":"u","timestamp":"gestern","we\"ird":[],"type":"identify"}`},
		{"/v1/batch", `{"batch":[{"userId":"u","type":"trakc"}],"sentAt":"x"}`,
			`unknown type of call "trakc": it is one of identify, track, page, screen, group, alias: {"userId":"u","type":"trakc","sentAt":"x"}`},
		{"/v1/batch", `{"batch":["x"]}`, `a call must be an object, not text: "x"`},
		{"/v1/batch", `{"writeKey":"wk_shop"}`, `batch must be a list of calls, not nothing: {}`},
		{"/v1/batch", `{"batch":[{"userId":"u","type":"track","event":"e","messageId":[]}]}`,
			`messageId must be text, not a list: {"userId":"u","type":"track","event":"e","messageId":[]}`},
	} {
		s.post(test.path, test.body, 200)
		if got := s.kept(); got != "rejected: "+test.want {
			t.Errorf("%s %s\n got %s\nwant %s", test.path, test.body, got, test.want)
		}
	}
}

func TestAnswersOfTheSink(t *testing.T) {
	for _, test := range []struct {
		err        error
		status     int
		code, wait string
	}{
		{fmt.Errorf("wrapped: %w", ErrFull), 429, "full", "1"},
		{fmt.Errorf("no space: %w", ErrUnavailable), 503, "unavailable", "10"},
		{fmt.Errorf("secret internals"), 500, "internal", "10"},
	} {
		var reported error
		s := serve(t, func(c *Config) { c.Report = func(err error) { reported = err } })
		s.sink.fails = test.err
		w, text := s.do("POST", "/v1/track", `{"userId":"u","event":"e"}`, "Authorization", "Bearer "+key)
		if w.StatusCode != test.status || w.Header.Get("Retry-After") != test.wait || problemIn(t, text).Code != test.code || strings.Contains(text, "secret") {
			t.Errorf("%v: %d, Retry-After %s: %s", test.err, w.StatusCode, w.Header.Get("Retry-After"), text)
		}
		if (reported != nil) != (test.status == 500) {
			t.Errorf("%v: reported %v", test.err, reported)
		}
		s.sink.fails = nil
		s.post("/v1/track", `{"userId":"u","event":"e"}`, 200)
	}
}

// problemIn reads the reason in an answer.
func problemIn(t testing.TB, text string) problem {
	t.Helper()
	var a struct {
		Success *bool
		Error   problem
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil || a.Success == nil || *a.Success || a.Error.Code == "" || a.Error.Message == "" {
		t.Fatalf("the answer %s is no reason: %v", text, err)
	}
	return a.Error
}

// TestManyAtOnce share nothing: each request has its own calls.
func TestManyAtOnce(t *testing.T) {
	s := serve(t)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			body := fmt.Sprintf(`{"writeKey":"wk_shop","batch":[{"type":"identify","userId":"u%d","traits":{"n":%d}}]}`, i, i)
			w, err := http.Post(s.url+"/v1/batch", "", strings.NewReader(body))
			if err != nil || w.StatusCode != http.StatusOK {
				t.Error(w, err)
				return
			}
			w.Body.Close()
		})
	}
	all.Wait()
	kept := s.kept()
	for i := range 50 {
		if want := fmt.Sprintf(`identify [{user u%d}] {"n":%d}`, i, i); strings.Count(kept, want) != 1 {
			t.Errorf("%s is not there once", want)
		}
	}
}
