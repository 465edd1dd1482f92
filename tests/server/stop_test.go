package server

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/store"
)

// TestStop stops the server under load: it ends in time and without an error,
// also while a receiver of a webhook hangs, keeps what it acknowledged, and the next start can use the snapshot.
func TestStop(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	define(p)
	r, hanging := newReceiver(t, p, "crm"), newReceiver(t, p, "hanging")
	hanging.behave(func(r *http.Request) int {
		<-r.Context().Done() // the server gives up
		return http.StatusServiceUnavailable
	})
	l, a := newLoad(p, 3, 1), newAudit(p)
	for range 2 {
		p.start()
		stream := p.follow(t, 0)
		l.begin()
		<-after(500 * time.Millisecond)
		if hanging.count() > 0 {
			t.Error("the receiver does not hang")
		}
		took, err := p.stop()
		l.end(t)
		stream.close()
		if err != nil || took > 10*time.Second {
			t.Errorf("the server ended after %s with %v", took, err)
		}
		a.kept(t, l)
		p.verify()
		checkSnapshot(t, p)
	}
	p.start()
	l.finish(t)
	a.exact(t, l)
	a.delivered(t, r)
}

// checkSnapshot sees whether the snapshot is of the very state of the store, which is what its use asks for.
func checkSnapshot(t *testing.T, p *program) {
	t.Helper()
	p.view(func(v *store.View) error {
		known, err := v.Catalog(context.Background())
		must(t, err)
		zone, err := calendar.LoadZone(known.Zone)
		must(t, err)
		revision, _, err := v.Revision(context.Background())
		must(t, err)
		_, err = index.Load(filepath.Join(p.data, "main.index"), known, zone, revision)
		if err != nil {
			t.Errorf("the next start cannot use the snapshot: %v", err)
		}
		return nil
	})
}
