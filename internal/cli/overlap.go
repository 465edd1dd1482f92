package cli

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"strings"

	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/overlap"
	"github.com/spf13/cobra"
)

// overlapFlags are the flags of overlap.
type overlapFlags struct {
	at   string
	most int
}

func (a *app) overlapCommand() *cobra.Command {
	var f overlapFlags
	cmd := &cobra.Command{
		Use:   "overlap [SEGMENT...]",
		Short: "Show how much segments have in common",
		Long: `Compares each two segments: how many are in both, the share of these among those in
any of the two (Jaccard), and how much of each lies in the other. The most alike
come first. Of up to eight segments named it also shows how many are in which
intersection: in all of its segments, and in these only.

A segmentation stands for its parts. Without names it compares all segments, but no parts.`,
		Example: `  kohorte overlap vip sleeping newsletter`,
		Args:    arguments(0, -1, "names of segments"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.most < 1 {
				return usagef("--most is 1 or more")
			}
			err := a.askPast(cmd.Context(), func(p *past) error { return p.overlap(cmd.Context(), args, &f) })
			return a.used(cmd.Context(), err, args...)
		},
	}
	cmd.Flags().StringVar(&f.at, "at", "", "`INSTANT` to compare at, from the log (default now)")
	cmd.Flags().IntVar(&f.most, "most", 20, "show at most `N` pairs; --json gives all")
	return cmd
}

func (p *past) overlap(ctx context.Context, names []string, f *overlapFlags) error {
	at, err := p.instant("--at", f.at, p.app.Now())
	if err != nil {
		return err
	}
	segments, err := p.Named(ctx, names, at)
	if err != nil {
		return err
	}
	asked := at
	if f.at == "" {
		asked = calendar.Never // the end of the log
	}
	sets, err := p.Sets(ctx, segments, asked)
	if err != nil {
		return err
	}
	pairs := overlap.MostAlike(sets)
	var regions []overlap.Region
	if len(segments) <= overlap.MostRegions && len(names) > 0 {
		if regions, err = overlap.Regions(sets); err != nil {
			return err
		}
	}
	if p.app.asJSON {
		err = p.app.writeJSON(api.NewOverlap(at, sets, pairs, regions))
	} else {
		err = p.showOverlap(at, sets, pairs, regions, f.most)
	}
	return cmp.Or(err, p.warn(ctx, at))
}

func (p *past) showOverlap(at calendar.Instant, sets []overlap.Set, pairs []overlap.Pair, regions []overlap.Region, most int) error {
	if len(regions) > 0 {
		if err := p.showRegions(sets, regions); err != nil {
			return err
		}
		p.app.printf("\n")
	}
	t := newTable(p.app.Stdout, "table", "a", "b", "size of a", "size of b", "both", "Jaccard", "of a in b", "of b in a", "")
	for _, c := range pairs[:min(most, len(pairs))] {
		t.row(sets[c.A].Name, sets[c.B].Name, thousands(int64(c.SizeA)), thousands(int64(c.SizeB)), thousands(int64(c.Both)),
			percent(c.Jaccard()), percent(c.AInB()), percent(c.BInA()), remark(&c))
	}
	if len(pairs) > 0 {
		if err := t.finish(); err != nil {
			return err
		}
		p.app.printf("\n")
	}
	if left := len(pairs) - most; left > 0 {
		p.app.printf("%s less alike; --most %d shows them too. ", countOf(left, "pair is", "pairs are"), len(pairs))
	}
	p.app.printf("%s at %s\n", countOf(len(sets), "segment", "segments"), wall(p.zone, at))
	return nil
}

func (p *past) showRegions(sets []overlap.Set, regions []overlap.Region) error {
	t := newTable(p.app.Stdout, "table", "in", "in all of these", "in these only")
	for _, r := range regions {
		if r.All > 0 || bits.OnesCount(r.Sets) == 1 {
			t.row(strings.Join(r.Names(sets), " + "), thousands(int64(r.All)), thousands(int64(r.Exact)))
		}
	}
	return t.finish()
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func remark(c *overlap.Pair) string {
	switch {
	case c.Jaccard() == 1:
		return "the same"
	case c.NearlySame():
		return "nearly the same"
	case c.AInB() == 1:
		return "a is within b"
	case c.BInA() == 1:
		return "b is within a"
	}
	return ""
}
