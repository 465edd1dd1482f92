package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/code"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

// areFiles tells whether arguments name files of segments or directories, not a rule.
func areFiles(args []string) bool {
	for _, arg := range args {
		if info, err := os.Stat(arg); !code.IsFile(arg) && (err != nil || !info.IsDir()) {
			return false
		}
	}
	return len(args) > 0
}

// files reads files of segments and checks them against the workspace as it is in a
// view; without one, nothing is known of it.
func (a *app) files(ctx context.Context, v *store.View, names []string, lenient bool) (*code.Set, *calendar.Zone, error) {
	known, there := &catalog.Catalog{Zone: usualZone}, []segment.Definition(nil)
	if v != nil {
		var err error
		if known, err = v.Catalog(ctx); err != nil {
			return nil, nil, err
		}
		list, err := v.Segments(ctx)
		if err != nil {
			return nil, nil, err
		}
		there = []segment.Definition{}
		for i := range list {
			there = append(there, list[i].Definition)
		}
	}
	zone, err := calendar.LoadZone(known.Zone)
	if err != nil {
		return nil, nil, err
	}
	set, err := code.Read(ctx, names, zone)
	if err != nil {
		return nil, nil, ofFile(err)
	}
	set.Check(known, there, lenient)
	return set, zone, anything(set, names)
}

// anything tells that there is nothing in what was read: the wrong directory, likely.
// A workspace is not made empty by that.
func anything(set *code.Set, names []string) error {
	switch where := strings.Join(names, ", "); {
	case set.Fatal() || len(set.Segments) > 0:
		return nil
	case set.Files == 0:
		return fmt.Errorf("%s: nothing was read, since there is no file whose name ends in .yaml or .yml", where)
	default:
		return fmt.Errorf("%s: there is no segment in %s", where, countOf(set.Files, "file", "files"))
	}
}

// ofFile says what the operating system says of a file, with its name.
func ofFile(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, reason(err))
	}
	return err
}

// tell writes the problems of files.
func (a *app) tell(set *code.Set) {
	for _, p := range set.Problems {
		a.complain("%s", p.String())
	}
	if set.More > 0 {
		a.complain("… and %s\n", countOf(set.More, "more problem", "more problems"))
	}
}

// filesChecked is the answer of check for programs.
type filesChecked struct {
	OK       bool           `json:"ok"`
	Files    int            `json:"files"`
	Segments int            `json:"segments"`
	Problems []code.Problem `json:"problems"`
	More     int            `json:"more,omitempty"`
}

// checkFiles tells what is wrong with files of segments.
func (a *app) checkFiles(ctx context.Context, names []string, lenient bool) error {
	var set *code.Set
	err := a.viewing(ctx, true, func(v *store.View) (err error) {
		set, _, err = a.files(ctx, v, names, lenient)
		return err
	})
	if err != nil {
		return err
	}
	if a.asJSON {
		err = a.writeJSON(filesChecked{!set.Fatal(), set.Files, len(set.Segments), append([]code.Problem{}, set.Problems...), set.More})
	} else {
		a.tell(set)
		if !set.Fatal() {
			a.printf("%s in %s: all right\n", countOf(len(set.Segments), "segment", "segments"), countOf(set.Files, "file", "files"))
		}
	}
	if err == nil && set.Fatal() {
		return errReported
	}
	return err
}

// viewing calls work with a view of the workspace. If it may be missing, the view is
// nil then.
func (a *app) viewing(ctx context.Context, mayMiss bool, work func(*store.View) error) error {
	s, err := a.openStore()
	if mayMiss && errors.Is(err, store.ErrNoWorkspace) {
		a.complain("kohorte: no names are known: %v\n", err)
		return work(nil)
	}
	if err != nil {
		return err
	}
	return errors.Join(s.View(ctx, work), s.Close())
}

func (a *app) fmtCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt DIR|FILE.yaml...",
		Short: "Format files of segments; comments and order stay",
		Long: `Formats files of segments in place, and all below directories: indentation, quotes,
rules in canonical form. Comments and the order of keys stay. A file that is no YAML,
or has a rule that cannot be read, is left as it is; other mistakes are for kohorte
check to find. With --check nothing is written, and the status is 1 if something
would be.`,
		Example: `  kohorte fmt segments/
  kohorte fmt --check segments/`,
		Args: arguments(1, -1, "files or directories with segments"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.format(cmd.Context(), args, check) },
	}
	cmd.Flags().BoolVar(&check, "check", false, "only tell which files would change")
	return cmd
}

// formatted is the answer of fmt for programs.
type formatted struct {
	Changed  []string       `json:"changed"`
	Problems []code.Problem `json:"problems"`
}

func (a *app) format(ctx context.Context, names []string, check bool) error {
	answer := formatted{[]string{}, []code.Problem{}}
	err := code.Texts(ctx, names, func(name, text string) error {
		made, problems := code.Format(name, text)
		answer.Problems = append(answer.Problems, problems...)
		if made == text {
			return nil
		}
		answer.Changed = append(answer.Changed, name)
		if check {
			return nil
		}
		return replaceFile(name, made)
	})
	if err != nil {
		return ofFile(err)
	}
	if a.asJSON {
		err = a.writeJSON(answer)
	} else {
		for _, name := range answer.Changed {
			a.printf("%s\n", name)
		}
		for _, p := range answer.Problems {
			a.complain("%s", p.String())
		}
	}
	if err == nil && (len(answer.Problems) > 0 || check && len(answer.Changed) > 0) {
		return errReported
	}
	return err
}

// replaceFile gives a file another text, all of it or nothing.
func replaceFile(name, text string) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	temporary := name + ".new"
	if err := os.WriteFile(temporary, []byte(text), info.Mode().Perm()); err != nil {
		return err
	}
	if err := os.Rename(temporary, name); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}
