package serve

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/schedule"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// The control socket is how commands on the same machine work with a workspace
// that is being served. Who may use it, the permissions of the file decide.
func socketPath(dir, workspace string) string { return filepath.Join(dir, workspace+".sock") }

// Control is what can be done with a workspace that is followed: by a server, or
// by an engine of the same process.
type Control interface {
	// Apply keeps records; see live.Engine.Import. Received is not used: the engine knows the time.
	Apply(ctx context.Context, records []record.Record, received calendar.Instant) (store.Result, error)
	PutSegment(ctx context.Context, name, rule string, of segment.Members, edit live.Edit) error
	RemoveSegment(ctx context.Context, name string) error
	// Define, Impact and Commit are those of live.Engine.
	Define(ctx context.Context, d segment.Definition, edit live.Edit) (unknown []string, err error)
	Impact(ctx context.Context, changes live.Changes, edit live.Edit) (*live.Impact, error)
	Commit(ctx context.Context, changes live.Changes, edit live.Edit, state string) error
	Segments(ctx context.Context) ([]Segment, error)
	// CreateUnmatched is that of live.Engine.
	CreateUnmatched(ctx context.Context, name string) (live.Unmatched, error)
	RemoveEvent(ctx context.Context, seq int64) error
	CorrectEvent(ctx context.Context, seq int64, at calendar.Instant, props []byte) error
	// MakeExport makes an export on a schedule now.
	MakeExport(ctx context.Context, name string) (store.ExportRun, error)
	// VerifyMemory compares memory and store; see live.Engine.VerifyMemory.
	VerifyMemory(ctx context.Context) (problems []string, err error)
	// Survey is that of live.Engine.
	Survey(ctx context.Context, q *index.Question) (*index.Answers, error)
}

// command is a request over the socket; exactly what Do names is done.
type command struct {
	Do      string
	Name    string
	Rule    string
	Seq     int64
	At      calendar.Instant
	Props   []byte
	Records []record.Record

	Definition segment.Definition
	Changes    live.Changes
	Edit       live.Edit
	State      string
	Question   index.Question
}

// reply is the answer.
type reply struct {
	Result   store.Result
	Segments []Segment
	Problems []string
	Unknown  []string
	Impact   *live.Impact
	Made     live.Unmatched
	Run      store.ExportRun
	Survey   *surveyed
	Error    string
	Wrong    bool // the error is one of the input
}

const (
	maxCommand    = 256 << 20
	longestSocket = 103 // bytes of a path
)

// listenControl opens the socket; the function serves it until the context is done.
func (s *server) listenControl(ctx context.Context) (func() error, error) {
	path := socketPath(s.Config.Data, s.Config.Workspace)
	_ = os.Remove(path) // of a server that was killed; the lock says that there is none now
	listener, err := net.Listen("unix", path)
	switch {
	case err != nil && len(path) > longestSocket:
		return nil, fmt.Errorf("the control socket %s cannot be opened: its path has %d bytes, more than the %d that all systems take; use a data directory with a shorter path", path, len(path), longestSocket)
	case err != nil:
		return nil, fmt.Errorf("the control socket %s cannot be opened: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	web := &http.Server{Handler: http.HandlerFunc(s.command), ReadHeaderTimeout: headerTimeout}
	context.AfterFunc(ctx, func() { _ = web.Close() })
	return func() error {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}, nil
}

func (s *server) command(w http.ResponseWriter, r *http.Request) {
	var c command
	if err := gob.NewDecoder(http.MaxBytesReader(w, r.Body, maxCommand)).Decode(&c); err != nil {
		answer(w, http.StatusBadRequest, failure(err.Error()))
		return
	}
	answered := reply{}
	local := Local{s.engine, s.exports}
	var err error
	switch c.Do {
	case "apply":
		answered.Result, err = local.Apply(r.Context(), c.Records, 0)
	case "put segment":
		err = local.PutSegment(r.Context(), c.Name, c.Rule, c.Definition.Members, c.Edit)
	case "remove segment":
		err = local.RemoveSegment(r.Context(), c.Name)
	case "segments":
		answered.Segments, err = local.Segments(r.Context())
	case "remove event":
		err = local.RemoveEvent(r.Context(), c.Seq)
	case "correct event":
		err = local.CorrectEvent(r.Context(), c.Seq, c.At, c.Props)
	case "define":
		answered.Unknown, err = local.Define(r.Context(), c.Definition, c.Edit)
	case "impact":
		answered.Impact, err = local.Impact(r.Context(), c.Changes, c.Edit)
	case "commit":
		err = local.Commit(r.Context(), c.Changes, c.Edit, c.State)
	case "create unmatched":
		answered.Made, err = local.CreateUnmatched(r.Context(), c.Name)
	case "make export":
		answered.Run, err = local.MakeExport(r.Context(), c.Name)
	case "verify memory":
		answered.Problems, err = local.VerifyMemory(r.Context())
	case "survey":
		answered.Survey, err = packed(local.Survey(r.Context(), &c.Question))
	default:
		err = fmt.Errorf("the server does not know the command %q: is it of another version?", c.Do)
	}
	if err != nil {
		answered.Error, answered.Wrong = err.Error(), errors.As(err, new(*live.Wrong))
	}
	answer(w, http.StatusOK, answered)
}

// Local is the control of an engine of the same process.
type Local struct {
	Engine *live.Engine
	Runner *schedule.Service
}

// Apply implements Control.
func (l Local) Apply(ctx context.Context, records []record.Record, _ calendar.Instant) (store.Result, error) {
	return l.Engine.Import(ctx, records)
}

// PutSegment implements Control.
func (l Local) PutSegment(ctx context.Context, name, rule string, of segment.Members, edit live.Edit) error {
	return l.Engine.PutSegment(ctx, name, rule, of, edit)
}

// RemoveSegment implements Control.
func (l Local) RemoveSegment(ctx context.Context, name string) error {
	return l.Engine.RemoveSegment(ctx, name)
}

// Define implements Control.
func (l Local) Define(ctx context.Context, d segment.Definition, edit live.Edit) ([]string, error) {
	return l.Engine.Define(ctx, d, edit)
}

// Impact implements Control.
func (l Local) Impact(ctx context.Context, changes live.Changes, edit live.Edit) (*live.Impact, error) {
	return l.Engine.Impact(ctx, changes, edit)
}

// Commit implements Control.
func (l Local) Commit(ctx context.Context, changes live.Changes, edit live.Edit, state string) error {
	return l.Engine.Commit(ctx, changes, edit, state)
}

// Segments implements Control.
func (l Local) Segments(context.Context) ([]Segment, error) {
	return (&server{engine: l.Engine}).segmentList(), nil
}

// CreateUnmatched implements Control.
func (l Local) CreateUnmatched(ctx context.Context, name string) (live.Unmatched, error) {
	return l.Engine.CreateUnmatched(ctx, name)
}

// RemoveEvent implements Control.
func (l Local) RemoveEvent(ctx context.Context, seq int64) error {
	return l.Engine.RemoveEvent(ctx, seq)
}

// CorrectEvent implements Control.
func (l Local) CorrectEvent(ctx context.Context, seq int64, at calendar.Instant, props []byte) error {
	return l.Engine.CorrectEvent(ctx, seq, at, props)
}

// MakeExport implements Control.
func (l Local) MakeExport(ctx context.Context, name string) (store.ExportRun, error) {
	return l.Runner.Make(ctx, name)
}

// VerifyMemory implements Control.
func (l Local) VerifyMemory(ctx context.Context) ([]string, error) { return l.Engine.VerifyMemory(ctx) }
