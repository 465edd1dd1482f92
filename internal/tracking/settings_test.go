package tracking

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	for _, test := range []struct{ public, forwarded, protocol, host string }{
		{"", "", "http", ""},
		{"", "https", "https", ""},
		{"", "https, http", "https", ""},
		{"https://track.example.de", "", "https", "track.example.de"},
		{"https://example.de/events/", "", "https", "example.de/events"},
	} {
		s := serve(t, func(c *Config) { c.PublicURL = test.public })
		host := test.host
		if host == "" {
			host = strings.TrimPrefix(s.url, "http://")
		}
		w, text := s.do("GET", "/v1/projects/"+key+"/settings", "", "X-Forwarded-Proto", test.forwarded)
		var settings struct {
			Integrations map[string]struct{ APIKey, APIHost, Protocol string }
			Metrics      struct{ SampleRate *int }
		}
		if err := json.Unmarshal([]byte(text), &settings); err != nil || w.StatusCode != 200 {
			t.Fatal(w.StatusCode, text, err)
		}
		if got := settings.Integrations["Segment.io"]; got.APIKey != key || got.APIHost != host+"/v1" || got.Protocol != test.protocol || len(settings.Integrations) != 1 {
			t.Errorf("%+v: %s", test, text)
		}
		if settings.Metrics.SampleRate == nil || *settings.Metrics.SampleRate != 0 || w.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%+v: %s %v", test, text, w.Header)
		}
	}
	s := serve(t)
	if w, text := s.do("GET", "/v1/projects/wk_other/settings", ""); w.StatusCode != 404 || strings.Contains(text, "wk_") || problemIn(t, text).Code != "key_unknown" {
		t.Error(w.StatusCode, text)
	}
	if w, _ := s.do("OPTIONS", "/v1/projects/wk_shop/settings", ""); w.StatusCode != 204 || w.Header.Get("Access-Control-Allow-Methods") != "GET, HEAD, OPTIONS" {
		t.Error(w.StatusCode, w.Header)
	}
}

func TestPublicAddressesThatAreNone(t *testing.T) {
	for _, url := range []string{"track.example.de", "ftp://example.de", "https://", "https://a:b@example.de", "https://example.de?x=1", "https://%"} {
		if _, err := New(Config{PublicURL: url}); err == nil {
			t.Errorf("%s was taken", url)
		}
	}
}
