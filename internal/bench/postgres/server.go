// Package postgres recomputes the live segments of the benchmark in a private
// PostgreSQL, as the measure that Kohorte is compared with. The server listens on a
// socket in a folder of its own, never on the network, and leaves nothing behind.
package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrAbsent says that there is no PostgreSQL on this machine to compare with.
var ErrAbsent = errors.New("PostgreSQL 15 is not installed (Debian: apt-get install postgresql), so nothing is compared with it")

// binaries are where Debian and others put the programs of PostgreSQL 15.
var binaries = []string{"/usr/lib/postgresql/15/bin", "/usr/pgsql-15/bin", "/usr/local/pgsql/bin"}

// settings suit a machine that has nothing else to do: everything fits into
// memory, and no processor time goes into compiling queries or cleaning up meanwhile.
var settings = []string{
	"listen_addresses=", "unix_socket_permissions=0700", "timezone=Europe/Berlin", "shared_buffers=4GB", "work_mem=256MB", "maintenance_work_mem=1GB",
	"effective_cache_size=12GB", "random_page_cost=1.1", "jit=off", "max_parallel_workers_per_gather=0", "autovacuum=off", "checkpoint_timeout=1h",
	"max_wal_size=16GB", "wal_level=minimal", "max_wal_senders=0", "fsync=on", "temp_buffers=256MB", "log_min_messages=warning", "max_connections=10",
}

// server is a PostgreSQL that runs.
type server struct {
	dir     string
	command *exec.Cmd
	log     bytes.Buffer
	ended   chan struct{} // closed when it has ended
	failed  error         // how it ended, readable then
}

// start makes a database in a temporary folder and starts a server for it.
func start(ctx context.Context) (_ *server, err error) {
	i := slices.IndexFunc(binaries, func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, "initdb"))
		return err == nil
	})
	if i < 0 {
		return nil, ErrAbsent
	}
	s := &server{ended: make(chan struct{})}
	if s.dir, err = os.MkdirTemp("", "kohorte-pg-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	data := filepath.Join(s.dir, "data")
	initialize := exec.CommandContext(ctx, filepath.Join(binaries[i], "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if err := asUser(s.dir, initialize); err != nil {
		return nil, err
	}
	if out, err := initialize.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	return s, s.run(ctx, filepath.Join(binaries[i], "postgres"), data)
}

// run starts the server and waits until it answers.
func (s *server) run(ctx context.Context, binary, data string) error {
	s.command = exec.Command(binary, "-D", data, "-k", s.dir)
	for _, setting := range settings {
		s.command.Args = append(s.command.Args, "-c", setting)
	}
	s.command.Stderr = &s.log
	err := asUser(s.dir, s.command)
	if err == nil {
		err = s.command.Start()
	}
	if err != nil {
		s.command = nil
		return err
	}
	go func() {
		s.failed = s.command.Wait()
		close(s.ended)
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := connect(s.socket())
		if err == nil {
			return c.close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ended:
			return fmt.Errorf("PostgreSQL ended at once: %w: %s", s.failed, strings.TrimSpace(s.log.String()))
		case <-tick.C:
		}
	}
}

// socket is where the server listens.
func (s *server) socket() string { return filepath.Join(s.dir, ".s.PGSQL.5432") }

// stop ends the server at once, without writing what is in memory, and removes its data.
func (s *server) stop() error {
	if s.command != nil {
		if err := s.command.Process.Signal(quit); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		<-s.ended
	}
	return os.RemoveAll(s.dir)
}
