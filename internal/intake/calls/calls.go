// Package calls reads the calls of the Segment specification (identify, track,
// page, screen, group, alias) into records, from files as from requests.
package calls

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/intake/jsontext"
	"github.com/kohorte/kohorte/internal/intake/once"
	"github.com/kohorte/kohorte/internal/intake/value"
	"github.com/kohorte/kohorte/internal/record"
)

// AnonymousID is the namespace of the ids that browsers give to unknown visitors.
const AnonymousID = "anonymous"

// The types of events that page and screen calls become.
const (
	PageViewed   = "page_viewed"
	ScreenViewed = "screen_viewed"
)

// Parser reads calls, one after the other. Use a new one for each file.
type Parser struct {
	source string
	times  value.Reader
	events map[string]string // the types of events by the names that were given
	keys   once.Keys
	call   call

	text       []byte // the fields of the records since the last Reset
	identities []record.Identity
	content    []byte
}

// NewParser makes a parser. Times without a zone are in the given one; the
// present tells the century of years with two digits.
func NewParser(source string, zone *calendar.Zone, now calendar.Instant) *Parser {
	return &Parser{source: source, times: value.Reader{Zone: zone, Year: zone.Civil(now).Year}, events: map[string]string{}}
}

// Reset frees what the records that were read so far point to; they must no longer be used.
func (p *Parser) Reset() { p.text, p.identities = p.text[:0], p.identities[:0] }

// Parse appends the records that a call becomes. The error says what is wrong
// with the call, for the person who wrote it; then nothing is appended.
func (p *Parser) Parse(dst []record.Record, text []byte, row int) ([]record.Record, error) {
	if err := p.call.read(text); err != nil {
		return dst, err
	}
	r := record.Record{Source: p.source, Row: row}
	var err error
	if r.Time, r.HasTime, err = p.time(timestamp, originalTimestamp, receivedAt); err != nil {
		return dst, err
	}
	if r.Customer, err = p.customer(); err != nil {
		return dst, err
	}
	out, err := p.kind(dst, r)
	if err == nil {
		err = p.setKeys(out[len(dst):], text)
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// kind reads what is particular to the type of the call.
func (p *Parser) kind(dst []record.Record, r record.Record) ([]record.Record, error) {
	kind, err := p.call.kind()
	if err != nil {
		return dst, err
	}
	if r.Customer == nil && kind != group {
		return dst, errors.New("the call names nobody: userId or anonymousId is missing")
	}
	switch kind {
	case identify:
		r.Kind = record.Identify
		r.Fields, err = p.object(traits)
	case track:
		err = p.track(&r)
	case page:
		err = p.view(&r, PageViewed)
	case screen:
		err = p.view(&r, ScreenViewed)
	case group:
		err = p.group(&r)
	case alias:
		return p.alias(dst, r)
	}
	if err != nil {
		return dst, err
	}
	return append(dst, r), nil
}

func (p *Parser) track(r *record.Record) error {
	r.Kind = record.Track
	name, err := p.call.text(event)
	if err != nil {
		return err
	}
	if r.Event, r.EventGiven = p.eventType(name); r.Event == "" {
		return errors.New("the event has no name")
	}
	r.Fields, err = p.object(properties)
	return err
}

// The names of events that are remembered: how many, and how long each may be in
// bytes. A parser can live long, and whoever sends events can invent names.
const (
	mostEvents  = 10_000
	longestName = 100
)

// eventType gives the type of an event, and its name as it was given.
func (p *Parser) eventType(name []byte) (snake, given string) {
	if t, ok := p.events[string(name)]; ok {
		return t, string(name)
	}
	given = string(name)
	snake = value.Snake(given)
	if len(p.events) < mostEvents && len(name) <= longestName {
		p.events[given] = snake
	}
	return snake, given
}

// view reads a page or screen call; the name and the category that stand beside
// the properties become properties.
func (p *Parser) view(r *record.Record, event string) error {
	r.Kind, r.Event, r.EventGiven = record.Track, event, event
	inner, err := p.object(properties)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	_ = jsontext.Members(inner, func(key, _ []byte) { has[string(key)] = true }) // it was checked with the call
	start := len(p.text)
	p.text = append(p.text, '{')
	for _, m := range []member{name, category} {
		if own := p.call.members[m]; jsontext.Kind(own) == jsontext.Text && !has[memberNames[m]] {
			p.text = append(append(append(p.text, '"'), memberNames[m]...), `":`...)
			p.text = append(append(p.text, own...), ',')
		}
	}
	if len(has) == 0 && p.text[len(p.text)-1] == ',' {
		p.text[len(p.text)-1] = '}'
	} else {
		p.text = append(p.text, inner[1:]...)
	}
	r.Fields = p.text[start:len(p.text):len(p.text)]
	return nil
}

func (p *Parser) group(r *record.Record) error {
	r.Kind = record.Group
	id, err := p.call.text(groupID)
	if err != nil {
		return err
	}
	if len(id) == 0 {
		return errors.New("the groupId is missing")
	}
	r.Company = record.Identity{Namespace: record.CompanyID, Value: string(id)}
	given, err := p.call.text(role)
	if err != nil {
		return err
	}
	r.Role = string(given)
	if r.Fields, err = p.object(traits); err != nil {
		return err
	}
	if r.Role == "" && len(r.Customer) > 0 && r.Customer[0].Namespace == record.UserID {
		p.takeRole(r)
	}
	return nil
}

// takeRole takes the role of a user out of the traits of the company: libraries can send it nowhere else.
func (p *Parser) takeRole(r *record.Record) {
	var given []byte
	start := len(p.text)
	p.text = append(p.text, '{')
	visit(r.Fields, func(key, v []byte) {
		if string(key) == memberNames[role] && jsontext.Kind(v) == jsontext.Text {
			given = v
			return
		}
		p.text = append(appendKey(p.text, key), v...)
	})
	if given == nil {
		p.text = p.text[:start]
		return
	}
	p.text = append(p.text, '}')
	r.Role, r.Fields = string(bytes.TrimSpace(jsontext.Unquote(given))), p.text[start:len(p.text):len(p.text)]
}

// alias reads that a customer was an anonymous visitor before. The call does not
// say of which kind its previous id is; two user ids are never joined without a
// person's decision, so only the visitor can be meant.
func (p *Parser) alias(dst []record.Record, r record.Record) ([]record.Record, error) {
	id, err := p.call.text(previousID)
	if err != nil {
		return dst, err
	}
	if len(id) == 0 {
		return dst, errors.New("the previousId is missing")
	}
	r.Kind, r.Previous = record.Alias, record.Identity{Namespace: AnonymousID, Value: string(id)}
	if r.Previous == r.Customer[0] {
		return dst, nil
	}
	return append(dst, r), nil
}

// object gives a member that is an object as JSON; where it is missing, an empty one.
func (p *Parser) object(m member) ([]byte, error) {
	start := len(p.text)
	given := p.call.members[m]
	switch kind := jsontext.Kind(given); kind {
	case jsontext.Missing:
		p.text = append(p.text, "{}"...)
	case jsontext.Object:
		p.text = append(p.text, given...)
	default:
		return nil, fmt.Errorf("%s must be an object, not %s", memberNames[m], kind)
	}
	return p.text[start:len(p.text):len(p.text)], nil
}

// customer gives the identities that a call names its person by.
func (p *Parser) customer() ([]record.Identity, error) {
	start := len(p.identities)
	for m, namespace := range [...]string{userID: record.UserID, anonymousID: AnonymousID} {
		id, err := p.call.text(member(m))
		if err != nil {
			return nil, err
		}
		if len(id) > 0 {
			p.identities = append(p.identities, record.Identity{Namespace: namespace, Value: string(id)})
		}
	}
	if len(p.identities) == start {
		return nil, nil
	}
	return p.identities[start:len(p.identities):len(p.identities)], nil
}

// time reads when a call happened, from the best of the members that say it.
func (p *Parser) time(best ...member) (at calendar.Instant, ok bool, err error) {
	for _, m := range best {
		if at, ok, err = p.readTime(p.call.members[m]); err != nil {
			return 0, false, fmt.Errorf("%s: %w", memberNames[m], err)
		}
		if ok {
			return at, true, nil
		}
	}
	return 0, false, nil
}

// readTime reads a JSON value that is a time, if it is there.
func (p *Parser) readTime(given []byte) (at calendar.Instant, ok bool, err error) {
	switch kind := jsontext.Kind(given); kind {
	case jsontext.Missing:
		return 0, false, nil
	case jsontext.Text:
		at, err = p.instant(jsontext.Unquote(given))
	case jsontext.Number:
		at, err = p.times.Time(given, value.Type{Order: value.UnixMilli})
	default:
		err = fmt.Errorf("a time is text, not %s", kind)
	}
	return at, err == nil, err
}

// instant reads a time in the form of the specification, or any usual one.
func (p *Parser) instant(text []byte) (calendar.Instant, error) {
	if d, err := calendar.ParseDate(string(text)); err == nil {
		return p.times.Zone.Resolve(d), nil
	}
	return p.times.Time(text, value.Type{})
}

// setKeys gives the records of a call their keys: by its message id; without
// one, events by their content.
func (p *Parser) setKeys(records []record.Record, text []byte) error {
	id, err := p.call.text(messageID)
	switch {
	case err != nil:
		return err
	case len(id) > 0:
		for i := range records {
			records[i].Key = record.MessageKey(string(id))
		}
	case len(records) > 0 && records[0].Kind == record.Track:
		p.content = append(append(p.content[:0], "call\x00"...), p.source...)
		records[0].Key = p.keys.Key(append(append(p.content, 0), text...))
	}
	return nil
}
