package calls

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/kohorte/kohorte/internal/intake/jsontext"
)

// member is a member of a call.
type member int

const (
	userID member = iota
	anonymousID
	kindOf
	event
	properties
	traits
	timestamp
	originalTimestamp
	receivedAt
	messageID
	groupID
	previousID
	role
	name
	category
	sentAt
	context
	members // how many there are
)

var memberNames = [members]string{
	"userId", "anonymousId", "type", "event", "properties", "traits", "timestamp", "originalTimestamp", "receivedAt",
	"messageId", "groupId", "previousId", "role", "name", "category",
	"sentAt", "context",
}

// call is a call whose members were found; what else it has is nobody's business.
type call struct {
	members [members][]byte // the JSON text of each
	find    func(key, value []byte)
}

// read takes a call apart.
func (c *call) read(text []byte) error {
	if c.find == nil {
		c.find = c.put // made once, not for each call
	}
	c.members = [members][]byte{}
	if err := jsontext.Members(text, c.find); err != nil {
		return fmt.Errorf("the line cannot be read: %w", err)
	}
	return nil
}

func (c *call) put(key, value []byte) {
	if m := memberOf(key); m < members {
		c.members[m] = value
	}
}

func memberOf(key []byte) member {
	for m := range members {
		if string(key) == memberNames[m] {
			return m
		}
	}
	return members
}

// text reads a member that is text, or a number that names something.
func (c *call) text(m member) ([]byte, error) {
	given := c.members[m]
	switch kind := jsontext.Kind(given); kind {
	case jsontext.Missing:
		return nil, nil
	case jsontext.Text:
		return bytes.TrimSpace(jsontext.Unquote(given)), nil
	case jsontext.Number:
		return given, nil
	default:
		return nil, fmt.Errorf("%s must be text, not %s", memberNames[m], kind)
	}
}

// kind is the type of a call.
type kind int

const (
	identify kind = iota
	track
	page
	screen
	group
	alias
)

var kindNames = [...]string{"identify", "track", "page", "screen", "group", "alias"}

func (c *call) kind() (kind, error) {
	given, err := c.text(kindOf)
	if err != nil {
		return 0, err
	}
	if len(given) == 0 {
		return 0, errors.New("the type of the call is missing: identify, track, page, screen, group or alias")
	}
	for k, name := range kindNames {
		if string(given) == name || bytes.EqualFold(given, []byte(name)) {
			return kind(k), nil
		}
	}
	const most = 50
	return 0, fmt.Errorf("unknown type of call %q: it is one of identify, track, page, screen, group, alias", given[:min(len(given), most)])
}
