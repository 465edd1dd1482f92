package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/advise"
	"github.com/kohorte/kohorte/internal/advise/gather"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
)

// Finding is something that is likely wrong with segments, or a waste.
type Finding struct {
	Key       string             `json:"key" doc:"Stays the same as long as it is the same finding"`
	Kind      string             `json:"kind"`
	Severity  string             `json:"severity" enum:"warning,advice"`
	Segments  []string           `json:"segments"`
	Subject   string             `json:"subject,omitempty" doc:"What else it is about: a condition, a type of event, an attribute"`
	Condition string             `json:"condition,omitempty"`
	Place     *Place             `json:"place,omitempty" doc:"Where the condition stands in the rule of the first segment"`
	Figures   map[string]float64 `json:"figures"`
	What      Texts              `json:"what"`
	Why       Texts              `json:"why" doc:"Why it matters"`
	Do        Texts              `json:"do" doc:"What to do"`
	Accepted  *Acceptance        `json:"accepted,omitempty"`
}

// Place is where something stands in a rule.
type Place struct {
	Line   int `json:"line" doc:"From 1"`
	Column int `json:"column" doc:"From 1, in characters"`
}

// Acceptance is that somebody has accepted a finding.
type Acceptance struct {
	Reason string `json:"reason"`
	Author string `json:"author"`
	At     string `json:"at" format:"date-time"`
	Lapsed string `json:"lapsed,omitempty" enum:"version,figures" doc:"Why it does not count any more: another version of a segment, or other figures"`
}

// FindingOf is a finding for programs, by the API and by command.
func FindingOf(f *advise.Finding) Finding {
	made := Finding{
		Key: f.Key, Kind: string(f.Kind), Severity: string(f.Severity), Segments: append([]string{}, f.Segments...), Subject: f.Subject,
		Condition: f.Condition, Figures: f.Figures, What: Texts(f.What), Why: Texts(f.Why), Do: Texts(f.Do),
	}
	if f.Place != nil {
		made.Place = &Place{f.Place.Line, f.Place.Column}
	}
	if a := f.Accepted; a != nil {
		made.Accepted = &Acceptance{a.Reason, a.Author, calendar.Format(a.Created), string(a.Lapsed)}
	}
	return made
}

type adviceInput struct {
	Segment []string `query:"segment" maxItems:"1000" doc:"Only findings about these; absent: all"`
	Kind    string   `query:"kind" maxLength:"100" doc:"Only findings of this kind"`
	All     bool     `query:"all" doc:"Those that were accepted, too"`
}

type adviceOutput struct {
	Body struct {
		Findings []Finding `json:"findings" doc:"The gravest first"`
		Accepted int       `json:"accepted" doc:"How many are left out because somebody accepted them"`
	}
}

// findings finds all there is about some segments.
func (s *server) findings(ctx context.Context, names []string) (found []advise.Finding, err error) {
	err = s.Store.View(ctx, func(v *store.View) error {
		found, err = gather.Findings(ctx, v, s.Engine, &gather.Request{Now: s.Clock.Now(), Names: names})
		return err
	})
	return found, err
}

func (s *server) advice(ctx context.Context, in *adviceInput) (*adviceOutput, error) {
	if in.Kind != "" && !slices.Contains(advise.Kinds(), advise.Kind(in.Kind)) {
		return nil, huma.Error422UnprocessableEntity("there are no findings of the kind " + in.Kind)
	}
	found, err := s.findings(ctx, in.Segment)
	if err != nil {
		return nil, problemOf(err)
	}
	out := &adviceOutput{}
	out.Body.Findings = []Finding{}
	for i := range found {
		f := &found[i]
		switch {
		case in.Kind != "" && string(f.Kind) != in.Kind:
		case f.Active() || in.All:
			out.Body.Findings = append(out.Body.Findings, FindingOf(f))
		default:
			out.Body.Accepted++
		}
	}
	return out, nil
}

type acceptInput struct {
	Body struct {
		Key    string `json:"key" minLength:"1" maxLength:"10000"`
		Reason string `json:"reason" minLength:"1" maxLength:"2000"`
		Author string `json:"author,omitempty" maxLength:"200" doc:"Absent: the name of the key"`
	}
}

type acceptOutput struct{ Body Finding }

func (s *server) accept(ctx context.Context, in *acceptInput) (*acceptOutput, error) {
	found, err := s.findings(ctx, nil)
	if err != nil {
		return nil, problemOf(err)
	}
	i := slices.IndexFunc(found, func(f advise.Finding) bool { return f.Key == in.Body.Key })
	if i < 0 {
		return nil, huma.Error404NotFound("there is no finding with this key now")
	}
	a := found[i].Accept(in.Body.Reason, cmp.Or(in.Body.Author, author(ctx)), s.Clock.Now())
	found[i].Accepted = &a
	return &acceptOutput{FindingOf(&found[i])}, problemOf(s.Store.Accept(ctx, Kept(&a)))
}

// Kept is an acceptance as the store keeps it.
func Kept(a *advise.Acceptance) store.Accepted {
	return store.Accepted{Key: a.Key, Reason: a.Reason, Author: a.Author, Created: a.Created, Versions: a.Versions, Measure: a.Measure}
}

type withdrawInput struct {
	Key string `query:"key" required:"true" minLength:"1" maxLength:"10000"`
}

func (s *server) withdraw(ctx context.Context, in *withdrawInput) (*struct{}, error) {
	return nil, problemOf(s.Store.Withdraw(ctx, in.Key))
}

// noteUse notes that somebody asked for segments, so that they are not taken for unused.
// A request does not fail because that cannot be noted.
func (s *server) noteUse(ctx context.Context, names ...string) {
	for _, name := range names {
		_ = s.Store.NoteUse(ctx, name, s.Clock.Now())
	}
}

func (s *server) registerAdvice(api huma.API) {
	path := Prefix + "/advice"
	huma.Register(api, operation("Advice", "advice", http.MethodGet, path, "What is likely wrong with segments, or a waste",
		"Empty, too small and too large segments, near-duplicates, conditions that are never or always true, inputs that no longer come, and more: "+
			"each with the reason, the figures, and what to do."), s.advice)
	huma.Register(api, changing(operation("Advice", "acceptFinding", http.MethodPost, path+"/accepted", "Accept a finding with a reason",
		"It is left out of the advice until a segment that it is about gets another version, or its figures change by more than a quarter.")), s.accept)
	huma.Register(api, emptied(changing(operation("Advice", "withdrawAcceptance", http.MethodDelete, path+"/accepted",
		"Do not accept a finding any more", "It is part of the advice again."))), s.withdraw)
}
