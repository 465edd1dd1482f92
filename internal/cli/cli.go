// Package cli is the command line of Kohorte: it reads arguments, opens the
// workspace, calls the packages that do the work and writes for people or, with
// --json, for programs.
package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/config"
	"github.com/spf13/cobra"
)

// Env is what the program takes from its surroundings.
type Env struct {
	Program  string // how it was called; kohorte if empty
	Args     []string
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
	Terminal bool // whether Stderr is a terminal, on which a progress bar makes sense
	Now      func() calendar.Instant
	Version  string
}

// app is one run of the program.
type app struct {
	Env
	configFile string         // of --config
	config     *config.Config // read before a command runs
	dataDir    string         // of the configuration
	workspace  string         // of the configuration
	asJSON     bool
	answers    *bufio.Reader // Stdin, where questions are answered
}

// Run executes the program and gives its exit status: 0, 1 for problems of the
// input, 2 for wrong usage (and for changes, of plan --exit-code, and warnings, of
// advise --exit-code), 130 after an interruption.
func Run(ctx context.Context, env Env) int {
	a := &app{Env: env}
	root := a.root()
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errReported):
		return 1
	case errors.Is(err, errChanges), errors.Is(err, errWarnings):
		return 2
	case errors.As(err, &wrong):
		_, _ = fmt.Fprintf(env.Stderr, "kohorte: %v\n", err)
		return 2
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(env.Stderr, "kohorte: interrupted")
		return 130 // as shells have it
	}
	_, _ = fmt.Fprintf(env.Stderr, "kohorte: %v\n", err)
	return 1
}

func (a *app) root() *cobra.Command {
	cobra.EnableCommandSorting = false
	root := &cobra.Command{
		Use:   "kohorte",
		Short: "Customer segmentation: exact at every moment, and it explains itself",
		Long: `Kohorte takes in customers, companies, events and orders and says who belongs
together: exactly, at any moment, and with the reasons.

A rule is one argument in quotes. docs/rules.md describes the language.`,
		Example: `  kohorte demo                                         two invented companies to try everything with
  kohorte import orders.csv                            guess the columns, ask, import
  kohorte fields                                       what rules can be about
  kohorte count 'last(order_completed) older than 180 days'`,
		Version:       a.Version,
		Args:          a.noSuchCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(wrongFlag)
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable .HasParent}}", 1))
	flags := root.PersistentFlags()
	a.generalFlags(root)
	flags.BoolVar(&a.asJSON, "json", false, "write for programs")
	addGroup(root, "Begin", a.demoCommand())
	addGroup(root, "Data", a.importCommand(), a.fieldsCommand(), a.customerCommand())
	addGroup(root, "Rules", a.checkCommand(), a.testCommand(), a.countCommand(), a.listCommand(), a.exportCommand(), a.explainCommand())
	addGroup(root, "Live", a.serveCommand(), a.segmentCommand(), a.watchCommand(), a.webhookCommand(), a.eventCommand(), a.rejectedCommand())
	addGroup(root, "Segments", a.fmtCommand(), a.planCommand(), a.applyCommand(), a.historyCommand(), a.migrationCommand(), a.overlapCommand(), a.adviseCommand())
	addGroup(root, "Operate", a.configCommand(), a.keyCommand(), a.backupCommand(), a.restoreCommand(), a.verifyCommand())
	addGroup(root, "Measure", a.benchCommand())
	root.SetHelpCommand(a.helpCommand(root))
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

// helpCommand is help with an error for what is no command.
func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about a command",
		GroupID: "Begin",
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, _ := root.Find(args)
			if err := a.noSuchCommand(root, rest); err != nil {
				return err
			}
			return found.Help()
		},
	}
}

// addGroup adds commands under a title of the overview.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, c := range commands {
		c.GroupID = title
		root.AddCommand(c)
	}
}

// noSuchCommand refuses words after kohorte that are no command.
func (a *app) noSuchCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	meant := ""
	if alike := root.SuggestionsFor(args[0]); len(alike) > 0 {
		meant = "; did you mean " + strings.Join(alike, " or ") + "?"
	}
	return usagef("there is no command %q%s kohorte help lists the commands", args[0], cmp.Or(meant, ";"))
}

// arguments checks the number of arguments and says what is expected. Who writes
// a rule without quotes has the shell split it.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch n := len(args); {
		case n < least:
			return usagef("%s expects %s", cmd.Name(), what)
		case most >= 0 && n > most && strings.Contains(what, "rule"):
			return usagef("%s expects %s, not %s; a rule is one argument, in quotes", cmd.Name(), what, countOf(n, "argument", "arguments"))
		case most >= 0 && n > most:
			return usagef("%s expects %s, not %s", cmd.Name(), what, countOf(n, "argument", "arguments"))
		}
		return nil
	}
}

// countOf writes a number of things.
func countOf(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return thousands(int64(n)) + " " + many
}

// printf writes to standard output. A reader that went away (head, less) is no
// problem worth telling.
func (a *app) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(a.Stdout, format, args...)
}

// complain writes to standard error.
func (a *app) complain(format string, args ...any) {
	_, _ = fmt.Fprintf(a.Stderr, format, args...)
}

// writeJSON writes one value as one line.
func (a *app) writeJSON(v any) error {
	e := json.NewEncoder(a.Stdout)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
