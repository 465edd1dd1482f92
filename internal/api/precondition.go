package api

import (
	"context"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/store"
)

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Precondition says which version a change is one of, exported because it is embedded.
type Precondition struct {
	Match string `header:"If-Match" doc:"The ETag of the version that is changed: refused with 412 if it is not the latest; *: refused if there is none"`
}

// expected is the version that must be the latest, as the store means it.
func (p *Precondition) expected() (int64, error) {
	switch p.Match {
	case "":
		return store.AnyVersion, nil
	case "*":
		return store.SomeVersion, nil
	}
	version, err := strconv.ParseInt(strings.Trim(p.Match, `"`), 10, 64)
	if err != nil || version < 1 {
		return 0, huma.Error400BadRequest("If-Match must be an ETag that this API gave, not " + p.Match)
	}
	return version, nil
}

// PutPrecondition is the one of a request that can make something new.
type PutPrecondition struct {
	Precondition
	None string `header:"If-None-Match" enum:"*" doc:"*: refused with 412 if it is there already"`
}

func (p *PutPrecondition) expected() (int64, error) {
	if p.None == "*" {
		return 0, nil
	}
	return p.Precondition.expected()
}

// edit is a change of a segment by the one who asks for it.
func edit(ctx context.Context, of interface{ expected() (int64, error) }) (live.Edit, error) {
	version, err := of.expected()
	return live.Edit{Author: author(ctx), Expect: version != store.AnyVersion, Version: version}, err
}
