package api

import (
	"encoding/json"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
)

// Trace explains the verdict of a condition and of its parts, for programs.
type Trace struct {
	Condition string   `json:"condition"`
	In        bool     `json:"in"`
	Decides   bool     `json:"decides" doc:"Whether the whole rests on this part"`
	Since     *string  `json:"since" format:"date-time" doc:"null: for as long as is known"`
	Expires   *string  `json:"expires" format:"date-time" doc:"When it changes by itself; null: never"`
	Values    []Value  `json:"values,omitempty" doc:"What the condition compares"`
	Events    []Event  `json:"events,omitempty" doc:"The latest that count"`
	Objects   []Object `json:"objects,omitempty" doc:"Of lists, those that count"`
	People    []string `json:"people,omitempty" doc:"Of the people of a company, some of those who count"`
	Parts     []Trace  `json:"parts,omitempty"`
}

// Value is what an expression is: JSON where it has a form in JSON, dates and times
// as texts, null where it is unknown.
type Value struct {
	Expression string          `json:"expression"`
	Value      json.RawMessage `json:"value"`
}

// Event is an event that a condition counted.
type Event struct {
	Type       string `json:"type"`
	Time       string `json:"time" format:"date-time"`
	Properties Object `json:"properties,omitempty"`
}

// Object is what is known of an event or of a member of a list, by path.
type Object map[string]json.RawMessage

// NewTrace makes the form for programs of a trace.
func NewTrace(t *eval.Trace) Trace {
	made := Trace{Condition: t.Condition, In: t.In, Decides: t.Decides, Since: OptionalTime(t.Since), Expires: OptionalTime(t.Expires), People: t.People}
	for _, v := range t.Values {
		made.Values = append(made.Values, Value{v.Expression, jsonOfShown(v.Value)})
	}
	for _, event := range t.Events {
		made.Events = append(made.Events, Event{event.Type, calendar.Format(event.Time), objectOf(event.Properties)})
	}
	for _, object := range t.Objects {
		made.Objects = append(made.Objects, objectOf(object))
	}
	for i := range t.Parts {
		made.Parts = append(made.Parts, NewTrace(&t.Parts[i]))
	}
	return made
}

func objectOf(properties []eval.Property) Object {
	object := Object{}
	for _, p := range properties {
		object[p.Path] = jsonOfShown(p.Value)
	}
	return object
}

// jsonOfShown makes JSON of a value that was written for people.
func jsonOfShown(text string) json.RawMessage {
	if text == "unknown" {
		return json.RawMessage("null")
	}
	if json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // texts can be written
	}
	return quoted
}

// OptionalTime writes an instant, or nothing for Never and Unset.
func OptionalTime(t calendar.Instant) *string {
	if t == calendar.Never || t == calendar.Unset {
		return nil
	}
	text := calendar.Format(t)
	return &text
}
