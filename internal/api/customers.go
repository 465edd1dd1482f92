package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Trace explains the verdict of a condition and of its parts.
type Trace struct {
	Condition string            `json:"condition"`
	In        bool              `json:"in"`
	Decides   bool              `json:"decides" doc:"Whether the whole rests on this part"`
	Since     string            `json:"since,omitempty" format:"date-time"`
	Expires   string            `json:"expires,omitempty" format:"date-time" doc:"When it changes by itself; absent: never"`
	Values    map[string]string `json:"values,omitempty" doc:"What the condition compares"`
	Events    []Event           `json:"events,omitempty" doc:"The latest that count"`
	Parts     []Trace           `json:"parts,omitempty"`
}

// Event is an event that a condition counted.
type Event struct {
	Type       string            `json:"type"`
	Time       string            `json:"time" format:"date-time"`
	Properties map[string]string `json:"properties,omitempty"`
}

func traceOf(t *eval.Trace) Trace {
	made := Trace{Condition: t.Condition, In: t.In, Decides: t.Decides, Since: optional(t.Since), Expires: optional(t.Expires)}
	for _, v := range t.Values {
		if made.Values == nil {
			made.Values = map[string]string{}
		}
		made.Values[v.Expression] = v.Value
	}
	for _, e := range t.Events {
		event := Event{Type: e.Type, Time: calendar.Format(e.Time)}
		for _, p := range e.Properties {
			if event.Properties == nil {
				event.Properties = map[string]string{}
			}
			event.Properties[p.Path] = p.Value
		}
		made.Events = append(made.Events, event)
	}
	for i := range t.Parts {
		made.Parts = append(made.Parts, traceOf(&t.Parts[i]))
	}
	return made
}

func optional(t calendar.Instant) string {
	if t == calendar.Never || t == calendar.Unset {
		return ""
	}
	return calendar.Format(t)
}

type explainInput struct {
	Customer string `path:"customer" maxLength:"1000" doc:"A user id, namespace:value or an internal id"`
	RuleInput
}

type explainOutput struct {
	Body struct {
		Customer string `json:"customer"`
		At       string `json:"at" format:"date-time"`
		Trace    Trace  `json:"trace"`
	}
}

func (s *server) explain(ctx context.Context, in *explainInput) (*explainOutput, error) {
	at, err := s.at(in.Body.At)
	if err != nil {
		return nil, err
	}
	customer, err := s.Store.Find(ctx, in.Customer)
	if err != nil {
		return nil, problemOf(err)
	}
	trace, known, err := s.Engine.Explain(customer.ID, in.Body.Rule, in.Body.Lenient, at)
	if err == nil && !known {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, problemOf(err)
	}
	out := &explainOutput{}
	out.Body.Customer, out.Body.At, out.Body.Trace = customer.Name, calendar.Format(at), traceOf(&trace)
	return out, nil
}

type membershipsInput struct {
	Customer string `path:"customer" maxLength:"1000" doc:"A user id, namespace:value or an internal id"`
}

// Membership is a segment that a customer is in.
type Membership struct {
	Segment string `json:"segment"`
	Since   string `json:"since" format:"date-time"`
}

type membershipsOutput struct {
	Body struct {
		Customer string       `json:"customer"`
		Segments []Membership `json:"segments"`
	}
}

func (s *server) memberships(ctx context.Context, in *membershipsInput) (*membershipsOutput, error) {
	customer, err := s.Store.Find(ctx, in.Customer)
	if err != nil {
		return nil, problemOf(err)
	}
	out := &membershipsOutput{}
	out.Body.Customer, out.Body.Segments = customer.Name, []Membership{}
	err = s.Store.Glance(ctx, func(v *store.View) error {
		return v.SegmentsOf(ctx, customer.ID, func(name string, since calendar.Instant) error {
			out.Body.Segments = append(out.Body.Segments, Membership{name, calendar.Format(since)})
			return nil
		})
	})
	return out, problemOf(err)
}

type whyInput struct {
	Customer string `path:"customer" maxLength:"1000" doc:"A user id, namespace:value or an internal id"`
	Name     string `path:"name" maxLength:"200"`
}

type whyOutput struct {
	Body struct {
		Customer string    `json:"customer"`
		Segment  string    `json:"segment"`
		Version  int64     `json:"version" doc:"The version that decides; 0 while the first one is filled"`
		At       string    `json:"at" format:"date-time"`
		In       bool      `json:"in"`
		Expires  string    `json:"expires,omitempty" format:"date-time" doc:"When it changes by itself, or is no longer decided by hand; absent: never"`
		Override *Override `json:"override,omitempty" doc:"Decided by hand, whatever the rule says"`
		Trace    *Trace    `json:"trace,omitempty" doc:"Of the rule; absent for a list"`
	}
}

func (s *server) why(ctx context.Context, in *whyInput) (*whyOutput, error) {
	customer, err := s.Store.Find(ctx, in.Customer)
	if err != nil {
		return nil, problemOf(err)
	}
	why, known, err := s.Engine.Why(customer.ID, in.Name)
	if err == nil && !known {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, problemOf(err)
	}
	out := &whyOutput{}
	b := &out.Body
	b.Customer, b.Segment, b.Version, b.At, b.In, b.Expires = customer.Name, in.Name, why.Version, calendar.Format(why.At), why.In, optional(why.Expires)
	if why.Override != nil {
		b.Override = &shownOverrides([]segment.Override{*why.Override})[0]
	}
	if why.Trace != nil {
		trace := traceOf(why.Trace)
		b.Trace = &trace
	}
	return out, nil
}

func (s *server) registerCustomers(api huma.API) {
	huma.Register(api, operation("Customers", "explainRule", http.MethodPost, Prefix+"/customers/{customer}/explain", "Why a customer is in or out",
		"The verdict of each part of the rule with the values that it compares, the events that it counts, since when and until when."), s.explain)
	huma.Register(api, operation("Customers", "listMemberships", http.MethodGet, Prefix+"/customers/{customer}/segments", "The segments that a customer is in",
		"In the order of their names, each with the start of the stay."), s.memberships)
	huma.Register(api, operation("Customers", "explainMembership", http.MethodGet, Prefix+"/customers/{customer}/segments/{name}", "Why a customer is in a segment or not",
		"By the version that decides now: the verdict of each part of its rule, what was decided by hand, and until when it stands."), s.why)
}
