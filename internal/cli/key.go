package cli

import (
	"context"
	"errors"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

func (a *app) keyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make, list and remove the keys with which others reach the server",
		Long: `Who sends calls or reads transitions shows a key. A key is shown once, when it is
made; what is kept of it only tells whether a key is right. A server that runs
accepts a new key at once, and a removed one for at most one second more.`,
		Args: a.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.keyCreateCommand(), a.keyListCommand(), a.keyRemoveCommand())
	return cmd
}

func (a *app) keyCreateCommand() *cobra.Command {
	var scope string
	cmd := &cobra.Command{
		Use:     "create NAME --scope write|read|manage",
		Short:   "Make a key and show it, once",
		Example: `  kohorte key create website --scope write`,
		Args:    arguments(1, 1, "a name that tells who has the key"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if scope == "" {
				return usagef("what is the key for? Add --scope write, to send calls, --scope read, to read transitions, or --scope manage, to define segments")
			}
			return a.createKey(cmd.Context(), args[0], store.Scope(scope))
		},
	}
	cmd.Flags().StringVar(&scope, "scope", "", "`SCOPE`: write, to send calls, read, to read transitions and segments, or manage, to define segments")
	return cmd
}

func (a *app) createKey(ctx context.Context, name string, scope store.Scope) error {
	s, err := a.openToWrite()
	if err != nil {
		return err
	}
	now := a.Now()
	key, err := s.AddKey(ctx, name, scope, now)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	if a.asJSON {
		return a.writeJSON(struct {
			keyView
			Key string `json:"key"`
		}{keyView{name, scope, moment(now)}, key})
	}
	a.printf("%s\n", key)
	a.complain("This is the key %s. Keep it now: it is not shown again.\n", name)
	return nil
}

func (a *app) keyListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the keys, without the keys themselves",
		Args:  arguments(0, 0, "no argument"),
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.listKeys(cmd.Context()) },
	}
}

// keyView is a key as programs get it.
type keyView struct {
	Name    string      `json:"name"`
	Scope   store.Scope `json:"scope"`
	Created moment      `json:"created"`
}

func (a *app) listKeys(ctx context.Context) error {
	s, err := a.openStore()
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	keys, err := s.Keys(ctx)
	if err != nil {
		return err
	}
	known, err := s.Catalog(ctx)
	if err != nil {
		return err
	}
	zone, err := calendar.LoadZone(known.Zone)
	if err != nil {
		return err
	}
	views := []keyView{}
	t := newTable(a.Stdout, "table", "name", "scope", "created")
	for _, k := range keys {
		views = append(views, keyView{k.Name, k.Scope, moment(k.Created)})
		t.row(k.Name, string(k.Scope), wall(zone, k.Created))
	}
	switch {
	case a.asJSON:
		return a.writeJSON(views)
	case len(keys) == 0:
		a.complain("There are no keys yet; kohorte key create NAME makes one.\n")
		return nil
	}
	return t.finish()
}

func (a *app) keyRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a key; who has it is turned away",
		Args:  arguments(1, 1, "the name of a key"),
		RunE:  func(cmd *cobra.Command, args []string) error { return a.removeKey(cmd.Context(), args[0]) },
	}
}

func (a *app) removeKey(ctx context.Context, name string) error {
	// A workspace that is not there is not made to remove something from it.
	there, err := a.openStore()
	if err != nil {
		return err
	}
	_ = there.Close() // nothing was done with it
	s, err := a.openToWrite()
	if err != nil {
		return err
	}
	if err := errors.Join(s.RemoveKey(ctx, name), s.Close()); err != nil {
		return err
	}
	a.complain("removed the key %s\n", name)
	return nil
}
