// Package tracking serves the HTTP tracking API of the Segment specification, so
// that the libraries people already use can send their calls: it authenticates
// requests, reads them within bounds, and hands the records that their calls
// become to a Sink, which keeps them.
//
// Where the specification leaves it open, this holds:
//
//   - The answer is 200 once everything is on disk. JSON that makes no sense as a
//     call (no userId and no anonymousId, a type that is not known, a time that is
//     none) is handed on as Rejected, so that nothing is lost, and is answered with
//     200 too. 400 is for what is no JSON or larger than a call (32 KB) or a batch
//     (500 KB) may be, after decompression; then nothing of the request is kept.
//   - The body is read as JSON whatever its Content-Type says. Addresses name the
//     type of a call; a type in the body counts only in a batch.
//   - Times are corrected by the client's clock: received - (sentAt - timestamp).
//     A time without sentAt stands as it is, for imports of the past; so it does
//     with a sentAt that cannot be read, where the corrected time would leave the
//     calendar, and in calls that have a receivedAt, since those come out of an
//     archive and were corrected before. The sentAt of a batch counts before that
//     of a call in it. Without any time, it is the time of receipt.
//   - A messageId counts once, in all kinds of calls, however often and whenever
//     it comes (record.Record.Retry). A call without one counts each time.
//   - Of the context, the traits of track, page and screen calls become attributes of the
//     person. The context of a batch is merged into that of each call in it, where
//     the call's own counts; userId, anonymousId and messageId are each call's own.
//     Everything else in the context, groupId too, says where a call was made and not what a
//     person did or belongs to; it is not kept. There are no destinations that
//     integrations could choose from.
//   - The traits that a batch's context gives to all calls may make no more than
//     4 MB, merged into each of them.
package tracking

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// Limits of the specification, in bytes of JSON.
const (
	MaxCall  = 32 << 10
	MaxBatch = 500 << 10
)

// maxTraits bounds the traits of a batch's context, merged into all its calls.
const maxTraits = 4 << 20

// What a Sink answers when it cannot take a batch now. Clients send it again.
var (
	// ErrFull says that too much waits to be written.
	ErrFull = errors.New("the queue is full")
	// ErrUnavailable says that nothing can be written, as when the disk is full.
	ErrUnavailable = errors.New("nothing can be written")
)

// Sink keeps what comes in.
type Sink interface {
	// Accept returns without an error once the whole batch is on disk. It must not
	// use the batch after that, its memory is used again; after an error it may.
	// ErrFull and ErrUnavailable have their own answers, other errors are internal.
	Accept(ctx context.Context, batch Batch) error
}

// Batch is what one request brings; it can be empty.
type Batch struct {
	Records  []record.Record
	Rejected []Rejected
	// Source is the name of the source that the write key belongs to, also of the records.
	Source string
	// Received is when the request came.
	Received calendar.Instant
}

// Rejected is a call that came as JSON but makes no sense.
type Rejected struct {
	// Reason says what is wrong with it, for the person who wrote it.
	Reason string
	// Body is the call as JSON, without the write key and with the type that the
	// address named and the sentAt of the batch.
	Body []byte
}

// Keys knows the write keys. Comparing them in constant time is up to it.
type Keys interface {
	// WriteKey gives the name of the source that a key belongs to.
	WriteKey(key string) (source string, ok bool)
}

// Config is what the API stands on.
type Config struct {
	Sink Sink
	Keys Keys
	// Now gives the present.
	Now func() calendar.Instant
	// Zone is that of times without one.
	Zone *calendar.Zone
	// PublicURL is the address of the server as browsers see it, such as https://track.example.de, where
	// it is not that of the request; empty otherwise. The paths of the API follow it.
	PublicURL string
	// Report is told of internal errors of the sink, for the log; may be nil. No
	// keys and no bodies are in them unless the sink puts them there.
	Report func(error)
}

// Handler serves the API: /v1/track and the like, /v1/batch, and the settings of
// libraries. It bounds bodies; headers and how long a request may take are up to the http.Server.
type Handler struct {
	config Config
	public *url.URL // nil where it is that of the request
	pool   sync.Pool
}

// New makes a handler. The error says what is wrong with the public address.
func New(c Config) (*Handler, error) {
	h := &Handler{config: c}
	if c.PublicURL != "" {
		u, err := url.Parse(strings.TrimSuffix(c.PublicURL, "/"))
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
			return nil, errors.New("the public address must be like https://track.example.de")
		}
		h.public = u
	}
	h.pool.New = func() any { return newWork(h) }
	return h, nil
}

var _ http.Handler = (*Handler)(nil)
