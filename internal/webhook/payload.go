package webhook

import (
	"encoding/json"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// The types of messages.
const (
	TypeEntered = "segment.entered"
	TypeLeft    = "segment.left"
)

// payload is the body of a message. Instants are in UTC, as RFC 3339 writes them.
type payload struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"` // when it became true
	Data      data   `json:"data"`
}

// data is thin on purpose: no attributes or addresses of customers travel.
type data struct {
	Seq       int64    `json:"seq"` // grows; the place in the log of transitions
	Segment   string   `json:"segment"`
	Version   int64    `json:"version"`
	Customer  customer `json:"customer"`
	Due       string   `json:"due"`       // when it became true
	Committed string   `json:"committed"` // when it was noticed
	Cause     string   `json:"cause"`
	Condition string   `json:"condition"` // the one that decided; may be empty
}

type customer struct {
	ID   int64  `json:"id"`
	Name string `json:"name"` // the user id, else namespace:value of the first identity
	Kind string `json:"kind"`
}

var (
	causes = []string{"event", "time", "edit", "merge", "erasure", "import"}
	kinds  = []string{store.Person: "person", store.Company: "company"}
)

// Payload writes the body of a message; condition is the text of what decided,
// empty if nothing in particular did.
func Payload(m *store.Message, condition string) ([]byte, error) {
	p := payload{
		Type: TypeLeft, Timestamp: calendar.Format(m.At),
		Data: data{
			Seq: m.Seq, Segment: m.Segment, Version: m.Version,
			Customer: customer{ID: m.Customer, Name: m.Name, Kind: wordFor(kinds, int64(m.Kind))},
			Due:      calendar.Format(m.At), Committed: calendar.Format(m.Committed),
			Cause: wordFor(causes, m.Cause), Condition: condition,
		},
	}
	if m.Entered {
		p.Type = TypeEntered
	}
	return json.Marshal(p)
}

func wordFor(words []string, i int64) string {
	if i < 0 || i >= int64(len(words)) {
		return ""
	}
	return words[i]
}
