package cli

import (
	"github.com/kohorte/kohorte/internal/bench"
	"github.com/spf13/cobra"
)

func (a *app) benchCommand() *cobra.Command {
	o := bench.Options{}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure import, index and rules on generated data, against SQL in the same run",
		Args:  arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Out = a.Stdout
			o.Log = func(format string, args ...any) { a.complain(format+"\n", args...) }
			return bench.Run(cmd.Context(), o)
		},
	}
	cmd.AddCommand(a.benchLiveCommand())
	cmd.Flags().IntVar(&o.Customers, "customers", 100_000, "how many customers to generate")
	cmd.Flags().IntVar(&o.Events, "events", 5_000_000, "how many events to generate")
	cmd.Flags().StringVar(&o.Dir, "dir", "", "directory for the data, kept afterwards (default a temporary one)")
	cmd.Flags().BoolVar(&o.SkipSQL, "skip-sql", false, "leave out the comparison with SQL")
	return cmd
}

func (a *app) benchLiveCommand() *cobra.Command {
	o := bench.Options{}
	cmd := &cobra.Command{
		Use:   "live",
		Short: "Measure a server with a hundred live segments under load, against PostgreSQL in the same run",
		Args:  arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Out = a.Stdout
			o.Log = func(format string, args ...any) { a.complain(format+"\n", args...) }
			return bench.RunLive(cmd.Context(), o)
		},
	}
	cmd.Flags().IntVar(&o.Customers, "customers", 200_000, "how many customers to generate")
	cmd.Flags().IntVar(&o.Events, "events", 10_000_000, "how many events of history to generate")
	cmd.Flags().StringVar(&o.Dir, "dir", "", "directory for the data, kept afterwards (default a temporary one)")
	cmd.Flags().BoolVar(&o.SkipSQL, "skip-sql", false, "leave out the comparison with PostgreSQL")
	return cmd
}
