package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

// RejectFile is the file for the rejected rows of an import, beside the imported
// file: FILE.rejected.csv, or .ndjson. One that is there already is not touched:
// the new one is called FILE.rejected-2.csv and so on, unless it is the same byte
// for byte, as after importing a file again. Importing a file of rejected rows
// numbers on from it.
type RejectFile struct {
	base      string
	extension string
	temporary *os.File
	path      string
}

var rejectedName = regexp.MustCompile(`\.rejected(-[0-9]+)?\.(csv|ndjson)$`)

// RejectsBeside gives the file for the rejected rows of a file; it is made when the first row comes.
func RejectsBeside(path string) *RejectFile {
	return &RejectFile{base: rejectedName.ReplaceAllString(path, "")}
}

// Open begins the file; it is what Options.Rejects wants.
func (f *RejectFile) Open(extension string) (io.WriteCloser, error) {
	temporary, err := os.CreateTemp(filepath.Dir(f.base), ".kohorte-rejected-*")
	if err != nil {
		return nil, err
	}
	f.extension, f.temporary = extension, temporary
	return f, nil
}

// Write writes rejected rows.
func (f *RejectFile) Write(p []byte) (int, error) { return f.temporary.Write(p) }

// Path is where the rows are after Close; empty if there were none.
func (f *RejectFile) Path() string { return f.path }

// Close gives the file its name.
func (f *RejectFile) Close() error {
	written := f.temporary.Name()
	if err := errors.Join(f.temporary.Chmod(0o644), f.temporary.Close()); err != nil {
		return err
	}
	for n := 1; ; n++ {
		path := f.base + ".rejected" + f.extension
		if n > 1 {
			path = fmt.Sprintf("%s.rejected-%d%s", f.base, n, f.extension)
		}
		place, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		switch {
		case err == nil:
			f.path = path
			return errors.Join(place.Close(), os.Rename(written, path))
		case !errors.Is(err, os.ErrExist):
			return err
		}
		if same, err := sameContent(written, path); same || err != nil {
			f.path = path
			return errors.Join(err, os.Remove(written))
		}
	}
}

// sameContent tells whether two files have the same bytes.
func sameContent(a, b string) (same bool, err error) {
	fileA, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, fileA.Close()) }()
	fileB, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, fileB.Close()) }()
	var bufferA, bufferB [64 << 10]byte
	for {
		n, errA := io.ReadFull(fileA, bufferA[:])
		m, errB := io.ReadFull(fileB, bufferB[:])
		if !bytes.Equal(bufferA[:n], bufferB[:m]) {
			return false, nil
		}
		if errA != nil || errB != nil {
			return isEnd(errA) && isEnd(errB), nil
		}
	}
}

func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
