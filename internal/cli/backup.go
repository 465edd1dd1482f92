package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/projection"
	"github.com/kohorte/kohorte/internal/serve"
	"github.com/kohorte/kohorte/internal/store"
	"github.com/spf13/cobra"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "backup FILE",
		Short:   "Write the whole workspace into one file, also while it is served",
		Example: `  kohorte backup kohorte-2026-11-26.db`,
		Args:    arguments(1, 1, "the name of a new file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.openStore()
			if err != nil {
				return err
			}
			return errors.Join(s.Backup(cmd.Context(), args[0]), s.Close())
		},
	}
}

func (a *app) restoreCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the workspace",
		Long: `Checks a file that kohorte backup wrote and makes it the workspace. One that is
there is replaced only with --force; it stays beside it with the ending .before.
The server must not be running.`,
		Args: arguments(1, 1, "the file of a backup"),
		RunE: func(_ *cobra.Command, args []string) error { return a.restore(args[0], force) },
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace the workspace that is there")
	return cmd
}

func (a *app) restore(from string, force bool) error {
	if err := store.Inspect(from); err != nil {
		return fmt.Errorf("%s cannot be restored: %w", from, reason(err))
	}
	lock, err := serve.Lock(a.dataDir, a.workspace)
	if err != nil {
		return err
	}
	defer lock.Release()
	path := filepath.Join(a.dataDir, a.workspace+".db")
	if exists(path) && !force {
		return usagef("%s exists; --force replaces it and keeps it as %s.before", path, path)
	}
	if exists(path + ".before") {
		return usagef("%s.before is there from an earlier restore: move it away first", path)
	}
	if err := copyFile(from, path+".new"); err != nil {
		return errors.Join(err, os.Remove(path+".new"))
	}
	for _, ending := range []string{"", "-wal", "-shm"} {
		if exists(path + ending) {
			if err := os.Rename(path+ending, path+".before"+ending); err != nil {
				return err
			}
		}
	}
	if err := os.Remove(a.snapshotPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(path+".new", path)
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read from
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Check that data, memberships, log and timers agree, also while served",
		Args:  arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.openStore()
			if err != nil {
				return err
			}
			b := a.bar("reading")
			report, err := live.Verify(cmd.Context(), s, func(done, total int64) { b.show(done, total, done, "events") })
			b.remove()
			if err := errors.Join(err, s.Close()); err != nil {
				return err
			}
			if remote, ok := serve.Connect(a.dataDir, a.workspace); ok {
				problems, err := remote.VerifyMemory(cmd.Context())
				if err != nil {
					return err
				}
				report.Problems = append(report.Problems, problems...)
			}
			return a.showReport(report)
		},
	}
}

func (a *app) showReport(r *live.Report) error {
	if a.asJSON {
		if err := a.writeJSON(r); err != nil {
			return err
		}
	} else {
		a.printf("%s, %s, %s, %s\n", countOf(r.Customers, "customer", "customers"), countOf(r.Segments, "segment", "segments"),
			countOf(r.Memberships, "membership", "memberships"), countOf(r.Transitions, "transition", "transitions"))
		for _, text := range r.Skipped {
			a.printf("not checked: %s\n", text)
		}
		for _, text := range r.Problems {
			a.printf("wrong: %s\n", text)
		}
		if len(r.Problems) == 0 {
			a.printf("all is well\n")
		}
	}
	if len(r.Problems) > 0 {
		return errReported
	}
	return nil
}

func (a *app) rejectedCommand() *cobra.Command {
	var drop bool
	cmd := &cobra.Command{
		Use:   "rejected",
		Short: "Write the calls that were accepted and make no sense",
		Long: `Writes the calls that the server accepted but that make no sense, one JSON object
a line with the reason in "rejected", to be mended and imported again with
kohorte import --as calls. --drop forgets them after they were written.`,
		Example: `  kohorte rejected > mend.ndjson`,
		Args:    arguments(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.openToWrite()
			if err != nil {
				return err
			}
			var last int64
			err = s.View(cmd.Context(), func(v *store.View) error {
				return v.RejectedCalls(cmd.Context(), func(c store.RejectedCall) error {
					last = c.ID
					return a.writeRejected(c)
				})
			})
			if err == nil && drop && last > 0 {
				err = s.DropRejected(cmd.Context(), last)
			}
			return errors.Join(err, s.Close())
		},
	}
	cmd.Flags().BoolVar(&drop, "drop", false, "forget them afterwards")
	return cmd
}

// writeRejected writes a call with the reason as its first member.
func (a *app) writeRejected(c store.RejectedCall) error {
	body := bytes.TrimSpace(c.Body)
	if !json.Valid(body) || body[0] != '{' {
		body = fmt.Appendf(nil, `{"body":%s}`, projection.Quoted(string(body)))
	}
	separator := ","
	if string(body) == "{}" {
		separator = ""
	}
	a.printf("{\"rejected\":%s%s%s\n", projection.Quoted(c.Reason), separator, body[1:])
	return nil
}
