package tracking

import (
	"encoding/json"
	"net/http"
	"strings"
)

// settingsKey takes the write key out of the address of settings.
func settingsKey(path string) (key string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/v1/projects/")
	if !ok {
		return "", false
	}
	key, ok = strings.CutSuffix(rest, "/settings")
	return key, ok && key != "" && !strings.Contains(key, "/")
}

// settings answers what @segment/analytics-next and the libraries for phones ask
// before they send anything: where to send it. There are no other destinations,
// and figures about the library itself are not wanted.
func (h *Handler) settings(w http.ResponseWriter, r *http.Request, key string) {
	sender := who{keys: h.config.Keys}
	if sender.try(key); !sender.known {
		answer(w, problem{status: http.StatusNotFound, Code: "key_unknown", Message: "the write key is not known"})
		return
	}
	protocol, host := h.address(r)
	type object = map[string]any
	body, err := json.Marshal(object{
		"integrations": object{"Segment.io": object{
			"apiKey": key, "apiHost": host + "/v1", "protocol": protocol, "type": "browser", "bundlingStatus": "bundled",
			"versionSettings": object{"version": "4.4.7", "componentTypes": []string{"browser"}},
		}},
		"plan": object{}, "edgeFunction": object{}, "enabledMiddleware": object{}, "remotePlugins": []string{},
		"legacyVideoPluginsEnabled": false, "metrics": object{"sampleRate": 0, "host": host + "/v1", "protocol": protocol},
	})
	if err != nil {
		answer(w, *h.refusal(err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "private, max-age=300")
	_, _ = w.Write(append(body, '\n')) // a client that is gone needs no answer
}

// address gives protocol and host under which clients reach the API. A proxy
// that ends TLS says so; whoever forges that misleads nobody but himself.
func (h *Handler) address(r *http.Request) (protocol, host string) {
	if h.public != nil {
		return h.public.Scheme, h.public.Host + h.public.Path
	}
	outermost, _, _ := strings.Cut(r.Header.Get("X-Forwarded-Proto"), ",")
	if r.TLS != nil || strings.EqualFold(outermost, "https") {
		return "https", r.Host
	}
	return "http", r.Host
}
