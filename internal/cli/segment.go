package cli

import (
	"context"

	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/spf13/cobra"
)

func (a *app) segmentCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "segment",
		Short: "Define, list and remove segments: rules that are followed",
		Long: `A segment is a rule with a name. The server keeps its members exact and tells each
entry and exit. Other rules can refer to it: in segment NAME. A segmentation, whose parts
divide everybody, is defined in a file: kohorte apply FILE.yaml.`,
		Args: a.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.segmentPutCommand(), a.segmentListCommand(), a.segmentRemoveCommand())
	cmd.AddCommand(a.segmentCreateCommand())
	cmd.AddCommand(a.segmentLifeCommands()...)
	return cmd
}

func (a *app) segmentPutCommand() *cobra.Command {
	var edit live.Edit
	var companies bool
	cmd := &cobra.Command{
		Use:   "put NAME RULE",
		Short: "Define a segment, or give it another rule",
		Long: `Defines a segment, or gives one that is there another rule, as its next version.
While everybody is evaluated the former version goes on; then all who are in or
out by the new rule alone enter or leave at once.`,
		Example: `  kohorte segment put sleeping 'last(order_completed) older than 180 days'`,
		Args:    arguments(2, 2, "a name and a rule"),
		RunE: func(cmd *cobra.Command, args []string) error {
			edit.Author = author(cmd.Context(), edit.Author)
			return a.control(cmd.Context(), func(c serve.Control) error {
				if err := c.PutSegment(cmd.Context(), args[0], args[1], membersOf(companies), edit); err != nil {
					return err
				}
				a.adviseOnLatest(cmd.Context(), c, args[0])
				return nil
			})
		},
	}
	authorFlags(cmd, &edit.Author, &edit.Message)
	cmd.Flags().BoolVar(&companies, "companies", false, companiesUsage)
	cmd.Flags().BoolVar(&edit.Lenient, "lenient", false, "accept names that nobody has seen yet, for rules written ahead of the data")
	return cmd
}

// companiesUsage says what --companies does.
const companiesUsage = "the rule is about companies, whose people it may ask about as company.people"

func membersOf(companies bool) segment.Members {
	if companies {
		return segment.Companies
	}
	return ""
}

func (a *app) segmentListCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the segments with their state and how many are in",
		Long: `Lists the segments with their state and how many are in. --all also lists those that
were removed, by the names under which kohorte history, list in: and explain in: know
them.`,
		Args: arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.control(cmd.Context(), func(c serve.Control) error {
				list, err := c.Segments(cmd.Context())
				if err == nil && all {
					err = a.addRemoved(cmd.Context(), &list)
				}
				if err != nil {
					return err
				}
				if a.asJSON {
					return a.writeJSON(list)
				}
				a.listSegments(list)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "also those that were removed")
	return cmd
}

// addRemoved adds the segments that were removed, whose past can still be asked about.
func (a *app) addRemoved(ctx context.Context, list *[]serve.Segment) error {
	return a.askPast(ctx, func(p *past) error {
		for _, s := range p.Segments() {
			if s.Removed {
				latest := s.Versions[len(s.Versions)-1]
				*list = append(*list, serve.Segment{Name: s.Name, Rule: latest.Rule, Version: latest.Number, Life: removed, State: removed})
			}
		}
		return nil
	})
}

// removed is the state of segments that are there no more.
const removed = "removed"

func (a *app) segmentRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a segment; all its members leave it",
		Args:  arguments(1, 1, "the name of a segment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.control(cmd.Context(), func(c serve.Control) error { return c.RemoveSegment(cmd.Context(), args[0]) })
		},
	}
}
