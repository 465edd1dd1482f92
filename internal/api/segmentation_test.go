package api

import (
	"net/http"
	"testing"
)

// A segmentation is put, shown with its parts, tried out, explained and removed as segments are.
func TestSegmentations(t *testing.T) {
	c := start(t)
	for n, user := range []string{"u1", "u2", "u2", "u3", "u3", "u3"} {
		c.kick(user, n)
	}
	for name, rule := range map[string]string{"many": "count(kick) >= 2", "most": "count(kick) >= 3"} {
		c.want(http.StatusOK, "PUT", "/segments/"+name, `{"rule": "`+rule+`"}`)
	}
	life := `"kind": "segmentation", "parts": ["most", "many"], "rest": "others", "restTitle": {"de": "Übrige"}`
	put := c.want(http.StatusOK, "PUT", "/segments/life", `{`+life+`}`)
	c.settle()
	if etag := put.header.Get("ETag"); etag != `"1"` {
		t.Errorf("the ETag is %s", etag)
	}
	c.want(http.StatusOK, "GET", "/segments/life", "", `"members":3`, `"progress":"active"`, `"rest":"others"`, `"restTitle":{"de":"Übrige"}`,
		`"parts":[{"name":"most","segment":"life.most","members":1},{"name":"many","segment":"life.many","members":1},{"name":"others","segment":"life.others","members":1}]`)
	c.want(http.StatusOK, "GET", "/segments/life.many", "", `"of":"life"`, `"kind":"part"`, `"rule":"in segment many and not in segment most"`)
	c.want(http.StatusOK, "GET", "/segments/life.many/members", "", `"name":"u2"`)
	c.want(http.StatusUnprocessableEntity, "GET", "/segments/life/members", "", "ask for one of its parts, such as life.most")
	c.want(http.StatusOK, "GET", "/customers/u3/segments/many", "", `"in":true`,
		`"segmentations":[{"segmentation":"life","version":1,"part":"most","rest":false,"in":["most","many"],"parts":["most","many"]}]`)
	c.want(http.StatusOK, "GET", "/customers/u1/segments/life", "", `"part":"others","rest":true,"in":[]`, `"trace":{`)
	c.want(http.StatusOK, "GET", "/customers/u1/segments", "", `"segment":"life.others"`)
	c.want(http.StatusUnprocessableEntity, "GET", "/segments/life/members?at=2026-11-01", "", "is a segmentation; ask for one of its parts: life.most, life.many, life.others")
	c.want(http.StatusUnprocessableEntity, "GET", "/segments/life/history", "", "is a segmentation")
	c.want(http.StatusUnprocessableEntity, "GET", "/segments/life/export", "", "such as life.most")
	c.want(http.StatusOK, "GET", "/migration?from=2026-11-01&segments=life", "", `"rows":["life.most","life.many","life.others","(none)","(new)"]`)
	c.want(http.StatusUnprocessableEntity, "PUT", "/exports/all", `{"segment": "life", "file": "all.csv", "schedule": "daily at 06:00"}`, "is a segmentation")
	c.want(http.StatusOK, "GET", "/overlap?segments=life", "", `"life.others"`)
	moved := `{"kind": "segmentation", "parts": ["many", "most"], "rest": "others"}`
	c.want(http.StatusOK, "POST", "/impact", `{"put": [{"name": "life", `+moved[1:]+`]}`, `"name":"life.many","of":"life"`, `"enter":1,"leave":0`, `"before":3,"after":3`)
	c.same(c.send("manage", "PUT", "/segments/life", moved, "If-Match", `"7"`), http.StatusPreconditionFailed, "version 1")
	c.same(c.send("manage", "PUT", "/segments/life", moved, "If-Match", `"1"`), http.StatusOK)
	c.settle()
	c.want(http.StatusOK, "GET", "/segments/life/versions", "", `{"field":"parts","before":"most, many","after":"many, most"}`)
	c.want(http.StatusOK, "GET", "/segments/life.many/versions", "", `"author":"the manage"`)
	c.want(http.StatusUnprocessableEntity, "PUT", "/segments/life.many", `{"rule": "count(kick) >= 1"}`, "a part of segmentation life")
	c.want(http.StatusUnprocessableEntity, "DELETE", "/segments/many", "", "used by segmentation life")
	c.want(http.StatusUnprocessableEntity, "PUT", "/segments/bad", `{"kind": "segmentation", "parts": ["mosst"], "rest": "others"}`, "did you mean most?")
	c.want(http.StatusNoContent, "DELETE", "/segments/life", "")
	c.want(http.StatusNotFound, "GET", "/segments/life.others", "")
}
