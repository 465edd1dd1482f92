package api

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/kohorte/kohorte/internal/store"
)

// Members are exported with chosen columns, whole, in each format.
func TestExport(t *testing.T) {
	c := start(t)
	for _, u := range []string{"u1", "u2", "=u3"} {
		c.kick(u, 1)
	}
	c.kick("u2", 2)
	c.want(200, http.MethodPut, "/segments/kicked", `{"rule":"count(kick) >= 1","exclude":[{"customer":"u1"}]}`)
	c.settle()
	got := c.send(store.ScopeRead, http.MethodGet, "/segments/kicked/export?columns=customer,user,count(kick)+as+kicks", "")
	c.same(got, 200)
	if want := "customer,user,kicks\r\nu2,u2,2\r\n'=u3,'=u3,1\r\n"; string(got.body) != want {
		t.Errorf("got %q, not %q", got.body, want)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="kicked.csv"`, "Kohorte-Rows": "2", "Kohorte-At": "2026-11-18T11:06:40.000Z",
		"Content-Length": strconv.Itoa(len(got.body)),
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q, not %q", name, got.header.Get(name), want)
		}
	}
	c.want(200, http.MethodGet, "/segments/kicked/export?format=ndjson", "", `{"customer":"=u3"}`)
	for format, head := range map[string]string{"xlsx": "PK", "parquet": "PAR1"} {
		if got := c.want(200, http.MethodGet, "/segments/kicked/export?format="+format, ""); string(got.body[:len(head)]) != head {
			t.Errorf("%s begins with %q", format, got.body[:4])
		}
	}
	c.want(200, http.MethodPost, "/rules/export", `{"rule":"count(kick) >= 2","format":"ndjson","columns":"customer,sum(kick.n)"}`, `{"customer":"u2","sum(kick.n)":3}`)
	c.want(200, http.MethodPost, "/rules/export", `{"rule":"in segment kicked and count(kick) < 2","raw":true}`, "customer\r\n=u3\r\n")
	for path, text := range map[string]string{
		"?columns=nmae": "unknown attribute", "?columns=count(": "parenthesis", "?columns=customer,customer": "two columns", "?columns=%22DE%22": "neither",
		"?format=pdf": "csv", "?format=parquet&german=true": "german", "?format=xlsx&raw=true": "raw",
	} {
		c.want(422, http.MethodGet, "/segments/kicked/export"+path, "", text)
	}
	c.want(404, http.MethodGet, "/segments/nothing/export", "", "no such segment")
	c.want(422, http.MethodPost, "/rules/export", `{"rule":"count("}`)
	c.want(200, http.MethodPut, "/segments/idea", `{"rule":"count(kick) >= 1","state":"draft"}`)
	if got := c.want(200, http.MethodGet, "/segments/idea/export", ""); string(got.body) != "customer\r\n" {
		t.Errorf("a draft has the members %q", got.body)
	}
}

// Exports on a schedule are defined, made, listed with what became of them, and removed.
func TestSchedules(t *testing.T) {
	c := start(t)
	c.kick("u1", 1)
	c.want(200, http.MethodPut, "/segments/kicked", `{"rule":"count(kick) >= 1"}`)
	c.settle()
	body := `{"segment":"kicked","file":"crm/{segment}-{date}.csv","schedule":"Daily at 6:00","keep":3,"columns":"customer,count(kick) as n"}`
	c.same(c.send(store.ScopeRead, http.MethodPut, "/exports/crm", body), 403)
	c.same(c.send(store.ScopeManage, http.MethodPut, "/exports/crm", body, "If-None-Match", "*"), 200, `"schedule":"daily at 06:00"`, `"format":"csv","version":1`,
		`"next":"2026-11-19T05:00:00.000Z","lastSuccess":null,"failures":0,"last":null`)
	c.same(c.send(store.ScopeManage, http.MethodPut, "/exports/crm", body, "If-None-Match", "*"), 412)
	tag := c.want(200, http.MethodGet, "/exports/crm", "").header.Get("ETag")
	c.same(c.send(store.ScopeManage, http.MethodPut, "/exports/crm", body, "If-Match", tag), 200, `"version":2`)
	c.same(c.send(store.ScopeManage, http.MethodPut, "/exports/crm", body, "If-Match", tag), 412)
	c.same(c.send(store.ScopeManage, http.MethodPut, "/exports/crm", body, "If-Match", "W/x"), 400)
	c.want(200, http.MethodPost, "/exports/crm/run", "", `{"id":1,`, `"manual":true,"file":"crm/kicked-2026-11-18.csv"`, `"rows":1`)
	if text, err := os.ReadFile(filepath.Join(c.dir, "crm", "kicked-2026-11-18.csv")); err != nil || string(text) != "customer,n\r\nu1,1\r\n" {
		t.Errorf("%q %v", text, err)
	}
	c.want(200, http.MethodPut, "/exports/last", `{"segment":"kicked","file":"a.xlsx","schedule":"hourly","paused":true}`, `"next":null`, `"columns":"customer"`)
	c.want(200, http.MethodGet, "/exports?limit=1", "", `"name":"crm"`, `"next":"crm"}`, `"last":{"id":1,`)
	c.want(200, http.MethodGet, "/exports?after=crm", "", `"name":"last"`)
	c.want(422, http.MethodDelete, "/segments/kicked", "", "by the export crm")
	c.want(422, http.MethodPost, "/impact", `{"remove":["kicked"]}`, "by the export crm")
	for _, err := range []error{os.RemoveAll(filepath.Join(c.dir, "crm")), os.WriteFile(filepath.Join(c.dir, "crm"), nil, 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c.want(200, http.MethodPost, "/exports/crm/run", "", `"problem":"the file cannot be written: not a directory"`)
	c.want(200, http.MethodGet, "/exports/crm/runs?limit=1", "", `"runs":[{"id":2,`, `"next":2`)
	c.want(200, http.MethodGet, "/exports/crm/runs?before=2", "", `"runs":[{"id":1,`)
	for text, body := range map[string]string{
		"no segment": `{"segment":"vip","file":"b.csv","schedule":"hourly"}`, "a schedule is": `{"segment":"kicked","file":"b.csv","schedule":"now"}`,
		"no part of it": `{"segment":"kicked","file":"../b.csv","schedule":"hourly"}`, "unknown attribute": `{"segment":"kicked","file":"b.csv","schedule":"hourly","columns":"x"}`,
	} {
		c.want(422, http.MethodPut, "/exports/b", body, text)
	}
	c.want(204, http.MethodDelete, "/exports/crm", "")
	for _, path := range []string{"/exports/crm", "/exports/crm/runs"} {
		c.want(404, http.MethodGet, path, "")
	}
	c.want(404, http.MethodPost, "/exports/crm/run", "")
	c.want(404, http.MethodDelete, "/exports/crm", "")
	c.want(204, http.MethodDelete, "/exports/last", "")
	c.want(204, http.MethodDelete, "/segments/kicked", "")
}
