package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

func (a *app) webhookCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Have entries and exits sent to an address",
		Long: `Sends each entry and exit to an address, in the form of Standard Webhooks, signed,
in order for each customer, again until it is taken (ten attempts over three
days). docs/serve.md tells more.`,
		Args: a.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.webhookAddCommand(), a.webhookSetCommand(), a.webhookListCommand(),
		a.webhookDo("remove", "Remove a webhook with what waits for it", (*store.Store).RemoveWebhook),
		a.webhookDo("enable", "Send again after a webhook was disabled", (*store.Store).EnableWebhook),
		a.webhookDo("disable", "Send nothing until it is enabled", func(s *store.Store, ctx context.Context, name string) error {
			return s.DisableWebhook(ctx, name, "disabled by hand")
		}),
		a.webhookRotateCommand(),
		a.webhookDo("drop-old-secrets", "Sign with the newest secret only", (*store.Store).DropOldSecrets),
		a.webhookReplayCommand(), a.webhookLogCommand())
	return cmd
}

// writing opens the store for one change.
func (a *app) writing(work func(*store.Store) error) error {
	s, err := a.openToWrite()
	if err != nil {
		return err
	}
	return errors.Join(work(s), s.Close())
}

func (a *app) webhookDo(verb, short string, do func(*store.Store, context.Context, string) error) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " NAME",
		Short: short,
		Args:  arguments(1, 1, "the name of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.writing(func(s *store.Store) error { return do(s, cmd.Context(), args[0]) })
		},
	}
}

func (a *app) webhookAddCommand() *cobra.Command {
	var segments []string
	var private bool
	cmd := &cobra.Command{
		Use:     "add NAME URL",
		Short:   "Add a webhook and show its secret, once",
		Example: `  kohorte webhook add crm https://crm.example.de/hooks/kohorte --segment sleeping`,
		Args:    arguments(2, 2, "a name and an address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.writing(func(s *store.Store) error {
				h, err := s.AddWebhook(cmd.Context(), store.Webhook{Name: args[0], URL: args[1], Segments: segments, Private: private, Created: a.Now()})
				if err != nil {
					return err
				}
				return a.showSecret(h.Name, h.Secrets[0])
			})
		},
	}
	cmd.Flags().StringSliceVar(&segments, "segment", nil, "only the segment `NAME`; may be given several times")
	cmd.Flags().BoolVar(&private, "private", false, "the address may be one of this machine or of a private network")
	return cmd
}

func (a *app) webhookSetCommand() *cobra.Command {
	var segments []string
	var private bool
	cmd := &cobra.Command{
		Use:   "set NAME URL",
		Short: "Give a webhook another address; what waits goes there",
		Args:  arguments(2, 2, "a name and an address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.writing(func(s *store.Store) error {
				return s.SetWebhook(cmd.Context(), store.Webhook{Name: args[0], URL: args[1], Segments: segments, Private: private})
			})
		},
	}
	cmd.Flags().StringSliceVar(&segments, "segment", nil, "only the segment `NAME`; may be given several times")
	cmd.Flags().BoolVar(&private, "private", false, "the address may be one of this machine or of a private network")
	return cmd
}

func (a *app) showSecret(name, secret string) error {
	if a.asJSON {
		return a.writeJSON(map[string]string{"name": name, "secret": secret})
	}
	a.printf("%s\n", secret)
	return nil
}

func (a *app) webhookRotateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate NAME",
		Short: "Make a new secret; the former ones sign too until they are dropped",
		Args:  arguments(1, 1, "the name of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.writing(func(s *store.Store) error {
				secret, err := s.RotateSecret(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.showSecret(args[0], secret)
			})
		},
	}
}

// webhookView is a webhook as it is shown.
type webhookView struct {
	Name     string   `json:"name"`
	URL      string   `json:"url"`
	Segments []string `json:"segments"`
	Private  bool     `json:"private"`
	Disabled string   `json:"disabled,omitempty"`
	Waiting  int      `json:"waiting"`
	Dead     int      `json:"dead"`
}

func (a *app) webhookListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the webhooks with what waits for them",
		Args:  arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.openStore()
			if err != nil {
				return err
			}
			list := []webhookView{}
			err = s.View(cmd.Context(), func(v *store.View) error {
				hooks, err := v.Webhooks(cmd.Context())
				if err != nil {
					return err
				}
				backlogs, err := v.Backlogs(cmd.Context())
				for _, h := range hooks {
					b := backlogs[h.ID]
					list = append(list, webhookView{h.Name, h.URL, h.Segments, h.Private, h.Disabled, int(b.Waiting), int(b.Dead)})
				}
				return err
			})
			if err := errors.Join(err, s.Close()); err != nil {
				return err
			}
			if a.asJSON {
				return a.writeJSON(list)
			}
			for _, h := range list {
				a.printf("%s  %s  %s  %s waiting, %s given up", h.Name, h.URL, strings.Join(append([]string{}, h.Segments...), ","), thousands(int64(h.Waiting)), thousands(int64(h.Dead)))
				if h.Disabled != "" {
					a.printf("  disabled: %s", h.Disabled)
				}
				a.printf("\n")
			}
			return nil
		},
	}
}

func (a *app) webhookReplayCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "replay NAME [NUMBER...]",
		Short: "Send again what was given up: all, or the transitions with these numbers",
		Args:  arguments(1, -1, "the name of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var seqs []int64
			for _, text := range args[1:] {
				seq, err := eventNumber(text)
				if err != nil {
					return err
				}
				seqs = append(seqs, seq)
			}
			return a.writing(func(s *store.Store) error {
				n, err := s.Replay(cmd.Context(), args[0], a.Now(), seqs...)
				if err == nil {
					a.printf("%s to be sent again\n", countOf(n, "transition", "transitions"))
				}
				return err
			})
		},
	}
}

func (a *app) webhookLogCommand() *cobra.Command {
	var dead bool
	cmd := &cobra.Command{
		Use:   "log NAME",
		Short: "Show the latest attempts, or with --dead what was given up",
		Args:  arguments(1, 1, "the name of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.openStore()
			if err != nil {
				return err
			}
			err = s.View(cmd.Context(), func(v *store.View) error { return a.showDeliveries(cmd.Context(), v, args[0], dead) })
			return errors.Join(err, s.Close())
		},
	}
	cmd.Flags().BoolVar(&dead, "dead", false, "what was given up after the last attempt")
	return cmd
}

func (a *app) showDeliveries(ctx context.Context, v *store.View, name string, dead bool) error {
	const most = 100
	if dead {
		list, err := v.DeadLetters(ctx, name, 0, most)
		for _, m := range list {
			a.printf("%8d  %s  %s  entered: %v  %s\n", m.Seq, calendar.Format(m.At), harmless(m.Name), m.Entered, m.Segment)
		}
		return err
	}
	list, err := v.Deliveries(ctx, name, 0, most)
	for _, d := range list {
		a.printf("%s  transition %d, attempt %d: %d %s (%d ms)\n", calendar.Format(d.At), d.Seq, d.Attempt, d.Status, d.Error, d.Millis)
	}
	return err
}
