package tracking

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake/calls"
	"github.com/kohorte/kohorte/internal/record"
)

// work is what reading a request needs; it is used again.
type work struct {
	body     bytes.Buffer
	buffered bufio.Reader
	zip      gzip.Reader
	parser   *calls.Parser
	parts    parts
	items    [][]byte
	records  []record.Record
}

func newWork(h *Handler) *work {
	return &work{parser: calls.NewParser("", h.config.Zone, h.config.Now())}
}

// done makes the work ready for the next request.
func (k *work) done() {
	k.parser.Reset()
	k.parts = parts{find: k.parts.find}
	clear(k.items)
	clear(k.records)
	k.items, k.records = k.items[:0], k.records[:0]
}

// take reads the calls of a request and hands them on.
func (h *Handler) take(w http.ResponseWriter, r *http.Request, to route) *problem {
	received := h.config.Now()
	sender := who{keys: h.config.Keys}
	if p := sender.header(r.Header.Get("Authorization")); p != nil {
		return p
	}
	k := h.pool.Get().(*work)
	batch, p := k.read(w, r, to, &sender, received)
	if p == nil {
		if err := h.config.Sink.Accept(r.Context(), batch); err != nil {
			return h.refusal(err) // the sink may still use the memory: it is not used again
		}
	}
	k.done()
	h.pool.Put(k)
	return p
}

// refusal is the answer to what the sink says.
func (h *Handler) refusal(err error) *problem {
	switch {
	case errors.Is(err, ErrFull):
		return &problem{status: http.StatusTooManyRequests, retry: 1, Code: "full", Message: "too much is waiting to be written: send it again in a second"}
	case errors.Is(err, ErrUnavailable):
		return &problem{status: http.StatusServiceUnavailable, retry: 10, Code: "unavailable", Message: "nothing can be written at the moment: send it again later"}
	}
	if h.config.Report != nil {
		h.config.Report(err)
	}
	return &problem{status: http.StatusInternalServerError, retry: 10, Code: "internal", Message: "something went wrong here: send it again later"}
}

func (k *work) read(w http.ResponseWriter, r *http.Request, to route, sender *who, received calendar.Instant) (Batch, *problem) {
	if p := k.readBody(w, r, to.limit); p != nil {
		return Batch{}, p
	}
	text, p := k.text()
	if p != nil {
		return Batch{}, p
	}
	if p = k.parts.read(text); p != nil {
		return Batch{}, p
	}
	if p = sender.body(k.parts.writeKey); p != nil {
		return Batch{}, p
	}
	b := Batch{Source: sender.source, Received: received}
	if to.call != "" {
		k.call(&b, bytes.TrimSpace(text), 1, &calls.Request{Source: b.Source, Type: to.call, Received: received})
		b.Records = k.records
		return b, nil
	}
	p = k.batch(&b, text)
	return b, p
}
