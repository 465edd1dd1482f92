package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/sentence"
)

// RuleInput is a rule and an instant, exported because it is embedded.
type RuleInput struct {
	Body struct {
		Rule    string `json:"rule" maxLength:"65536"`
		Members string `json:"members,omitempty" enum:"people,companies" doc:"Whom the rule is about; absent: people"`
		Lenient bool   `json:"lenient,omitempty" doc:"Names that nobody has seen yet are warnings"`
		At      string `json:"at,omitempty" maxLength:"40" doc:"A date or a time, in the zone of the workspace if it names none; absent: now"`
	}
}

func (in *RuleInput) question(at calendar.Instant) live.Question {
	return live.Question{Rule: in.Body.Rule, Members: segment.Members(in.Body.Members), Lenient: in.Body.Lenient, At: at}
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
	about := segment.Definition{Members: segment.Members(in.Body.Members)}
	n, problems := rule.Parse(in.Body.Rule)
	if !problems.Fatal() {
		options := check.Options{Lenient: in.Body.Lenient, Companies: about.Firms()}
		problems = append(problems, check.Check(about.Full(n), s.Engine.Catalog(), options)...)
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
	out.Body.Count, out.Body.Customers, err = s.Engine.Count(ctx, in.question(at))
	return out, problemOf(err)
}

func (s *server) registerRules(api huma.API) {
	huma.Register(api, operation("Rules", "checkRule", http.MethodPost, Prefix+"/rules/check", "What is wrong with a rule, or its sentences",
		"A rule that is wrong is no error of the request: ok is false then, and problems tell where."), s.check)
	huma.Register(api, operation("Rules", "countRule", http.MethodPost, Prefix+"/rules/count", "How many a rule lets in",
		"Exact, on the customers as the server has them now."), s.count)
}
