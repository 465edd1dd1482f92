package cli

import (
	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/spf13/cobra"
)

func (a *app) segmentCreateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "create-unmatched NAME",
		Short: "Create the customers whom a list names and who are not there",
		Long: `Creates the customers whom a list, or a rule by hand, includes and who are not there:
with the user id, or the identity namespace:value, that stands in the list. What is
imported about them later finds them by it. They are in as soon as they are created.`,
		Example: `  kohorte segment create-unmatched trade_fair`,
		Args:    arguments(1, 1, "the name of a segment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.control(cmd.Context(), func(c serve.Control) error {
				made, err := c.CreateUnmatched(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.tellCreated(&made)
			})
		},
	}
}

// tellCreated tells who was created, and who was not and why.
func (a *app) tellCreated(made *live.Unmatched) error {
	if a.asJSON {
		return a.writeJSON(api.NewUnmatched(made))
	}
	for _, r := range made.Refused {
		a.complain("%s: not created: %s\n", harmless(r.Customer), r.Reason)
	}
	a.printf("%s created.\n", countOf(len(made.Created), "customer", "customers"))
	return nil
}
