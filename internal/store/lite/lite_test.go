package lite

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func open(t *testing.T) *Conn {
	t.Helper()
	c, err := Open(filepath.Join(t.TempDir(), "Größe 1.db"), Create)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestValues writes and reads every kind of value, with one statement for all rows.
func TestValues(t *testing.T) {
	c := open(t)
	must(t, c.Script("CREATE TABLE v (id INTEGER PRIMARY KEY, n, t, b)"))
	insert, err := c.Prepare("INSERT INTO v (n, t, b) VALUES (?, ?, ?)")
	must(t, err)
	defer func() { must(t, insert.Close()) }()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.OneOf(rapid.Int64(), rapid.Just(int64(math.MinInt64))).Draw(rt, "n")
		text, blob := rapid.String().Draw(rt, "text"), rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(rt, "blob")
		insert.BindInt(1, n)
		insert.BindText(2, []byte(text))
		insert.BindBlob(3, blob)
		if err := insert.Run(); err != nil {
			rt.Fatal(err)
		}
		q := c.Query("SELECT n, t, b, typeof(t), typeof(b), length(b) FROM v WHERE id = last_insert_rowid()")
		if !q.Next() || q.Int(0) != n || q.Text(1) != text || !bytes.Equal(q.Bytes(2), blob) {
			rt.Fatalf("read %d %q %q, want %d %q %q", q.Int(0), q.Text(1), q.Bytes(2), n, text, blob)
		}
		if q.Text(3) != "text" || q.Text(4) != "blob" || q.Int(5) != int64(len(blob)) {
			rt.Fatalf("stored as %s and %s", q.Text(3), q.Text(4))
		}
		if err := q.Close(); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestArguments(t *testing.T) {
	c := open(t)
	q := c.Query("SELECT ?, ?, ?, ?, ?, ?, ?", 7, int64(-8), true, 1.5, "ü", []byte{0, 1}, nil)
	if !q.Next() {
		t.Fatal(q.Close())
	}
	if q.Int(0) != 7 || q.Int(1) != -8 || q.Int(2) != 1 || q.Float(3) != 1.5 || q.Text(4) != "ü" || !bytes.Equal(q.Bytes(5), []byte{0, 1}) || !q.IsNull(6) || q.IsNull(0) {
		t.Error("an argument came back otherwise")
	}
	must(t, q.Close())
	if err := c.Run("SELECT ?", struct{}{}); err == nil || !strings.Contains(err.Error(), "cannot bind a struct {}") {
		t.Errorf("bound a struct: %v", err)
	}
	if err := c.Run("SELECT ?", 1, 2); err == nil {
		t.Error("bound more arguments than there are parameters")
	}
}

// TestNestedQueries uses the same text for a query inside its own rows.
func TestNestedQueries(t *testing.T) {
	c := open(t)
	must(t, c.Script("CREATE TABLE v (n); INSERT INTO v VALUES (1), (2), (3)"))
	const sql = "SELECT n FROM v WHERE n > ? ORDER BY n"
	pairs := 0
	for range 2 { // the second time with statements from the pool
		outer := c.Query(sql, 0)
		for outer.Next() {
			inner := c.Query(sql, outer.Int(0))
			for inner.Next() {
				pairs++
			}
			must(t, inner.Close())
		}
		must(t, outer.Close())
	}
	if pairs != 6 {
		t.Errorf("%d pairs, want 6", pairs)
	}
	if len(c.idle) != 1 {
		t.Errorf("%d statements kept for one text", len(c.idle))
	}
}

func TestInt(t *testing.T) {
	c := open(t)
	must(t, c.Script("CREATE TABLE v (n)"))
	for _, want := range []struct {
		sql string
		n   int64
		ok  bool
	}{{"SELECT n FROM v", 0, false}, {"SELECT max(n) FROM v", 0, false}, {"SELECT 42", 42, true}} {
		n, ok, err := c.Int(want.sql)
		must(t, err)
		if n != want.n || ok != want.ok {
			t.Errorf("%s gives %d, %t", want.sql, n, ok)
		}
	}
}

func TestErrors(t *testing.T) {
	c := open(t)
	must(t, c.Script("CREATE TABLE v (n INTEGER PRIMARY KEY); INSERT INTO v VALUES (1)"))
	if err := c.Run("SELEKT 1"); err == nil || !strings.Contains(err.Error(), `near "SELEKT": syntax error in SELEKT 1`) {
		t.Errorf("bad statement: %v", err)
	}
	if err := c.Run("INSERT INTO v VALUES (?)", 1); err == nil || !strings.Contains(err.Error(), "UNIQUE") {
		t.Errorf("second row of one key: %v", err)
	}
	must(t, c.Run("INSERT INTO v VALUES (?)", 2)) // the statement works again after its error
	if err := c.Script("SELECT 1; SELECT missing"); err == nil {
		t.Error("a bad script passes")
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "none.db"), ReadWrite); err == nil {
		t.Error("opened a file that does not exist")
	}
	path := filepath.Join(dir, "text.db")
	must(t, os.WriteFile(path, bytes.Repeat([]byte("not a database\n"), 1000), 0o600))
	c, err := Open(path, ReadWrite)
	must(t, err)
	defer func() { must(t, c.Close()) }()
	var failed *Error
	if err := c.Run("SELECT * FROM sqlite_master"); !errors.As(err, &failed) || !failed.NotADatabase() || failed.Busy() {
		t.Errorf("reading a text file: %v", err)
	}
}

func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	first, err := Open(path, Create)
	must(t, err)
	defer func() { must(t, first.Close()) }()
	must(t, first.Script("CREATE TABLE v (n); BEGIN IMMEDIATE"))
	second, err := Open(path, ReadWrite)
	must(t, err)
	defer func() { must(t, second.Close()) }()
	must(t, second.Script("PRAGMA busy_timeout = 1"))
	var failed *Error
	if err := second.Script("BEGIN IMMEDIATE"); !errors.As(err, &failed) || !failed.Busy() {
		t.Errorf("two writers: %v", err)
	}
}

// TestCloseWithStatements closes a connection that is writing and has statements left: nothing stays locked.
func TestCloseWithStatements(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	first, err := Open(path, Create)
	must(t, err)
	must(t, first.Script("CREATE TABLE v (n); INSERT INTO v VALUES (1), (2); BEGIN IMMEDIATE; INSERT INTO v VALUES (3)"))
	if q := first.Query("SELECT n FROM v"); !q.Next() {
		t.Fatal(q.Close())
	}
	_, err = first.Prepare("INSERT INTO v VALUES (?)")
	must(t, err)
	must(t, first.Close())
	second, err := Open(path, ReadWrite)
	must(t, err)
	defer func() { must(t, second.Close()) }()
	must(t, second.Script("PRAGMA busy_timeout = 1; BEGIN IMMEDIATE; INSERT INTO v VALUES (4); COMMIT"))
	if n, _, err := second.Int("SELECT count(*) FROM v"); err != nil || n != 3 {
		t.Errorf("%d rows, %v", n, err)
	}
}
