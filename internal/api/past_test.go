package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store"
)

// late has a customer kick at an instant of the workspace's clock.
func (c *client) late(user string, after time.Duration) {
	c.t.Helper()
	c.clock.Advance(after)
	_, err := c.engine.Apply(c.t.Context(), []record.Record{{
		Kind: record.Track, Customer: []record.Identity{{Namespace: record.UserID, Value: user}}, Event: "kick", Time: c.clock.Now(), HasTime: true,
		Fields: fmt.Appendf(nil, `{"n":%d}`, 1),
	}}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
}

// The past is told from the log, and by the rule of today from the data; both are named.
func TestPast(t *testing.T) {
	c := start(t) // on 18 November 2026, 12:06:40 in Berlin
	c.kick("u1", 1)
	c.want(200, http.MethodPut, "/segments/fresh", `{"rule":"count(kick in last 2 days) >= 1"}`)
	c.want(200, http.MethodPut, "/segments/known", `{"rule":"count(kick) >= 1"}`)
	c.want(200, http.MethodPut, "/segments/idea", `{"rule":"count(kick) >= 1","state":"draft"}`)
	c.settle()
	c.late("u2", 24*time.Hour)
	c.late("u3", 48*time.Hour) // u1 has left fresh

	c.want(200, http.MethodGet, "/segments/fresh/members", "", `"name":"u3","since":"2026-11-21T11:06:40.000Z"`, `"source":"log"`)
	c.want(200, http.MethodGet, "/segments/fresh/members?at=2026-11-20", "", `"members":[{"id":1,"name":"u1"},{"id":2,"name":"u2"}]`, `"at":"2026-11-19T23:00:00.000Z","source":"log"`)
	c.want(200, http.MethodGet, "/segments/known/members?at=2026-11-20&limit=1", "", `"members":[{"id":1,"name":"u1"}],"next":1`)
	c.want(200, http.MethodGet, "/segments/known/members?at=2026-11-20&limit=1&after=1", "", `"members":[{"id":2,"name":"u2"}],"at"`)
	c.want(200, http.MethodPut, "/segments/known", `{"rule":"count(kick) >= 1 and not in segment fresh"}`)
	c.settle()
	c.want(200, http.MethodGet, "/segments/known/members?at=2026-11-20", "", `"name":"u1"`, `"source":"log"`)
	c.want(200, http.MethodGet, "/segments/known/members?at=2026-11-20&todaysRule=true", "", `"members":[]`, `"source":"today's rule"`)
	c.want(200, http.MethodGet, "/segments/fresh/members?at=2026-11-24&todaysRule=true", "", `"members":[]`)
	c.want(200, http.MethodGet, "/segments/idea/members?at=2026-11-18T13:00&todaysRule=true", "", `"members":[{"id":1,"name":"u1"}]`)
	c.want(200, http.MethodGet, "/segments/fresh/members?at=2026-11-01", "", `"members":[]`, `"at":"2026-10-31T23:00:00.000Z"`, `"defined":"2026-11-18T11:06:40.000Z"`)
	if got := c.want(200, http.MethodGet, "/segments/fresh/members?at=2026-11-01&todaysRule=true", ""); strings.Contains(string(got.body), "defined") {
		t.Errorf("the rule of today does not ask since when there is a segment: %s", got.body)
	}
	c.want(422, http.MethodGet, "/segments/fresh/members?at=2026-11-24", "", "future")
	c.want(422, http.MethodGet, "/segments/fresh/members?at=once", "", "at: ")
	c.want(404, http.MethodGet, "/segments/nothing/members?at=2026-11-20", "", "there is fresh")
	c.want(404, http.MethodGet, "/segments/nothing/members?todaysRule=true", "")

	c.want(200, http.MethodGet, "/segments/fresh/history?from=2026-11-18&by=day", "", `"source":"log","from":"2026-11-17T23:00:00.000Z"`,
		`{"from":"2026-11-19T23:00:00.000Z","to":"2026-11-20T23:00:00.000Z","size":1,"entries":{},"exits":{"time":1}}`,
		`"completed":{"count":1,"averageMillis":172799000,"medianMillis":172799000}`, `"versions":[{"version":1,`)
	c.want(200, http.MethodGet, "/segments/fresh/history", "", `"by":"day"`)
	c.want(422, http.MethodGet, "/segments/fresh/history?from=2026-11-19&to=2026-11-18", "", "before")
	c.want(422, http.MethodGet, "/segments/fresh/history?by=year", "")
	c.want(422, http.MethodGet, "/segments/fresh/history?from=0001-01-01", "", "more than 10000")
	c.want(200, http.MethodGet, "/segments/fresh/history?from=1970-01-01&by=week", "", `"by":"week"`)
	c.want(404, http.MethodGet, "/segments/nothing/history", "")

	c.want(200, http.MethodGet, "/migration?from=2026-11-19&segments=fresh", "", `"rows":["fresh","(none)","(new)"],"columns":["fresh","(none)"],"counts":[[0,1],[0,0],[1,1]]`)
	c.want(200, http.MethodGet, "/migration?from=2026-11-19&to=2026-11-20&segments=fresh&into=known", "", `"columns":["known","(none)"]`)
	c.want(200, http.MethodGet, "/migration/customers?from=2026-11-19&segments=fresh&row=new&column=fresh&limit=1", "", `{"customers":[{"id":3,"name":"u3"}]}`)
	c.want(422, http.MethodGet, "/migration/customers?from=2026-11-19&segments=fresh&row=none&column=none", "", "counted")
	c.want(422, http.MethodGet, "/migration/customers?from=2026-11-19&segments=fresh&row=known&column=none", "", "there is no row")
	c.want(422, http.MethodGet, "/migration", "")
	c.want(404, http.MethodGet, "/migration?from=2026-11-19&segments=nothing", "")

	c.want(200, http.MethodGet, "/overlap", "", `"segments":[{"name":"fresh","size":1},{"name":"known","size":2}]`, `"both":0,"jaccard":0`)
	c.same(c.send(store.ScopeRead, http.MethodGet, "/overlap?segments=fresh,known&at=2026-11-19", ""), 200,
		`"nearlySame":true`, `"regions":[{"segments":["fresh"],"all":1,"exact":0},{"segments":["known"],"all":1,"exact":0},{"segments":["fresh","known"],"all":1,"exact":1}]`)
	c.want(422, http.MethodGet, "/overlap?at=2030-01-01", "", "future")
}

// Without a segment there is nothing to compare.
func TestPastOfNothing(t *testing.T) {
	c := start(t)
	c.want(404, http.MethodGet, "/overlap", "", "no segment is followed")
	c.want(404, http.MethodGet, "/migration?from=2026-01-01", "")
}

// What a customer did in a segment is told with its causes, also after the segment was retired.
func TestStays(t *testing.T) {
	c := start(t)
	c.want(200, http.MethodPut, "/segments/kicked?lenient=true", `{"rule":"count(kick in last 1 day) >= 1"}`)
	c.want(200, http.MethodPut, "/segments/planned?lenient=true", `{"rule":"count(kick) >= 1","state":"draft"}`)
	c.settle()
	c.late("u1", 0)
	c.want(200, http.MethodGet, "/customers/u1/segments/kicked", "", `"life":"active"`, `"since":"2026-11-18T11:06:40.000Z"`,
		`"stays":[{"from":"2026-11-18T11:06:40.000Z","entry":"event","to":null}]`)
	c.late("u2", 48*time.Hour)
	first := `{"from":"2026-11-18T11:06:40.000Z","entry":"event","to":"2026-11-19T11:06:40.000Z","exit":"time"}`
	c.want(200, http.MethodGet, "/customers/u1/segments/kicked", "", `"in":false,"since":null`, `"stays":[`+first+`]`)
	c.want(200, http.MethodGet, "/customers/u1/segments/planned", "", `"life":"draft","version":0`, `"in":false`, `"stays":[]`)
	c.want(200, http.MethodPut, "/segments/kicked", `{"rule":"count(kick) >= 1"}`)
	c.settle()
	c.late("u2", time.Hour)
	c.want(200, http.MethodPut, "/segments/kicked", `{"rule":"count(kick) >= 1","state":"retired"}`)
	c.want(200, http.MethodGet, "/customers/u1/segments/kicked", "", `"life":"retired","version":0`, `"in":false,"since":null`,
		`"stays":[`+first+`,{"from":"2026-11-20T11:06:40.000Z","entry":"edit","to":"2026-11-20T12:06:40.000Z","exit":"edit"}]`)
	c.want(200, http.MethodPut, "/segments/sides", `{"kind":"segmentation","parts":["planned"],"rest":"others"}`)
	c.settle()
	c.want(200, http.MethodGet, "/customers/u1/segments/sides", "", `"in":true,"since":"2026-11-20T12:06:40.000Z"`, `"entry":"edit","to":null}]`, `"part":"others"`)
}

// By today's rule lists and what was decided by hand count, and the log is only read for what is past in the rule itself.
func TestTodaysRule(t *testing.T) {
	c := start(t)
	c.want(200, http.MethodPut, "/segments/fresh?lenient=true", `{"rule":"count(kick in last 2 days) >= 1"}`)
	for _, user := range []string{"u1", "u2", "u3"} {
		c.kick(user, 1)
	}
	c.want(200, http.MethodPut, "/segments/few", `{"kind":"list","include":[{"customer":"u2"}]}`)
	c.want(200, http.MethodPut, "/segments/rest", `{"rule":"not in segment few and not in segment fresh for 1 day","exclude":[{"customer":"u3"}]}`)
	c.settle()
	c.want(200, http.MethodGet, "/segments/few/members?at=2026-11-17&todaysRule=true", "", `"members":[{"id":2,"name":"u2"}]`)
	c.want(200, http.MethodGet, "/segments/rest/members?at=2026-11-17&todaysRule=true", "", `"members":[{"id":1,"name":"u1"}]`, `"source":"today's rule","fromLog":["fresh"]`)
	c.want(404, http.MethodGet, "/segments/nothing/members?todaysRule=true", "")
}
