package cli

import (
	"strconv"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/spf13/cobra"
)

func (a *app) eventCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "event",
		Short: "Correct or remove an event, by its number",
		Long: `Events are facts and stay as they came. If one was wrong it can be corrected or
removed, by the number that kohorte customer shows. Memberships are from
then on those that would be there had it come right; what was told already is
corrected by new entries and exits.`,
		Args: a.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.eventCorrectCommand(), &cobra.Command{
		Use:   "remove NUMBER",
		Short: "Take an event out of its customer's history and erase its content",
		Args:  arguments(1, 1, "the number of an event"),
		RunE: func(cmd *cobra.Command, args []string) error {
			seq, err := eventNumber(args[0])
			if err != nil {
				return err
			}
			return a.control(cmd.Context(), func(c serve.Control) error { return c.RemoveEvent(cmd.Context(), seq) })
		},
	})
	return cmd
}

func eventNumber(text string) (int64, error) {
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 1 {
		return 0, usagef("%q is not the number of an event", text)
	}
	return seq, nil
}

func (a *app) eventCorrectCommand() *cobra.Command {
	var at, properties string
	cmd := &cobra.Command{
		Use:     "correct NUMBER --time TIME --properties JSON",
		Short:   "Give an event another time and other properties",
		Example: `  kohorte event correct 4711 --time 2026-11-02T09:30 --properties '{"total": 49.90}'`,
		Args:    arguments(1, 1, "the number of an event"),
		RunE: func(cmd *cobra.Command, args []string) error {
			seq, err := eventNumber(args[0])
			if err != nil {
				return err
			}
			if at == "" || properties == "" {
				return usagef("both --time and --properties are needed")
			}
			s, err := a.openStore()
			if err != nil {
				return err
			}
			settings, err := s.Settings(cmd.Context())
			_ = s.Close() // only read from
			if err != nil {
				return err
			}
			zone, err := calendar.LoadZone(settings.Zone)
			if err != nil {
				return err
			}
			when, err := instant(at, zone)
			if err != nil {
				return usagef("--time %s: %w", at, err)
			}
			return a.control(cmd.Context(), func(c serve.Control) error {
				return c.CorrectEvent(cmd.Context(), seq, when, []byte(properties))
			})
		},
	}
	cmd.Flags().StringVar(&at, "time", "", "`TIME` of the event")
	cmd.Flags().StringVar(&properties, "properties", "", "properties as a `JSON` object")
	return cmd
}
