package api

import (
	"net/http"
	"testing"

	"github.com/kohorte/kohorte/internal/store"
)

// An earlier version is made the latest again, unless somebody was faster.
func TestRestore(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	const path = "/segments/eager"
	c.want(404, http.MethodPost, path+"/restore", `{"version":1}`, "no segment eager")
	for _, body := range []string{
		`{"rule":"count(kick) >= 1","state":"draft","title":{"en":"Eager"}}`, `{"rule":"count(kick) >= 2"}`, `{"rule":"count(kick) >= 3"}`,
	} {
		c.want(200, http.MethodPut, path, body)
	}
	c.same(c.send(store.ScopeRead, http.MethodPost, path+"/restore", `{"version":1}`), 403)
	c.want(422, http.MethodPost, path+"/restore", `{"version":4}`, "has no version 4; it has 1 to 3")
	c.same(c.send(store.ScopeManage, http.MethodPost, path+"/restore", `{"version":1}`, "If-Match", `"2"`), 412, "version 3")
	got := c.send(store.ScopeManage, http.MethodPost, path+"/restore", `{"version":1,"message":"too few"}`, "If-Match", `"3"`)
	c.same(got, 200, `"version":4`, `"rule":"count(kick) >= 1"`, `"title":{"en":"Eager"}`, `"state":"active"`)
	if tag := got.header.Get("ETag"); tag != `"4"` {
		t.Errorf("the ETag is %s", tag)
	}
	c.same(c.send(store.ScopeManage, http.MethodPost, path+"/restore", `{"version":2}`, "If-Match", "*"), 200, `"rule":"count(kick) >= 2"`)
	c.want(200, http.MethodGet, path+"/versions", "", `"author":"the manage","message":"too few"`, `"message":"restore: version 2"`)
}
