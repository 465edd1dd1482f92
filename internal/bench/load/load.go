// Package load sends generated events to a running Kohorte over HTTP, as the
// sources of a busy shop do, and measures how long it takes until they are
// acknowledged and until the memberships that they change are visible. It is made
// to cost little, since it runs on the processors that it measures.
package load

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
)

// Options say what to send.
type Options struct {
	Data     benchdata.Options // the history that the server has
	Sessions int               // of customers at a time; the more, the more customers act in a second
	Batches  int               // to prepare; when all were sent they are sent again as new ones
	// Every so many-th event is of a new anonymous visitor; 0 is none.
	Anonymous int
}

// BatchSize is how many calls a request has.
const BatchSize = 100

// Load is batches of calls, encoded beforehand.
type Load struct{ batches []batch }

// batch is the body of a request, and where in it what differs each time it is sent.
type batch struct {
	body        []byte
	times, keys []int
	records     []record.Record
}

// What stands in a body until it is sent.
const (
	noTime = "2026-01-01T00:00:00.000Z"
	noKey  = "m0000000000000000"
)

// Prepare encodes the batches.
func Prepare(o Options) *Load {
	l, n := &Load{}, 0
	var b batch
	for r := range benchdata.More(o.Data, o.Sessions) {
		if r.Kind == record.Consent {
			continue // consents are no calls
		}
		if n++; o.Anonymous > 0 && n%o.Anonymous == 0 && r.Kind == record.Track {
			r.Customer = []record.Identity{{Namespace: "anonymous", Value: fmt.Sprintf("visitor-%d", n)}}
		}
		b.add(r)
		if len(b.records) == BatchSize {
			b.body = append(b.body, "]}"...)
			if l.batches, b = append(l.batches, b), (batch{}); len(l.batches) >= o.Batches {
				break
			}
		}
	}
	return l
}

// add encodes a call.
func (b *batch) add(r record.Record) {
	if b.body == nil {
		b.body = append(make([]byte, 0, 300*BatchSize), `{"batch":[`...)
	} else {
		b.body = append(b.body, ',')
	}
	kind, member := "track", "properties"
	if r.Kind == record.Identify {
		kind, member = "identify", "traits"
	}
	b.body = append(append(b.body, `{"type":"`...), kind...)
	id := `","userId":"`
	if r.Customer[0].Namespace != record.UserID {
		id = `","anonymousId":"`
	}
	b.body = append(append(b.body, id...), r.Customer[0].Value...)
	b.body = append(b.body, `","messageId":"`...)
	b.keys = append(b.keys, len(b.body))
	b.body = append(append(b.body, noKey...), `","timestamp":"`...)
	b.times = append(b.times, len(b.body))
	b.body = append(append(b.body, noTime...), '"')
	if r.Kind == record.Track {
		b.body = append(append(b.body, `,"event":`...), quoted(r.EventGiven)...)
	}
	b.body = append(append(append(b.body, `,"`...), member...), `":`...)
	b.body = append(append(b.body, r.Fields...), '}')
	b.records = append(b.records, r)
}

func quoted(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a text can always be written
	}
	return text
}

// body writes the n-th request into a buffer: batches come again and again, with
// the time at which they happen this time and with ids of their own.
func (l *Load) body(buffer []byte, n int, at calendar.Instant) []byte {
	b := &l.batches[n%len(l.batches)]
	buffer = append(buffer[:0], b.body...)
	now := calendar.Format(at)
	for i, place := range b.times {
		copy(buffer[place:], now)
		putKey(buffer[b.keys[i]:], n*BatchSize+i)
	}
	return buffer
}

// putKey writes the id of the n-th call over the one that stands there.
func putKey(to []byte, n int) {
	const digits = "0123456789abcdef"
	for i := len(noKey) - 1; i > 0; i-- {
		to[i] = digits[n&15]
		n >>= 4
	}
}

// Records gives what a request said, as the server should have understood it.
func (l *Load) Records(s Sent) []record.Record {
	records := slices.Clone(l.batches[s.Number%len(l.batches)].records)
	for i := range records {
		id := make([]byte, len(noKey))
		copy(id, noKey)
		putKey(id, s.Number*BatchSize+i)
		records[i].Time, records[i].Key = s.At, record.MessageKey(string(id))
	}
	return records
}

// Customers gives the ids of those of whom a request tells, once each.
func (l *Load) Customers(s Sent) []string {
	records := l.batches[s.Number%len(l.batches)].records
	ids := make([]string, len(records))
	for i := range records {
		ids[i] = records[i].Customer[0].Value
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Bytes gives the size of all bodies, for the log.
func (l *Load) Bytes() string {
	n := 0
	for i := range l.batches {
		n += len(l.batches[i].body)
	}
	return strconv.Itoa(n>>20) + " MiB"
}
