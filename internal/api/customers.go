package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

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
	if customer.Kind == store.Company {
		in.Body.Members = string(segment.Companies)
	}
	trace, known, err := s.Engine.Explain(ctx, customer.ID, in.question(at))
	if err == nil && !known {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, problemOf(err)
	}
	out := &explainOutput{}
	out.Body.Customer, out.Body.At, out.Body.Trace = customer.Name, calendar.Format(at), NewTrace(&trace)
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
		Life     string    `json:"life" enum:"draft,active,paused,retired" doc:"The state of the segment; nobody is in a draft or a retired one"`
		Version  int64     `json:"version" doc:"The version that decides; 0 while the first one is filled, and of a draft or a retired one"`
		At       string    `json:"at" format:"date-time"`
		In       bool      `json:"in"`
		Since    *string   `json:"since" format:"date-time" doc:"When the stay that lasts began; null: there is none"`
		Expires  *string   `json:"expires" format:"date-time" doc:"When it changes by itself, or is no longer decided by hand; null: never"`
		Override *Override `json:"override,omitempty" doc:"Decided by hand, whatever the rule says"`
		Trace    *Trace    `json:"trace,omitempty" doc:"Of the rule; absent for a list; of a segmentation, of the part that the customer is in"`
		Stays    []Stay    `json:"stays" doc:"From the log, the first one first; of a segmentation, those in the part that the customer is in"`

		Segmentations []Placing `json:"segmentations,omitempty" doc:"Where the customer stands in the segmentations that have the segment as a part, or in the one that was asked for"`
	}
}

// Placing is where a customer stands in a segmentation.
type Placing struct {
	Segmentation string   `json:"segmentation"`
	Version      int64    `json:"version" doc:"The version that decides"`
	Part         string   `json:"part" doc:"The part that the customer is in: the one that wins, or the rest"`
	Rest         bool     `json:"rest" doc:"It is the rest: the customer is in none of the segments"`
	In           []string `json:"in" doc:"Its segments that the customer is in, in order: the first wins, the others lose"`
	Parts        []string `json:"parts" doc:"All its segments, in order"`
	Paused       bool     `json:"paused,omitempty" doc:"The part is that of the moment at which the segmentation was paused"`
}

func placingsOf(list []live.Placing) (made []Placing) {
	for _, p := range list {
		made = append(made, Placing{p.Segmentation, p.Version, p.Part, p.Rest, append([]string{}, p.In...), p.Parts, p.Paused})
	}
	return made
}

func (s *server) why(ctx context.Context, in *whyInput) (*whyOutput, error) {
	s.noteUse(ctx, in.Name)
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
	if b.Stays, err = s.stays(ctx, placed(in.Name, why.Placings), customer.ID, why.At); err != nil {
		return nil, err
	}
	if last := len(b.Stays) - 1; last >= 0 && b.Stays[last].To == nil {
		b.Since = &b.Stays[last].From
	}
	b.Life = string(why.State)
	b.Customer, b.Segment, b.Version, b.At, b.In, b.Expires = customer.Name, in.Name, why.Version, calendar.Format(why.At), why.In, OptionalTime(why.Expires)
	b.Segmentations = placingsOf(why.Placings)
	if why.Override != nil {
		b.Override = &shownOverrides([]segment.Override{*why.Override})[0]
	}
	if why.Trace != nil {
		trace := NewTrace(why.Trace)
		b.Trace = &trace
	}
	return out, nil
}

// placed names the segment in which a customer is asked for: of a segmentation the part.
func placed(name string, placings []live.Placing) string {
	if len(placings) > 0 && placings[0].Segmentation == name {
		return segment.PartName(name, placings[0].Part)
	}
	return name
}

func (s *server) registerCustomers(api huma.API) {
	huma.Register(api, operation("Customers", "explainRule", http.MethodPost, Prefix+"/customers/{customer}/explain", "Why a customer is in or out",
		"The verdict of each part of the rule with the values that it compares, the events that it counts, since when and until when."), s.explain)
	huma.Register(api, operation("Customers", "listMemberships", http.MethodGet, Prefix+"/customers/{customer}/segments", "The segments that a customer is in",
		"In the order of their names, each with the start of the stay."), s.memberships)
	huma.Register(api, operation("Customers", "explainMembership", http.MethodGet, Prefix+"/customers/{customer}/segments/{name}", "Why a customer is in a segment or not",
		"By the version that decides now: the verdict of each part of its rule, what was decided by hand, and until when it stands; "+
			"and all stays with what began and ended them. Of a draft or a retired segment life says that nothing decides. "+
			"segmentations says which part won where the segment is one of several."), s.why)
}
