// Package lite speaks to SQLite through the C interface that modernc.org/sqlite
// translates to Go: connections, prepared statements, values.
//
// The driver for database/sql costs four times as much for each row read and
// twice as much for each row written (boxed values, reflection, a mutex around
// every call), which decides how long fifty million events take. So the store
// uses this instead. A connection belongs to one goroutine at a time.
package lite

import (
	"fmt"
	"math"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	sqlite3 "modernc.org/sqlite/lib"
)

// Mode says how Open opens a file.
type Mode int

// The modes.
const (
	Create    Mode = iota // read and write, make the file if there is none
	ReadWrite             // read and write an existing file
)

// busyMillis is how long a statement waits for another process that writes.
const busyMillis = 10_000

// Conn is a connection to a database file.
type Conn struct {
	tls  *libc.TLS
	db   uintptr
	idle map[string]*Stmt // prepared statements that nobody uses now
}

// Error is what SQLite answered.
type Error struct {
	Code    int // extended result code
	Message string
}

func (e *Error) Error() string { return e.Message }

// Busy tells whether another process held the database for too long.
func (e *Error) Busy() bool { return e.Code&0xff == sqlite3.SQLITE_BUSY }

// NotADatabase tells whether the file is something else.
func (e *Error) NotADatabase() bool { return e.Code&0xff == sqlite3.SQLITE_NOTADB }

// Open opens a database file.
func Open(path string, mode Mode) (*Conn, error) {
	c := &Conn{tls: libc.NewTLS(), idle: map[string]*Stmt{}}
	flags := int32(sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_NOMUTEX | sqlite3.SQLITE_OPEN_EXRESCODE)
	if mode == Create {
		flags |= sqlite3.SQLITE_OPEN_CREATE
	}
	name, err := libc.CString(path)
	if err != nil {
		c.tls.Close()
		return nil, err
	}
	defer libc.Xfree(c.tls, name)
	handle := newWord(c.tls)
	defer libc.Xfree(c.tls, handle)
	code := sqlite3.Xsqlite3_open_v2(c.tls, name, handle, flags, 0)
	c.db = *word(handle)
	if code != sqlite3.SQLITE_OK {
		err := c.errorOf(code)
		_ = c.Close()
		return nil, err
	}
	sqlite3.Xsqlite3_busy_timeout(c.tls, c.db, busyMillis)
	return c, nil
}

// Close closes the connection. Statements that an error kept from being closed
// are ended with it and cannot be used any more: with one of them SQLite would
// keep the connection, its transaction and its locks.
func (c *Conn) Close() error {
	for _, s := range c.idle {
		s.finalize()
	}
	for left := sqlite3.Xsqlite3_next_stmt(c.tls, c.db, 0); left != 0; left = sqlite3.Xsqlite3_next_stmt(c.tls, c.db, 0) {
		sqlite3.Xsqlite3_finalize(c.tls, left)
	}
	var err error
	if code := sqlite3.Xsqlite3_close_v2(c.tls, c.db); code != sqlite3.SQLITE_OK {
		err = c.errorOf(code)
	}
	c.tls.Close()
	return err
}

// Script runs statements that are separated by semicolons.
func (c *Conn) Script(sql string) error {
	text, err := libc.CString(sql)
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, text)
	if code := sqlite3.Xsqlite3_exec(c.tls, c.db, text, 0, 0, 0); code != sqlite3.SQLITE_OK {
		return c.errorOf(code)
	}
	return nil
}

// Run runs one statement with its arguments; see Query for their types.
func (c *Conn) Run(sql string, args ...any) error {
	q := c.Query(sql, args...)
	for q.Next() {
		continue
	}
	return q.Close()
}

// Int runs a query for one whole number; false if it has no row or the number is NULL.
func (c *Conn) Int(sql string, args ...any) (int64, bool, error) {
	q := c.Query(sql, args...)
	var n int64
	var ok bool
	if q.Next() && !q.IsNull(0) {
		n, ok = q.Int(0), true
	}
	return n, ok, q.Close()
}

// Query starts a query. Arguments are int, int64, bool, float64, string, []byte
// (a blob) or nil. The caller steps through the rows with Next and must Close:
//
//	q := c.Query("SELECT id FROM customers WHERE kind = ?", kind)
//	for q.Next() {
//		use(q.Int(0))
//	}
//	return q.Close()
func (c *Conn) Query(sql string, args ...any) *Stmt {
	s := c.idle[sql]
	if s == nil {
		var err error
		if s, err = c.Prepare(sql); err != nil {
			return &Stmt{err: err}
		}
		s.pooled = true
	}
	delete(c.idle, sql)
	for i, arg := range args {
		s.bind(i+1, arg)
	}
	return s
}

// Prepare compiles a statement for repeated use; it must be finalized by Close.
func (c *Conn) Prepare(sql string) (*Stmt, error) {
	text, err := libc.CString(sql)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, text)
	handle := newWord(c.tls)
	defer libc.Xfree(c.tls, handle)
	const persistent = sqlite3.SQLITE_PREPARE_PERSISTENT
	if code := sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, text, -1, persistent, handle, 0); code != sqlite3.SQLITE_OK {
		return nil, fmt.Errorf("%w in %s", c.errorOf(code), sql)
	}
	s := &Stmt{conn: c, handle: *word(handle), sql: sql}
	s.buffers = make([]buffer, sqlite3.Xsqlite3_bind_parameter_count(c.tls, s.handle)+1)
	return s, nil
}

func (c *Conn) errorOf(code int32) error {
	message := libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, code))
	if c.db != 0 {
		message = libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db))
	}
	return &Error{Code: int(code), Message: message}
}

// newWord makes room for one pointer that SQLite writes.
func newWord(tls *libc.TLS) uintptr {
	p := libc.Xmalloc(tls, types.Size_t(unsafe.Sizeof(uintptr(0))))
	*word(p) = 0
	return p
}

// word and memory look at memory outside of Go's, which never moves.
func word(p uintptr) *uintptr { return *(**uintptr)(unsafe.Pointer(&p)) }

func memory(p uintptr, n int) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&p)), n)
}

// maxBytes is the longest text or blob.
const maxBytes = math.MaxInt32 / 4

// TotalChanges counts the rows that the connection ever inserted, changed or deleted.
func (c *Conn) TotalChanges() int64 {
	return sqlite3.Xsqlite3_total_changes64(c.tls, c.db)
}
