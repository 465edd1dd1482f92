package tracking

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/intake/calls"
	"github.com/kohorte/kohorte/internal/intake/jsontext"
	"github.com/kohorte/kohorte/internal/intake/value"
)

// parts are the members of a body that say something about the whole request, as JSON.
type parts struct {
	writeKey, batch, context, sentAt []byte
	find                             func(key, value []byte)
}

// read finds the parts and checks that the whole body is a JSON object.
func (b *parts) read(text []byte) *problem {
	if b.find == nil {
		b.find = b.put // made once, not for each body
	}
	if err := jsontext.Members(text, b.find); err != nil {
		return malformed(strings.TrimPrefix(err.Error(), "it "), positionIn(err))
	}
	return nil
}

func (b *parts) put(key, value []byte) {
	switch string(key) {
	case "writeKey":
		b.writeKey = value
	case "batch":
		b.batch = value
	case "context":
		b.context = value
	case "sentAt":
		b.sentAt = value
	}
}

// positionIn gives the byte that an error of jsontext speaks of, from 1; 0 if it speaks of none.
func positionIn(err error) int {
	_, at, _ := strings.Cut(err.Error(), "(at byte ")
	n, err := strconv.Atoi(strings.TrimSuffix(at, ")"))
	if err != nil {
		return 0 // it is JSON, but not an object
	}
	return n
}

// longestTime is how long a time can be, in bytes. It is kept with each call that is rejected.
const longestTime = 64

// batch reads the calls of a batch.
func (k *work) batch(b *Batch, text []byte) *problem {
	q := &calls.Request{Source: b.Source, Received: b.Received, SentAt: k.parts.sentAt, Traits: calls.Traits(k.parts.context)}
	if kind := jsontext.Kind(k.parts.batch); kind != jsontext.List {
		b.Rejected = append(b.Rejected, Rejected{Reason: fmt.Sprintf("batch must be a list of calls, not %s", kind), Body: keep(text, &calls.Request{})})
		return nil
	}
	if len(q.SentAt) > longestTime {
		q.SentAt = nil
	}
	k.items = appendItems(k.items, k.parts.batch)
	if len(q.Traits)*len(k.items) > maxTraits {
		return &problem{status: http.StatusBadRequest, Code: "too_large",
			Message: fmt.Sprintf("the traits in the context of the batch, merged into each of its %d calls, make more than %d MB", len(k.items), maxTraits>>20)}
	}
	for i, item := range k.items {
		if len(item) > MaxCall {
			return &problem{status: http.StatusBadRequest, Code: "too_large", Item: &i,
				Message: fmt.Sprintf("batch[%d] has %d bytes; a call may have %d KB (%d bytes)", i, len(item), MaxCall>>10, MaxCall)}
		}
	}
	for i, item := range k.items {
		k.call(b, item, i+1, q)
	}
	b.Records = k.records
	return nil
}

// call reads one call, or rejects it.
func (k *work) call(b *Batch, text []byte, row int, q *calls.Request) {
	if kind := jsontext.Kind(text); kind != jsontext.Object {
		b.Rejected = append(b.Rejected, Rejected{Reason: fmt.Sprintf("a call must be an object, not %s", kind), Body: bytes.Clone(text)})
		return
	}
	var err error
	if k.records, err = k.parser.ParseSent(k.records, text, row, q); err != nil {
		b.Rejected = append(b.Rejected, Rejected{Reason: err.Error(), Body: keep(text, q)})
	}
}

// keep copies a call that was checked, without its write key and with what its request says about it.
func keep(text []byte, q *calls.Request) []byte {
	out := append(make([]byte, 0, len(text)+80), '{')
	add := func(key, json []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(value.AppendText(out, key), ':'), json...)
	}
	_ = jsontext.Members(text, func(key, json []byte) { // it was checked
		name := string(key)
		if name != "writeKey" && (name != "type" || q.Type == "") && (name != "sentAt" || len(q.SentAt) == 0) {
			add(key, json)
		}
	})
	if q.Type != "" {
		add([]byte("type"), []byte(`"`+q.Type+`"`))
	}
	if len(q.SentAt) > 0 {
		add([]byte("sentAt"), q.SentAt)
	}
	return append(out, '}')
}

// appendItems appends the values of a JSON list that was checked.
func appendItems(items [][]byte, list []byte) [][]byte {
	depth, start := 0, 1
	for i := 1; i < len(list)-1; i++ {
		switch list[i] {
		case '"':
			i = closing(list, i)
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				items = append(items, bytes.TrimSpace(list[start:i]))
				start = i + 1
			}
		}
	}
	if last := bytes.TrimSpace(list[start : len(list)-1]); len(last) > 0 {
		items = append(items, last)
	}
	return items
}

// closing gives where a text that begins at a quote ends.
func closing(list []byte, i int) int {
	for i++; list[i] != '"'; i++ {
		if list[i] == '\\' {
			i++
		}
	}
	return i
}
