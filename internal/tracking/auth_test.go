package tracking

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

func TestAuthentication(t *testing.T) {
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	const call, withKey, wrongKey = `{"userId":"u","event":"e"}`, `{"userId":"u","event":"e","writeKey":"wk_shop"}`, `{"userId":"u","event":"e","writeKey":"wk_other"}`
	const missing, unknown = "key_missing", "key_unknown"
	for _, test := range []struct{ name, header, body, code string }{
		{"basic", basic(key + ":"), call, ""},
		{"basic with a password", basic(key + ":secret"), call, ""},
		{"basic without a colon", basic(key), call, ""},
		{"basic without padding", strings.TrimRight(basic(key+":"), "="), call, ""},
		{"basic in small letters", "basic " + basic(key + ":")[6:], call, ""},
		{"bearer", "Bearer " + key, call, ""},
		{"body", "", withKey, ""},
		{"body beside a token of OAuth", "Bearer ey.jwt.token", withKey, ""},
		{"body beside an empty user", basic(":"), withKey, ""},
		{"header before body", basic(key + ":"), wrongKey, ""},
		{"nothing", "", call, missing},
		{"empty bearer", "Bearer ", call, missing},
		{"another scheme", "Digest x", call, missing},
		{"key that is no text", "", `{"writeKey":17}`, missing},
		{"wrong basic", basic("wk_other:"), call, unknown},
		{"wrong basic, right body", basic("wk_other:"), withKey, unknown},
		{"no base64", "Basic %%%", call, unknown},
		{"wrong bearer", "Bearer wk_other", call, unknown},
		{"wrong body", "", wrongKey, unknown},
		{"key of the wrong case", "Bearer WK_SHOP", call, unknown},
		{"very long basic", basic(strings.Repeat("k", 5000)), call, unknown},
		{"very long bearer", "Bearer " + strings.Repeat("k", 5000), call, unknown},
	} {
		s := serve(t)
		for path, body := range map[string]string{"/v1/track": test.body, "/v1/batch": strings.Replace(test.body, "{", `{"batch":[],`, 1)} {
			w, text := s.do("POST", path, body, "Authorization", test.header)
			if test.code == "" {
				if w.StatusCode != 200 || s.sink.batch.Source != "shop" {
					t.Errorf("%s: %s: %d %s", test.name, path, w.StatusCode, text)
				}
				continue
			}
			if w.StatusCode != 401 || problemIn(t, text).Code != test.code || strings.Contains(text, "wk_") || w.Header.Get("WWW-Authenticate") == "" || s.sink.accepted > 0 {
				t.Errorf("%s: %s: %d %s, want %s", test.name, path, w.StatusCode, text, test.code)
			}
		}
	}
}

func TestBrowsersMaySend(t *testing.T) {
	s := serve(t)
	for path := range routes {
		w, _ := s.do("OPTIONS", path, "", "Origin", "https://shop.example.de", "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", "authorization,content-type,x-retry-count")
		for name, want := range map[string]string{"Allow-Origin": "*", "Allow-Methods": "POST, OPTIONS", "Allow-Headers": "Authorization, Content-Type, Content-Encoding, X-Retry-Count, *", "Max-Age": "86400", "Allow-Credentials": ""} {
			if got := w.Header.Get("Access-Control-" + name); got != want || w.StatusCode != http.StatusNoContent {
				t.Errorf("%s: %d, %s is %q, want %q", path, w.StatusCode, name, got, want)
			}
		}
	}
	for _, body := range []string{`{"userId":"u","event":"e","writeKey":"wk_shop"}`, `{`, `{}`} { // answered, malformed, without a key
		w, _ := s.do("POST", "/v1/t", body, "Content-Type", "text/plain", "Origin", "https://shop.example.de")
		if w.Header.Get("Access-Control-Allow-Origin") != "*" || w.Header.Get("Access-Control-Expose-Headers") != "Retry-After" {
			t.Errorf("%s: a page may not read the answer: %v", body, w.Header)
		}
	}
}

func TestTypesOfContent(t *testing.T) {
	s := serve(t)
	for _, content := range []string{"", "text/plain", "text/plain;charset=UTF-8", "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"} {
		w, text := s.do("POST", "/v1/track", `{"userId":"u","event":"e","writeKey":"wk_shop"}`, "Content-Type", content)
		if w.StatusCode != 200 || s.kept() != `track [{user u}] e {}` {
			t.Errorf("%q: %d %s", content, w.StatusCode, text)
		}
	}
}

func TestAddressesAndMethods(t *testing.T) {
	s := serve(t)
	for _, test := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/v1/track", 405}, {"PUT", "/v1/batch", 405}, {"DELETE", "/v1/m", 405}, {"POST", "/v1/projects/wk_shop/settings", 405},
		{"POST", "/v1/nothing", 404}, {"POST", "/v1/projects/wk_shop", 404}, {"GET", "/v1/projects//settings", 404}, {"GET", "/v1/projects/a/b/settings", 404}, {"POST", "/", 404},
		{"POST", "/v1/m", 200},
	} {
		w, text := s.do(test.method, test.path, `{"series":[]}`)
		if w.StatusCode != test.status {
			t.Errorf("%s %s: %d %s, want %d", test.method, test.path, w.StatusCode, text, test.status)
		}
		if test.status != 200 {
			problemIn(t, text)
		}
		if test.status == 405 && !strings.Contains(w.Header.Get("Allow"), "OPTIONS") {
			t.Errorf("%s %s: Allow is %q", test.method, test.path, w.Header.Get("Allow"))
		}
	}
	if s.sink.accepted > 0 {
		t.Error("something was accepted")
	}
}
