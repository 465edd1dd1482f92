package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/store/flat"
	"github.com/kohorte/kohorte/internal/store/lite"
	"github.com/kohorte/kohorte/internal/store/seen"
)

// writer holds the connection that writes, and what it knows of the file so as
// not to ask for each record. What it knows is right as long as nobody else
// writes and every transaction is committed.
type writer struct {
	conn    *lite.Conn
	version int64 // of the data as SQLite counts the commits of others
	loaded  bool

	revision     int64
	facts        int64 // the number of the last fact
	lastEvent    int64
	lastCustomer int64
	lastField    int64

	lastTransition int64
	evaluates      bool // the batch brings memberships up to date; see Tx

	chapterSize int64
	chapters    int64 // the number of the last one
	summed      int64 // the number of the last transition in it

	namespaces dictionary
	sources    dictionary
	topics     map[topic]int64
	types      map[string]*eventType
	attributes [2]fieldSet // of persons and companies
	dirty      []*field    // fields with observations that are not in the file yet
	dirtyTypes []*eventType
	families   families
	ids        identityCache
	keys       *seen.Set
	do         statements
	hooks      hookCache // the webhooks that are told of transitions

	// Of the batch that is being applied:
	received calendar.Instant
	result   *Result
	effect   Effect // of the record
	written  bool   // something must be committed
	changed  bool   // an answer can change
	unlike   bool   // the catalogue is another one
	walker   flat.Walker
	learnt   int   // identities that became known
	serial   int64 // of the record
	claims   []claim
	held     []heldValue
}

// statements are those that run for each record.
type statements struct {
	findIdentity, addIdentity, addCustomer, nameCustomer, hasUser *lite.Stmt
	heldAttribute, addAttribute, addEvent                         *lite.Stmt
	addTransition, addMember, dropMember, setTimer, dropTimer     *lite.Stmt
}

func (w *writer) close() error {
	var err error
	for _, s := range w.do.all() {
		if *s != nil {
			err = errors.Join(err, (*s).Close())
		}
	}
	if w.keys != nil {
		err = errors.Join(err, w.keys.Close())
	}
	return errors.Join(err, w.conn.Close())
}

func (d *statements) all() []**lite.Stmt {
	return []**lite.Stmt{
		&d.findIdentity, &d.addIdentity, &d.addCustomer, &d.nameCustomer, &d.hasUser, &d.heldAttribute, &d.addAttribute, &d.addEvent,
		&d.addTransition, &d.addMember, &d.dropMember, &d.setTimer, &d.dropTimer,
	}
}

// sqlOf is in the order of all.
var sqlOf = []string{
	"SELECT customer FROM identities WHERE kind = ? AND namespace = ? AND value = ?",
	"INSERT INTO identities (kind, namespace, value, customer, received, source) VALUES (?, ?, ?, ?, ?, ?)",
	"INSERT INTO customers (id, kind, name, has_user, created) VALUES (?, ?, ?, ?, ?)",
	"UPDATE customers SET name = ?, has_user = 1 WHERE id = ?",
	"SELECT has_user FROM customers WHERE id = ?",
	"SELECT time, fact, value FROM attributes WHERE customer = ? AND field = ? AND time <= ? ORDER BY time DESC, fact DESC",
	"INSERT INTO attributes (customer, field, time, fact, value, source) VALUES (?, ?, ?, ?, ?, ?)",
	"INSERT INTO events (seq, customer, type, time, received, source, props) VALUES (?, ?, ?, ?, ?, ?, ?)",
	"INSERT INTO transitions (seq, segment, version, customer, entered, due, committed, cause, part) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	"INSERT OR REPLACE INTO members (segment, customer, since) VALUES (?, ?, ?)",
	"DELETE FROM members WHERE segment = ? AND customer = ?",
	"INSERT OR REPLACE INTO timers (customer, due) VALUES (?, ?)",
	"DELETE FROM timers WHERE customer = ?",
}

func (w *writer) prepare() error {
	for i, s := range w.do.all() {
		var err error
		if *s, err = w.conn.Prepare(sqlOf[i]); err != nil {
			return err
		}
	}
	return nil
}

// transact runs work in a transaction and commits if it wrote something. After
// an error the writer must be closed, which rolls back.
func (w *writer) transact(ctx context.Context, work func(*writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.conn.Script("BEGIN IMMEDIATE"); err != nil {
		if failed := new(lite.Error); errors.As(err, &failed) && failed.Busy() {
			return fmt.Errorf("another process is writing to the workspace; try again when it is done: %w", err)
		}
		return err
	}
	if err := w.refresh(); err != nil {
		return err
	}
	w.written, w.changed, w.evaluates = false, false, false
	if err := work(w); err != nil {
		return err
	}
	if !w.written {
		return w.conn.Script("ROLLBACK")
	}
	if err := w.flush(); err != nil {
		return err
	}
	return w.conn.Script("COMMIT")
}

// change notes that something was written that can change an answer.
func (w *writer) change() { w.written, w.changed = true, true }

// flush writes what was gathered during the batch.
func (w *writer) flush() error {
	if err := w.flushFields(); err != nil {
		return err
	}
	if err := w.keys.Flush(); err != nil {
		return err
	}
	if err := w.summarize(); err != nil {
		return err
	}
	if w.changed {
		// With the time of receipt in it, the revision of a backup that was restored
		// and changed otherwise does not come again either.
		w.revision = max(w.revision+1, w.received)
	}
	if w.evaluates {
		return w.conn.Run("UPDATE state SET revision = ?1, facts = ?2, evaluated = ?1, clock = ?3", w.revision, w.facts, w.received)
	}
	return w.conn.Run("UPDATE state SET revision = ?, facts = ?", w.revision, w.facts)
}

// refresh reads what the writer must know if it does not, or if another process wrote.
func (w *writer) refresh() error {
	version, _, err := w.conn.Int("PRAGMA data_version")
	if err != nil {
		return err
	}
	if w.loaded && version == w.version {
		return nil
	}
	if w.do.addEvent == nil {
		if err := w.prepare(); err != nil {
			return err
		}
	}
	w.version, w.loaded = version, true
	return w.load()
}

func (w *writer) load() error {
	for _, n := range []struct {
		into *int64
		sql  string
	}{
		{&w.revision, "SELECT revision FROM state"},
		{&w.facts, "SELECT facts FROM state"},
		{&w.lastEvent, "SELECT max(seq) FROM events"},
		{&w.lastCustomer, "SELECT max(id) FROM customers"},
		{&w.lastField, "SELECT max(id) FROM fields"},
		{&w.lastTransition, "SELECT max(seq) FROM transitions"},
		{&w.chapters, "SELECT max(id) FROM chapters"},
		{&w.summed, "SELECT max(last) FROM chapters"},
	} {
		var err error
		if *n.into, _, err = w.conn.Int(n.sql); err != nil {
			return err
		}
	}
	if w.keys != nil {
		if err := w.keys.Close(); err != nil {
			return err
		}
	}
	keys, err := seen.Load(w.conn)
	if err != nil {
		return err
	}
	w.keys = keys
	w.ids = newIdentityCache(identityGeneration)
	return errors.Join(w.loadDictionaries(), w.loadFields(), w.families.load(w.conn))
}
