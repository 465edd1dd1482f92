package tracking

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// problem is why a request is refused, as the client reads it.
type problem struct {
	status int
	retry  int // seconds after which the client should send again; 0 for never

	Code    string `json:"code"`
	Message string `json:"message"`
	// Position is the byte of the decompressed body at which it stops being JSON, from 1.
	Position int `json:"position,omitempty"`
	// Item is the place of a call in its batch, from 0.
	Item *int `json:"item,omitempty"`
}

func answer(w http.ResponseWriter, p problem) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	if p.retry > 0 {
		header.Set("Retry-After", strconv.Itoa(p.retry))
	}
	if p.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", `Bearer realm="tracking"`) // for Basic, browsers would ask the visitor for a password
	}
	w.WriteHeader(p.status)
	body, err := json.Marshal(struct {
		Success bool    `json:"success"`
		Error   problem `json:"error"`
	}{Error: p})
	if err != nil {
		return // texts and numbers can always be written
	}
	_, _ = w.Write(append(body, '\n')) // a client that is gone needs no answer
}

func succeed(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"success": true}`+"\n") // a client that is gone needs no answer
}
