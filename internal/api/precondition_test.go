package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/kohorte/kohorte/internal/store"
)

// Nobody changes or removes a version that is not the one they have seen, or what is not there.
func TestPreconditions(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.want(200, http.MethodPut, "/segments/kicked", `{"rule":"count(kick) >= 1"}`)
	bodies := map[string][2]string{
		"/segments/x": {`{"rule":"count(kick) >= 1"}`, `{"rule":"count(kick) >= 2"}`},
		"/exports/x":  {`{"segment":"kicked","file":"a.csv","schedule":"hourly"}`, `{"segment":"kicked","file":"b.csv","schedule":"hourly"}`},
	}
	for path, body := range bodies {
		for _, match := range []string{"*", `"1"`} {
			c.same(c.send(store.ScopeManage, http.MethodPut, path, body[0], "If-Match", match), 412, "there is no")
			c.same(c.send(store.ScopeManage, http.MethodDelete, path, "", "If-Match", match), 412, "there is no")
		}
		c.want(404, http.MethodDelete, path, "")
		c.same(c.send(store.ScopeManage, http.MethodPut, path, body[0], "If-None-Match", "*"), 200)
		seen := c.want(200, http.MethodGet, path, "").header.Get("ETag")
		c.same(c.send(store.ScopeManage, http.MethodPut, path, body[0], "If-None-Match", "*"), 412, "version 1")
		c.same(c.send(store.ScopeManage, http.MethodPut, path, body[1], "If-Match", "*"), 200)
		c.same(c.send(store.ScopeManage, http.MethodPut, path, body[0], "If-Match", seen), 412, "version 2")
		c.same(c.send(store.ScopeManage, http.MethodDelete, path, "", "If-Match", seen), 412, "version 2")
		c.same(c.send(store.ScopeManage, http.MethodDelete, path, "", "If-Match", "x"), 400, "If-Match")
		now := c.want(200, http.MethodGet, path, "").header.Get("ETag")
		c.same(c.send(store.ScopeManage, http.MethodDelete, path, "", "If-Match", now), 204)
		c.want(404, http.MethodGet, path, "")
	}
}

// The description names the conditions, for clients that are made from it.
func TestPreconditionsAreDescribed(t *testing.T) {
	c := start(t)
	var doc struct {
		Paths map[string]map[string]struct{ Parameters []struct{ Name string } }
	}
	if err := json.Unmarshal(c.send("", http.MethodGet, "/openapi.json", "").body, &doc); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/segments/{name}", "/exports/{name}"} {
		for method, want := range map[string][]string{"put": {"If-Match", "If-None-Match"}, "delete": {"If-Match"}} {
			for _, name := range want {
				parameters := doc.Paths[Prefix+path][method].Parameters
				if !slices.Contains(parameters, struct{ Name string }{name}) {
					t.Errorf("%s %s has %v, not %s", method, path, parameters, name)
				}
			}
		}
	}
}
