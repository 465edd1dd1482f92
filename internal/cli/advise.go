package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kohorte/kohorte/internal/advise"
	"github.com/kohorte/kohorte/internal/advise/gather"
	"github.com/kohorte/kohorte/internal/api"
	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

// errWarnings ends the program with status 2: there are warnings and --exit-code asked for that.
var errWarnings = errors.New("there are warnings")

// adviseFlags are the flags of advise.
type adviseFlags struct {
	language, kind string
	all, exitCode  bool
}

func (a *app) adviseCommand() *cobra.Command {
	var f adviseFlags
	cmd := &cobra.Command{
		Use:   "advise [SEGMENT...]",
		Short: "Tell what is likely wrong with segments, why it matters and what to do",
		Long: `Looks for segments that are empty, too small or too large, almost the same or one
inside another; for conditions that are never or always true; for parts of
segmentations that nobody reaches; for data that no longer comes or is mostly
unknown; for segments that nobody uses or that rest on a single dimension; for
purposes without consent; and for dates that were frozen.

A finding that is all right is accepted with a reason and then left out, until the
segment gets another version or the figures change by more than a quarter.
docs/advice.md tells all kinds and when they are found.

With --exit-code the status is 2 if there are warnings, and 1 after an error, wrong usage
included.`,
		Example: `  kohorte advise
  kohorte advise vip sleeping --lang de
  kohorte advise accept inside:vip,customers --reason 'both are meant to get the catalogue'`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.advise(cmd.Context(), args, &f) },
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return withStatus1(wrongFlag(cmd, err)) })
	cmd.Flags().StringVar(&f.language, "lang", "en", "`LANGUAGE` of the texts: de or en")
	cmd.Flags().StringVar(&f.kind, "kind", "", "only findings of a `KIND`, such as near_duplicate")
	cmd.Flags().BoolVar(&f.all, "all", false, "also those that were accepted")
	cmd.Flags().BoolVar(&f.exitCode, "exit-code", false, "status 2 if there are warnings")
	cmd.AddCommand(a.acceptCommand(), a.withdrawCommand())
	return cmd
}

func (a *app) acceptCommand() *cobra.Command {
	var reason, by string
	cmd := &cobra.Command{
		Use:   "accept KEY",
		Short: "Accept a finding with a reason, so that it is left out",
		Args:  arguments(1, 1, "the key of a finding"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return usagef("--reason TEXT is missing: why is it all right?")
			}
			return a.acceptFinding(cmd.Context(), args[0], reason, by)
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why it is all right")
	cmd.Flags().StringVar(&by, "author", "", "`NAME` of who accepts it; else $USER, else the user.name of git")
	return cmd
}

func (a *app) withdrawCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "withdraw KEY",
		Short: "Do not accept a finding any more",
		Args:  arguments(1, 1, "the key of a finding"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.viewing(cmd.Context(), false, func(*store.View) error { return nil }); err != nil {
				return err // nothing is made where nothing is
			}
			return a.writing(func(s *store.Store) error { return s.Withdraw(cmd.Context(), args[0]) })
		},
	}
}

// findings finds all there is about some segments, or all: with the memory of the
// server if one runs, else with the index.
func (a *app) findings(ctx context.Context, names []string) (found []advise.Finding, zone *calendar.Zone, err error) {
	w, err := a.open(ctx, &questionFlags{})
	if err != nil {
		return nil, nil, err
	}
	defer w.close()
	if err := w.store.View(ctx, func(v *store.View) error { return areSegments(ctx, v, names) }); err != nil {
		return nil, nil, err
	}
	var data gather.Data
	if remote, ok := serve.Connect(a.dataDir, a.workspace); ok {
		data = remote
	} else if err := w.load(ctx); err != nil {
		return nil, nil, err
	} else {
		data = w.index
	}
	err = w.store.View(ctx, func(v *store.View) error {
		found, err = gather.Findings(ctx, v, data, &gather.Request{Now: a.Now(), Names: names})
		return err
	})
	return found, w.zone, err
}

// areSegments refuses names that no segment has.
func areSegments(ctx context.Context, v *store.View, names []string) error {
	there, err := v.Segments(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(there, func(s store.Segment) bool { return s.Name == name }) {
			return noSegment(ctx, v, name)
		}
	}
	return nil
}

func (a *app) advise(ctx context.Context, names []string, f *adviseFlags) error {
	if f.language != "de" && f.language != "en" {
		return withStatus1(usagef("--lang is de or en, not %q", f.language))
	}
	if f.kind != "" && !slices.Contains(advise.Kinds(), advise.Kind(f.kind)) {
		return withStatus1(usagef("there is no kind %q; the kinds are %s", f.kind, kindNames()))
	}
	all, zone, err := a.findings(ctx, names)
	if err != nil {
		return err
	}
	var shown []advise.Finding
	accepted, warnings := 0, 0
	for _, one := range all {
		switch {
		case f.kind != "" && string(one.Kind) != f.kind:
			continue
		case !one.Active():
			accepted++
		case one.Severity == advise.Warning:
			warnings++
		}
		if f.all || one.Active() {
			shown = append(shown, one)
		}
	}
	if a.asJSON {
		err = a.writeJSON(adviceJSON(shown, accepted))
	} else {
		shower{a, zone, f.language}.all(shown, accepted, f.all)
	}
	if err == nil && f.exitCode && warnings > 0 {
		return errWarnings
	}
	return err
}

func kindNames() string {
	var names []string
	for _, k := range advise.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// jsonAdvice is the advice for programs.
type jsonAdvice struct {
	Findings []api.Finding `json:"findings"`
	Accepted int           `json:"accepted"`
}

func adviceJSON(list []advise.Finding, accepted int) jsonAdvice {
	j := jsonAdvice{[]api.Finding{}, accepted}
	for i := range list {
		j.Findings = append(j.Findings, api.FindingOf(&list[i]))
	}
	return j
}

func (a *app) acceptFinding(ctx context.Context, key, reason, by string) error {
	found, _, err := a.findings(ctx, nil)
	if err != nil {
		return err
	}
	var keys []string
	for i := range found {
		f := &found[i]
		if f.Key != key {
			keys = append(keys, f.Key)
			continue
		}
		accepted := f.Accept(reason, author(ctx, by), a.Now())
		return a.writing(func(s *store.Store) error { return s.Accept(ctx, api.Kept(&accepted)) })
	}
	hint := "kohorte advise lists the findings with their keys"
	if meant, ok := rule.Suggest(key, keys); ok {
		hint = fmt.Sprintf("did you mean %s?", meant)
	}
	return fmt.Errorf("there is no finding %s; %s", harmless(key), hint)
}

// used notes that somebody asked for segments and got an answer, so that they are not
// taken for unused. A question does not fail because that cannot be noted.
func (a *app) used(ctx context.Context, err error, names ...string) error {
	if err != nil || len(names) == 0 {
		return err
	}
	_ = a.writing(func(s *store.Store) error {
		var err error
		for _, name := range names {
			err = errors.Join(err, s.NoteUse(ctx, name, a.Now()))
		}
		return err
	})
	return nil
}
