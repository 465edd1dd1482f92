package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/index"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
)

// Whence the members of a segment at an instant can be taken.
const (
	fromLog         = api.FromLog
	fromTodaysRule  = api.FromTodaysRule
	segmentInRule   = "in:"
	todaysRuleUsage = "with in:SEGMENT: who would be in at that instant by today's rule, from the data, instead of who was in, from the log"
)

// listSegment lists the members of a segment at an instant: as it was, or as it
// would have been under today's rule.
func (a *app) listSegment(ctx context.Context, name string, f *listFlags) error {
	w, err := a.open(ctx, &f.questionFlags)
	if err != nil {
		return err
	}
	defer w.close()
	w.askAbout(name)
	at, err := a.oneInstant(&f.questionFlags, w.zone)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.Stdout, 1<<16)
	if f.todaysRule {
		err = w.listByTodaysRule(ctx, out, name, at, f)
	} else {
		err = w.listFromLog(ctx, out, name, at, f)
	}
	return a.used(ctx, errors.Join(err, out.Flush()), name)
}

func (w *workspace) listFromLog(ctx context.Context, out *bufio.Writer, name string, at calendar.Instant, f *listFlags) error {
	if at > w.app.Now() {
		return fmt.Errorf("%s lies in the future, which the log does not know; --todays-rule tells who would be in if no data came", wall(w.zone, at))
	}
	return w.app.withPast(ctx, w.store, w.zone, func(p *past) error {
		s, err := p.Segment(name)
		if err := cmp.Or(err, p.Divided(ctx, name)); err != nil {
			return err
		}
		members, err := p.Members(ctx, s.ID, at)
		if err != nil {
			return err
		}
		l := memberList{source: fromLog, closing: func(n int) string {
			return fmt.Sprintf("%s of %s at %s, as it was: from the log.\n--todays-rule tells who would have been in by today's rule, from the data.",
				countOf(n, "member", "members"), name, wall(w.zone, at))
		}}
		if err := w.listBitmap(ctx, out, p.view, members, at, f, l); err != nil {
			return err
		}
		if first := s.Versions[0].Created; at < first {
			w.app.complain("kohorte: %s was defined at %s: before that the log has nobody\n", name, wall(w.zone, first))
		}
		return p.warn(ctx, at)
	})
}

// listBitmap lists customers by their numbers. The index is only needed for columns.
func (w *workspace) listBitmap(ctx context.Context, out *bufio.Writer, v *store.View, who *roaring.Bitmap, at calendar.Instant, f *listFlags, l memberList) error {
	if len(f.columns) > 0 {
		if err := w.load(ctx); err != nil {
			return err
		}
		var members []index.Position
		for _, id := range who.ToArray() {
			if m, ok := w.index.Find(int64(id)); ok {
				members = append(members, m)
			}
		}
		return w.writeMembers(ctx, out, members, at, f, l)
	}
	names, err := v.Names(ctx, who)
	if err != nil {
		return err
	}
	t := newTable(out, f.format, l.header(f.format)...)
	for _, name := range names {
		t.row(l.row(f.format, name)...)
	}
	return l.finish(w.app, t, len(names))
}

// listByTodaysRule evaluates the rule that decides now at an instant.
func (w *workspace) listByTodaysRule(ctx context.Context, out *bufio.Writer, name string, at calendar.Instant, f *listFlags) error {
	return w.app.withPast(ctx, w.store, w.zone, func(p *past) error {
		s, err := p.Segment(name)
		if err := cmp.Or(err, p.Divided(ctx, name)); err != nil {
			return err
		}
		if s.Removed {
			return fmt.Errorf("%s was removed: it has no rule today; without --todays-rule the log tells who was in", name)
		}
		defined, err := definitions(ctx, p.view)
		if err != nil {
			return err
		}
		d := defined.latest(name)
		today, err := segment.Expand(&d, defined.today)
		if err != nil {
			return err
		}
		if err := w.load(ctx); err != nil {
			return err
		}
		byHand := func(name string) map[int64]bool {
			d := defined.latest(name)
			return live.ByHand(p.view, &d, at)
		}
		members, err := today.Members(byHand, func(n rule.Node) (*roaring.Bitmap, error) { return w.among(ctx, n, at) })
		if err != nil {
			return err
		}
		return w.listBitmap(ctx, out, p.view, members, at, f, memberList{source: fromTodaysRule, closing: func(n int) string {
			text := fmt.Sprintf("%s of %s at %s by today's rule (version %d), from the data.\nWithout --todays-rule the log tells who was in.",
				countOf(n, "member", "members"), name, wall(w.zone, at), cmp.Or(defined[name].Active, defined[name].Version))
			if logged := today.FromLog(); len(logged) > 0 {
				text += "\nFrom the log all the same: who was in these, entered or left them: " + strings.Join(logged, ", ") + "."
			}
			return text
		}})
	})
}

// defined are the segments that are there by name.
type defined map[string]store.Segment

func definitions(ctx context.Context, v *store.View) (defined, error) {
	list, err := v.Segments(ctx)
	byName := make(defined, len(list))
	for _, s := range list {
		byName[s.Name] = s
	}
	return byName, err
}

func (d defined) latest(name string) segment.Definition {
	s := d[name]
	return s.Latest()
}

func (d defined) today(name string) (segment.Definition, bool) {
	s := d[name]
	return s.Today()
}

// among gives those for whom a rule is true at an instant.
func (w *workspace) among(ctx context.Context, n rule.Node, at calendar.Instant) (*roaring.Bitmap, error) {
	program, err := w.index.Compile(n)
	if err != nil {
		return nil, err
	}
	list, err := w.index.Members(ctx, program, at)
	members := roaring.New()
	for _, m := range list {
		members.Add(uint32(m.Block.IDs[m.Row]))
	}
	return members, err
}

// memberList says what kind of list is written.
type memberList struct {
	source  string // whence it is; "" for the members of a rule
	closing func(n int) string
}

// header begins the header: for programs the source stands in each line.
func (l *memberList) header(format string) []string { return l.line(format, whose, "source") }

// row begins the row of a customer.
func (l *memberList) row(format, name string) []string { return l.line(format, name, l.source) }

func (l *memberList) line(format, name, source string) []string {
	if format == "ndjson" && l.source != "" {
		return []string{name, source}
	}
	return []string{name}
}

// finish ends a list with how many there are, for people.
func (l *memberList) finish(a *app, t *listing, n int) error {
	err := t.finish()
	switch {
	case err != nil:
		return err
	case t.format == "table":
		_, err = fmt.Fprintf(t.out, "\n%s\n", l.closing(n))
	case t.format == "csv" && l.source != "":
		a.complain("kohorte: %s\n", l.closing(n))
	}
	return err
}

// asksSegment gives the segment of in:SEGMENT.
func asksSegment(args []string) (name string, ok bool) {
	if len(args) == 0 {
		return "", false
	}
	return strings.CutPrefix(args[0], segmentInRule)
}
