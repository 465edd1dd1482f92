package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
)

// listSegments writes the segments, the parts of a segmentation below it in their order.
func (a *app) listSegments(list []serve.Segment) {
	byName := map[string]*serve.Segment{}
	for i := range list {
		byName[list[i].Name] = &list[i]
	}
	for i := range list {
		s := &list[i]
		if s.Of != "" {
			continue
		}
		a.listOne(s.Name, s, s.Rule)
		for _, p := range s.Parts {
			if part := byName[p.Segment]; part != nil {
				a.listOne("  ."+p.Name, part, "")
			}
		}
	}
}

func (a *app) listOne(name string, s *serve.Segment, rule string) {
	rule = strings.ReplaceAll(rule, "\n", " ") // a long one has a line for each part
	line := fmt.Sprintf("%-30s %12s  %-8s v%d  %s", name, thousands(int64(s.Members)), stateOf(s), s.Version, rule)
	a.printf("%s\n", strings.TrimRight(line, " "))
	if s.Problem != "" {
		a.printf("    %s\n", s.Problem)
	}
}

// stateOf says how far a segment is; of one that is not followed, where in its life it is.
func stateOf(s *serve.Segment) string {
	if s.State == string(live.Resting) {
		return s.Life
	}
	return s.State
}

// partSizes tells how many are in the parts of a segmentation, in order; nil of what is none.
func (a *app) partSizes(ctx context.Context, d segment.Definition) (sizes []serve.Part, err error) {
	if d.Kind != segment.Segmentation {
		return nil, nil
	}
	err = a.askPast(ctx, func(p *past) error {
		for _, part := range d.Derived() {
			_, name, _ := segment.SplitPart(part.Name)
			size := serve.Part{Name: name, Segment: part.Name}
			if s, ok := p.Latest(part.Name); ok {
				members, err := p.Members(ctx, s.ID, calendar.Never)
				if err != nil {
					return err
				}
				size.Members = int(members.GetCardinality())
			}
			sizes = append(sizes, size)
		}
		return nil
	})
	return sizes, err
}

func (a *app) showParts(parts []serve.Part) {
	for i, part := range parts {
		text := fmt.Sprintf("%12s  %s", thousands(int64(part.Members)), part.Segment)
		switch i {
		case 0:
			text = "\n" + text
		case len(parts) - 1:
			text += "  the rest"
		}
		a.printf("%s\n", text)
	}
}

// historyOfParts shows how many were in each part of a segmentation at the ends of steps.
func (p *past) historyOfParts(ctx context.Context, name string, parts []store.FollowedSegment, marks []calendar.Instant, by string) error {
	courses := make([]*history.Course, len(parts))
	for i := range parts {
		var err error
		if courses[i], err = p.Course(ctx, parts[i].ID, marks); err != nil {
			return err
		}
	}
	from, to := marks[0], marks[len(marks)-1]
	if p.app.asJSON {
		made := jsonCourses{Segmentation: name, Source: fromLog, Parts: []api.Course{}}
		for i := range parts {
			made.Parts = append(made.Parts, api.NewCourse(&parts[i], courses[i], from, to, by))
		}
		return p.app.writeJSON(made)
	}
	head := []string{"from"}
	for i := range parts {
		_, part, _ := segment.SplitPart(parts[i].Name)
		head = append(head, part)
	}
	t := newTable(p.app.Stdout, "table", head...)
	for n, step := range courses[0].Steps {
		row := []string{shortly(p.zone, step.From)}
		for _, c := range courses {
			row = append(row, thousands(int64(c.Steps[n].Size)))
		}
		t.row(row...)
	}
	if err := t.finish(); err != nil {
		return err
	}
	p.app.printf("\nsizes of the parts of %s at the end of each %s; from the log\nkohorte history %s has entries, exits and stays of one part\n", name, by, parts[0].Name)
	return nil
}

// jsonCourses is the history of the parts of a segmentation for programs.
type jsonCourses struct {
	Segmentation string       `json:"segmentation"`
	Source       string       `json:"source"`
	Parts        []api.Course `json:"parts"`
}
