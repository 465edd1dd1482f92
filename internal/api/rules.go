package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/sentence"
	"github.com/kohorte/kohorte/internal/store"
)

// RuleInput is a rule and an instant, exported because it is embedded.
type RuleInput struct {
	Body struct {
		Rule    string `json:"rule" maxLength:"65536"`
		Lenient bool   `json:"lenient,omitempty" doc:"Names that nobody has seen yet are warnings"`
		At      string `json:"at,omitempty" format:"date-time" doc:"The instant; absent: now"`
	}
}

// at gives the instant of a question.
func (s *server) at(text string) (calendar.Instant, error) {
	if text == "" {
		return s.Clock.Now(), nil
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		return 0, huma.Error422UnprocessableEntity("at: " + err.Error())
	}
	return s.Engine.Zone().Resolve(d), nil
}

type checkOutput struct {
	Body struct {
		OK        bool   `json:"ok"`
		Problems  string `json:"problems,omitempty" doc:"Each with its place, the text and a caret"`
		Canonical string `json:"canonical,omitempty"`
		DE        string `json:"de,omitempty" doc:"The rule as a sentence"`
		EN        string `json:"en,omitempty"`
	}
}

func (s *server) check(_ context.Context, in *RuleInput) (*checkOutput, error) {
	out := &checkOutput{}
	n, problems := rule.Parse(in.Body.Rule)
	if !problems.Fatal() {
		problems = append(problems, check.Check(n, s.Engine.Catalog(), check.Options{Lenient: in.Body.Lenient})...)
	}
	if len(problems) > 0 {
		out.Body.Problems = problems.Format("rule", in.Body.Rule)
	}
	if out.Body.OK = !problems.Fatal(); out.Body.OK {
		out.Body.Canonical = rule.Print(n)
		out.Body.DE, out.Body.EN = sentence.Sentence(n, sentence.German), sentence.Sentence(n, sentence.English)
	}
	return out, nil
}

type countOutput struct {
	Body struct {
		Count     int    `json:"count"`
		Customers int    `json:"customers" doc:"All there are"`
		At        string `json:"at" format:"date-time"`
	}
}

func (s *server) count(ctx context.Context, in *RuleInput) (*countOutput, error) {
	at, err := s.at(in.Body.At)
	if err != nil {
		return nil, err
	}
	out := &countOutput{}
	out.Body.At = calendar.Format(at)
	out.Body.Count, out.Body.Customers, err = s.Engine.Count(ctx, in.Body.Rule, in.Body.Lenient, at)
	return out, problemOf(err)
}

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

func (s *server) registerRules(api huma.API) {
	huma.Register(api, operation("Rules", "checkRule", http.MethodPost, Prefix+"/rules/check", "What is wrong with a rule, or its sentences",
		"A rule that is wrong is no error of the request: ok is false then, and problems tell where."), s.check)
	huma.Register(api, operation("Rules", "countRule", http.MethodPost, Prefix+"/rules/count", "How many a rule lets in",
		"Exact, on the customers as the server has them now."), s.count)
	huma.Register(api, operation("Customers", "explainRule", http.MethodPost, Prefix+"/customers/{customer}/explain", "Why a customer is in or out",
		"The verdict of each part of the rule with the values that it compares, the events that it counts, since when and until when."), s.explain)
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

func (s *server) registerCustomers(api huma.API) {
	huma.Register(api, operation("Customers", "listMemberships", http.MethodGet, Prefix+"/customers/{customer}/segments", "The segments that a customer is in",
		"In the order of their names, each with the start of the stay."), s.memberships)
}
