package code

import (
	"context"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// The message of a version that was made from files is "apply", or begins with
// "apply: ". By that, what was made elsewhere is told apart.
const appliedMessage = "apply"

// Message gives the message of versions made from files.
func Message(text string) string {
	if text == "" {
		return appliedMessage
	}
	return appliedMessage + ": " + text
}

// FromFiles tells whether a version was made from files.
func FromFiles(v store.Version) bool {
	return v.Message == appliedMessage || strings.HasPrefix(v.Message, appliedMessage+": ")
}

// Action is what becomes of a segment.
type Action string

// The actions.
const (
	Create Action = "create"
	Change Action = "change"
	Remove Action = "remove"
	Keep   Action = "keep" // it is as the files say, or not in them and nothing is pruned
)

// Step is what a plan does with one segment.
type Step struct {
	Name    string           `json:"name"`
	Action  Action           `json:"action"`
	Place   string           `json:"place,omitempty"` // in the files
	Changes []segment.Change `json:"changes,omitempty"`
	Drift   *Drift           `json:"drift,omitempty"`
}

// Drift is that a segment is not as files made it.
type Drift struct {
	Version int64            `json:"version"` // the latest
	Author  string           `json:"author,omitempty"`
	Message string           `json:"message,omitempty"`
	Created calendar.Instant `json:"-"`
	Since   int64            `json:"since,omitempty"`   // the last version from files, 0 if there is none
	Changes []segment.Change `json:"changes,omitempty"` // since then
}

// Plan is what makes a workspace as the files say.
type Plan struct {
	Steps   []Step
	Changes live.Changes
}

// Empty tells whether the plan changes nothing.
func (p *Plan) Empty() bool { return len(p.Changes.Put) == 0 && len(p.Changes.Remove) == 0 }

// Compare compares the files with the segments of a workspace. What is in the
// workspace alone is removed only with prune.
func (set *Set) Compare(ctx context.Context, v *store.View, prune bool) (*Plan, error) {
	there, err := v.Segments(ctx)
	if err != nil {
		return nil, err
	}
	before := map[string]*store.Segment{}
	there = slices.DeleteFunc(there, func(s store.Segment) bool { return s.Kind == segment.Part }) // they come and go with their segmentations
	for i := range there {
		before[there[i].Name] = &there[i]
	}
	p := &Plan{}
	definitions := set.Definitions()
	for i, d := range definitions {
		step, err := stepOf(ctx, v, set.Segments[i], d, before[d.Name])
		if err != nil {
			return nil, err
		}
		if step.Action != Keep {
			p.Changes.Put = append(p.Changes.Put, d)
		}
		p.Steps = append(p.Steps, step)
		delete(before, d.Name)
	}
	for _, s := range there {
		if before[s.Name] == nil {
			continue
		}
		step := Step{Name: s.Name, Action: Keep}
		if step.Drift, err = drift(ctx, v, s.Name, true); err != nil {
			return nil, err
		}
		if prune {
			step.Action = Remove
			p.Changes.Remove = append(p.Changes.Remove, s.Name)
		}
		p.Steps = append(p.Steps, step)
	}
	slices.SortFunc(p.Steps, func(a, b Step) int { return strings.Compare(a.Name, b.Name) })
	return p, nil
}

func stepOf(ctx context.Context, v *store.View, s *Segment, d segment.Definition, before *store.Segment) (step Step, err error) {
	step = Step{Name: d.Name, Action: Create, Place: s.Place()}
	if before != nil {
		if before.JSON() == d.JSON() {
			step.Action = Keep
			return step, nil
		}
		step.Action, step.Changes = Change, segment.Diff(before.Definition, d)
		if step.Drift, err = drift(ctx, v, d.Name, false); err != nil {
			return step, err
		}
	}
	return step, nil
}

// drift tells what was made elsewhere since the last version from files; nil if
// nothing, unless always.
func drift(ctx context.Context, v *store.View, name string, always bool) (*Drift, error) {
	versions, err := v.Versions(ctx, name)
	if err != nil || len(versions) == 0 {
		return nil, err
	}
	latest := versions[0]
	if FromFiles(latest) && !always {
		return nil, nil
	}
	found := &Drift{Version: latest.Number, Author: latest.Author, Message: latest.Message, Created: latest.Created}
	if i := slices.IndexFunc(versions, FromFiles); i >= 0 {
		found.Since = versions[i].Number
		found.Changes = segment.Diff(versions[i].Definition, latest.Definition)
	}
	return found, nil
}
