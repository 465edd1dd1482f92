package faulttest

import (
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The methods of files, as C has them.
type (
	transferFunc = func(tls *libc.TLS, file, buffer uintptr, n int32, offset int64) int32
	syncFunc     = func(tls *libc.TLS, file uintptr, flags int32) int32
	truncateFunc = func(tls *libc.TLS, file uintptr, size int64) int32
	sizeFunc     = func(tls *libc.TLS, file, into uintptr) int32
)

// methods are SQLite's own methods of files, and the disk on which the files lie.
type methods struct {
	disk        *Disk
	read, write transferFunc
	sync        syncFunc
	truncate    truncateFunc
	size        sizeFunc
}

func (m *methods) onRead(tls *libc.TLS, file, buffer uintptr, n int32, offset int64) int32 {
	if m.disk.fails(ReadError) != None {
		return sqlite3.SQLITE_IOERR_READ
	}
	return m.read(tls, file, buffer, n, offset)
}

func (m *methods) onWrite(tls *libc.TLS, file, buffer uintptr, n int32, offset int64) int32 {
	switch m.disk.fails(WriteError, ShortWrite, ReadOnly) {
	case WriteError:
		return sqlite3.SQLITE_IOERR_WRITE
	case ShortWrite:
		if code := m.write(tls, file, buffer, n/2, offset); code != sqlite3.SQLITE_OK {
			return code
		}
		return sqlite3.SQLITE_FULL
	case ReadOnly:
		return sqlite3.SQLITE_READONLY
	}
	size, code := m.sizeOf(tls, file)
	if code != sqlite3.SQLITE_OK {
		return code
	}
	if !m.disk.grows(offset + int64(n) - size) {
		return sqlite3.SQLITE_FULL
	}
	return m.write(tls, file, buffer, n, offset)
}

func (m *methods) onSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	if m.disk.fails(SyncError) != None {
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	return m.sync(tls, file, flags)
}

func (m *methods) onTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	switch m.disk.fails(WriteError, ReadOnly) {
	case WriteError:
		return sqlite3.SQLITE_IOERR_TRUNCATE
	case ReadOnly:
		return sqlite3.SQLITE_READONLY
	}
	return m.truncate(tls, file, size)
}

// sizeOf gives the size of a file in bytes.
func (m *methods) sizeOf(tls *libc.TLS, file uintptr) (int64, int32) {
	into := tls.Alloc(8)
	defer tls.Free(8)
	code := m.size(tls, file, into)
	return *at[int64](into), code
}
