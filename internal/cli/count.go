package cli

import (
	"time"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/spf13/cobra"
)

// questionFlags are shared by the commands that ask a rule.
type questionFlags struct {
	at          []string
	memberships string
	lenient     bool
}

func (q *questionFlags) add(cmd *cobra.Command, manyInstants bool) {
	if manyInstants {
		cmd.Flags().StringArrayVar(&q.at, "at", nil, "instant to answer for, such as 2026-03-01 or 2026-03-01T12:00:00Z (may be repeated; default now)")
	} else {
		cmd.Flags().StringArrayVar(&q.at, "at", nil, "instant to answer for, such as 2026-03-01 or 2026-03-01T12:00:00Z (default now)")
	}
	cmd.Flags().StringVar(&q.memberships, "memberships", "", `file with past memberships: lines {"segment", "userId", "from", "to"}`)
	cmd.Flags().BoolVar(&q.lenient, "ahead", false, "unknown names are only warnings, for rules written ahead of the data")
}

// instant gives the one instant of the flags.
func (a *app) oneInstant(q *questionFlags, zone *calendar.Zone) (calendar.Instant, error) {
	if len(q.at) > 1 {
		return 0, usagef("--at can be given once here")
	}
	all, err := a.instants(q.at, zone)
	if err != nil {
		return 0, err
	}
	return all[0], nil
}

func (a *app) countCommand() *cobra.Command {
	var q questionFlags
	cmd := &cobra.Command{
		Use:   "count RULE",
		Short: "Count the customers that a rule lets in",
		Args:  arguments(1, 1, "a rule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.openIndex(cmd.Context(), &q)
			if err != nil {
				return err
			}
			defer w.close()
			now, err := a.oneInstant(&q, w.zone())
			if err != nil {
				return err
			}
			p, err := w.compile("rule", args[0], q.lenient)
			if err != nil {
				return err
			}
			began := a.Now()
			counts, err := w.index.Count(cmd.Context(), []*eval.Program{p}, now)
			if err != nil {
				return err
			}
			return a.printCount(counts[0], w.index.Rows(), now, a.Now()-began)
		},
	}
	q.add(cmd, false)
	return cmd
}

func (a *app) printCount(members, customers int, now calendar.Instant, took int64) error {
	if a.asJSON {
		return a.writeJSON(struct {
			Count     int    `json:"count"`
			Customers int    `json:"customers"`
			At        string `json:"at"`
		}{members, customers, calendar.Format(now)})
	}
	share := 0.0
	if customers > 0 {
		share = 100 * float64(members) / float64(customers)
	}
	a.printf("%s of %s customers (%.1f %%), in %v\n", thousands(int64(members)), thousands(int64(customers)), share,
		time.Duration(took)*time.Millisecond)
	return nil
}
