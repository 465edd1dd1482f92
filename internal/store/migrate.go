package store

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/kohorte/kohorte/internal/store/lite"
)

// applicationID marks the files of Kohorte in their header: "KOHO".
const applicationID = 0x4b4f484f

//go:embed migrations/*.sql
var embedded embed.FS

// migrations gives the steps from one version of the format to the next: the
// script at i makes version i+1 of version i. A script that was released never changes.
func migrations() []string {
	names, err := fs.Glob(embedded, "migrations/*.sql")
	scripts := make([]string, 0, len(names))
	for _, name := range names {
		script, readErr := embedded.ReadFile(name)
		err = errors.Join(err, readErr)
		scripts = append(scripts, string(script))
	}
	if err != nil {
		panic(err) // they are part of the program
	}
	return scripts
}

// latest is the version that this program writes.
func latest() int { return len(migrations()) }

// versionOf gives the version of a file, 0 of an empty one.
func versionOf(conn *lite.Conn, path string) (int, error) {
	version, _, err := conn.Int("PRAGMA user_version")
	if failed := new(lite.Error); errors.As(err, &failed) && failed.NotADatabase() {
		return 0, fmt.Errorf("%s is not a workspace of Kohorte: move it away, or name another directory", path)
	}
	if err != nil {
		return 0, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	id, _, err := conn.Int("PRAGMA application_id")
	if err != nil {
		return 0, err
	}
	tables, _, err := conn.Int("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return 0, err
	}
	if id != applicationID && tables > 0 {
		return 0, fmt.Errorf("%s is a database of another program: move it away, or name another directory", path)
	}
	return int(version), nil
}

// migrate brings a file up to date, each step in a transaction of its own.
func migrate(conn *lite.Conn, path string, scripts []string) error {
	for {
		version, err := versionOf(conn, path)
		if err != nil {
			return err
		}
		if version > len(scripts) {
			return fmt.Errorf("%s was written by a newer Kohorte (version %d of the format; this one knows up to %d): install the newer program", path, version, len(scripts))
		}
		if version == len(scripts) {
			return nil
		}
		if err := migrateStep(conn, path, version, scripts[version]); err != nil {
			return fmt.Errorf("%s cannot be brought from version %d of the format to %d, it stays as it was: %w", path, version, version+1, err)
		}
	}
}

// migrateStep runs one step; after an error the connection must be closed, which undoes it.
func migrateStep(conn *lite.Conn, path string, from int, script string) error {
	if err := conn.Script("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	now, err := versionOf(conn, path)
	if err != nil {
		return err
	}
	if now == from { // otherwise another process was faster
		if err := conn.Script(script); err != nil {
			return err
		}
		if err := conn.Script(fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", from+1, applicationID)); err != nil {
			return err
		}
	}
	return conn.Script("COMMIT")
}
