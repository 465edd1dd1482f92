package cli

import (
	"log/slog"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/config"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/spf13/cobra"
)

func (a *app) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Take events in and keep every segment exact",
		Long: `Serves a workspace until it is stopped (Ctrl-C, SIGTERM). Libraries for the Segment
specification send their calls to it; every segment follows each of them, and
time, at once; entries and exits can be followed (kohorte watch, GET
/v1/transitions) and go to webhooks. docs/serve.md tells more.

It listens on this machine only, unless --listen names another address. Whoever
sends or reads shows a key: kohorte key create.`,
		Example: `  kohorte key create website --scope write     a key for those who send
  kohorte segment put sleeping 'last(order_completed) older than 180 days'
  kohorte serve`,
		Args: arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := a.bar("reading")
			defer b.remove()
			return serve.Run(cmd.Context(), serve.Options{
				Config: a.config, Clock: clock.System{}, Log: a.logger(a.config), Version: a.Version,
				Progress: func(done, total int64) {
					b.show(done, total, done, "events")
					if done >= total {
						b.remove()
					}
				},
			})
		},
	}
	serverFlags(cmd)
	return cmd
}

// logger writes structured lines to standard error.
func (a *app) logger(c *config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(a.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(a.Stderr, options))
}
