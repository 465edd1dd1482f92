// Package store keeps the truth of a workspace in one SQLite file: customers
// with their identities, attributes with their history, events, consents, and
// which fields were seen. DESIGN.md beside it says how and why.
package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/kohorte/kohorte/internal/store/lite"
)

// Store is an open workspace. Any number of goroutines may use it; writers take turns.
type Store struct {
	path     string
	readOnly bool
	chapter  int64 // how many transitions a chapter has; 0 for the usual number

	writing sync.Mutex
	writer  *writer // nil until something is written, and after an error

	pooling sync.Mutex
	idle    []*lite.Conn // connections for reading that nobody uses now
	closed  bool
}

// maxIdle is how many unused connections are kept.
const maxIdle = 4

var workspaceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)

// ErrNoWorkspace is the error of OpenReadOnly for a workspace that does not exist.
var ErrNoWorkspace = errors.New("workspace does not exist")

var errClosed = errors.New("the store is closed")

// Open opens the workspace's file in a directory and makes both if need be. A
// file of an older version is brought up to date; one of a newer version, or
// one that is something else, is an error.
func Open(dir, workspace string) (*Store, error) {
	path, err := pathOf(dir, workspace)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("the data directory cannot be made: %w", err)
	}
	conn, err := lite.Open(path, lite.Create)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w", path, err)
	}
	s := &Store{path: path}
	if err := s.prepare(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return s, conn.Close()
}

// OpenReadOnly opens a workspace that exists, only to read. ErrNoWorkspace is in
// the error if it does not.
func OpenReadOnly(dir, workspace string) (*Store, error) {
	path, err := pathOf(dir, workspace)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no file %s; import something first, or name another directory", ErrNoWorkspace, path)
	}
	s := &Store{path: path, readOnly: true}
	conn, err := s.connect()
	if err != nil {
		return nil, err
	}
	defer s.release(conn)
	version, err := versionOf(conn, path)
	if err == nil && version != latest() {
		err = fmt.Errorf("%s has version %d of the format, this program reads version %d: import something to bring it up to date", path, version, latest())
	}
	return s, err
}

func pathOf(dir, workspace string) (string, error) {
	if !workspaceName.MatchString(workspace) {
		return "", fmt.Errorf("%q cannot be the name of a workspace: use up to 63 of the letters a to z, digits, - and _", workspace)
	}
	return filepath.Join(dir, workspace+".db"), nil
}

// prepare sets what belongs to the file and brings it up to date.
func (s *Store) prepare(conn *lite.Conn) error {
	if _, err := versionOf(conn, s.path); err != nil {
		return err // and leave a file that is not ours alone
	}
	if err := conn.Script("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL"); err != nil {
		return fmt.Errorf("%s cannot be opened: %w", s.path, err)
	}
	if err := durable(conn); err != nil {
		return err
	}
	return migrate(conn, s.path, migrations())
}

// durable makes a commit wait until it is on disk, and lets the log grow to 32 MB
// before it is copied into the file.
func durable(conn *lite.Conn) error {
	return conn.Script("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536")
}

// Path is the path of the workspace's file.
func (s *Store) Path() string { return s.path }

// Close closes the store. Readings that are under way may finish.
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.pooling.Lock()
	defer s.pooling.Unlock()
	s.closed = true
	var err error
	for _, conn := range s.idle {
		err = errors.Join(err, conn.Close())
	}
	s.idle = nil
	if s.writer != nil {
		err = errors.Join(err, s.writer.close())
		s.writer = nil
	}
	return err
}

// connect gives a connection for reading.
func (s *Store) connect() (*lite.Conn, error) {
	s.pooling.Lock()
	defer s.pooling.Unlock()
	if s.closed {
		return nil, errClosed
	}
	if n := len(s.idle); n > 0 {
		conn := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return conn, nil
	}
	conn, err := lite.Open(s.path, lite.ReadWrite)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w", s.path, err)
	}
	if err := conn.Script("PRAGMA query_only = 1; PRAGMA cache_size = -16384"); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// release takes a connection back.
func (s *Store) release(conn *lite.Conn) {
	s.pooling.Lock()
	defer s.pooling.Unlock()
	if s.closed || len(s.idle) >= maxIdle {
		_ = conn.Close() // it only read
		return
	}
	s.idle = append(s.idle, conn)
}

// write runs work in a transaction. The writer is dropped after an error, since
// what it knows may not be in the file; the next one reads it again.
func (s *Store) write(ctx context.Context, work func(*writer) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.readOnly {
		return errors.New("the workspace was opened only to read")
	}
	s.pooling.Lock()
	closed := s.closed
	s.pooling.Unlock()
	if closed {
		return errClosed
	}
	if err := s.ready(); err != nil {
		return err
	}
	err := s.writer.transact(ctx, work)
	if err != nil {
		err = errors.Join(err, s.writer.close())
		s.writer = nil
	}
	return err
}

// ready makes the writer.
func (s *Store) ready() error {
	if s.writer != nil {
		return nil
	}
	conn, err := lite.Open(s.path, lite.ReadWrite)
	if err != nil {
		return fmt.Errorf("%s cannot be opened: %w", s.path, err)
	}
	if err := durable(conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	s.writer = &writer{conn: conn, chapterSize: cmp.Or(s.chapter, chapterSize)}
	return nil
}

// Check looks for damage in the file.
func (s *Store) Check(ctx context.Context) error {
	return s.View(ctx, func(v *View) error {
		q := v.conn.Query("PRAGMA integrity_check(1)")
		var found string
		if q.Next() {
			found = q.Text(0)
		}
		err := q.Close()
		if err == nil && found != "ok" {
			err = fmt.Errorf("%s is damaged: %s", s.path, found)
		}
		return err
	})
}
