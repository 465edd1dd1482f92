package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/check"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/sentence"
	"github.com/spf13/cobra"
)

func (a *app) checkCommand() *cobra.Command {
	var file string
	var o check.Options
	cmd := &cobra.Command{
		Use:   "check RULE | check -f FILE | check DIR|FILE.yaml...",
		Short: "Tell what is wrong with a rule or with files of segments",
		Long: `Checks a rule against the fields of the workspace. A correct rule is shown in
canonical form and as a sentence in German and in English. A rule may also be
given as JSON.

Directories and files whose names end in .yaml or .yml are checked as segments, all
together: keys, rules, names, circles of references. docs/segments.md describes them.`,
		Example: `  kohorte check 'count(order_completed in last 12 months) >= 3 and consent(email, newsletter)'
  kohorte check -f loyal.rule
  kohorte check segments/`,
		Args: func(cmd *cobra.Command, args []string) error {
			if areFiles(args) {
				return nil
			}
			return arguments(0, 1, "a rule or -f FILE")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" && areFiles(args) {
				return a.checkFiles(cmd.Context(), args, o.Lenient)
			}
			text, name, err := a.ruleText(args, file)
			if err != nil {
				return err
			}
			known, err := a.catalog(cmd.Context())
			if err != nil {
				return err
			}
			return a.check(name, text, known, o)
		},
	}
	cmd.Flags().StringVarP(&file, "file", "f", "", "read the rule from a file, - for standard input")
	cmd.Flags().BoolVar(&o.Companies, "companies", false, companiesUsage)
	cmd.Flags().BoolVar(&o.Lenient, "ahead", false, "unknown names are only warnings, for rules written ahead of the data")
	return cmd
}

// ruleText gives the rule of the command line or of a file, and its name in messages.
func (a *app) ruleText(args []string, file string) (text, name string, err error) {
	switch {
	case len(args) == 1 && file == "":
		return args[0], "rule", nil
	case len(args) == 1 || file == "":
		return "", "", usagef("expected a rule in quotes or -f FILE")
	case file == "-":
		b, err := io.ReadAll(io.LimitReader(a.Stdin, longestLine))
		return string(b), "rule", err
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", file, reason(err))
	}
	return string(b), file, nil
}

// checked is the answer of check for programs.
type checked struct {
	OK        bool            `json:"ok"`
	Problems  []problem       `json:"problems"`
	Canonical string          `json:"canonical,omitempty"`
	Tree      json.RawMessage `json:"tree,omitempty"`
	German    string          `json:"de,omitempty"`
	English   string          `json:"en,omitempty"`
}

type problem struct {
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Warning bool   `json:"warning"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Pointer string `json:"pointer,omitempty"`
}

func (a *app) check(name, given string, known *catalog.Catalog, o check.Options) error {
	n, text, problems := checkedRule(given, known, o)
	answer := checked{OK: !problems.Fatal(), Problems: []problem{}}
	for _, p := range problems {
		answer.Problems = append(answer.Problems, problem{p.Message, p.Hint, p.Warning, p.Start, p.End, p.Pointer})
	}
	if answer.OK {
		answer.Canonical, answer.Tree = rule.Print(n), rule.MarshalJSON(n)
		answer.German, answer.English = sentence.Sentence(n, sentence.German), sentence.Sentence(n, sentence.English)
	}
	if err := a.printChecked(answer, problems.Format(name, text)); err != nil {
		return err
	}
	if !answer.OK {
		return errReported
	}
	return nil
}

func (a *app) printChecked(answer checked, problems string) error {
	if a.asJSON {
		return a.writeJSON(answer)
	}
	if problems != "" {
		a.complain("%s", problems)
	}
	if answer.OK {
		a.printf("%s\n\n", answer.Canonical)
		a.printf("Deutsch:  %s\nEnglish:  %s\n", answer.German, answer.English)
	}
	return nil
}
