package cli

import (
	"context"
	"errors"
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

func (a *app) watchCommand() *cobra.Command {
	var after int64
	var segment string
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Show entries and exits as they come",
		Long: `Shows each entry into a segment and each exit out of it, from now on or, with
--after, those after the number of a transition. It follows the workspace on this
machine until it is stopped.`,
		Example: `  kohorte watch --segment sleeping --after 0`,
		Args:    arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.openStore()
			if err != nil {
				return err
			}
			err = a.watch(cmd.Context(), s, after, segment)
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			return errors.Join(err, s.Close())
		},
	}
	cmd.Flags().Int64Var(&after, "after", -1, "begin after the transition with this `NUMBER`")
	cmd.Flags().StringVar(&segment, "segment", "", "only those of the segment `NAME`, or of the parts of a segmentation")
	return cmd
}

// lookEvery is how often the log is looked at.
const lookEvery = 200 * time.Millisecond

func (a *app) watch(ctx context.Context, s *store.Store, after int64, segment string) error {
	settings, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	zone, err := calendar.LoadZone(settings.Zone)
	if err != nil {
		return err
	}
	words := serve.NewConditions()
	const most = 1000
	for {
		var list []store.Told
		err := s.Glance(ctx, func(v *store.View) (err error) {
			if after < 0 {
				after, err = v.LastTransition()
				return err
			}
			list, err = v.Transitions(ctx, after, most, segment)
			return err
		})
		if err != nil {
			return err
		}
		for i := range list {
			after = list[i].Seq
			if err := a.showTransition(zone, words, &list[i]); err != nil {
				return err
			}
		}
		if len(list) == most {
			continue
		}
		due, stop := clock.After(clock.System{}, lookEvery)
		select {
		case <-due:
		case <-ctx.Done():
			stop()
			return ctx.Err()
		}
	}
}

func (a *app) showTransition(zone *calendar.Zone, words *serve.Conditions, t *store.Told) error {
	told := words.Tell(t)
	if a.asJSON {
		return a.writeJSON(told)
	}
	verb := "left"
	if t.Entered {
		verb = "entered"
	}
	a.printf("%8d  %s  %s %s %s  (%s", t.Seq, clockText(zone, t), harmless(t.CustomerName), verb, t.SegmentName, t.Cause)
	if told.Condition != "" {
		a.printf(": %s", told.Condition)
	}
	a.printf(")\n")
	return nil
}

func clockText(zone *calendar.Zone, t *store.Told) string { return exactly(zone, t.Due) }
