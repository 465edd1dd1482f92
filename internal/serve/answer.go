package serve

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/kohorte/kohorte/internal/store"
)

// answer writes a JSON answer.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(encoded(body), '\n')) // a client that went away needs no answer
}

// encoded gives JSON on one line, with < and > as they are.
func encoded(body any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // what is told has types that can be written
	return bytes.TrimSpace(b.Bytes())
}

// problem is an error in an answer.
type problem struct {
	Error string `json:"error"`
}

func failure(text string) problem { return problem{text} }

// reader lets those in who have a key to read.
func (s *server) reader(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text, _, _ := r.BasicAuth()
		if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			text = strings.TrimSpace(bearer)
		}
		key, ok, err := s.keys.Find(r.Context(), text)
		switch {
		case err != nil:
			s.Log.Error("the keys cannot be read", "problem", err)
			answer(w, http.StatusServiceUnavailable, failure("the keys cannot be read now; try again"))
		case !ok || key.Scope == store.ScopeWrite:
			w.Header().Set("WWW-Authenticate", "Bearer")
			answer(w, http.StatusUnauthorized, failure("a key with the scope read is needed, as Bearer or as the user of Basic; kohorte key create NAME --scope read makes one"))
		default:
			next(w, r)
		}
	}
}

// ready tells whether data is taken in and followed.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	n := s.engine.Counts()
	state := struct {
		Ready    bool     `json:"ready"`
		Problems []string `json:"problems"`
		Instant  string   `json:"instant"`
		Waiting  int      `json:"waiting"`
	}{Problems: []string{}, Instant: format(n.Instant), Waiting: n.Waiting}
	if n.Failure != "" {
		state.Problems = append(state.Problems, "nothing can be stored: "+n.Failure)
	}
	const ahead = 60_000
	if behind := n.Instant - s.Clock.Now(); behind > ahead {
		state.Problems = append(state.Problems, "the clock was set back: time stands still until it has caught up with "+format(n.Instant))
	}
	status := http.StatusOK
	if state.Ready = len(state.Problems) == 0; !state.Ready {
		status = http.StatusServiceUnavailable
	}
	answer(w, status, state)
}
