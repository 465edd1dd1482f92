package api

import (
	"net/http"
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
