package api

import (
	"context"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Version is a version of a segment.
type Version struct {
	Version    int64            `json:"version"`
	Author     string           `json:"author"`
	Message    string           `json:"message"`
	Created    string           `json:"created" format:"date-time"`
	Definition Definition       `json:"definition"`
	Changes    []segment.Change `json:"changes" doc:"What differs from the version before"`
}

type versionsOutput struct {
	Body struct {
		Versions []Version `json:"versions"`
	}
}

func (s *server) versions(ctx context.Context, in *NameInput) (*versionsOutput, error) {
	out := &versionsOutput{}
	out.Body.Versions = []Version{}
	err := s.Store.Glance(ctx, func(v *store.View) error {
		list, err := v.Versions(ctx, in.Name)
		for i, version := range list {
			made := Version{
				Version: version.Number, Author: version.Author, Message: version.Message, Created: calendar.Format(version.Created),
				Definition: shown(&version.Definition), Changes: []segment.Change{},
			}
			if i+1 < len(list) {
				made.Changes = append(made.Changes, segment.Diff(list[i+1].Definition, version.Definition)...)
			}
			out.Body.Versions = append(out.Body.Versions, made)
		}
		return err
	})
	if err == nil && len(out.Body.Versions) == 0 {
		return nil, huma.Error404NotFound("there is no segment " + in.Name)
	}
	return out, problemOf(err)
}

// Member is a customer in a segment.
type Member struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Since string `json:"since,omitempty" format:"date-time" doc:"When the stay began; only of those who are in now"`
}

type membersInput struct {
	NameInput
	PageInput
	At         string `query:"at" maxLength:"40" doc:"A date or a time: who was in then, from the log; absent: now"`
	TodaysRule bool   `query:"todaysRule" doc:"Who would be in at that instant by the rule of today, from the data, instead"`
}

type membersOutput struct {
	Body struct {
		Members []Member `json:"members"`
		Next    int64    `json:"next,omitempty" doc:"Absent on the last page"`
		At      string   `json:"at,omitempty" format:"date-time" doc:"The instant that was asked for; absent: now"`
		Source  string   `json:"source" enum:"log,today's rule" doc:"Whence the members are taken"`
		Defined string   `json:"defined,omitempty" format:"date-time" doc:"With at, from the log: when the segment was first defined. Before that it had no members, whoever would have been in"`
		FromLog []string `json:"fromLog,omitempty" doc:"With today's rule: the segments whose members then, entries or exits it takes from the log all the same"`
	}
}

func (s *server) members(ctx context.Context, in *membersInput) (*membersOutput, error) {
	s.noteUse(ctx, in.Name)
	if in.At != "" || in.TodaysRule {
		return s.membersAt(ctx, in)
	}
	out := &membersOutput{}
	out.Body.Members, out.Body.Source = []Member{}, FromLog
	err := s.Store.Glance(ctx, func(v *store.View) error {
		if err := s.undivided(in.Name); err != nil {
			return err
		}
		list, known, err := v.MembersOf(ctx, in.Name, in.After, in.Limit)
		if err == nil && !known {
			return live.ErrNoSegment
		}
		for _, m := range list {
			out.Body.Members = append(out.Body.Members, Member{m.Customer, m.Name, calendar.Format(m.Since)})
		}
		if len(list) == in.Limit {
			out.Body.Next = list[len(list)-1].Customer
		}
		return err
	})
	return out, problemOf(err)
}

// undivided refuses to give the members of a segmentation, who are everybody.
func (s *server) undivided(name string) error {
	for _, status := range s.Engine.Segments() {
		if status.Name == name && len(status.Parts) > 0 {
			return &live.Wrong{Text: fmt.Sprintf("%s is a segmentation: ask for one of its parts, such as %s", name, status.Parts[0].Segment)}
		}
	}
	return nil
}

// Changes is a set of changes.
type Changes struct {
	Put    []Named  `json:"put,omitempty" maxItems:"10000"`
	Remove []string `json:"remove,omitempty" maxItems:"10000"`
}

func (c *Changes) read(zone *calendar.Zone) (made live.Changes, err error) {
	made.Remove = c.Remove
	for i := range c.Put {
		d, err := c.Put[i].read(c.Put[i].Name, zone)
		if err != nil {
			return made, err
		}
		made.Put = append(made.Put, d)
	}
	return made, nil
}

// Effect is what changes do to one segment.
type Effect struct {
	Name    string           `json:"name"`
	Of      string           `json:"of,omitempty" doc:"Of a part: its segmentation"`
	New     bool             `json:"new"`
	Removed bool             `json:"removed"`
	Changes []segment.Change `json:"changes" doc:"Of its definition; none for one that only refers to others"`
	Unknown []string         `json:"unknown" doc:"Customers included or excluded by hand who are not there"`
	Before  int              `json:"before" doc:"Members; of a segmentation, of all parts together"`
	After   int              `json:"after"`
	Entered []int64          `json:"entered" doc:"Internal ids of customers, the first sample of them"`
	Left    []int64          `json:"left"`
	Enter   int              `json:"enter" doc:"How many would enter"`
	Leave   int              `json:"leave"`
}

type impactInput struct {
	Lenient bool `query:"lenient"`
	Sample  int  `query:"sample" minimum:"0" maximum:"1000000" default:"20" doc:"How many customers to name of each"`
	Body    Changes
}

type impactOutput struct {
	Body struct {
		State    string               `json:"state" doc:"Of the definitions; give it to changes, which are refused if they moved"`
		Segments []Effect             `json:"segments"`
		Webhooks []live.WebhookImpact `json:"webhooks" doc:"That would be told something"`
		Exports  []string             `json:"exports" doc:"On a schedule, that would write other members"`
	}
}

func (s *server) impact(ctx context.Context, in *impactInput) (*impactOutput, error) {
	changes, err := in.Body.read(s.Engine.Zone())
	if err != nil {
		return nil, err
	}
	found, err := s.Engine.Impact(ctx, changes, live.Edit{Lenient: in.Lenient})
	if err != nil {
		return nil, problemOf(err)
	}
	out := &impactOutput{}
	out.Body.State, out.Body.Segments = found.State, []Effect{}
	out.Body.Webhooks, out.Body.Exports = append([]live.WebhookImpact{}, found.Webhooks...), append([]string{}, found.Exports...)
	for _, i := range found.Segments {
		out.Body.Segments = append(out.Body.Segments, Effect{
			Name: i.Name, Of: i.Of, New: i.New, Removed: i.Removed, Changes: append([]segment.Change{}, i.Changed...), Unknown: append([]string{}, i.Unknown...),
			Before: i.Before, After: i.After, Enter: len(i.Entered), Leave: len(i.Left),
			Entered: sample(i.Entered, in.Sample), Left: sample(i.Left, in.Sample),
		})
	}
	return out, nil
}

func sample(ids []int64, n int) []int64 { return append([]int64{}, ids[:min(n, len(ids))]...) }

type commitInput struct {
	State   string `query:"state" doc:"That of an impact: refused if definitions were changed since"`
	Message string `query:"message" maxLength:"2000"`
	Lenient bool   `query:"lenient"`
	Body    Changes
}

func (s *server) commit(ctx context.Context, in *commitInput) (*struct{}, error) {
	changes, err := in.Body.read(s.Engine.Zone())
	if err != nil {
		return nil, err
	}
	return nil, problemOf(s.Engine.Commit(ctx, changes, live.Edit{Author: author(ctx), Message: in.Message, Lenient: in.Lenient}, in.State))
}
