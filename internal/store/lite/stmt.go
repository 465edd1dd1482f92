package lite

import (
	"fmt"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	sqlite3 "modernc.org/sqlite/lib"
)

// Stmt is a prepared statement. The first error of binding or stepping sticks
// and is returned by Close or Run.
type Stmt struct {
	conn    *Conn
	handle  uintptr
	sql     string
	pooled  bool // goes back to the connection when closed
	buffers []buffer
	err     error
}

// buffer keeps the bytes of a bound text or blob where SQLite reads them.
type buffer struct {
	at   uintptr
	size int
}

// BindInt binds a whole number to a parameter, from 1.
func (s *Stmt) BindInt(i int, v int64) {
	s.check(sqlite3.Xsqlite3_bind_int64(s.conn.tls, s.handle, int32(i), v))
}

// BindText binds a text in UTF-8.
func (s *Stmt) BindText(i int, v []byte) {
	if at, ok := s.hold(i, len(v)); ok {
		copy(memory(at, len(v)), v)
		s.check(sqlite3.Xsqlite3_bind_text(s.conn.tls, s.handle, int32(i), at, int32(len(v)), 0))
	}
}

// BindBlob binds bytes.
func (s *Stmt) BindBlob(i int, v []byte) {
	if at, ok := s.hold(i, len(v)); ok {
		copy(memory(at, len(v)), v)
		s.check(sqlite3.Xsqlite3_bind_blob(s.conn.tls, s.handle, int32(i), at, int32(len(v)), 0))
	}
}

// BindNull binds NULL.
func (s *Stmt) BindNull(i int) {
	s.check(sqlite3.Xsqlite3_bind_null(s.conn.tls, s.handle, int32(i)))
}

func (s *Stmt) bindString(i int, v string) {
	if at, ok := s.hold(i, len(v)); ok {
		copy(memory(at, len(v)), v)
		s.check(sqlite3.Xsqlite3_bind_text(s.conn.tls, s.handle, int32(i), at, int32(len(v)), 0))
	}
}

func (s *Stmt) bind(i int, arg any) {
	switch v := arg.(type) {
	case int:
		s.BindInt(i, int64(v))
	case int64:
		s.BindInt(i, v)
	case bool:
		n := int64(0)
		if v {
			n = 1
		}
		s.BindInt(i, n)
	case float64:
		s.check(sqlite3.Xsqlite3_bind_double(s.conn.tls, s.handle, int32(i), v))
	case string:
		s.bindString(i, v)
	case []byte:
		s.BindBlob(i, v)
	case nil:
		s.BindNull(i)
	default:
		s.err = fmt.Errorf("cannot bind a %T in %s", arg, s.sql)
	}
}

// hold makes room for the bytes of a parameter; they stay until it is bound again.
func (s *Stmt) hold(i, n int) (uintptr, bool) {
	if i >= len(s.buffers) || n > maxBytes {
		s.check(sqlite3.SQLITE_TOOBIG)
		return 0, false
	}
	b := &s.buffers[i]
	if b.at == 0 || b.size < n {
		s.BindNull(i) // nothing may point to the old bytes when they go
		libc.Xfree(s.conn.tls, b.at)
		b.size = max(64, n+n/4)
		b.at = libc.Xmalloc(s.conn.tls, types.Size_t(b.size))
		if b.at == 0 {
			b.size = 0
			s.check(sqlite3.SQLITE_NOMEM)
			return 0, false
		}
	}
	return b.at, true
}

// Run executes the statement with what is bound and makes it ready for the next time.
func (s *Stmt) Run() error {
	for s.Next() {
		continue
	}
	return s.Reset()
}

// Next steps to the next row; false at the end and on an error.
func (s *Stmt) Next() bool {
	if s.err != nil {
		return false
	}
	code := sqlite3.Xsqlite3_step(s.conn.tls, s.handle)
	if code != sqlite3.SQLITE_ROW && code != sqlite3.SQLITE_DONE {
		s.check(code)
	}
	return code == sqlite3.SQLITE_ROW
}

// Reset ends a run, whether all rows were read or not, and gives its error.
func (s *Stmt) Reset() error {
	err := s.err
	s.err = nil
	if s.handle != 0 {
		sqlite3.Xsqlite3_reset(s.conn.tls, s.handle)
	}
	return err
}

// Close ends a run and gives its error. A statement of Query goes back to its
// connection, one of Prepare is done for good.
func (s *Stmt) Close() error {
	err := s.Reset()
	if s.handle == 0 {
		return err
	}
	if _, taken := s.conn.idle[s.sql]; s.pooled && !taken {
		s.conn.idle[s.sql] = s
		return err
	}
	s.finalize()
	return err
}

func (s *Stmt) finalize() {
	sqlite3.Xsqlite3_finalize(s.conn.tls, s.handle)
	for _, b := range s.buffers {
		libc.Xfree(s.conn.tls, b.at)
	}
	s.handle, s.buffers = 0, nil
}

// IsNull tells whether a column of the row, from 0, is NULL.
func (s *Stmt) IsNull(i int) bool {
	return sqlite3.Xsqlite3_column_type(s.conn.tls, s.handle, int32(i)) == sqlite3.SQLITE_NULL
}

// Int gives a column as a whole number.
func (s *Stmt) Int(i int) int64 {
	return sqlite3.Xsqlite3_column_int64(s.conn.tls, s.handle, int32(i))
}

// Float gives a column as a floating-point number.
func (s *Stmt) Float(i int) float64 {
	return sqlite3.Xsqlite3_column_double(s.conn.tls, s.handle, int32(i))
}

// Bytes gives a text or blob; it is valid until the next call of Next or Close.
func (s *Stmt) Bytes(i int) []byte {
	at := sqlite3.Xsqlite3_column_blob(s.conn.tls, s.handle, int32(i))
	return memory(at, int(sqlite3.Xsqlite3_column_bytes(s.conn.tls, s.handle, int32(i))))
}

// Text gives a copy of a text.
func (s *Stmt) Text(i int) string { return string(s.Bytes(i)) }

func (s *Stmt) check(code int32) {
	if code != sqlite3.SQLITE_OK && s.err == nil {
		s.err = fmt.Errorf("%w in %s", s.conn.errorOf(code), s.sql)
	}
}

// Columns counts the columns of the rows.
func (s *Stmt) Columns() int {
	return int(sqlite3.Xsqlite3_column_count(s.conn.tls, s.handle))
}
