package faulttest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/store/lite"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// table opens a database in write-ahead mode with one row of 100 kB.
func table(t *testing.T, dir string) *lite.Conn {
	c, err := lite.Open(filepath.Join(dir, "a.db"), lite.Create)
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	must(t, c.Script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE v (b); INSERT INTO v VALUES (zeroblob(100000))"))
	return c
}

func rows(t *testing.T, c *lite.Conn) int64 {
	t.Helper()
	n, _, err := c.Int("SELECT count(*) FROM v")
	must(t, err)
	return n
}

// TestFaults has a commit fail in each way, at its first operation and at a later
// one: it is taken back, SQLite says why, and works again once the disk is mended.
func TestFaults(t *testing.T) {
	for fault, says := range map[Fault]string{
		WriteError: "disk I/O error", ShortWrite: "disk is full", SyncError: "disk I/O error", Full: "disk is full", ReadOnly: "readonly database",
	} {
		for after := range 2 {
			if fault == SyncError && after > 0 {
				continue // a commit syncs once
			}
			dir := t.TempDir()
			disk := Over(dir)
			c := table(t, dir)
			disk.Break(fault, after)
			const insert = "INSERT INTO v VALUES (zeroblob(100000))"
			if err := c.Script(insert); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%v: %v, want %s", fault, err, says)
			}
			if disk.Failed() == 0 {
				t.Errorf("%v: nothing failed", fault)
			}
			disk.Mend()
			if n := rows(t, c); n != 1 {
				t.Errorf("%v: %d rows after the commit that failed", fault, n)
			}
			must(t, c.Script(insert))
			if n := rows(t, c); n != 2 {
				t.Errorf("%v: %d rows, want 2", fault, n)
			}
		}
	}
}

func TestFill(t *testing.T) {
	dir := t.TempDir()
	disk := Over(dir)
	c := table(t, dir)
	disk.Fill(1 << 20)
	n := int64(1)
	for c.Script("INSERT INTO v VALUES (zeroblob(100000))") == nil {
		n++
	}
	if n < 5 || n > 11 {
		t.Errorf("1 MB has room for %d rows of 100 kB", n-1)
	}
	disk.Fill(200_000)
	must(t, c.Script("INSERT INTO v VALUES (zeroblob(100000))"))
	if got := rows(t, c); got != n+1 {
		t.Errorf("%d rows, want %d", got, n+1)
	}
}

func TestReadError(t *testing.T) {
	dir := t.TempDir()
	disk := Over(dir)
	c := table(t, dir)
	other, err := lite.Open(filepath.Join(dir, "a.db"), lite.ReadWrite)
	must(t, err)
	defer func() { must(t, other.Close()) }()
	disk.Break(ReadError, 0)
	if _, _, err := other.Int("SELECT count(*) FROM v"); err == nil || !strings.Contains(err.Error(), "disk I/O error") {
		t.Errorf("read all the same: %v", err)
	}
	disk.Mend()
	if n := rows(t, c); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

// TestOthers leaves files elsewhere alone.
func TestOthers(t *testing.T) {
	broken, elsewhere := t.TempDir(), t.TempDir()
	Over(broken).Break(WriteError, 0)
	if n := rows(t, table(t, elsewhere)); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestHiccup(t *testing.T) {
	dir := t.TempDir()
	disk := Over(dir)
	c := table(t, dir)
	disk.Hiccup(WriteError, 3)
	const insert = "INSERT INTO v VALUES (zeroblob(100000))"
	if err := c.Script(insert); err == nil || disk.Failed() != 1 {
		t.Errorf("%v, %d failed", err, disk.Failed())
	}
	must(t, c.Script(insert))
}
