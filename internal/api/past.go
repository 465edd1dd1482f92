package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/danielgtaylor/huma/v2"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/kohorte/kohorte/internal/overlap"
	"github.com/kohorte/kohorte/internal/store"
)

// askPast asks the log of transitions at one moment.
func (s *server) askPast(ctx context.Context, work func(p *history.Past, v *store.View) error) error {
	return problemOfPast(s.Store.View(ctx, func(v *store.View) error {
		p, err := history.Read(ctx, v)
		if err != nil {
			return err
		}
		return work(p, v)
	}))
}

// problemOfPast is problemOf for questions about the past.
func problemOfPast(err error) error {
	var status huma.StatusError
	switch {
	case errors.As(err, &status):
		return err
	case errors.Is(err, history.ErrNoSegment), errors.Is(err, history.ErrNoneFollowed):
		return huma.Error404NotFound(err.Error())
	case errors.Is(err, history.ErrUncounted), errors.Is(err, history.ErrDivided), errors.Is(err, history.ErrMixed), errors.As(err, new(*history.NoSide)):
		return huma.Error422UnprocessableEntity(err.Error())
	}
	return problemOf(err)
}

// instant reads an instant of a query; the usual one without a text.
func (s *server) instant(name, text string, usual calendar.Instant) (calendar.Instant, error) {
	if text == "" {
		return usual, nil
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		return 0, huma.Error422UnprocessableEntity(name + ": " + err.Error())
	}
	return s.Engine.Zone().Resolve(d), nil
}

// past is instant for the log, which knows nothing of the future.
func (s *server) past(name, text string, usual calendar.Instant) (calendar.Instant, error) {
	t, err := s.instant(name, text, usual)
	if err == nil && t > s.Clock.Now() {
		return 0, huma.Error422UnprocessableEntity(name + ": " + text + " lies in the future, which the log does not know")
	}
	return t, err
}

// membersAt gives who was in a segment at an instant, or would have been by the rule of today.
func (s *server) membersAt(ctx context.Context, in *membersInput) (*membersOutput, error) {
	read, source := s.past, FromLog
	if in.TodaysRule {
		read, source = s.instant, FromTodaysRule
	}
	at, err := read("at", in.At, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	out := &membersOutput{}
	out.Body.Members, out.Body.At, out.Body.Source = []Member{}, calendar.Format(at), source
	return out, s.askPast(ctx, func(p *history.Past, v *store.View) error {
		who, err := s.whoAt(ctx, p, in, at)
		if err != nil {
			return err
		}
		out.Body.Defined = who.defined
		page, next, err := in.page(ctx, v, who.Bitmap)
		for _, person := range page {
			out.Body.Members = append(out.Body.Members, Member{ID: person.ID, Name: person.Name})
		}
		out.Body.Next, out.Body.FromLog = next, who.fromLog
		return err
	})
}

// whoThen is who was in a segment at an instant.
type whoThen struct {
	*roaring.Bitmap
	defined string   // where the log is asked: since when there is the segment
	fromLog []string // where today's rule is asked: what it takes from the log all the same
}

func (s *server) whoAt(ctx context.Context, p *history.Past, in *membersInput, at calendar.Instant) (who whoThen, err error) {
	if in.TodaysRule {
		who.Bitmap, who.fromLog, err = s.Engine.MembersByRule(ctx, in.Name, at)
		return who, err
	}
	followed, err := p.Segment(in.Name)
	if err := cmp.Or(err, p.Divided(ctx, in.Name)); err != nil {
		return who, err
	}
	who.Bitmap, err = p.Members(ctx, followed.ID, at)
	who.defined = calendar.Format(followed.Versions[0].Created)
	return who, err
}

// The bounds of an answer: it is made in memory.
const (
	mostSegments = 500
	mostSteps    = 10_000
)

// named finds segments, as many as an answer can compare.
func named(ctx context.Context, p *history.Past, names []string, at ...calendar.Instant) ([]store.FollowedSegment, error) {
	list, err := p.Named(ctx, names, at...)
	if len(list) > mostSegments {
		return nil, huma.Error422UnprocessableEntity(fmt.Sprintf("there are %d segments; name up to %d of them", len(list), mostSegments))
	}
	return list, err
}

type historyInput struct {
	NameInput
	From string `query:"from" maxLength:"40" doc:"A date or a time, included; in the zone of the workspace if it names none. Absent: 30 steps before to, or when the segment was defined"`
	To   string `query:"to" maxLength:"40" doc:"Not included; absent: now"`
	By   string `query:"by" enum:"day,week,month" default:"day"`
}

type historyOutput struct{ Body Course }

func (s *server) history(ctx context.Context, in *historyInput) (*historyOutput, error) {
	s.noteUse(ctx, in.Name)
	to, err := s.past("to", in.To, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	out, by, zone := &historyOutput{}, history.Units[in.By], s.Engine.Zone()
	err = s.askPast(ctx, func(p *history.Past, _ *store.View) error {
		followed, err := p.Segment(in.Name)
		if err := cmp.Or(err, p.Divided(ctx, in.Name)); err != nil {
			return err
		}
		from, err := s.past("from", in.From, history.UsualFrom(zone, &followed, to, by))
		if err != nil {
			return err
		}
		if from >= to {
			return huma.Error422UnprocessableEntity("from must be before to")
		}
		marks := history.Marks(zone, from, to, by)
		if len(marks)-1 > mostSteps {
			return huma.Error422UnprocessableEntity(fmt.Sprintf("these are %d steps, more than %d; ask for weeks, months or a shorter time", len(marks)-1, mostSteps))
		}
		course, err := p.Course(ctx, followed.ID, marks)
		if err == nil {
			out.Body = NewCourse(&followed, course, from, to, in.By)
		}
		return err
	})
	return out, err
}

// MigrationInput is exported because fields of it are read where it is embedded.
type MigrationInput struct {
	From     string   `query:"from" required:"true" maxLength:"40" doc:"The first instant: a date or a time"`
	To       string   `query:"to" maxLength:"40" doc:"The second; absent: now"`
	Segments []string `query:"segments" maxItems:"500" doc:"Names, with commas between them; absent: all that are followed, if they are no more than 500"`
	Into     []string `query:"into" maxItems:"500" doc:"Other segments for the columns"`
}

type migrationOutput struct{ Body Matrix }

func (s *server) migration(ctx context.Context, in *MigrationInput) (*migrationOutput, error) {
	out := &migrationOutput{}
	return out, s.askMigration(ctx, in, func(m *history.Matrix, _ *store.View) error {
		out.Body = NewMatrix(m)
		return nil
	})
}

func (s *server) askMigration(ctx context.Context, in *MigrationInput, work func(*history.Matrix, *store.View) error) error {
	to, err := s.past("to", in.To, s.Clock.Now())
	if err != nil {
		return err
	}
	from, err := s.past("from", in.From, to)
	if err != nil {
		return err
	}
	if from > to {
		return huma.Error422UnprocessableEntity("from must not be after to")
	}
	return s.askPast(ctx, func(p *history.Past, v *store.View) error {
		rows, err := named(ctx, p, in.Segments, from, to)
		if err != nil {
			return err
		}
		columns := rows
		if len(in.Into) > 0 {
			if columns, err = named(ctx, p, in.Into, from, to); err != nil {
				return err
			}
		}
		m, err := p.Migration(ctx, from, to, rows, columns)
		if err != nil {
			return err
		}
		return work(m, v)
	})
}

type migrantsInput struct {
	MigrationInput
	PageInput
	Row    string `query:"row" required:"true" maxLength:"200" doc:"A row of the matrix; none and new may stand without brackets"`
	Column string `query:"column" required:"true" maxLength:"200"`
}

type migrantsOutput struct {
	Body struct {
		Customers []Person `json:"customers"`
		Next      int64    `json:"next,omitempty" doc:"Absent on the last page"`
	}
}

func (s *server) migrants(ctx context.Context, in *migrantsInput) (*migrantsOutput, error) {
	out := &migrantsOutput{}
	return out, s.askMigration(ctx, &in.MigrationInput, func(m *history.Matrix, v *store.View) error {
		who, err := m.Cell(in.Row, in.Column)
		if err != nil {
			return err
		}
		out.Body.Customers, out.Body.Next, err = in.page(ctx, v, who)
		return err
	})
}

type overlapInput struct {
	Segments []string `query:"segments" maxItems:"500" doc:"Names, with commas between them; absent: all that are followed, if they are no more than 500"`
	At       string   `query:"at" maxLength:"40" doc:"A date or a time; absent: now"`
}

type overlapOutput struct{ Body Overlap }

func (s *server) overlap(ctx context.Context, in *overlapInput) (*overlapOutput, error) {
	s.noteUse(ctx, in.Segments...)
	at, err := s.past("at", in.At, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	asked := at
	if in.At == "" {
		asked = calendar.Never // the end of the log
	}
	out := &overlapOutput{}
	return out, s.askPast(ctx, func(p *history.Past, _ *store.View) error {
		segments, err := named(ctx, p, in.Segments, at)
		if err != nil {
			return err
		}
		sets, err := p.Sets(ctx, segments, asked)
		if err != nil {
			return err
		}
		var regions []overlap.Region
		if len(in.Segments) > 0 && len(segments) <= overlap.MostRegions {
			if regions, err = overlap.Regions(sets); err != nil {
				return err
			}
		}
		out.Body = NewOverlap(at, sets, overlap.MostAlike(sets), regions)
		return nil
	})
}

func (s *server) registerPast(api huma.API) {
	huma.Register(api, operation("History", "getHistory", http.MethodGet, Prefix+"/segments/{name}/history", "How a segment grew and shrank",
		"From the log: the size after each day, week or month, how many came and left by which cause, and how long stays took. Segments that were removed can be asked about too."), s.history)
	huma.Register(api, operation("History", "getMigration", http.MethodGet, Prefix+"/migration", "Who went from which segment to which between two instants",
		"From the log: the members of each segment at the first instant by the segments that they were in at the second. Segments may overlap: who was in two stands in both rows. A segmentation stands for its parts."), s.migration)
	huma.Register(api, operation("History", "listMigrants", http.MethodGet, Prefix+"/migration/customers", "The customers of one cell of a migration",
		"Pages in the order of internal ids."), s.migrants)
	huma.Register(api, operation("History", "getOverlap", http.MethodGet, Prefix+"/overlap", "What segments have in common",
		"Each pair, the most alike first; of up to eight segments named also all intersections. A segmentation stands for its parts."), s.overlap)
}
