package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/keyring"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/schedule"
	"github.com/kohorte/kohorte/internal/store"
)

const someday = 1_795_000_000_000

// client talks to a server of its own.
type client struct {
	t      *testing.T
	url    string
	engine *live.Engine
	clock  *clock.Manual
	dir    string // of exports
	keys   map[store.Scope]string
}

func start(t *testing.T) *client {
	t.Helper()
	dir := t.TempDir()
	if shared, err := os.MkdirTemp("/dev/shm", "api"); err == nil {
		dir = shared
		t.Cleanup(func() { _ = os.RemoveAll(shared) })
	}
	st, err := store.Open(dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	now := clock.NewManual(someday)
	engine, err := live.Open(t.Context(), st, live.Options{Clock: now, Log: slog.New(slog.DiscardHandler), Queue: 1000, MaxBatch: 1000, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	c := &client{t: t, engine: engine, clock: now, keys: map[store.Scope]string{"": ""}}
	for _, scope := range []store.Scope{store.ScopeWrite, store.ScopeRead, store.ScopeManage} {
		if c.keys[scope], err = st.AddKey(t.Context(), "the "+string(scope), scope, someday); err != nil {
			t.Fatal(err)
		}
	}
	c.dir = filepath.Join(dir, "exports")
	exports := schedule.New(schedule.Options{Store: st, Members: engine, Clock: now, Zone: engine.Zone(), Dir: c.dir, Log: slog.New(slog.DiscardHandler)})
	handler, _ := New(Config{Engine: engine, Store: st, Keys: keyring.New(st, now), Exports: exports, Clock: now, Version: "0"})
	web := httptest.NewServer(handler)
	c.url = web.URL + Prefix
	t.Cleanup(func() {
		web.Close()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (c *client) kick(user string, n int) {
	c.t.Helper()
	_, err := c.engine.Apply(c.t.Context(), []record.Record{{
		Kind: record.Track, Customer: []record.Identity{{Namespace: record.UserID, Value: user}}, Event: "kick", Time: someday - 1000, HasTime: true,
		Fields: fmt.Appendf(nil, `{"n":%d}`, n),
	}}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
}

// settle waits until every segment is evaluated.
func (c *client) settle() {
	for {
		changed, busy := c.engine.Changed(), false
		for _, s := range c.engine.Segments() {
			busy = busy || s.State == live.Filling || s.State == live.Editing
		}
		if !busy {
			return
		}
		<-changed
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (c *client) send(scope store.Scope, method, path, body string, headers ...string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if key := c.keys[scope]; key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{got.StatusCode, got.Header, text}
}

// want sends a request of one who may manage and compares status and parts of the answer.
func (c *client) want(status int, method, path, body string, parts ...string) answer {
	c.t.Helper()
	got := c.send(store.ScopeManage, method, path, body)
	c.same(got, status, parts...)
	return got
}

func (c *client) same(got answer, status int, parts ...string) {
	c.t.Helper()
	if got.status != status {
		c.t.Fatalf("status %d, not %d: %s", got.status, status, got.body)
	}
	for _, part := range parts {
		if !bytes.Contains(got.body, []byte(part)) {
			c.t.Errorf("%s is not in %s", part, got.body)
		}
	}
}

// A segment is defined, read, changed and removed; nobody overwrites what he has not seen.
func TestSegments(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.kick("u2", 1)
	c.kick("u2", 2)
	made := c.send(store.ScopeManage, http.MethodPut, "/segments/eager?message=first",
		`{"rule":"count(kick) >= 2","title":{"de":"Eifrige"},"tags":["a"],"include":[{"customer":"ghost","reason":"r","until":"2030-01-01T00:00:00+01:00"}]}`,
		"If-None-Match", "*")
	c.same(made, 200, `"version":1`, `"unknown":["ghost"]`, `"until":"2029-12-31T23:00:00.000Z"`)
	c.settle()
	c.same(c.send(store.ScopeManage, http.MethodPut, "/segments/eager", `{"rule":"count(kick) >= 1"}`, "If-None-Match", "*"), 412)
	read := c.want(200, http.MethodGet, "/segments/eager", "", `"members":1`, `"title":{"de":"Eifrige"}`, `"state":"active"`)
	tag := read.header.Get("ETag")
	c.same(c.send(store.ScopeManage, http.MethodPut, "/segments/eager?message=second", `{"rule":"count(kick) >= 1"}`, "If-Match", tag), 200, `"version":2`)
	c.same(c.send(store.ScopeManage, http.MethodPut, "/segments/eager", `{"rule":"count(kick) >= 1"}`, "If-Match", tag), 412, "version 2")
	c.same(c.send(store.ScopeManage, http.MethodPut, "/segments/eager", `{"rule":"count(kick) >= 1"}`, "If-Match", "W/x"), 400)
	c.settle()
	c.want(200, http.MethodGet, "/segments/eager/versions", "", `"author":"the manage"`, `"message":"second"`,
		`{"field":"rule","before":"count(kick) >= 2","after":"count(kick) >= 1"}`)
	c.want(200, http.MethodGet, "/segments/eager/members?limit=1", "", `"name":"u1"`, `"next":1`)
	c.want(200, http.MethodGet, "/segments/eager/members?after=1", "", `"name":"u2"`)
	c.want(200, http.MethodGet, "/customers/u2/segments", "", `"segment":"eager"`)
	c.want(204, http.MethodDelete, "/segments/eager", "")
	for _, path := range []string{"/segments/eager", "/segments/eager/versions", "/segments/eager/members", "/customers/nobody/segments"} {
		c.want(404, http.MethodGet, path, "")
	}
	c.want(404, http.MethodDelete, "/segments/eager", "")
}

// Pages of the list end where they should.
func TestList(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.want(200, http.MethodGet, "/segments", "", `"segments":[]`)
	for _, name := range []string{"b", "a", "c"} {
		c.want(200, http.MethodPut, "/segments/"+name, `{"rule":"count(kick) >= 1","tags":["`+name+`"],"state":"draft"}`)
	}
	var page struct {
		Segments []Segment
		Next     string
	}
	var names []string
	for {
		got := c.want(200, http.MethodGet, "/segments?limit=2&after="+page.Next, "")
		page.Next, page.Segments = "", nil
		if err := json.Unmarshal(got.body, &page); err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Segments {
			names = append(names, s.Name)
		}
		if page.Next == "" {
			break
		}
	}
	if strings.Join(names, " ") != "a b c" {
		t.Errorf("the pages have %v", names)
	}
	c.want(200, http.MethodGet, "/segments?tag=b", "", `"name":"b"`)
	c.want(200, http.MethodGet, "/segments?state=active", "", `"segments":[]`)
	c.want(422, http.MethodGet, "/segments?state=sleepy", "")
	c.want(422, http.MethodGet, "/segments?limit=0", "")
}

// The impact of changes is what they do, and what moved since is refused.
func TestImpact(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.kick("u2", 1)
	c.want(200, http.MethodPut, "/segments/a", `{"rule":"count(kick) >= 1"}`)
	c.settle()
	changes := `{"put":[{"name":"b","rule":"in segment a"},{"name":"a","rule":"count(kick) >= 9"}]}`
	got := c.send(store.ScopeRead, http.MethodPost, "/impact?sample=1", changes)
	c.same(got, 200, `"name":"a"`, `"before":2,"after":0,"entered":[],"left":[1],"enter":0,"leave":2`, `"name":"b"`, `"new":true`)
	var found struct{ State string }
	if err := json.Unmarshal(got.body, &found); err != nil || found.State == "" {
		t.Fatal(found, err)
	}
	c.want(204, http.MethodPost, "/changes?state="+found.State, changes)
	c.want(412, http.MethodPost, "/changes?state="+found.State, changes)
	c.settle()
	c.want(200, http.MethodGet, "/segments/a", "", `"members":0`)
	c.want(422, http.MethodPost, "/changes", `{"remove":["a"]}`, "b")
	c.want(422, http.MethodPost, "/impact", `{"put":[{"name":"x","rule":"count("}]}`)
	for _, twice := range []string{
		`{"put":[{"name":"b","rule":"count(kick) >= 1"},{"name":"b","rule":"count(kick) >= 2"}]}`, `{"remove":["b","b"]}`,
		`{"put":[{"name":"b","rule":"count(kick) >= 1"}],"remove":["b"]}`,
	} {
		c.want(422, http.MethodPost, "/impact", twice, "b stands twice")
		c.want(422, http.MethodPost, "/changes", twice, "b stands twice")
	}
	c.want(200, http.MethodGet, "/segments/b", "", `"version":1`)
}

// Rules are checked, counted and explained on what is there now.
func TestRules(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.kick("u2", 2)
	c.want(200, http.MethodPost, "/rules/check", `{"rule":"count( kick )>=1"}`, `"ok":true`, `"canonical":"count(kick) >= 1"`, `"de":"`, `"en":"`)
	c.want(200, http.MethodPost, "/rules/check", `{"rule":"count(kick"}`, `"ok":false`, `"problems":"rule:1`)
	c.want(200, http.MethodPost, "/rules/count", `{"rule":"count(kick where n = 2) >= 1"}`, `"count":1,"customers":2`)
	c.want(422, http.MethodPost, "/rules/count", `{"rule":"count(kikc) >= 1"}`, "kick")
	c.want(200, http.MethodPost, "/rules/count", `{"rule":"count(kikc) >= 1","lenient":true}`, `"count":0`)
	c.want(422, http.MethodPost, "/rules/count", `{"rule":"count(kick) >= 1","at":"yesterday"}`)
	c.want(200, http.MethodPost, "/rules/count", `{"rule":"count(kick) >= 1","at":"2001-01-01T00:00:00Z"}`, `"count":0`)
	c.want(200, http.MethodPost, "/customers/u2/explain", `{"rule":"count(kick) >= 1 and count(kick) < 9"}`, `"customer":"u2"`, `"in":true`, `"parts":[`, `{"expression":"count(kick)","value":1}`)
	c.want(404, http.MethodPost, "/customers/nobody/explain", `{"rule":"count(kick) >= 1"}`)
	c.want(200, http.MethodPut, "/segments/twice", `{"rule":"count(kick where n = 2) >= 1"}`)
	c.settle()
	c.want(200, http.MethodPost, "/rules/count", `{"rule":"in segment twice"}`, `"count":1`) // to which no segment refers
	c.want(200, http.MethodPost, "/customers/u2/explain", `{"rule":"in segment twice"}`, `"in":true`)
	c.kick("u3", 2)
	c.want(200, http.MethodPost, "/rules/count", `{"rule":"in segment twice"}`, `"count":2`)
}

// A membership is explained by the rule that decides, and by what was decided by hand.
func TestExplainMembership(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.kick("u2", 1)
	c.want(200, http.MethodPut, "/segments/kicked",
		`{"rule":"count(kick in last 1 day) >= 1","exclude":[{"customer":"u2","reason":"complained","until":"2026-11-18T12:00:00Z"}]}`)
	c.want(200, http.MethodPut, "/segments/guests", `{"kind":"list","include":[{"customer":"u2"}]}`)
	c.settle()
	c.want(200, http.MethodGet, "/customers/u1/segments/kicked", "", `"version":1`, `"in":true,"since":"2026-11-18T11:06:40.000Z","expires":"2026-11-19T11:06:39.000Z","trace":{"condition":"count(kick in last 1 day) >= 1","in":true,"decides":true,"since":"2026-11-18T11:06:39.000Z","expires":"2026-11-19T11:06:39.000Z"`)
	c.want(200, http.MethodGet, "/customers/u2/segments/kicked", "",
		`"in":false,"since":null,"expires":"2026-11-18T12:00:00.000Z","override":{"customer":"u2","reason":"complained","until":"2026-11-18T12:00:00.000Z"},"trace":{`, `"in":true`)
	c.want(200, http.MethodGet, "/customers/u2/segments/guests", "", `"in":true,"since":"2026-11-18T11:06:40.000Z","expires":null,"override":{"customer":"u2"},"stays":[{"from":"2026-11-18T11:06:40.000Z","entry":"edit","to":null}]}`)
	c.want(200, http.MethodGet, "/customers/u1/segments/guests", "", `"life":"active","version":1`, `"in":false,"since":null,"expires":null,"stays":[]}`)
	c.want(404, http.MethodGet, "/customers/u1/segments/nothing", "", "no such segment")
	c.want(404, http.MethodGet, "/customers/nobody/segments/guests", "")
}

// A key permits what its scope says, and nothing else.
func TestScopes(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	statuses := map[store.Scope][3]int{"": {401, 401, 200}, store.ScopeWrite: {403, 403, 200}, store.ScopeRead: {200, 403, 200}, store.ScopeManage: {200, 200, 200}}
	for scope, want := range statuses {
		for i, got := range []answer{
			c.send(scope, http.MethodGet, "/segments", ""), c.send(scope, http.MethodPut, "/segments/a", `{"rule":"count(kick) >= 1"}`), c.send(scope, http.MethodGet, "/openapi.json", ""),
		} {
			if got.status != want[i] {
				t.Errorf("scope %q, request %d: status %d, not %d: %s", scope, i, got.status, want[i], got.body)
			}
		}
	}
}

// Whom a list names and who is not there can be created, once, and is in then.
func TestCreateUnmatched(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.want(200, http.MethodPut, "/segments/fair", `{"kind":"list","include":[{"customer":"u1"},{"customer":"17"},{"customer":"email:x@example.de"},
		{"customer":"email:Y@example.de"},{"customer":"crm:5"},{"customer":"#9"}]}`, `"unknown":["#9","17","crm:5","email:Y@example.de","email:x@example.de"]`)
	c.settle()
	c.want(200, http.MethodGet, "/segments/fair", "", `"members":1`)
	c.same(c.send(store.ScopeRead, http.MethodPost, "/segments/fair/create-unmatched", ""), 403)
	c.want(200, http.MethodPost, "/segments/fair/create-unmatched", "", `{"created":["17","email:y@example.de","email:x@example.de"],"refused":[{"customer":"#9","reason":"internal ids`,
		`no namespace crm`)
	c.settle()
	c.want(200, http.MethodGet, "/segments/fair", "", `"members":4`, `"version":1`)
	c.want(200, http.MethodGet, "/customers/17/segments/fair", "", `"in":true`)
	c.want(200, http.MethodPost, "/segments/fair/create-unmatched", "", `"created":[]`)
	c.kick("u1", 1)
	c.want(404, http.MethodPost, "/segments/nothing/create-unmatched", "")
}

// Segments are chosen by what is said of them; all that is given must fit.
func TestFilter(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.want(200, http.MethodPut, "/segments/a", `{"rule":"count(kick) >= 1","owner":"anna","purpose":"care","tags":["x"],"title":{"de":"Die ÄRZTE"}}`)
	c.want(200, http.MethodPut, "/segments/b", `{"kind":"list","owner":"anna","purpose":"sales","title":{"en":"Doctors"},"state":"draft"}`)
	for query, want := range map[string]string{
		"owner=anna": "a b", "owner=ann": "", "purpose=care": "a", "kind=list": "b", "kind=rule&owner=anna": "a", "text=%C3%A4rzte": "a", "text=TORS": "b", "text=B": "b",
		"tag=x&state=draft": "", "state=draft": "b", "": "a b",
	} {
		var page struct{ Segments []Segment }
		if err := json.Unmarshal(c.want(200, http.MethodGet, "/segments?"+query, "").body, &page); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range page.Segments {
			names = append(names, s.Name)
		}
		if strings.Join(names, " ") != want {
			t.Errorf("%s gives %v, not %s", query, names, want)
		}
	}
	if got := c.want(422, http.MethodGet, "/segments?onwer=anna", ""); !strings.Contains(string(got.body), "query.onwer") {
		t.Errorf("a slip in the name of a filter is answered with %s", got.body)
	}
}
