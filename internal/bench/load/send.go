package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Target is the server and how it is loaded.
type Target struct {
	URL, Key    string // of the server without a path; the write key
	Connections int
	// Rate is how many events are due in a second, whatever the server does; at 0 each
	// connection sends when its last request was answered.
	Rate     float64
	Requests int // how many to send
	First    int // number of the first one; requests of one number are the same messages
	// Shift is what the server's clock is ahead of this one.
	Shift time.Duration
}

// Sent is an acknowledged request.
type Sent struct {
	Number     int
	At         calendar.Instant // the time of its events, on the server's clock
	Due, Acked time.Time        // when it was to be sent; when the answer was there
}

// Run sends the requests and gives those sent, in the order in which they were due.
// It ends with the first error; an answer that is no success is one.
func (l *Load) Run(ctx context.Context, t Target) ([]Sent, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{Load: l, Target: t, began: time.Now(), sent: make([]Sent, t.Requests)}
	r.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: t.Connections, MaxConnsPerHost: t.Connections, DisableCompression: true}}
	defer r.client.CloseIdleConnections()
	var connections sync.WaitGroup
	for range t.Connections {
		connections.Go(func() {
			if err := r.connection(ctx); err != nil {
				cancel(err)
			}
		})
	}
	connections.Wait()
	return r.sent, context.Cause(ctx)
}

// run is one run of a load.
type run struct {
	*Load
	Target
	client *http.Client
	began  time.Time
	next   atomic.Int64
	sent   []Sent
}

// connection sends one request after the other.
func (r *run) connection(ctx context.Context) error {
	var buffer []byte
	for {
		i := int(r.next.Add(1)) - 1
		if i >= r.Requests {
			return nil
		}
		s := Sent{Number: r.First + i, Due: time.Now()}
		if r.Rate > 0 {
			s.Due = r.began.Add(time.Duration(float64(i) * BatchSize / r.Rate * float64(time.Second)))
			if err := wait(ctx, s.Due); err != nil {
				return err
			}
		}
		s.At = s.Due.Add(r.Shift).UnixMilli()
		buffer = r.body(buffer, s.Number, s.At)
		if err := r.post(ctx, buffer); err != nil {
			return err
		}
		s.Acked = time.Now()
		r.sent[i] = s
	}
}

// wait waits for a time.
func wait(ctx context.Context, until time.Time) error {
	d := time.Until(until)
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *run) post(ctx context.Context, body []byte) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL+"/v1/batch", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.SetBasicAuth(r.Key, "")
	answer, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	text, err := io.ReadAll(answer.Body) // so that the connection is used again
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("the server answers %s: %.300s", answer.Status, text)
	}
	return err
}
