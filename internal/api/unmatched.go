package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/live"
)

// Unmatched is what became of those whom a segment includes by hand and who were not there.
type Unmatched struct {
	Created []string  `json:"created"`
	Refused []Refusal `json:"refused"`
}

// Refusal is why somebody was not created.
type Refusal struct {
	Customer string `json:"customer"`
	Reason   string `json:"reason"`
}

// NewUnmatched makes the form for programs.
func NewUnmatched(made *live.Unmatched) Unmatched {
	form := Unmatched{append([]string{}, made.Created...), []Refusal{}}
	for _, r := range made.Refused {
		form.Refused = append(form.Refused, Refusal(r))
	}
	return form
}

type createOutput struct{ Body Unmatched }

func (s *server) createUnmatched(ctx context.Context, in *NameInput) (*createOutput, error) {
	made, err := s.Engine.CreateUnmatched(ctx, in.Name)
	if err != nil {
		return nil, problemOf(err)
	}
	return &createOutput{NewUnmatched(&made)}, nil
}

func (s *server) registerUnmatched(api huma.API) {
	huma.Register(api, changing(operation("Segments", "createUnmatched", http.MethodPost, Prefix+"/segments/{name}/create-unmatched", "Create whom a list names and who is not there",
		"Each by the user id or the identity that stands in the list, so that what comes about them later finds them. They are in as soon as they are there.")), s.createUnmatched)
}
