package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/lite"
)

// Backup writes the workspace as it is at one moment into a new file, while others
// read and write. The file appears when it is whole and on disk.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s exists already", path)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	conn, err := lite.Open(s.path, lite.ReadWrite)
	if err != nil {
		return fmt.Errorf("%s cannot be opened: %w", s.path, err)
	}
	err = conn.Run("VACUUM INTO ?", part)
	if err = errors.Join(err, conn.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return errors.Join(syncFile(part), os.Rename(part, path), syncFile(filepath.Dir(path)))
}

func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// Inspect looks whether a file is a whole workspace of a version that this program reads.
func Inspect(path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	conn, err := lite.Open(path, lite.ReadWrite)
	if err != nil {
		return fmt.Errorf("%s cannot be opened: %w", path, err)
	}
	s := &Store{path: path, idle: []*lite.Conn{conn}}
	version, err := versionOf(conn, path)
	switch {
	case err != nil:
	case version == 0:
		err = fmt.Errorf("%s is not a workspace of Kohorte", path)
	case version > latest():
		err = fmt.Errorf("%s was written by a newer Kohorte", path)
	default:
		err = s.Check(context.Background())
	}
	return errors.Join(err, s.Close())
}

// RejectedCall is a call that was accepted and makes no sense.
type RejectedCall struct {
	ID       int64
	Received calendar.Instant
	Reason   string
	Body     []byte
}

// RejectedCalls calls fn for the rejected calls, in order of receipt.
func (v *View) RejectedCalls(ctx context.Context, fn func(RejectedCall) error) error {
	return v.each(ctx, func(q *lite.Stmt) error {
		return fn(RejectedCall{q.Int(0), q.Int(1), q.Text(2), q.Bytes(3)})
	}, "SELECT id, received, reason, body FROM rejected_calls ORDER BY id")
}

// DropRejected forgets the rejected calls up to a number.
func (s *Store) DropRejected(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		w.written = true
		return w.conn.Run("DELETE FROM rejected_calls WHERE id <= ?", id)
	})
}
