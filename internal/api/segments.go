package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
)

// Override puts a customer in or out by hand.
type Override struct {
	Customer string `json:"customer" minLength:"1" maxLength:"1000" doc:"A user id, namespace:value or an internal id"`
	Reason   string `json:"reason,omitempty" maxLength:"2000"`
	Until    string `json:"until,omitempty" maxLength:"40" doc:"When it ends: a date (its beginning) or a time, in the zone of the workspace if it names none; absent: never"`
}

// Texts is a text in two languages.
type Texts struct {
	DE string `json:"de,omitempty" maxLength:"2000"`
	EN string `json:"en,omitempty" maxLength:"2000"`
}

// Definition is what people say of a segment.
type Definition struct {
	Kind        string     `json:"kind,omitempty" enum:"rule,list,segmentation,part" default:"rule" doc:"part: made from a segmentation, and changed only with it"`
	Members     string     `json:"members,omitempty" enum:"people,companies" doc:"Whose segment it is; absent: people. It stays what it was made as"`
	Title       *Texts     `json:"title,omitempty"`
	Description *Texts     `json:"description,omitempty"`
	Rule        string     `json:"rule,omitempty" maxLength:"65536" doc:"In the rule language; absent for a list and a segmentation"`
	Parts       []string   `json:"parts,omitempty" maxItems:"100" doc:"Of a segmentation: the names of segments, in order; the first that a customer is in wins"`
	Rest        string     `json:"rest,omitempty" maxLength:"200" doc:"Of a segmentation: the name of the part of those who are in none of them"`
	RestTitle   *Texts     `json:"restTitle,omitempty"`
	Owner       string     `json:"owner,omitempty" maxLength:"2000"`
	Purpose     string     `json:"purpose,omitempty" maxLength:"2000"`
	Tags        []string   `json:"tags,omitempty" maxItems:"50"`
	MinSize     int        `json:"minSize,omitempty" minimum:"0"`
	MaxSize     int        `json:"maxSize,omitempty" minimum:"0"`
	Include     []Override `json:"include,omitempty" maxItems:"1000000"`
	Exclude     []Override `json:"exclude,omitempty" maxItems:"1000000"`
	State       string     `json:"state,omitempty" enum:"draft,active,paused,retired" default:"active"`
}

// Named is a definition with the name of its segment.
type Named struct {
	Name string `json:"name" minLength:"1" maxLength:"200"`
	Definition
}

// Segment is a segment as it stands.
type Segment struct {
	Name       string     `json:"name"`
	Version    int64      `json:"version" doc:"The latest"`
	Active     int64      `json:"active" doc:"The version that decides who is in; 0: none"`
	Progress   string     `json:"progress" enum:"filling,active,editing,resting,slow,broken"`
	Filled     float64    `json:"filled,omitempty" doc:"How much of a new version is evaluated, from 0 to 1; absent if there is none"`
	Problem    string     `json:"problem,omitempty"`
	Members    int        `json:"members"`
	Fresh      string     `json:"fresh,omitempty" format:"date-time" doc:"Up to when the members are exact"`
	Definition Definition `json:"definition" doc:"In a list of segments without those who are included and excluded by hand"`
	Included   int        `json:"included" doc:"How many are by hand"`
	Excluded   int        `json:"excluded"`
	Of         string     `json:"of,omitempty" doc:"Of a part: its segmentation"`
	Parts      []Part     `json:"parts,omitempty" doc:"Of a segmentation: its parts by the version that decides, in order, the rest last. Everybody is in exactly one"`
}

// Part is a part of a segmentation.
type Part struct {
	Name    string `json:"name"`
	Segment string `json:"segment" doc:"The name of the part as a segment"`
	Members int    `json:"members"`
}

func segmentOf(s *live.Status) Segment {
	made := Segment{
		Name: s.Name, Version: s.Version, Active: s.Active, Progress: string(s.State), Filled: s.Progress, Problem: s.Problem,
		Members: s.Members, Definition: shown(&s.Definition), Of: s.Definition.Of,
		Included: len(s.Definition.Include), Excluded: len(s.Definition.Exclude),
	}
	for _, p := range s.Parts {
		made.Parts = append(made.Parts, Part(p))
	}
	if s.Active != 0 {
		made.Fresh = calendar.Format(s.Fresh)
	}
	return made
}

func shown(d *segment.Definition) Definition {
	made := Definition{
		Kind: string(d.Kind), Members: string(d.Members), Rule: d.Rule, Owner: d.Owner, Purpose: d.Purpose, Tags: d.Tags, MinSize: d.MinSize, MaxSize: d.MaxSize,
		State: string(d.State), Include: shownOverrides(d.Include), Exclude: shownOverrides(d.Exclude), Parts: d.Parts, Rest: d.Rest,
		RestTitle: shownTexts(d.RestTitle), Title: shownTexts(d.Title), Description: shownTexts(d.Description),
	}
	return made
}

func shownTexts(t segment.Texts) *Texts {
	if t == (segment.Texts{}) {
		return nil
	}
	return &Texts{t.DE, t.EN}
}

func (t *Texts) read() segment.Texts {
	if t == nil {
		return segment.Texts{}
	}
	return segment.Texts{DE: t.DE, EN: t.EN}
}

func shownOverrides(list []segment.Override) (made []Override) {
	for _, o := range list {
		shown := Override{Customer: o.Customer, Reason: o.Reason}
		if o.Until != 0 {
			shown.Until = calendar.Format(o.Until)
		}
		made = append(made, shown)
	}
	return made
}

// read makes a definition of a request. The zone is that of times that name none.
func (d *Definition) read(name string, zone *calendar.Zone) (segment.Definition, error) {
	made := segment.Definition{
		Name: name, Kind: segment.Kind(d.Kind), Members: segment.Members(d.Members), Rule: d.Rule, Owner: d.Owner, Purpose: d.Purpose, Tags: d.Tags,
		MinSize: d.MinSize, MaxSize: d.MaxSize, State: segment.State(d.State), Parts: d.Parts, Rest: d.Rest,
		RestTitle: d.RestTitle.read(), Title: d.Title.read(), Description: d.Description.read(),
	}
	var err error
	if made.Include, err = readOverrides(d.Include, zone); err == nil {
		made.Exclude, err = readOverrides(d.Exclude, zone)
	}
	return made, err
}

func readOverrides(list []Override, zone *calendar.Zone) (made []segment.Override, err error) {
	for _, o := range list {
		read := segment.Override{Customer: o.Customer, Reason: o.Reason}
		if o.Until != "" {
			d, err := calendar.ParseDate(o.Until)
			if err != nil {
				return nil, huma.Error422UnprocessableEntity(fmt.Sprintf("until of %s: %v", o.Customer, err))
			}
			read.Until = zone.Resolve(d)
		}
		made = append(made, read)
	}
	return made, nil
}

type listInput struct {
	After string `query:"after" doc:"The name after which to go on; next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Filter
}

type listOutput struct {
	Body struct {
		Segments []Segment `json:"segments"`
		Next     string    `json:"next,omitempty" doc:"Absent on the last page"`
	}
}

func (s *server) list(_ context.Context, in *listInput) (*listOutput, error) {
	out := &listOutput{}
	out.Body.Segments = []Segment{}
	for _, status := range s.Engine.Segments() {
		if status.Name <= in.After || !in.takes(&status.Definition) {
			continue
		}
		if len(out.Body.Segments) == in.Limit {
			out.Body.Next = out.Body.Segments[in.Limit-1].Name
			break
		}
		one := segmentOf(&status)
		one.Definition.Include, one.Definition.Exclude = nil, nil // of a list a million
		out.Body.Segments = append(out.Body.Segments, one)
	}
	return out, nil
}

// NameInput names a segment in the path; it is exported because fields of it are read
// where it is embedded.
type NameInput struct {
	Name string `path:"name" maxLength:"200"`
}

type segmentOutput struct {
	ETag string `header:"ETag"`
	Body Segment
}

func (s *server) get(_ context.Context, in *NameInput) (*segmentOutput, error) {
	for _, status := range s.Engine.Segments() {
		if status.Name == in.Name {
			return &segmentOutput{ETag: etag(status.Version), Body: segmentOf(&status)}, nil
		}
	}
	return nil, huma.Error404NotFound("there is no segment " + in.Name)
}

type putInput struct {
	NameInput
	PutPrecondition
	Message string `query:"message" maxLength:"2000" doc:"Why, for the list of versions"`
	Lenient bool   `query:"lenient" doc:"Accept names in the rule that nobody has seen yet"`
	Body    Definition
}

type putOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Segment Segment  `json:"segment"`
		Unknown []string `json:"unknown" doc:"Customers included or excluded by hand who are not there"`
	}
}

func (s *server) put(ctx context.Context, in *putInput) (*putOutput, error) {
	d, err := in.Body.read(in.Name, s.Engine.Zone())
	if err != nil {
		return nil, err
	}
	edit, err := edit(ctx, &in.PutPrecondition)
	if err != nil {
		return nil, err
	}
	edit.Message, edit.Lenient = in.Message, in.Lenient
	return s.define(ctx, d, edit)
}

// define makes a definition the latest and gives the segment as it stands then.
func (s *server) define(ctx context.Context, d segment.Definition, edit live.Edit) (*putOutput, error) {
	unknown, err := s.Engine.Define(ctx, d, edit)
	if err != nil {
		return nil, problemOf(err)
	}
	now, err := s.get(ctx, &NameInput{d.Name})
	if err != nil {
		return nil, err
	}
	out := &putOutput{ETag: now.ETag}
	out.Body.Segment, out.Body.Unknown = now.Body, append([]string{}, unknown...)
	return out, nil
}

type removeInput struct {
	NameInput
	Precondition
}

func (s *server) remove(ctx context.Context, in *removeInput) (*struct{}, error) {
	edit, err := edit(ctx, in)
	if err != nil {
		return nil, err
	}
	return nil, problemOf(s.Engine.Remove(ctx, in.Name, edit))
}

func (s *server) registerSegments(api huma.API) {
	path := Prefix + "/segments"
	huma.Register(api, operation("Segments", "listSegments", http.MethodGet, path, "List segments",
		"Pages in the order of the names. What is given chooses: all of it must fit. The parts of a segmentation are segments too; of says whose they are."), s.list)
	huma.Register(api, operation("Segments", "getSegment", http.MethodGet, path+"/{name}", "One segment",
		"With the number of its members and the instant up to which they are exact."), s.get)
	huma.Register(api, changing(operation("Segments", "putSegment", http.MethodPut, path+"/{name}", "Define a segment or give it a new version",
		"The version before decides who is in until the new one is evaluated for every customer. Of a segmentation all parts change at once. "+
			"If-Match and If-None-Match keep two people from overwriting each other.")), s.put)
	huma.Register(api, emptied(changing(operation("Segments", "removeSegment", http.MethodDelete, path+"/{name}", "Remove a segment that no other uses",
		"Its members leave; the log keeps what happened."))), s.remove)
	huma.Register(api, operation("Segments", "listVersions", http.MethodGet, path+"/{name}/versions", "The versions of a segment, the latest first",
		"Each with who made it, why, and what differs from the one before."), s.versions)
	huma.Register(api, changing(operation("Segments", "restoreSegment", http.MethodPost, path+"/{name}/restore", "Make what an earlier version said the latest",
		"As a version of its own. A segment that cannot go back to the state of that version, as an active one is no draft any more, keeps its own.")), s.restore)
	huma.Register(api, operation("Segments", "listMembers", http.MethodGet, path+"/{name}/members", "The members of a segment",
		"Pages in the order of internal ids, each with the start of the stay."), s.members)
	huma.Register(api, operation("Segments", "impact", http.MethodPost, Prefix+"/impact", "What changes would do, exactly, without making them",
		"Evaluates the changes on all customers as they are now and takes them back. Segments that refer to changed ones are among the answer."), s.impact)
	huma.Register(api, emptied(changing(operation("Segments", "commit", http.MethodPost, Prefix+"/changes", "Make changes, all or none",
		"With the state of an impact they are refused if definitions were changed since."))), s.commit)
}
