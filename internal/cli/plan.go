package cli

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strconv"

	"github.com/kohorte/kohorte/internal/advise"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/code"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

// errChanges ends the program with status 2: a plan has changes and --exit-code asked for that.
var errChanges = errors.New("there are changes")

// planFlags are the flags of plan and apply.
type planFlags struct {
	prune, lenient bool
	sample         sampleSize
}

// sampleSize is how many customers a plan names of those who enter a segment or leave it.
type sampleSize int

// Set reads a number, or all.
func (s *sampleSize) Set(text string) error {
	n, err := strconv.Atoi(text)
	switch {
	case text == "all":
		n = math.MaxInt
	case err != nil || n < 0:
		return errors.New("expected a number, or all")
	}
	*s = sampleSize(n)
	return nil
}

func (s *sampleSize) String() string {
	if *s == math.MaxInt {
		return "all"
	}
	return strconv.Itoa(int(*s))
}

// Type says what the value is, for the usage.
func (s *sampleSize) Type() string { return "N" }

func (f *planFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.prune, "prune", false, "remove the segments of the workspace that are in no file")
	f.sample = mostNames
	cmd.Flags().Var(&f.sample, "sample", "name `N` of those who enter and of those who leave each segment, or all")
	cmd.Flags().BoolVar(&f.lenient, "ahead", false, "unknown names are only warnings, for rules written ahead of the data")
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	var out string
	var exitCode bool
	cmd := &cobra.Command{
		Use:   "plan DIR|FILE.yaml...",
		Short: "Show what apply would do: who would enter and leave; changes nothing",
		Long: `Compares files of segments with the workspace and tries the changes out: sizes
before and after, who would enter and leave, which other segments and webhooks that
touches, and what was changed elsewhere since the last apply. Nothing is changed.

--out keeps the plan; kohorte apply FILE does exactly what it says, or refuses.
With --exit-code the status is 0 without changes, 2 with changes and 1 after an error,
wrong usage included.`,
		Example: `  kohorte plan segments/
  kohorte plan segments/ --sample all
  kohorte plan segments/ --prune --out plan.json --exit-code`,
		Args: func(cmd *cobra.Command, args []string) error {
			return withStatus1(arguments(1, -1, "files or directories with segments")(cmd, args))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.planned(cmd.Context(), args, f, a.show)
			switch {
			case err != nil:
				return err
			case out != "":
				if err := savePlan(out, p.Save(a.workspace, p.impact, f.lenient)); err != nil {
					return ofFile(err)
				}
			}
			if exitCode && !p.Empty() {
				return errChanges
			}
			return nil
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return withStatus1(wrongFlag(cmd, err)) })
	f.add(cmd)
	cmd.Flags().StringVar(&out, "out", "", "keep the plan in `FILE`, for apply")
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "status 2 if there are changes")
	return cmd
}

// withStatus1 makes an error of another kind of one about usage, whose status means
// that there are changes.
func withStatus1(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(err.Error())
}

func savePlan(name string, s *code.Saved) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o600) // it names customers
}

// planned is a plan with what it does.
type planned struct {
	*code.Plan
	set    *code.Set
	zone   *calendar.Zone
	impact *live.Impact // nil if nothing changes
	sample sampleSize
	names  map[int64]string // of customers of the samples
	advice []advise.Finding // about what changes
}

// planned makes a plan and hands it to work. What changes nothing needs no engine.
func (a *app) planned(ctx context.Context, names []string, f planFlags, work func(*planned) error) (p *planned, err error) {
	if p, err = a.compare(ctx, names, f); err != nil {
		return nil, err
	}
	if p.Empty() {
		return p, work(p)
	}
	return p, a.control(ctx, func(c serve.Control) error {
		if p, err = a.tryOut(ctx, c, names, f); err != nil {
			return err
		}
		return work(p)
	})
}

// compare compares the files with the workspace.
func (a *app) compare(ctx context.Context, names []string, f planFlags) (*planned, error) {
	p := &planned{sample: f.sample}
	err := a.viewing(ctx, false, func(v *store.View) (err error) {
		if p.set, p.zone, err = a.files(ctx, v, names, f.lenient); err != nil {
			return err
		}
		p.Plan, err = p.set.Compare(ctx, v, f.prune)
		return err
	})
	if err != nil {
		return nil, err
	}
	if p.set.Fatal() {
		a.tell(p.set)
		return nil, errReported
	}
	return p, nil
}

// mostTries is how often a plan is made anew because somebody else changed segments meanwhile.
const mostTries = 5

// tryOut compares again and finds the impact, both of the same definitions.
func (a *app) tryOut(ctx context.Context, c serve.Control, names []string, f planFlags) (*planned, error) {
	for range mostTries {
		before, err := a.versions(ctx)
		if err != nil {
			return nil, err
		}
		p, err := a.compare(ctx, names, f)
		if err != nil {
			return nil, err
		}
		if p.impact, err = c.Impact(ctx, p.Changes, live.Edit{Lenient: f.lenient}); err != nil {
			return nil, err
		}
		after, err := a.versions(ctx)
		if err != nil {
			return nil, err
		}
		if slices.Equal(before, after) {
			p.advice = a.adviseOn(ctx, c, ofChanges(p.Changes, p.impact))
			return p, a.nameSamples(ctx, p)
		}
	}
	return nil, errors.New("the segments are being changed all the time; try again")
}

// version names a version of a segment.
type version struct{ id, number int64 }

func (a *app) versions(ctx context.Context) (list []version, err error) {
	err = a.viewing(ctx, false, func(v *store.View) error {
		segments, err := v.Segments(ctx)
		for i := range segments {
			list = append(list, version{segments[i].ID, segments[i].Version})
		}
		return err
	})
	return list, err
}

// nameSamples finds the names of the customers whom a plan shows.
func (a *app) nameSamples(ctx context.Context, p *planned) error {
	p.names = map[int64]string{}
	return a.viewing(ctx, false, func(v *store.View) error {
		for i := range p.impact.Segments {
			s := &p.impact.Segments[i]
			for _, id := range slices.Concat(p.sampled(s.Entered), p.sampled(s.Left)) {
				name, err := v.NameOf(id)
				if err != nil {
					return err
				}
				p.names[id] = name
			}
		}
		return nil
	})
}

// sampled gives the customers of whom a plan shows the names.
func (p *planned) sampled(ids []int64) []int64 { return ids[:min(len(ids), int(p.sample))] }
