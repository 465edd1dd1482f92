package api

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/kohorte/kohorte/internal/store"
)

// Findings are told with reasons and figures, accepted with a reason, and told again when that is withdrawn.
func TestAdvice(t *testing.T) {
	c := start(t)
	for n := range 120 {
		c.kick(fmt.Sprint("u", n), n)
	}
	c.want(200, http.MethodGet, "/advice", "", `{"findings":[],"accepted":0}`)
	c.want(200, http.MethodPut, "/segments/kicked", `{"rule":"count(kick) >= 1"}`)
	c.want(200, http.MethodPut, "/segments/never", `{"rule":"count(kick) >= 1 and count(kick where n = -1) >= 1"}`)
	c.want(200, http.MethodPut, "/segments/few", `{"rule":"count(kick where n < 9) >= 1"}`)
	c.settle()
	c.want(200, http.MethodGet, "/advice", "",
		`"key":"never_true:never:`, `"severity":"warning","segments":["never"]`, `"place":{"line":1,"column":22}`,
		`"key":"too_large:kicked"`, `"figures":{"customers":120,"members":120,"share":1}`, `"key":"too_small:few","kind":"too_small","severity":"advice"`,
		`"de":"few: 9 Mitglieder unter 120 Kunden."`)
	got := c.want(200, http.MethodGet, "/advice?segment=few&kind=too_small", "", `"key":"too_small:few"`)
	if n := len(got.body); n > 1500 {
		t.Errorf("more than one finding: %s", got.body)
	}
	c.want(422, http.MethodGet, "/advice?kind=gossip", "")
	c.same(c.send(store.ScopeRead, http.MethodPost, "/advice/accepted", `{"key":"too_small:few","reason":"a pilot"}`), 403)
	c.want(404, http.MethodPost, "/advice/accepted", `{"key":"too_small:nobody","reason":"a pilot"}`)
	c.want(422, http.MethodPost, "/advice/accepted", `{"key":"too_small:few","reason":""}`)
	c.want(200, http.MethodPost, "/advice/accepted", `{"key":"too_small:few","reason":"a pilot"}`,
		`"accepted":{"reason":"a pilot","author":"the manage","at":"2026-11-18T11:06:40.000Z"}`)
	c.want(200, http.MethodGet, "/advice?segment=few", "", `{"findings":[],"accepted":1}`)
	c.want(200, http.MethodGet, "/advice?segment=few&all=true", "", `"reason":"a pilot"`)
	for n := range 9 {
		c.kick(fmt.Sprint("v", n), n)
	}
	c.want(200, http.MethodGet, "/advice?segment=few", "", `"lapsed":"figures"`)
	c.want(204, http.MethodDelete, "/advice/accepted?key="+url.QueryEscape("too_small:few"), "")
	c.want(404, http.MethodDelete, "/advice/accepted?key="+url.QueryEscape("too_small:few"), "")
}
