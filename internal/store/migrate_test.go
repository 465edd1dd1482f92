package store

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/store/lite"
)

var update = flag.Bool("update", false, "write testdata/version1.sql anew")

// replay makes a workspace file from a script.
func replay(t *testing.T, dir, script string) {
	t.Helper()
	conn, err := lite.Open(filepath.Join(dir, "shop.db"), lite.Create)
	must(t, err)
	must(t, conn.Script(script))
	must(t, conn.Close())
}

const versionOne = "testdata/version1.sql"

// TestVersionOne opens a file that the first version wrote, kept as a script.
func TestVersionOne(t *testing.T) {
	if *update {
		writeVersionOne(t)
	}
	script, err := os.ReadFile(versionOne)
	must(t, err)
	dir := memoryDir(t)
	replay(t, dir, string(script))
	s := openIn(t, dir)
	defer func() { must(t, s.Close()) }()
	must(t, s.Check(context.Background()))
	wantStory(t, s, versionOneStory...)
	apply(t, s, now, versionOneRecords()...)
	wantStory(t, s, versionOneStory...)
	if revision, last, err := s.Revision(context.Background()); revision != 1 || last != 2 || err != nil {
		t.Errorf("revision %d, last event %d, %v", revision, last, err)
	}
}

func TestMigrate(t *testing.T) {
	path := filepath.Join(memoryDir(t), "a.db")
	conn, err := lite.Open(path, lite.Create)
	must(t, err)
	defer func() { must(t, conn.Close()) }()
	one, two, broken := "CREATE TABLE a (n); INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN m DEFAULT 7", "DROP TABLE a; SELECT missing"
	must(t, migrate(conn, path, []string{one}))
	must(t, migrate(conn, path, []string{one}))
	if err := migrate(conn, path, []string{one, broken}); err == nil || !strings.Contains(err.Error(), "cannot be brought from version 1 of the format to 2, it stays as it was") {
		t.Errorf("broken step: %v", err)
	}
	must(t, conn.Script("ROLLBACK"))
	must(t, migrate(conn, path, []string{one, two, two + "7"}[:2]))
	if n, ok, err := conn.Int("SELECT m FROM a"); n != 7 || !ok || err != nil {
		t.Errorf("after two steps: %d %t %v", n, ok, err)
	}
	if version, err := versionOf(conn, path); version != 2 || err != nil {
		t.Errorf("version %d %v", version, err)
	}
	if err := migrate(conn, path, []string{one}); err == nil || !strings.Contains(err.Error(), "written by a newer Kohorte (version 2 of the format; this one knows up to 1)") {
		t.Errorf("newer file: %v", err)
	}
}

func TestOpenReadOnlyOtherVersion(t *testing.T) {
	dir := memoryDir(t)
	must(t, openIn(t, dir).Close())
	replay(t, dir, "PRAGMA user_version = 99")
	if _, err := OpenReadOnly(dir, "shop"); err == nil || !strings.Contains(err.Error(), "has version 99 of the format") {
		t.Errorf("reading a newer file: %v", err)
	}
	if _, err := Open(dir, "shop"); err == nil || !strings.Contains(err.Error(), "written by a newer Kohorte") {
		t.Errorf("opening a newer file: %v", err)
	}
}
