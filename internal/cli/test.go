package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/kohorte/kohorte/internal/code"
	"github.com/kohorte/kohorte/internal/scenario"
	"github.com/spf13/cobra"
)

func (a *app) testCommand() *cobra.Command {
	var t testRun
	cmd := &cobra.Command{
		Use:   "test FILE|DIR...",
		Short: "Run scenarios: given these customers and events, who is in when",
		Long: `Runs the scenarios in files, and in all files of directories whose names end in
` + scenario.Extension + `: against the evaluator alone and against the live engine, which must
agree. What is otherwise than expected is shown with its place. No workspace is
needed or touched. docs/scenarios has the language and many examples.

Scenarios can use the segments in the YAML files of the same directories (use
sleeping, or use all), so that no rule need be repeated.`,
		Example: `  kohorte test segments/
  kohorte test --run sleeping -v docs/scenarios
  kohorte test segments/sleeping.yaml tests/sleeping.scenario`,
		Args: arguments(1, -1, "files or directories with scenarios"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t.app = a
			return t.run(cmd, args)
		},
	}
	cmd.Flags().StringVar(&t.pattern, "run", "", "only scenarios whose title contains this `PATTERN`, a regular expression")
	cmd.Flags().BoolVarP(&t.verbose, "verbose", "v", false, "also list the scenarios that hold")
	return cmd
}

// testRun is one run of scenarios.
type testRun struct {
	*app
	pattern string
	verbose bool

	files, broken int // broken: files that cannot be read as scenarios
	hold, fail    int
}

func (t *testRun) run(cmd *cobra.Command, args []string) error {
	chosen, err := regexp.Compile(t.pattern)
	if err != nil {
		return usagef("--run: %q is no regular expression", t.pattern)
	}
	names, err := scenarioFiles(args)
	if err != nil {
		return err
	}
	given := t.usableOf(args).given(cmd.Context())
	var list []*scenario.Scenario
	for _, name := range names {
		all, err := t.read(name, given)
		if err != nil {
			return err
		}
		for _, s := range all {
			if chosen.MatchString(s.Title) {
				list = append(list, s)
			}
		}
	}
	if err := scenario.RunAll(cmd.Context(), list, runtime.GOMAXPROCS(0), t.show); err != nil {
		return err
	}
	return t.finish()
}

// scenarioFiles lists the files that are named and those in the directories that are.
func scenarioFiles(args []string) (names []string, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, reason(err))
		}
		if !info.IsDir() {
			if !code.IsFile(arg) {
				names = append(names, arg)
			}
			continue
		}
		before := len(names)
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(path, scenario.Extension) {
				names = append(names, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", arg, reason(err))
		}
		if len(names) == before {
			return nil, fmt.Errorf("%s: there is no file whose name ends in %s", arg, scenario.Extension)
		}
	}
	if names == nil {
		return nil, fmt.Errorf("there is no file whose name ends in %s among these", scenario.Extension)
	}
	return names, nil
}

// read reads a file; what is wrong with it is said at once.
func (t *testRun) read(name string, given scenario.Given) ([]*scenario.Scenario, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, reason(err))
	}
	t.files++
	f, problems := scenario.Parse(name, string(text), given)
	if f == nil {
		t.broken++
		t.complain("%s", problems.Format(name, string(text)))
		return nil, nil
	}
	return f.Scenarios, nil
}

// tested is the outcome of a scenario for programs.
type tested struct {
	File     string          `json:"file"`
	Line     int             `json:"line"`
	Title    string          `json:"title"`
	OK       bool            `json:"ok"`
	Failures []testedFailure `json:"failures"`
}

type testedFailure struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Text   string `json:"text"`
}

func (t *testRun) show(r scenario.Result) {
	ok := len(r.Failures) == 0
	if ok {
		t.hold++
	} else {
		t.fail++
	}
	switch {
	case t.asJSON:
		answer := tested{r.FileName(), r.Line, r.Title, ok, []testedFailure{}}
		for _, f := range r.Failures {
			answer.Failures = append(answer.Failures, testedFailure{f.Line, f.Column, f.Text})
		}
		_ = t.writeJSON(answer)
	case !ok:
		t.printf("FAIL  %s\n", r.Title)
		for _, f := range r.Failures {
			t.printf("%s", f.Text)
		}
		t.printf("\n")
	case t.verbose:
		t.printf("ok    %s\n", r.Title)
	}
}

// finish sums up.
func (t *testRun) finish() error {
	total := t.hold + t.fail
	if !t.asJSON {
		all := fmt.Sprintf("%s in %s", countOf(total, "scenario", "scenarios"), countOf(t.files, "file", "files"))
		switch {
		case t.fail > 0:
			t.printf("%s: %s not as expected\n", all, countOf(t.fail, "is", "are"))
		case total > 0:
			t.printf("%s: all hold\n", all)
		}
	}
	switch {
	case t.fail > 0 || t.broken > 0:
		return errReported
	case total == 0:
		return fmt.Errorf("no scenario has a title that contains %q", t.pattern)
	}
	return nil
}
