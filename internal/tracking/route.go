package tracking

import (
	"net/http"
	"strings"
)

// route is what an address takes.
type route struct {
	call    string // the type of a single call; empty for a batch
	limit   int    // of the body, in bytes
	metrics bool   // figures about the library itself, which nobody reads
}

// routes are the addresses that take calls. The short ones are those of the
// library for browsers.
var routes = func() map[string]route {
	batch := route{limit: MaxBatch}
	all := map[string]route{"/v1/batch": batch, "/v1/b": batch, "/v1/import": batch, "/v1/m": {limit: MaxCall, metrics: true}}
	for _, call := range []string{"identify", "track", "page", "screen", "group", "alias"} {
		all["/v1/"+call] = route{call: call, limit: MaxCall}
		all["/v1/"+call[:1]] = route{call: call, limit: MaxCall}
	}
	return all
}()

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowBrowsers(w.Header())
	path := strings.TrimSuffix(r.URL.Path, "/")
	if key, ok := settingsKey(path); ok {
		if allowMethod(w, r, http.MethodGet, http.MethodHead) {
			h.settings(w, r, key)
		}
		return
	}
	to, ok := routes[path]
	if !ok {
		answer(w, problem{status: http.StatusNotFound, Code: "not_found", Message: "there is nothing at this address: calls go to /v1/track and the like, batches to /v1/batch"})
		return
	}
	if !allowMethod(w, r, http.MethodPost) {
		return
	}
	if !to.metrics {
		if p := h.take(w, r, to); p != nil {
			answer(w, *p)
			return
		}
	}
	succeed(w)
}

// allowBrowsers lets the pages of all sites send calls. Their cookies are not
// wanted: the write key is all that counts.
func allowBrowsers(header http.Header) {
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", "Retry-After") // the library for browsers waits as long
	header.Set("X-Content-Type-Options", "nosniff")
}

// allowMethod tells whether the request is to be served; if not, it is answered.
func allowMethod(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m {
			return true
		}
	}
	allowed := strings.Join(methods, ", ") + ", OPTIONS"
	if r.Method == http.MethodOptions {
		header := w.Header()
		header.Set("Access-Control-Allow-Methods", allowed)
		// A star does not stand for Authorization; it stands for headers that a page adds itself.
		header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Content-Encoding, X-Retry-Count, *")
		header.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return false
	}
	w.Header().Set("Allow", allowed)
	answer(w, problem{status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "this address takes " + strings.Join(methods, " or ")})
	return false
}
