package calls

import (
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake/jsontext"
	"github.com/kohorte/kohorte/internal/record"
)

// Request is what a request says about the calls in it. Its JSON was checked.
type Request struct {
	// Source is where the records come from.
	Source string
	// Type is the type that the address names; empty where each call names its own.
	Type string
	// Received is when the request came.
	Received calendar.Instant
	// SentAt is when the client sent the request by its own clock, and Traits what it says
	// about the persons of all calls in it, as JSON; empty if it does not say.
	SentAt, Traits []byte
}

// ParseSent appends the records that a call becomes which came with a request.
// Other than Parse, which reads archives, it corrects the time by what the
// client's clock said on sending, takes the traits in the context of track, page
// and screen calls, and gives keys only to calls with a message id.
func (p *Parser) ParseSent(dst []record.Record, text []byte, row int, q *Request) ([]record.Record, error) {
	if err := p.call.read(text); err != nil {
		return dst, err
	}
	if q.Type != "" {
		p.call.members[kindOf] = []byte(`"` + q.Type + `"`)
	}
	r := record.Record{Source: q.Source, Row: row}
	if err := p.setSentTime(&r, q); err != nil {
		return dst, err
	}
	var err error
	if r.Customer, err = p.customer(); err != nil {
		return dst, err
	}
	out := p.contextTraits(dst, &r, q.Traits)
	if out, err = p.kind(out, r); err == nil {
		err = p.setMessage(out[len(dst):])
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// The instants that the calendar knows: the years 1 to 9999.
const (
	earliest calendar.Instant = -62_135_596_800_000
	latest   calendar.Instant = 253_402_300_799_999
)

// setSentTime sets when a call happened: as the specification says, as long
// before the request was received as the client's clock said before it was sent.
// Without a time of sending, or with one that cannot be read, the time stands as
// it is; so it does in calls out of an archive, which were corrected when they
// were received. Without a time it is that of the receipt.
func (p *Parser) setSentTime(r *record.Record, q *Request) error {
	given, ok, err := p.time(timestamp, originalTimestamp)
	if err != nil {
		return err
	}
	r.Time, r.HasTime = q.Received, true
	if !ok {
		return nil
	}
	r.Time = given
	if sent, ok := p.sentAt(q); ok && jsontext.Kind(p.call.members[receivedAt]) == jsontext.Missing {
		if at := q.Received - (sent - given); at >= earliest && at <= latest {
			r.Time, r.Original, r.Corrected = at, given, true
		}
	}
	return nil
}

// sentAt gives when a call was sent by the client's clock. What the whole request
// says comes first: clients that put a time into each call of a batch mean when
// it was put into the queue.
func (p *Parser) sentAt(q *Request) (at calendar.Instant, ok bool) {
	for _, given := range [...][]byte{q.SentAt, p.call.members[sentAt]} {
		if at, ok, _ = p.readTime(given); ok { // who sends nonsense is as one who sends nothing
			return at, true
		}
	}
	return 0, false
}

// contextTraits appends what the context of an event says about its person, if it does.
func (p *Parser) contextTraits(dst []record.Record, r *record.Record, ofAll []byte) []record.Record {
	switch kind, err := p.call.kind(); {
	case err != nil || r.Customer == nil:
		return dst
	case kind != track && kind != page && kind != screen:
		return dst
	}
	fields := Traits(p.call.members[context])
	if fields == nil && ofAll == nil {
		return dst
	}
	start := len(p.text)
	p.text = appendMerged(p.text, ofAll, fields)
	about := *r
	about.Kind, about.Fields = record.Identify, p.text[start:len(p.text):len(p.text)]
	return append(dst, about)
}

// setMessage gives the records of a call the key of its message id. The traits
// in the context of an event have their own, since both are to be kept.
func (p *Parser) setMessage(records []record.Record) error {
	id, err := p.call.text(messageID)
	if err != nil || len(id) == 0 {
		return err
	}
	for i := range records {
		records[i].Key, records[i].Retry = record.MessageKey(string(id)), true
		if i < len(records)-1 {
			records[i].Key = record.KeyOf("message traits", string(id))
		}
	}
	return nil
}

// Traits gives the traits in the context of a call or a batch: a JSON object that
// is not empty, or nil. Contexts of another form say nothing.
func Traits(context []byte) []byte {
	if jsontext.Kind(context) != jsontext.Object {
		return nil
	}
	var traits []byte
	_ = jsontext.Members(context, func(key, value []byte) { // it was checked with the call
		if string(key) == "traits" {
			traits = value
		}
	})
	if jsontext.Kind(traits) != jsontext.Object {
		return nil
	}
	empty := true
	_ = jsontext.Members(traits, func(_, _ []byte) { empty = false })
	if empty {
		return nil
	}
	return traits
}
