package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/store"
)

// The bounds of one answer.
const (
	mostTransitions = 1000
	longestWait     = 60 * time.Second
	usualWait       = 25 * time.Second
	writePatience   = 30 * time.Second
	heartbeat       = 15 * time.Second
)

// Transition is an entry or exit as it is told.
type Transition struct {
	Seq       int64    `json:"seq"`
	Segment   string   `json:"segment"`
	Version   int64    `json:"version"`
	Customer  Customer `json:"customer"`
	Entered   bool     `json:"entered"`
	Due       string   `json:"due"`
	Committed string   `json:"committed"`
	Cause     string   `json:"cause"`
	Condition string   `json:"condition,omitempty"`
}

// Customer names a customer.
type Customer struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Page is some transitions; the next ones come after Next.
type Page struct {
	Transitions []Transition `json:"transitions"`
	Next        int64        `json:"next"`
}

func format(t calendar.Instant) string { return calendar.Format(t) }

// Tell makes a transition ready to be told.
func (c *Conditions) Tell(t *store.Told) Transition {
	return Transition{
		Seq: t.Seq, Segment: t.SegmentName, Version: t.Version, Customer: Customer{t.Customer, t.CustomerName}, Entered: t.Entered,
		Due: format(t.Due), Committed: format(t.Committed), Cause: t.Cause.String(), Condition: c.leaf(t.SegmentName, t.Version, t.Rule, t.Part),
	}
}

// question is what a request for transitions asks.
type question struct {
	after   int64
	limit   int
	segment string
	wait    time.Duration
}

func readQuestion(r *http.Request) (q question, err error) {
	q = question{limit: mostTransitions, wait: usualWait, segment: r.FormValue("segment")}
	after := r.FormValue("after")
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		after = id
	}
	if after != "" {
		if q.after, err = strconv.ParseInt(after, 10, 64); err != nil || q.after < 0 {
			return q, fmt.Errorf("after must be the number of a transition, not %q", after)
		}
	}
	if limit := r.FormValue("limit"); limit != "" {
		if q.limit, err = strconv.Atoi(limit); err != nil || q.limit < 1 {
			return q, fmt.Errorf("limit must be a number from 1 to %d, not %q", mostTransitions, limit)
		}
		q.limit = min(q.limit, mostTransitions)
	}
	if wait := r.FormValue("wait"); wait != "" {
		seconds, err := strconv.ParseFloat(wait, 64)
		if err != nil || !(seconds >= 0) { // NaN is neither
			return q, fmt.Errorf("wait must be a number of seconds up to %g, not %q", longestWait.Seconds(), wait)
		}
		q.wait = time.Duration(min(seconds, longestWait.Seconds()) * float64(time.Second))
	}
	return q, nil
}

// transitions answers with the transitions after a number; if there are none, it waits for some.
func (s *server) transitions(w http.ResponseWriter, r *http.Request) {
	q, err := readQuestion(r)
	if err != nil {
		answer(w, http.StatusBadRequest, failure(err.Error()))
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stop := context.AfterFunc(s.ending, cancel)
	defer stop()
	list, next, err := s.hub.next(ctx, q)
	if err != nil && !errors.Is(err, context.Canceled) {
		s.Log.Error("transitions cannot be read", "problem", err)
		answer(w, http.StatusInternalServerError, failure("the transitions cannot be read"))
		return
	}
	page := Page{Transitions: make([]Transition, len(list)), Next: next}
	for i := range list {
		page.Transitions[i] = s.words.Tell(&list[i])
	}
	answer(w, http.StatusOK, page)
}

// stream sends transitions as server-sent events, each with its number as id.
func (s *server) stream(w http.ResponseWriter, r *http.Request) {
	q, err := readQuestion(r)
	if err != nil {
		answer(w, http.StatusBadRequest, failure(err.Error()))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	if control.Flush() != nil { // who listens knows so at once, also while nothing happens
		return
	}
	q.wait = heartbeat
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stop := context.AfterFunc(s.ending, cancel)
	defer stop()
	for {
		if err := s.send(ctx, w, control, &q); err != nil {
			return
		}
	}
}

// send sends what is there, or after a while a sign of life.
func (s *server) send(ctx context.Context, w http.ResponseWriter, control *http.ResponseController, q *question) error {
	list, next, err := s.hub.next(ctx, *q)
	if err != nil {
		return err
	}
	q.after = next
	var buffer []byte
	for i := range list {
		buffer = fmt.Appendf(buffer, "id: %d\nevent: transition\ndata: %s\n\n", list[i].Seq, encoded(s.words.Tell(&list[i])))
	}
	if len(list) == 0 {
		buffer = append(buffer, ": nothing new\n\n"...)
	}
	// A reader that hangs must not hold the connection for ever.
	_ = control.SetWriteDeadline(time.UnixMilli(s.Clock.Now()).Add(writePatience))
	if _, err := w.Write(buffer); err != nil {
		return err
	}
	return control.Flush()
}

// Conditions remembers the conditions of the versions of segments.
type Conditions struct {
	mu    sync.Mutex
	known map[string][]string
}

// NewConditions begins with none.
func NewConditions() *Conditions { return &Conditions{known: map[string][]string{}} }

// mostKnown bounds what is remembered.
const mostKnown = 10_000

// leaf gives the condition with a number in the rule of a version; "" if there is none.
func (c *Conditions) leaf(segment string, version int64, text string, part int) string {
	key := segment + " " + strconv.FormatInt(version, 10)
	c.mu.Lock()
	defer c.mu.Unlock()
	leaves, ok := c.known[key]
	if !ok && text == "" {
		return ""
	}
	if !ok {
		if n, problems := rule.Parse(text); !problems.Fatal() {
			for _, leaf := range rule.Leaves(n) {
				leaves = append(leaves, rule.PrintLine(leaf))
			}
		}
		if len(c.known) >= mostKnown {
			clear(c.known)
		}
		c.known[key] = leaves
	}
	if part < 0 || part >= len(leaves) {
		return ""
	}
	return leaves[part]
}

// of does the same for a version whose rule is in the store.
func (c *Conditions) of(s *store.Store, segment string, version int64, part int) string {
	c.mu.Lock()
	_, known := c.known[segment+" "+strconv.FormatInt(version, 10)]
	c.mu.Unlock()
	text := ""
	if !known {
		_ = s.Glance(context.Background(), func(v *store.View) (err error) {
			text, err = v.RuleOf(segment, version)
			return err
		})
	}
	return c.leaf(segment, version, text, part)
}
