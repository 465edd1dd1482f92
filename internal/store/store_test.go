package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/record"
	"github.com/kohorte/kohorte/internal/store/lite"
)

type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

const day = 24 * 60 * 60 * 1000

// now is the instant of receipt in tests: 2026-11-21T12:00:00Z.
const now calendar.Instant = 1_795_262_400_000

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openIn(t tester, dir string) *Store {
	t.Helper()
	s, err := Open(dir, "shop")
	must(t, err)
	return s
}

// memoryDir makes a directory in memory where there is one, since nearly all the
// time of tests would be waiting for the disk.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "store")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

func open(t *testing.T) *Store {
	t.Helper()
	s := openIn(t, memoryDir(t))
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// apply applies records and gives the result.
func apply(t tester, s *Store, received calendar.Instant, records ...record.Record) Result {
	t.Helper()
	result, err := s.Apply(context.Background(), records, received)
	must(t, err)
	return result
}

func user(id string) record.Identity  { return record.Identity{Namespace: record.UserID, Value: id} }
func email(a string) record.Identity  { return record.Identity{Namespace: "email", Value: a} }
func device(d string) record.Identity { return record.Identity{Namespace: "anonymous", Value: d} }
func firm(id string) record.Identity  { return record.Identity{Namespace: "company", Value: id} }

func ids(list ...record.Identity) []record.Identity { return list }

// identify is an Identify record; at 0 it has no time.
func identify(who []record.Identity, at calendar.Instant, fields string) record.Record {
	return record.Record{Kind: record.Identify, Customer: who, Time: at, HasTime: at != 0, Fields: []byte(fields), Source: "crm"}
}

func track(who []record.Identity, event string, at calendar.Instant, props, key string) record.Record {
	r := record.Record{Kind: record.Track, Customer: who, Event: event, Time: at, HasTime: at != 0, Fields: []byte(props), Source: "shop"}
	copy(r.Key[:], key)
	return r
}

func group(who []record.Identity, company record.Identity, role string, at calendar.Instant, fields string) record.Record {
	return record.Record{Kind: record.Group, Customer: who, Company: company, Role: role, Time: at, HasTime: at != 0, Fields: []byte(fields), Source: "crm"}
}

func consent(who []record.Identity, channel, purpose string, granted bool, at calendar.Instant) record.Record {
	return record.Record{Kind: record.Consent, Customer: who, Channel: channel, Purpose: purpose, Granted: granted, Time: at, HasTime: at != 0, Source: "form"}
}

// contents are the logical contents of a workspace: all tables, without the
// revision and without how the keys lie in theirs.
func contents(t tester, s *Store) string {
	t.Helper()
	var b strings.Builder
	must(t, s.View(context.Background(), func(v *View) error {
		for _, sql := range []string{
			"SELECT facts FROM state", "SELECT * FROM settings", "SELECT * FROM namespaces", "SELECT * FROM sources", "SELECT * FROM event_types",
			"SELECT * FROM topics", "SELECT * FROM customers", "SELECT * FROM identities", "SELECT * FROM merges", "SELECT * FROM fields",
			"SELECT * FROM declared", "SELECT * FROM attributes", "SELECT * FROM joins", "SELECT * FROM consents", "SELECT * FROM events", "SELECT * FROM postcodes",
		} {
			fmt.Fprintln(&b, sql)
			must(t, v.each(context.Background(), func(q *lite.Stmt) error {
				for i := range q.Columns() {
					if q.IsNull(i) {
						b.WriteString("NULL")
					}
					fmt.Fprintf(&b, "%s|", q.Bytes(i))
				}
				b.WriteByte('\n')
				return nil
			}, sql))
		}
		b.WriteString(keys(t, v))
		return nil
	}))
	return b.String()
}

// keys lists the keys of events with their fingerprints.
func keys(t tester, v *View) string {
	const size = 24
	var entries [][]byte
	for _, sql := range []string{"SELECT entries FROM key_log", "SELECT entries FROM key_chunks"} {
		must(t, v.each(context.Background(), func(q *lite.Stmt) error {
			for b := q.Bytes(0); len(b) > 0; b = b[size:] {
				entries = append(entries, bytes.Clone(b[:size]))
			}
			return nil
		}, sql))
	}
	slices.SortFunc(entries, bytes.Compare)
	var b strings.Builder
	for _, e := range entries {
		b.WriteString(hex.EncodeToString(e) + "\n")
	}
	return b.String()
}

// story tells what readers see, by name instead of id, one fact a line, in their order.
func story(t tester, s *Store) []string {
	t.Helper()
	ctx := context.Background()
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	must(t, s.View(ctx, func(v *View) error {
		names := map[int64]string{}
		must(t, v.Customers(ctx, func(c Customer) error { names[c.ID] = c.Name; say("customer %s", c.Name); return nil }))
		must(t, v.Attributes(ctx, func(a *Attribute) error {
			say("%s: %s = %s from %d by %s", names[a.Customer], a.Path, a.Value, a.Time, a.Source)
			return nil
		}))
		must(t, v.Joins(ctx, func(j Join) error {
			say("%s: joined %s as %q from %d by %s", names[j.Person], names[j.Company], j.Role, j.Time, j.Source)
			return nil
		}))
		must(t, v.Events(ctx, 0, func(e *Event) error {
			say("%s: %s at %d %s by %s, received %d", names[e.Customer], e.Type, e.Time, e.Props, e.Source, e.Received)
			return nil
		}))
		return v.Consents(ctx, func(c Consent) error {
			say("%s: %s %s %t from %d by %s", names[c.Customer], c.Channel, c.Purpose, c.Granted, c.Time, c.Source)
			return nil
		})
	}))
	return lines
}

func wantStory(t *testing.T, s *Store, want ...string) {
	t.Helper()
	if got := story(t, s); !slices.Equal(got, want) {
		t.Errorf("the workspace tells\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOpen(t *testing.T) {
	dir := filepath.Join(memoryDir(t), "a", "b")
	for _, name := range []string{"", "a/b", "../x", ".hidden", "ä", "a b", strings.Repeat("x", 64)} {
		if _, err := Open(dir, name); err == nil || !strings.Contains(err.Error(), "cannot be the name of a workspace") {
			t.Errorf("workspace %q: %v", name, err)
		}
	}
	if _, err := OpenReadOnly(dir, "shop"); err == nil || !strings.Contains(err.Error(), "import something first") {
		t.Errorf("reading what does not exist: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("reading made the directory")
	}
	s := openIn(t, dir)
	if s.Path() != filepath.Join(dir, "shop.db") {
		t.Errorf("the file is %s", s.Path())
	}
	apply(t, s, now, identify(ids(user("anna")), 0, `{"plan":"pro"}`))
	must(t, s.Check(context.Background()))
	must(t, s.Close())
	if _, err := s.Apply(context.Background(), nil, now); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("writing after closing: %v", err)
	}
	if _, err := s.Settings(context.Background()); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("reading after closing: %v", err)
	}
	reader, err := OpenReadOnly(dir, "shop")
	must(t, err)
	wantStory(t, reader, "customer anna", `anna: plan = "pro" from 1795262400000 by crm`)
	if _, err := reader.Apply(context.Background(), nil, now); err == nil || !strings.Contains(err.Error(), "only to read") {
		t.Errorf("writing through a reader: %v", err)
	}
	must(t, reader.Close())
}

func TestOpenForeignFiles(t *testing.T) {
	dir := memoryDir(t)
	text := bytes.Repeat([]byte("this is a letter\n"), 1000)
	must(t, os.WriteFile(filepath.Join(dir, "shop.db"), text, 0o600))
	if _, err := Open(dir, "shop"); err == nil || !strings.Contains(err.Error(), "is not a workspace of Kohorte") {
		t.Errorf("opened a letter: %v", err)
	}
	conn, err := lite.Open(filepath.Join(dir, "other.db"), lite.Create)
	must(t, err)
	must(t, conn.Script("CREATE TABLE t (n)"))
	must(t, conn.Close())
	before, err := os.ReadFile(filepath.Join(dir, "other.db"))
	must(t, err)
	if _, err := Open(dir, "other"); err == nil || !strings.Contains(err.Error(), "is a database of another program") {
		t.Errorf("opened a database of another program: %v", err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "other.db")); err != nil || !bytes.Equal(before, after) {
		t.Error("the other program's file was changed")
	}
}
