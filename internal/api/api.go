// Package api is the HTTP API for programs and pages: segments with their versions,
// members and impact, rules, and customers. Its description in OpenAPI 3.1 is made
// from the code and served beside it.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/schedule"
	"github.com/kohorte/kohorte/internal/store"
)

// Prefix is where the API is served.
const Prefix = "/api/v1"

// Keys knows the keys and what they permit.
type Keys interface {
	Find(ctx context.Context, key string) (store.Key, bool, error)
}

// Config is what the API stands on.
type Config struct {
	Engine  *live.Engine
	Store   *store.Store
	Keys    Keys
	Exports *schedule.Service
	Clock   clock.Clock
	Version string
}

// server answers the requests.
type server struct {
	Config
	exporting chan struct{} // as many exports as are written now
}

// New makes the handler and its description.
func New(c Config) (http.Handler, huma.API) {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Kohorte", c.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = Prefix+"/openapi", "", Prefix+"/schemas"
	config.Info.Description = "Segments that are exact at every moment, with the reasons. All paths need a key: read for reading, manage for changes."
	config.Info.Contact = &huma.Contact{Name: "Kohorte", URL: "https://github.com/kohorte/kohorte"}
	config.Info.License = &huma.License{Name: "Apache License 2.0", Identifier: "Apache-2.0"}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer"}}
	config.Security = []map[string][]string{{"key": {}}}
	config.Servers = []*huma.Server{{URL: "/"}}
	config.Tags = []*huma.Tag{
		{Name: "Segments", Description: "Segments, their versions and members, and what changes of them do"},
		{Name: "Rules", Description: "Rules that need not be segments"},
		{Name: "Customers", Description: "One customer"},
		{Name: "History", Description: "What was: sizes over time, who went where, what segments have in common"},
		{Name: "Exports", Description: "Members as files"},
		{Name: "Advice", Description: "What is likely wrong with segments, and what to do"},
	}
	config.RejectUnknownQueryParameters = true // a filter with a slip in its name would answer with all
	config.CreateHooks = nil                   // no links to schemas in the answers
	api := humago.New(mux, config)
	s := &server{Config: c, exporting: make(chan struct{}, atOnce)}
	api.UseMiddleware(s.authenticate(api))
	s.registerSegments(api)
	s.registerRules(api)
	s.registerCustomers(api)
	s.registerPast(api)
	s.registerExport(api)
	s.registerSchedules(api)
	s.registerUnmatched(api)
	s.registerAdvice(api)
	mux.HandleFunc(Prefix+"/", nothing)
	return http.MaxBytesHandler(mux, maxBody), api
}

// nothing answers for what is not there.
func nothing(w http.ResponseWriter, r *http.Request) {
	tell(w, huma.Error404NotFound("there is nothing here for "+r.Method+"; "+Prefix+"/openapi.json lists what there is"))
}

// Unready answers in the place of the API while there is none.
func Unready(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", "1")
	tell(w, huma.Error503ServiceUnavailable(why))
}

// tell writes a problem in the form of all problems.
func tell(w http.ResponseWriter, problem huma.StatusError) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(problem.GetStatus())
	_ = json.NewEncoder(w).Encode(problem) // a client that went away needs no answer
}

// maxBody bounds a request: a list may have a million entries.
const maxBody = 64 << 20

// open are the paths that need no key.
func open(path string) bool {
	return strings.HasPrefix(path, Prefix+"/openapi") || strings.HasPrefix(path, Prefix+"/schemas")
}

// authenticate lets those in whose key permits what they ask for.
func (s *server) authenticate(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if open(ctx.URL().Path) {
			next(ctx)
			return
		}
		text, _ := strings.CutPrefix(ctx.Header("Authorization"), "Bearer ")
		key, ok, err := s.Keys.Find(ctx.Context(), strings.TrimSpace(text))
		manages := ctx.Operation().Metadata["scope"] == store.ScopeManage
		switch {
		case err != nil:
			_ = huma.WriteErr(api, ctx, http.StatusServiceUnavailable, "the keys cannot be read now; try again")
		case !ok:
			ctx.SetHeader("WWW-Authenticate", "Bearer")
			_ = huma.WriteErr(api, ctx, http.StatusUnauthorized, "a key is needed as Bearer; kohorte key create NAME --scope read makes one")
		case key.Scope == store.ScopeWrite || manages && key.Scope != store.ScopeManage:
			_ = huma.WriteErr(api, ctx, http.StatusForbidden, "the key does not permit this: one with the scope "+wanted(manages)+" does")
		default:
			next(huma.WithValue(ctx, keyName{}, key.Name))
		}
	}
}

func wanted(manages bool) string {
	if manages {
		return string(store.ScopeManage)
	}
	return string(store.ScopeRead)
}

// keyName is the name of the key of a request, in its context.
type keyName struct{}

func author(ctx context.Context) string {
	name, _ := ctx.Value(keyName{}).(string)
	return name
}

// operation describes one for those who may read.
func operation(tag, id, method, path, summary, description string) huma.Operation {
	return huma.Operation{
		Tags: []string{tag}, OperationID: id, Method: method, Path: path, Summary: summary, Description: description, MaxBodyBytes: maxBody,
	}
}

// changing marks an operation as one for those who may manage.
func changing(o huma.Operation) huma.Operation {
	o.Metadata = map[string]any{"scope": store.ScopeManage}
	return o
}

// emptied marks an operation as one whose answer has no body.
func emptied(o huma.Operation) huma.Operation {
	o.DefaultStatus = http.StatusNoContent
	return o
}

// problemOf maps the kinds of errors to statuses.
func problemOf(err error) error {
	var wrong *live.Wrong
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return huma.Error422UnprocessableEntity(wrong.Text)
	case errors.Is(err, live.ErrMoved):
		return huma.Error412PreconditionFailed(err.Error())
	case errors.Is(err, live.ErrNoSegment), errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrNotAccepted):
		return huma.Error404NotFound(err.Error())
	case errors.Is(err, live.ErrFull), errors.Is(err, live.ErrUnavailable):
		return huma.ErrorWithHeaders(huma.Error503ServiceUnavailable("nothing can be stored now; try again"), http.Header{"Retry-After": {"1"}})
	}
	return huma.Error500InternalServerError("this should not have happened; the log of the server says more", nil)
}
