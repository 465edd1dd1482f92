package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/serve"
)

// answered is an answer of the server.
type answered struct {
	status int
	header http.Header
	body   string
}

// request sends a request with a key and reads the whole answer.
func (p *program) request(method, path, key, body string) (a answered, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+p.address+path, strings.NewReader(body))
	if err != nil {
		return a, err
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := p.client.Do(r)
	if err != nil {
		return a, err
	}
	text, err := io.ReadAll(response.Body)
	return answered{response.StatusCode, response.Header, string(text)}, errors.Join(err, response.Body.Close())
}

// post sends a batch of calls.
func (p *program) post(calls ...string) (answered, error) {
	return p.request(http.MethodPost, "/v1/batch", p.write, `{"batch":[`+strings.Join(calls, ",")+`]}`)
}

// take sends a batch of calls that must be acknowledged.
func (p *program) take(calls ...string) {
	p.t.Helper()
	a, err := p.post(calls...)
	must(p.t, err)
	if a.status != http.StatusOK {
		p.t.Fatalf("a batch was answered with %d: %s", a.status, a.body)
	}
}

// page asks for transitions.
func (p *program) page(query string) serve.Page {
	p.t.Helper()
	a, err := p.request(http.MethodGet, "/v1/transitions?"+query, p.read, "")
	must(p.t, err)
	var page serve.Page
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != http.StatusOK {
		p.t.Fatalf("/v1/transitions?%s was answered with %d: %s", query, a.status, a.body)
	}
	return page
}

// segments gives the state of all segments.
func (p *program) segments() map[string]serve.Segment {
	p.t.Helper()
	a, err := p.request(http.MethodGet, "/v1/segments", p.read, "")
	must(p.t, err)
	var list struct{ Segments []serve.Segment }
	must(p.t, json.Unmarshal([]byte(a.body), &list))
	states := map[string]serve.Segment{}
	for _, s := range list.Segments {
		states[s.Name] = s
	}
	return states
}

// settled waits until no segment is being filled.
func (p *program) settled() {
	p.t.Helper()
	eventually(p.t, time.Minute, "all segments are active", func() bool {
		for _, s := range p.segments() {
			if s.State != "active" {
				return false
			}
		}
		return true
	})
}

// following is a stream of transitions.
type following struct {
	response *http.Response
	lines    *bufio.Scanner
	cancel   context.CancelFunc
}

// follow opens the stream after a transition.
func (p *program) follow(t testing.TB, last int64) *following {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+"/v1/transitions/stream", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+p.read)
	r.Header.Set("Last-Event-ID", strconv.FormatInt(last, 10))
	response, err := p.client.Do(r)
	must(t, err)
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("the stream was answered with %s, %s", response.Status, kind)
	}
	return &following{response, bufio.NewScanner(response.Body), cancel}
}

// next gives the next transition; false at the end of the stream.
func (f *following) next() (id int64, data string, ok bool) {
	for f.lines.Scan() {
		line := f.lines.Text()
		if text, is := strings.CutPrefix(line, "id: "); is {
			id, _ = strconv.ParseInt(text, 10, 64) // 0 is no transition
		} else if text, is := strings.CutPrefix(line, "data: "); is {
			data = text
		} else if line == "" && data != "" {
			return id, data, true
		}
	}
	return 0, "", false
}

func (f *following) close() {
	f.cancel()
	_ = f.response.Body.Close() // it was cancelled
}
