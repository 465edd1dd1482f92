package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/clock"
	spec "github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

const someday = 1_795_000_000_000

func (s *server) define(d spec.Definition) []string {
	s.t.Helper()
	unknown, err := s.engine.Define(context.Background(), d, Edit{Author: "anna", Message: "because"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.settle()
	return unknown
}

func (s *server) in(name string, want ...string) {
	s.t.Helper()
	if got := s.members()[name]; !slices.Equal(got, want) {
		s.t.Fatalf("%s has %v, not %v", name, got, want)
	}
	if got := s.stored()[name]; !slices.Equal(got, want) {
		s.t.Fatalf("the store has %v in %s, not %v", got, name, want)
	}
}

// Who is included or excluded by hand is in or out until that ends, whatever the rule says.
func TestOverrides(t *testing.T) {
	c := clock.NewManual(someday)
	s := serve(t, memoryDir(t), c, true)
	defer func() { s.close() }()
	s.apply(kick("u1", someday, 1), kick("u2", someday, 1), kick("u3", someday, 1), kick("u3", someday, 2))
	unknown := s.define(spec.Definition{
		Name: "eager", Rule: "count(kick) >= 2",
		Include: []spec.Override{{Customer: "u1", Reason: "asked for it", Until: someday + 3_600_000}, {Customer: "nobody"}},
		Exclude: []spec.Override{{Customer: "u3", Reason: "complained"}},
	})
	if !slices.Equal(unknown, []string{"nobody"}) {
		t.Errorf("unknown are %v", unknown)
	}
	s.in("eager", "u1")
	s.apply(kick("u2", someday, 3), kick("u3", someday, 3))
	s.in("eager", "u1", "u2")
	s.restart()
	s.in("eager", "u1", "u2")
	c.Advance(time.Hour - time.Millisecond)
	s.settle()
	s.in("eager", "u1", "u2")
	c.Advance(time.Millisecond)
	s.settle()
	s.in("eager", "u2")
	log := s.log()
	if last := log[len(log)-1]; last.Due != someday+3_600_000 || last.Cause != store.CauseTime || last.Entered {
		t.Errorf("the end of the override is told as %+v", last)
	}
	s.define(spec.Definition{Name: "eager", Rule: "count(kick) >= 2"})
	s.in("eager", "u2", "u3")
}

// A list has the members that were put in by hand.
func TestList(t *testing.T) {
	s := serve(t, memoryDir(t), clock.NewManual(someday), false)
	defer s.close()
	s.apply(kick("u1", someday, 1), kick("u2", someday, 1))
	s.define(spec.Definition{Name: "guests", Kind: spec.List, Include: []spec.Override{{Customer: "u2"}}})
	s.put("also", "in segment guests and count(kick) >= 1")
	s.settle()
	s.in("guests", "u2")
	s.in("also", "u2")
}

// Drafts have no members, paused segments keep theirs, retired ones lose them.
func TestStates(t *testing.T) {
	s := serve(t, memoryDir(t), clock.NewManual(someday), false)
	defer func() { s.close() }()
	s.apply(kick("u1", someday, 1))
	d := spec.Definition{Name: "a", Rule: "count(kick) >= 1", State: spec.Draft}
	s.define(d)
	s.in("a")
	d.State = spec.Active
	s.define(d)
	s.in("a", "u1")
	d.State = spec.Paused
	s.define(d)
	s.apply(kick("u2", someday, 1))
	s.in("a", "u1")
	s.restart()
	s.apply(kick("u3", someday, 1))
	s.in("a", "u1")
	d.State = spec.Active
	s.define(d)
	s.in("a", "u1", "u2", "u3")
	s.put("leaning", "in segment a")
	d.State = spec.Retired
	var refused *Wrong
	if _, err := s.engine.Define(context.Background(), d, Edit{}); !errors.As(err, &refused) || !strings.Contains(err.Error(), "leaning") {
		t.Errorf("retiring what others use: %v", err)
	}
	if err := s.engine.RemoveSegment(context.Background(), "leaning"); err != nil {
		t.Fatal(err)
	}
	s.define(d)
	s.in("a")
	d.State = spec.Draft
	if _, err := s.engine.Define(context.Background(), d, Edit{}); !errors.As(err, &refused) {
		t.Errorf("from retired to draft: %v", err)
	}
	var versions []store.Version
	err := s.store.View(context.Background(), func(v *store.View) (err error) {
		versions, err = v.Versions(context.Background(), "a")
		return err
	})
	if err != nil || len(versions) != 5 || versions[0].Author != "anna" || versions[0].Definition.State != spec.Retired {
		t.Errorf("versions: %+v, %v", versions, err)
	}
}
