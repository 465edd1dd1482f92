package cli

import (
	"context"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/eval"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/spf13/cobra"
)

// questionFlags are shared by the commands that ask a rule.
type questionFlags struct {
	at          []string
	memberships string
	lenient     bool
	companies   bool
}

// add adds the flags. Where several instants may be asked for, --at may be repeated.
func (q *questionFlags) add(cmd *cobra.Command, severalInstants bool) {
	several := ""
	if severalInstants {
		several = "; may be repeated"
	}
	cmd.Flags().StringArrayVar(&q.at, "at", nil, "`INSTANT` to answer for, such as 2026-03-01, 2026-03-01T12:00 or 2026-03-01T11:00:00.000Z (default now"+several+")")
	cmd.Flags().StringVar(&q.memberships, "memberships", "", "`FILE` with past memberships: lines "+`{"segment", "userId", "from", "to"}`)
	cmd.Flags().BoolVar(&q.companies, "companies", false, companiesUsage)
	cmd.Flags().BoolVar(&q.lenient, "ahead", false, "unknown names are only warnings, for rules written ahead of the data")
}

// oneInstant gives the one instant of the flags.
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

// question is a rule that can be asked, at an instant.
type question struct {
	*workspace
	program *eval.Program
	now     calendar.Instant
}

// ask opens the workspace and makes a rule ready. What is wrong with the question
// is told before the index is loaded.
func (a *app) ask(ctx context.Context, text string, q *questionFlags) (asked question, err error) {
	w, err := a.open(ctx, q)
	if err != nil {
		return question{}, err
	}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	now, err := a.oneInstant(q, w.zone)
	if err != nil {
		return question{}, err
	}
	if name, ok := asksSegment([]string{text}); ok {
		w.askAbout(name)
		text = rule.PrintLine(&rule.InSegment{Segment: rule.Name{Text: strings.TrimSpace(name)}})
	}
	n, err := w.rule("rule", text, q.lenient)
	if err != nil {
		return question{}, err
	}
	if err := w.load(ctx); err != nil {
		return question{}, err
	}
	p, err := w.index.Compile(n)
	return question{w, p, now}, err
}

func (a *app) countCommand() *cobra.Command {
	var q questionFlags
	cmd := &cobra.Command{
		Use:   "count RULE | count in:SEGMENT",
		Short: "Count the customers that a rule lets in",
		Example: `  kohorte count 'country in ("DE", "AT", "CH")'
  kohorte count 'last(order_completed) older than 180 days' --at 2026-01-01
  kohorte count --companies 'count(company.people where role = "decision_maker") >= 1'`,
		Args: arguments(1, 1, "a rule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.ask(cmd.Context(), args[0], &q)
			if err != nil {
				return err
			}
			defer w.close()
			began := a.Now()
			counts, err := w.index.Count(cmd.Context(), []*eval.Program{w.program}, w.now)
			if err != nil {
				return err
			}
			return a.printCount(counts[0], w.countAll(), w.now, a.Now()-began)
		},
	}
	q.add(cmd, false)
	return cmd
}

// printCount prints a count; took is in milliseconds.
func (a *app) printCount(members int, of total, now calendar.Instant, took int64) error {
	if a.asJSON {
		return a.writeJSON(struct {
			Count     int    `json:"count"`
			Customers int    `json:"customers"`
			At        string `json:"at"`
		}{members, of.number, calendar.Format(now)})
	}
	share := 100 * float64(members) / float64(max(of.number, 1))
	a.printf("%s of %s (%.1f %%), in %s\n", thousands(int64(members)), of.text, share, milliseconds(took))
	return nil
}

// total is how many customers, or companies, there are.
type total struct {
	number int
	text   string
}

func (w *workspace) countAll() total {
	n := w.index.Rows()
	if w.companies {
		return total{n, countOf(n, "company", "companies")}
	}
	return total{n, countOf(n, "customer", "customers")}
}

func milliseconds(n int64) string {
	if n < 1 {
		return "less than 1 ms"
	}
	return thousands(n) + " ms"
}
