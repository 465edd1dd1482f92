package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/kohorte/kohorte/internal/code"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/spf13/cobra"
)

// applyFlags are the flags of apply.
type applyFlags struct {
	planFlags
	yes, moves      bool
	author, message string
}

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply DIR|FILE.yaml... | apply PLAN.json",
		Short: "Make the workspace as files of segments say, or do what a plan says",
		Long: `Makes the workspace as files of segments say, after it has shown the plan and asked.
All changes are made together or none is.

With a plan that kohorte plan --out has kept it does exactly what the plan says and
asks nothing. It refuses if segments were changed since, and if other people would
enter or leave than the plan says; --data-may-move allows the latter.`,
		Example: `  kohorte apply segments/
  kohorte apply segments/ --yes --author anna --message 'spring campaign'
  kohorte plan segments/ --out plan.json && kohorte apply plan.json`,
		Args: arguments(1, -1, "directories or files with segments, or a plan"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case areFiles(args):
				return a.apply(cmd.Context(), args, &f)
			case len(args) != 1:
				return usagef("apply expects directories and files whose names end in .yaml or .yml, or one plan")
			case f.prune || f.lenient || cmd.Flags().Changed("sample"):
				return usagef("--prune, --ahead and --sample are given to kohorte plan; the plan says what is done")
			}
			return a.applySaved(cmd.Context(), args[0], &f)
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&f.moves, "data-may-move", false, "also if data or time have others enter or leave than the plan says")
	authorFlags(cmd, &f.author, &f.message)
	return cmd
}

func authorFlags(cmd *cobra.Command, author, message *string) {
	cmd.Flags().StringVar(author, "author", "", "`NAME` of who makes the change; else $USER, else the user.name of git")
	cmd.Flags().StringVar(message, "message", "", "`TEXT` that says why")
}

// author gives who makes a change.
func author(ctx context.Context, given string) string {
	if given != "" {
		return given
	}
	if user := os.Getenv("USER"); user != "" {
		return user
	}
	name, err := exec.CommandContext(ctx, "git", "config", "user.name").Output()
	if err != nil {
		return "" // no git, or nobody set it
	}
	return strings.TrimSpace(string(name))
}

// edit says who makes a change from files, and why.
func (f *applyFlags) edit(ctx context.Context, lenient bool) live.Edit {
	return live.Edit{Author: author(ctx, f.author), Message: code.Message(f.message), Lenient: lenient}
}

// apply plans, shows, asks and does.
func (a *app) apply(ctx context.Context, names []string, f *applyFlags) error {
	p, err := a.compare(ctx, names, f.planFlags)
	if err != nil {
		return err
	}
	if p.Empty() {
		return a.show(p)
	}
	return a.control(ctx, func(c serve.Control) error {
		p, err := a.tryOut(ctx, c, names, f.planFlags)
		if err != nil {
			return err
		}
		if err := a.show(p); err != nil {
			return err
		}
		if err := a.sure(ctx, f.yes); err != nil {
			return err
		}
		return a.commit(ctx, c, p.Changes, f.edit(ctx, f.lenient), p.impact.State)
	})
}

// sure asks whether a plan is to be carried out.
func (a *app) sure(ctx context.Context, yes bool) error {
	if yes {
		return nil
	}
	a.complain("Make these changes? [y/N] ")
	answer, err := a.readLine(ctx)
	if errors.As(err, new(usageError)) {
		a.complain("\n")
		return usagef("nobody answered; add --yes")
	}
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "j", "ja":
		return nil
	}
	a.complain("Nothing was changed.\n")
	return errReported
}

func (a *app) commit(ctx context.Context, c serve.Control, changes live.Changes, edit live.Edit, state string) error {
	if err := c.Commit(ctx, changes, edit, state); err != nil {
		return err
	}
	if !a.asJSON {
		a.printf("Done: %s, %d removed.\n", countOf(len(changes.Put), "segment made or changed", "segments made or changed"), len(changes.Remove))
	}
	return nil
}

// applySaved does what the plan of a file says.
func (a *app) applySaved(ctx context.Context, name string, f *applyFlags) error {
	file, err := os.Open(name)
	if err != nil {
		return ofFile(err)
	}
	defer func() { _ = file.Close() }()
	saved, err := code.ReadSaved(file)
	switch {
	case err != nil:
		return said{name + ": " + err.Error(), err}
	case saved.Workspace != a.workspace:
		return usagef("%s is a plan for the workspace %s, not %s", name, saved.Workspace, a.workspace)
	case saved.State == "":
		a.complain("The plan changes nothing.\n")
		return nil
	}
	edit := f.edit(ctx, saved.Lenient)
	return a.control(ctx, func(c serve.Control) error {
		now, err := c.Impact(ctx, live.Changes{}, edit)
		if err != nil {
			return err
		}
		if now.State != saved.State {
			return fmt.Errorf("%w, since the plan was made: plan again", live.ErrMoved)
		}
		impact, err := c.Impact(ctx, saved.Changes, edit)
		if err != nil {
			return err
		}
		if moved := saved.Moved(impact); moved != "" && !f.moves {
			return &live.Wrong{Text: "since the plan was made, data or time have changed what it does: " + moved + "\nplan again, or allow it with --data-may-move"}
		}
		return a.commit(ctx, c, saved.Changes, edit, saved.State)
	})
}
