package serve

import (
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Remote is the control of a server, through its socket.
type Remote struct{ client http.Client }

// Connect gives the control of the server that serves a workspace; false if there is none.
func Connect(dir, workspace string) (*Remote, bool) {
	path := socketPath(dir, workspace)
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, false
	}
	_ = conn.Close()
	return &Remote{http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}}, true
}

func (r *Remote) do(ctx context.Context, c command) (answered reply, err error) {
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(gob.NewEncoder(writer).Encode(&c)) }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://kohorte/", reader)
	if err != nil {
		return answered, err
	}
	response, err := r.client.Do(request)
	if err != nil {
		return answered, fmt.Errorf("the server does not answer: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(&answered); err != nil {
		return answered, fmt.Errorf("the server's answer cannot be read: %w", err)
	}
	switch {
	case answered.Wrong:
		return answered, &live.Wrong{Text: answered.Error}
	case answered.Error != "":
		return answered, errors.New(answered.Error)
	}
	return answered, nil
}

// Apply implements Control.
func (r *Remote) Apply(ctx context.Context, records []record.Record, _ calendar.Instant) (store.Result, error) {
	answered, err := r.do(ctx, command{Do: "apply", Records: records})
	return answered.Result, err
}

// PutSegment implements Control.
func (r *Remote) PutSegment(ctx context.Context, name, rule string, of segment.Members, edit live.Edit) error {
	_, err := r.do(ctx, command{Do: "put segment", Name: name, Rule: rule, Definition: segment.Definition{Members: of}, Edit: edit})
	return err
}

// RemoveSegment implements Control.
func (r *Remote) RemoveSegment(ctx context.Context, name string) error {
	_, err := r.do(ctx, command{Do: "remove segment", Name: name})
	return err
}

// Segments implements Control.
func (r *Remote) Segments(ctx context.Context) ([]Segment, error) {
	answered, err := r.do(ctx, command{Do: "segments"})
	return answered.Segments, err
}

// CreateUnmatched implements Control.
func (r *Remote) CreateUnmatched(ctx context.Context, name string) (live.Unmatched, error) {
	answered, err := r.do(ctx, command{Do: "create unmatched", Name: name})
	return answered.Made, err
}

// RemoveEvent implements Control.
func (r *Remote) RemoveEvent(ctx context.Context, seq int64) error {
	_, err := r.do(ctx, command{Do: "remove event", Seq: seq})
	return err
}

// CorrectEvent implements Control.
func (r *Remote) CorrectEvent(ctx context.Context, seq int64, at calendar.Instant, props []byte) error {
	_, err := r.do(ctx, command{Do: "correct event", Seq: seq, At: at, Props: props})
	return err
}

// MakeExport implements Control.
func (r *Remote) MakeExport(ctx context.Context, name string) (store.ExportRun, error) {
	answered, err := r.do(ctx, command{Do: "make export", Name: name})
	return answered.Run, err
}

// VerifyMemory implements Control.
func (r *Remote) VerifyMemory(ctx context.Context) ([]string, error) {
	answered, err := r.do(ctx, command{Do: "verify memory"})
	return answered.Problems, err
}

// Define implements Control.
func (r *Remote) Define(ctx context.Context, d segment.Definition, edit live.Edit) ([]string, error) {
	answered, err := r.do(ctx, command{Do: "define", Definition: d, Edit: edit})
	return answered.Unknown, err
}

// Impact implements Control.
func (r *Remote) Impact(ctx context.Context, changes live.Changes, edit live.Edit) (*live.Impact, error) {
	answered, err := r.do(ctx, command{Do: "impact", Changes: changes, Edit: edit})
	return answered.Impact, err
}

// Commit implements Control.
func (r *Remote) Commit(ctx context.Context, changes live.Changes, edit live.Edit, state string) error {
	_, err := r.do(ctx, command{Do: "commit", Changes: changes, Edit: edit, State: state})
	return err
}
