package webhook

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// schedule is how long to wait before each attempt, as Standard Webhooks has it.
var schedule = []time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// maxRetryAfter bounds what a receiver may ask for.
const maxRetryAfter = 24 * time.Hour

// jitter spreads retries: each waits up to a tenth longer, so that what failed
// together does not come back together.
type jitter struct {
	mu   sync.Mutex
	rand *rand.Rand
}

func (j *jitter) spread(d time.Duration) time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	return d + time.Duration(j.rand.Int64N(int64(d/10)+1))
}

// answer is what an attempt brought.
type answer struct {
	status     int    // of HTTP; 0 if there was none
	retryAfter string // the header
	failure    string // why there was no answer
}

func (a *answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// problem says what was wrong, for people; empty if nothing was.
func (a *answer) problem() string {
	switch {
	case a.ok():
		return ""
	case a.status == 0:
		return a.failure
	case a.status >= 300 && a.status <= 399:
		return fmt.Sprintf("answered %s: redirects are not followed, set the new address", statusText(a.status))
	}
	return "answered " + statusText(a.status)
}

func statusText(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// outcome decides what follows of an attempt that ended at an instant.
func (j *jitter) outcome(m *store.Message, a *answer, began, ended calendar.Instant) store.Outcome {
	o := store.Outcome{
		Webhook: m.Webhook, Seq: m.Seq, Customer: m.Customer, Kind: store.Delivered,
		Attempt: m.Attempts + 1, At: began, Millis: max(0, ended-began), Status: a.status, Error: a.problem(),
	}
	switch {
	case a.ok():
		return o
	case a.status == http.StatusGone:
		// The receiver wants no more. What it did not take waits until somebody enables the webhook again.
		o.Disable = "the receiver answered 410 Gone at " + calendar.Format(ended)
	}
	if o.Attempt >= len(schedule) {
		o.Kind = store.Dead
		return o
	}
	wait := max(j.spread(schedule[o.Attempt]), min(retryAfter(a.retryAfter, ended), maxRetryAfter))
	o.Kind, o.Due = store.Retry, ended+wait.Milliseconds()
	return o
}

// retryAfter reads the header: seconds, or a date; 0 if it says neither.
func retryAfter(header string, now calendar.Instant) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		millis := at.UnixMilli() - now
		return time.Duration(min(max(0, millis), 2*maxRetryAfter.Milliseconds())) * time.Millisecond
	}
	return 0
}
