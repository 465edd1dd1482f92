// Package faulttest breaks disks for tests. The files of SQLite below a directory
// can be made to fail as files do on disks that are full, read-only or dying:
// with the errors that SQLite itself would give, in the middle of a commit.
//
// It stands between SQLite and its interface to the operating system (the VFS),
// as the default of the test's process, so that the store needs no switch for it.
package faulttest

import (
	"path/filepath"
	"strings"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Fault is a way in which a disk fails.
type Fault int

// The faults.
const (
	None       Fault = iota
	WriteError       // nothing is written
	ShortWrite       // half of it is written, then the disk is full
	SyncError        // all is written, but nobody knows whether it would survive
	Full             // files cannot grow any more
	ReadOnly         // the file system was made read-only, as after an error
	ReadError
)

func (f Fault) String() string {
	return [...]string{"none", "write error", "short write", "sync error", "full", "read-only", "read error"}[f]
}

// Disk holds the files of SQLite below a directory. Any number of goroutines may use it.
type Disk struct {
	dir string

	mu     sync.Mutex
	fault  Fault
	after  int   // operations that still succeed
	room   int64 // bytes by which files can grow, if the fault is Full
	once   bool  // only one operation fails
	failed int   // operations since Break

	methods map[uintptr]uintptr // copies of SQLite's tables of methods for files on this disk
}

// the are all disks, and the interface that SQLite has by itself.
var the struct {
	sync.Mutex
	once  sync.Once
	disks []*Disk
	open  openFunc
	keep  []any // functions of which only C memory knows
}

// Over makes the files of SQLite below a directory, from now on, those of a disk
// that can be broken.
func Over(dir string) *Disk {
	the.once.Do(install)
	d := &Disk{dir: filepath.Clean(dir) + string(filepath.Separator), methods: map[uintptr]uintptr{}}
	the.Lock()
	defer the.Unlock()
	the.disks = append(the.disks, d)
	return d
}

// Break has the disk fail after so many more operations of the kind that the
// fault is about, until Mend.
func (d *Disk) Break(f Fault, after int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault, d.after, d.room, d.once, d.failed = f, after, 0, false, 0
}

// Hiccup does the same, but only one operation fails.
func (d *Disk) Hiccup(f Fault, after int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault, d.after, d.room, d.once, d.failed = f, after, 0, true, 0
}

// Fill leaves the disk so many bytes of room. Deleted and shortened files give none back.
func (d *Disk) Fill(room int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault, d.after, d.room, d.once, d.failed = Full, 0, room, false, 0
}

// Mend makes the disk work again.
func (d *Disk) Mend() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = None
}

// Failed counts the operations that failed since the disk was last broken.
func (d *Disk) Failed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// fails tells whether an operation fails now that one of the faults is about.
func (d *Disk) fails(faults ...Fault) Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range faults {
		if f != d.fault {
			continue
		}
		if d.after > 0 {
			d.after--
			return None
		}
		d.failed++
		if d.once {
			d.fault = None
		}
		return f
	}
	return None
}

// grows takes bytes of what is left; false if there is no room for them.
func (d *Disk) grows(by int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault != Full || by <= 0 {
		return true
	}
	if by > d.room {
		d.failed++
		if d.once {
			d.fault = None
		}
		return false
	}
	d.room -= by
	return true
}

// diskOf gives the disk on which a file lies, nil for one that is never broken.
func diskOf(path string) *Disk {
	the.Lock()
	defer the.Unlock()
	for _, d := range the.disks {
		if strings.HasPrefix(path, d.dir) {
			return d
		}
	}
	return nil
}

// at looks at C memory, which never moves.
func at[T any](p uintptr) *T { return *(**T)(unsafe.Pointer(&p)) }

// pointer gives a function to C. Somebody must keep it alive.
func pointer[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// function takes a function from C.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }

type openFunc = func(tls *libc.TLS, vfs, name, file uintptr, flags int32, flagsOut uintptr) int32

// install puts a copy of SQLite's interface to the system in its place, with
// another function for opening files.
func install() {
	tls := libc.NewTLS() // never closed, as the copy
	original := sqlite3.Xsqlite3_vfs_find(tls, 0)
	made := sqlite3.Xsqlite3_malloc(tls, int32(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	vfs := at[sqlite3.Tsqlite3_vfs](made)
	*vfs = *at[sqlite3.Tsqlite3_vfs](original)
	the.open = function[openFunc](vfs.FxOpen)
	name, err := libc.CString("faulttest")
	if err != nil {
		panic(err)
	}
	var opening openFunc = open
	the.keep = append(the.keep, opening)
	vfs.FzName, vfs.FpNext, vfs.FxOpen = name, 0, pointer(opening)
	if code := sqlite3.Xsqlite3_vfs_register(tls, made, 1); code != sqlite3.SQLITE_OK {
		panic("SQLite takes no other interface to the system")
	}
}

// open opens a file as SQLite does, and gives it other methods if it lies on a disk.
func open(tls *libc.TLS, vfs, name, file uintptr, flags int32, flagsOut uintptr) int32 {
	code := the.open(tls, vfs, name, file, flags, flagsOut)
	if code != sqlite3.SQLITE_OK || name == 0 {
		return code
	}
	if d := diskOf(libc.GoString(name)); d != nil {
		f := at[sqlite3.Tsqlite3_file](file)
		f.FpMethods = d.methodsLike(tls, f.FpMethods)
	}
	return code
}

// methodsLike gives the disk's version of a table of methods.
func (d *Disk) methodsLike(tls *libc.TLS, original uintptr) uintptr {
	d.mu.Lock()
	defer d.mu.Unlock()
	if made := d.methods[original]; made != 0 {
		return made
	}
	made := sqlite3.Xsqlite3_malloc(tls, int32(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
	m := at[sqlite3.Tsqlite3_io_methods](made)
	*m = *at[sqlite3.Tsqlite3_io_methods](original)
	o := &methods{
		disk: d, read: function[transferFunc](m.FxRead), write: function[transferFunc](m.FxWrite),
		sync: function[syncFunc](m.FxSync), truncate: function[truncateFunc](m.FxTruncate), size: function[sizeFunc](m.FxFileSize),
	}
	var read, write transferFunc = o.onRead, o.onWrite
	var sync syncFunc = o.onSync
	var truncate truncateFunc = o.onTruncate
	m.FxRead, m.FxWrite, m.FxSync, m.FxTruncate = pointer(read), pointer(write), pointer(sync), pointer(truncate)
	the.Lock()
	the.keep = append(the.keep, read, write, sync, truncate)
	the.Unlock()
	d.methods[original] = made
	return made
}
