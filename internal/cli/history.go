package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/history"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

// historyFlags are the flags of history.
type historyFlags struct{ from, to, by string }

func (a *app) historyCommand() *cobra.Command {
	var f historyFlags
	cmd := &cobra.Command{
		Use:   "history SEGMENT",
		Short: "Show how a segment grew and shrank, and how long people stay",
		Long: `Shows for each day, week or month how many were in a segment at its end, how many
came and left, and what caused it; and how long stays took. It is read from the log
of entries and exits, so it is what was, whatever the rule is today. Segments that
were removed can be asked about too. Of a segmentation it shows the sizes of all parts.

--from is included, --to is not; a bare date is its first moment.`,
		Example: `  kohorte history sleeping --from 2026-01-01 --by month`,
		Args:    arguments(1, 1, "the name of a segment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := a.askPast(cmd.Context(), func(p *past) error { return p.history(cmd.Context(), args[0], &f) })
			return a.used(cmd.Context(), err, args[0])
		},
	}
	cmd.Flags().StringVar(&f.from, "from", "", "`INSTANT` to begin at (default 30 steps before --to, or when the segment was defined)")
	cmd.Flags().StringVar(&f.to, "to", "", "`INSTANT` to end at (default now)")
	cmd.Flags().StringVar(&f.by, "by", "day", "`STEP`: day, week or month")
	return cmd
}

func (p *past) history(ctx context.Context, name string, f *historyFlags) error {
	by, ok := history.Units[f.by]
	if !ok {
		return usagef("--by is day, week or month, not %q", f.by)
	}
	s, err := p.Segment(name)
	if err != nil {
		return err
	}
	to, err := p.instant("--to", f.to, p.app.Now())
	if err != nil {
		return err
	}
	from, err := p.instant("--from", f.from, history.UsualFrom(p.zone, &s, to, by))
	if err != nil {
		return err
	}
	if from >= to {
		return usagef("--from must be before --to")
	}
	marks := history.Marks(p.zone, from, to, by)
	switch parts, err := p.Parts(ctx, name, marks...); {
	case err != nil:
		return err
	case len(parts) > 0:
		return cmp.Or(p.historyOfParts(ctx, name, parts, marks, f.by), p.warn(ctx, to-1))
	}
	course, err := p.Course(ctx, s.ID, marks)
	if err != nil {
		return err
	}
	if p.app.asJSON {
		err = p.app.writeJSON(api.NewCourse(&s, course, from, to, f.by))
	} else {
		err = p.showCourse(&s, course, from, to)
	}
	return cmp.Or(err, p.warn(ctx, to-1))
}

func (p *past) showCourse(s *store.FollowedSegment, c *history.Course, from, to calendar.Instant) error {
	t := newTable(p.app.Stdout, "table", "from", "size", "entries", "exits", "came by", "left by")
	for _, step := range c.Steps {
		t.row(shortly(p.zone, step.From), thousands(int64(step.Size)), thousands(int64(step.Entries.Total())), thousands(int64(step.Exits.Total())),
			causes(step.Entries), causes(step.Exits))
	}
	if err := t.finish(); err != nil {
		return err
	}
	size := c.Steps[len(c.Steps)-1].Size
	p.app.printf("\n%s from %s to %s: %s, then %s; from the log\n", s.Name, wall(p.zone, from), wall(p.zone, to), countOf(c.Before, "member", "members"), thousands(int64(size)))
	p.showLengths("ended: ", c.Completed)
	p.showLengths("go on: ", c.Running)
	for _, v := range s.Versions {
		if v.Created >= from && v.Created < to {
			p.app.printf("%s  version %d%s\n", wall(p.zone, v.Created), v.Number, saysVersion(&v))
		}
	}
	if s.Removed {
		p.app.printf("The segment was removed.\n")
	}
	return nil
}

// saysVersion tells what a version says: its state unless it is active, and its rule.
func saysVersion(v *store.FollowedVersion) string {
	text := ""
	if v.State != segment.Active {
		text = ", " + string(v.State)
	}
	if v.Kind == segment.List {
		return text + ": a list of " + thousands(int64(v.Listed))
	}
	return text + ": " + harmless(v.Rule)
}

func (p *past) showLengths(what string, l history.Lengths) {
	if l.Count > 0 {
		p.app.printf("stays that %s %8s, on average %s, half of them up to %s\n", what, thousands(int64(l.Count)), roughly(l.Average), roughly(l.Median))
	}
}

// shortly writes an instant as its day, if it is the first moment of one.
func shortly(zone *calendar.Zone, t calendar.Instant) string {
	return strings.TrimSuffix(wall(zone, t), " 00:00:00")
}

// causes writes how many transitions had which cause.
func causes(counts history.Causes) string {
	var parts []string
	for _, cause := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %s", thousands(int64(counts[cause])), cause))
	}
	return strings.Join(parts, ", ")
}
