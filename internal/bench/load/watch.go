package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/valyala/fastjson"

	"github.com/kohorte/kohorte/internal/calendar"
)

// Transition is an entry into a segment or an exit, as the server tells it.
type Transition struct {
	Seq            int64
	Segment        string
	CustomerID     string
	Customer       string // as its source names it
	Entered        bool
	Due, Committed calendar.Instant // on the server's clock
	Cause          string           // "event", "time", …
	Seen           time.Time        // when it was here
}

// Watch reads the transitions after a sequence number as they come, until the
// context ends, and gives the number of the last. What each gets may be kept.
func Watch(ctx context.Context, url, key string, after int64, each func([]Transition)) (int64, error) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var parser fastjson.Parser
	for {
		text, err := get(ctx, client, fmt.Sprintf("%s/v1/transitions?after=%d", url, after), key)
		if ctx.Err() != nil {
			return after, nil
		}
		if err != nil {
			return after, err
		}
		seen := time.Now()
		v, err := parser.ParseBytes(text)
		if err != nil {
			return after, fmt.Errorf("transitions: %w: %.300s", err, text)
		}
		found, err := transitions(v, seen)
		if err != nil {
			return after, err
		}
		if after = v.GetInt64("next"); len(found) > 0 {
			each(found)
		}
	}
}

func get(ctx context.Context, client *http.Client, url, key string) (text []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(key, "")
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	text, err = io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("the server answers %s: %.300s", answer.Status, text)
	}
	return text, err
}

func transitions(v *fastjson.Value, seen time.Time) ([]Transition, error) {
	var all []Transition
	for _, t := range v.GetArray("transitions") {
		due, err := instant(t, "due")
		if err != nil {
			return nil, err
		}
		committed, err := instant(t, "committed")
		if err != nil {
			return nil, err
		}
		all = append(all, Transition{
			Seq: t.GetInt64("seq"), Segment: string(t.GetStringBytes("segment")), CustomerID: string(t.GetStringBytes("customer", "id")),
			Customer: string(t.GetStringBytes("customer", "name")), Entered: t.GetBool("entered"), Due: due, Committed: committed,
			Cause: string(t.GetStringBytes("cause")), Seen: seen,
		})
	}
	return all, nil
}

func instant(t *fastjson.Value, member string) (calendar.Instant, error) {
	at, err := time.Parse(time.RFC3339Nano, string(t.GetStringBytes(member)))
	if err != nil {
		return 0, fmt.Errorf("a transition has no instant %q: %s", member, t)
	}
	return at.UnixMilli(), nil
}
