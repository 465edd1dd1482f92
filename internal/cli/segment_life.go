package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/code"
	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/rule"
	"github.com/kohorte/kohorte/internal/segment"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

// segmentLifeCommands are the commands about files, versions and states of segments.
func (a *app) segmentLifeCommands() []*cobra.Command {
	return []*cobra.Command{
		a.segmentShowCommand(), a.segmentRestoreCommand(),
		a.segmentStateCommand("pause", "Let a segment keep its members as they are", segment.Paused),
		a.segmentStateCommand("resume", "Follow a segment again that was paused, a draft or retired", segment.Active),
		a.segmentStateCommand("retire", "End a segment: all its members leave, its history stays", segment.Retired),
		a.segmentExportCommand(), a.segmentSchemaCommand(),
	}
}

func (a *app) segmentShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show a segment as a file has it, and its versions with what they changed",
		Args:  arguments(1, 1, "the name of a segment"),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.showSegment(cmd.Context(), args[0]) },
	}
}

// versionJSON is a version of a segment for programs.
type versionJSON struct {
	Version int64            `json:"version"`
	Author  string           `json:"author,omitempty"`
	Message string           `json:"message,omitempty"`
	Created string           `json:"created"`
	Changes []segment.Change `json:"changes"`
}

func (a *app) showSegment(ctx context.Context, name string) error {
	versions, zone, err := a.versionsOf(ctx, name)
	if err != nil {
		return err
	}
	var list []versionJSON
	for i, v := range versions {
		before := segment.Definition{}
		if i+1 < len(versions) {
			before = versions[i+1].Definition
		}
		list = append(list, versionJSON{v.Number, v.Author, v.Message, calendar.Format(v.Created), append([]segment.Change{}, segment.Diff(before, v.Definition)...)})
	}
	parts, err := a.partSizes(ctx, versions[0].Definition)
	if err != nil {
		return err
	}
	if a.asJSON {
		made := map[string]any{"definition": versions[0].Definition, "versions": list}
		if parts != nil {
			made["parts"] = parts
		}
		return a.writeJSON(made)
	}
	text, _ := code.Text(versions[0].Definition, zone, "")
	a.printf("%s", text)
	a.showParts(parts)
	for i, v := range versions {
		a.printf("\nversion %d%s\n", v.Number, a.made(zone, v.Author, v.Message, v.Created))
		if i+1 < len(versions) {
			a.showChanges("  ", list[i].Changes)
		}
	}
	return nil
}

// versionsOf gives the versions of a segment, the latest first.
func (a *app) versionsOf(ctx context.Context, name string) (list []store.Version, zone *calendar.Zone, err error) {
	err = a.viewing(ctx, false, func(v *store.View) error {
		known, err := v.Catalog(ctx)
		if err != nil {
			return err
		}
		if zone, err = calendar.LoadZone(known.Zone); err != nil {
			return err
		}
		if list, err = v.Versions(ctx, name); err != nil || len(list) > 0 {
			return err
		}
		return noSegment(ctx, v, name)
	})
	return list, zone, err
}

// noSegment is the error for the name of a segment that does not exist.
func noSegment(ctx context.Context, v *store.View, name string) error {
	there, err := v.Segments(ctx)
	if err != nil {
		return err
	}
	var names []string
	for i := range there {
		names = append(names, there[i].Name)
	}
	hint := ""
	if meant, ok := rule.Suggest(name, names); ok {
		hint = fmt.Sprintf("; did you mean %q?", meant)
	}
	return fmt.Errorf("%w: %s%s", live.ErrNoSegment, name, hint)
}

func (a *app) segmentRestoreCommand() *cobra.Command {
	var author, message string
	cmd := &cobra.Command{
		Use:   "restore NAME VERSION",
		Short: "Make what an earlier version said the latest version",
		Long: `Makes what an earlier version said the latest one. Where the segment cannot go back
to the state of that version (an active one is no draft any more), it keeps its own.`,
		Args: arguments(2, 2, "the name of a segment and the number of a version"),
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := strconv.ParseInt(strings.TrimPrefix(args[1], "v"), 10, 64)
			if err != nil {
				return usagef("%q is no number of a version; kohorte segment show %s lists them", args[1], args[0])
			}
			message = cmp.Or(message, live.RestoreMessage(number))
			return a.revise(cmd.Context(), args[0], author, message, func(versions []store.Version) (segment.Definition, error) {
				return live.Restored(versions, number)
			})
		},
	}
	authorFlags(cmd, &author, &message)
	return cmd
}

func (a *app) segmentStateCommand(verb, short string, state segment.State) *cobra.Command {
	var author, message string
	cmd := &cobra.Command{
		Use:   verb + " NAME",
		Short: short,
		Args:  arguments(1, 1, "the name of a segment"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.revise(cmd.Context(), args[0], author, message, func(versions []store.Version) (segment.Definition, error) {
				d := versions[0].Definition
				d.State = state
				return d, nil
			})
		},
	}
	authorFlags(cmd, &author, &message)
	return cmd
}

// revise makes a new version of those that there are. It refuses if somebody else
// changes segments meanwhile.
func (a *app) revise(ctx context.Context, name, by, message string, make func([]store.Version) (segment.Definition, error)) error {
	if _, _, err := a.versionsOf(ctx, name); err != nil { // before an engine is started
		return err
	}
	edit := live.Edit{Author: author(ctx, by), Message: message, Lenient: true} // as it was accepted before
	return a.control(ctx, func(c serve.Control) error {
		now, err := c.Impact(ctx, live.Changes{}, edit)
		if err != nil {
			return err
		}
		versions, zone, err := a.versionsOf(ctx, name)
		if err != nil {
			return err
		}
		d, err := make(versions)
		if err != nil {
			return err
		}
		if err := c.Commit(ctx, live.Changes{Put: []segment.Definition{d}}, edit, now.State); err != nil {
			return err
		}
		if err := a.tellRevised(ctx, name, versions[0], zone); err != nil || d.State != segment.Active {
			return err
		}
		a.adviseOnLatest(ctx, c, name)
		return nil
	})
}

// tellRevised tells what the latest version changed.
func (a *app) tellRevised(ctx context.Context, name string, before store.Version, zone *calendar.Zone) error {
	versions, _, err := a.versionsOf(ctx, name)
	if err != nil {
		return err
	}
	v, changes := versions[0], segment.Diff(before.Definition, versions[0].Definition)
	if a.asJSON {
		return a.writeJSON(versionJSON{v.Number, v.Author, v.Message, calendar.Format(v.Created), append([]segment.Change{}, changes...)})
	}
	if v.Number == before.Number {
		a.printf("%s is so already, as version %d.\n", name, v.Number)
		return nil
	}
	a.printf("%s: version %d%s\n", name, v.Number, a.made(zone, v.Author, v.Message, v.Created))
	a.showChanges("  ", changes)
	return nil
}

func (a *app) segmentSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Write the JSON schema of files of segments, for editors",
		Args:  arguments(0, 0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			if a.asJSON {
				return a.writeJSON(rawJSON(code.Schema()))
			}
			a.printf("%s", code.Schema())
			return nil
		},
	}
}
