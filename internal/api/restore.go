package api

import (
	"cmp"
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/store"
)

type restoreInput struct {
	NameInput
	Precondition
	Body struct {
		Version int64  `json:"version" minimum:"1" doc:"The number of the version that is to be the latest again"`
		Message string `json:"message,omitempty" maxLength:"2000" doc:"Why, for the list of versions"`
	}
}

// restore makes what an earlier version said the latest. Between reading the versions and
// that nobody else may change the segment.
func (s *server) restore(ctx context.Context, in *restoreInput) (*putOutput, error) {
	edit, err := edit(ctx, in)
	if err != nil {
		return nil, err
	}
	var versions []store.Version
	err = s.Store.Glance(ctx, func(v *store.View) (err error) {
		versions, err = v.Versions(ctx, in.Name)
		return err
	})
	switch {
	case err != nil:
		return nil, problemOf(err)
	case len(versions) == 0:
		return nil, huma.Error404NotFound("there is no segment " + in.Name)
	}
	d, err := live.Restored(versions, in.Body.Version)
	if err != nil {
		return nil, problemOf(err)
	}
	if !edit.Expect || edit.Version == store.SomeVersion {
		edit.Expect, edit.Version = true, versions[0].Number
	}
	edit.Message, edit.Lenient = cmp.Or(in.Body.Message, live.RestoreMessage(in.Body.Version)), true // as it was accepted before
	return s.define(ctx, d, edit)
}
