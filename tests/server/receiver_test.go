package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/kohorte/kohorte/internal/store"
	"github.com/kohorte/kohorte/internal/webhook"
)

// delivery is a message as a webhook brought it.
type delivery struct {
	id   string
	Type string
	Data struct {
		Seq      int64
		Segment  string
		Customer struct{ ID int64 }
	}
}

// receiver takes the messages of a webhook and notes what is wrong with them.
type receiver struct {
	server *httptest.Server
	secret string

	mu       sync.Mutex
	refuse   func(r *http.Request) int // an answer instead of taking the message; 0 takes it
	got      map[int64]delivery
	latest   map[int64]int64 // by customer
	again    int             // messages that came once more
	problems []string
}

// newReceiver makes a receiver and the webhook for it.
func newReceiver(t testing.TB, p *program, name string, flags ...string) *receiver {
	t.Helper()
	r := &receiver{got: map[int64]delivery{}, latest: map[int64]int64{}}
	r.server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.server.CloseClientConnections() // the server may still wait for answers
		r.server.Close()
	})
	r.secret = strings.TrimSpace(p.run(append([]string{"webhook", "add", name, r.server.URL, "--private"}, flags...)...))
	return r
}

// behave sets what is answered instead of taking messages.
func (r *receiver) behave(refuse func(r *http.Request) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse = refuse
}

// ServeHTTP takes a message.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	r.mu.Lock()
	refuse := r.refuse
	r.mu.Unlock()
	if refuse != nil {
		if status := refuse(request); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		return // the sender was killed
	}
	if err := r.note(request.Header, body); err != nil && len(r.problems) < 20 {
		r.problems = append(r.problems, err.Error())
	}
}

func (r *receiver) note(header http.Header, body []byte) error {
	var d delivery
	if err := json.Unmarshal(body, &d); err != nil {
		return err
	}
	d.id = header.Get(webhook.HeaderID)
	seconds, err := strconv.ParseInt(header.Get(webhook.HeaderTimestamp), 10, 64)
	if err != nil {
		return err
	}
	signed, err := webhook.Sign(d.id, seconds, body, []string{r.secret})
	if err != nil || signed.Get(webhook.HeaderSignature) != header.Get(webhook.HeaderSignature) {
		return fmt.Errorf("%s is signed wrongly: %v", d.id, err)
	}
	seq, customer := d.Data.Seq, d.Data.Customer.ID
	if before, known := r.got[seq]; known {
		r.again++
		if before != d {
			return fmt.Errorf("transition %d was told as %v, then as %v", seq, before, d)
		}
	}
	if seq < r.latest[customer] {
		return fmt.Errorf("of customer %d transition %d came after %d", customer, seq, r.latest[customer])
	}
	r.got[seq], r.latest[customer] = d, seq
	return nil
}

// missing gives the numbers of the transitions that did not come.
func (r *receiver) missing(log []store.Told) (seqs []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range log {
		if _, ok := r.got[log[i].Seq]; !ok {
			seqs = append(seqs, log[i].Seq)
		}
	}
	return seqs
}

// count tells how many transitions came.
func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

// check fails if a message was not as it should be.
func (r *receiver) check(t testing.TB) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range r.problems {
		t.Error(text)
	}
}
