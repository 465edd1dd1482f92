// Package cli is the command line of Kohorte: it reads arguments, opens the
// workspace, calls the packages that do the work and writes for people or, with
// --json, for programs.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/spf13/cobra"
)

// Env is what the program takes from its surroundings.
type Env struct {
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
	dataDir   string
	workspace string
	asJSON    bool
}

// errReported ends the program with status 1 after everything was said.
var errReported = errors.New("reported")

// Run executes the program and gives its exit status: 0, 1 for problems of the
// input, 2 for wrong usage.
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
	case errors.As(err, &wrong):
		_, _ = fmt.Fprintf(env.Stderr, "kohorte: %v\n", err)
		return 2
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(env.Stderr, "kohorte: interrupted")
		return 130
	}
	_, _ = fmt.Fprintf(env.Stderr, "kohorte: %v\n", err)
	return 1
}

// usageError is a wrong call, as opposed to a problem with data.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "kohorte",
		Short:         "Customer segmentation: exact at every moment, and it explains itself",
		Version:       a.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	flags := root.PersistentFlags()
	flags.StringVar(&a.dataDir, "data", defaultDataDir(), "data directory (also KOHORTE_DATA)")
	flags.StringVar(&a.workspace, "workspace", "main", "workspace in the data directory")
	flags.BoolVar(&a.asJSON, "json", false, "write for programs")
	root.AddCommand(
		a.demoCommand(), a.importCommand(), a.checkCommand(), a.countCommand(), a.listCommand(),
		a.explainCommand(), a.customerCommand(), a.fieldsCommand(), a.benchCommand(),
	)
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

func defaultDataDir() string {
	if dir := os.Getenv("KOHORTE_DATA"); dir != "" {
		return dir
	}
	return "data"
}

// arguments checks the number of arguments and says what is expected.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			return usagef("expected %s, got %d arguments; a rule is one argument, in quotes", what, len(args))
		}
		return nil
	}
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
