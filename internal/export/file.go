package export

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// privately is the mode of a new file: exports are about persons. A file that is
// replaced hands on its mode.
const privately fs.FileMode = 0o600

// ToFile writes a table to a file, which is there whole or not at all: it is
// written beside its place, forced to disk and moved there at once. After an error
// or the end of the context what stood there before still does, and nothing is
// left over. A path that names a pipe or a device gets a stream.
func ToFile(ctx context.Context, path string, t *Table, o Options) (Result, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // the link stays, what it names is replaced
	}
	mode := privately
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return Result{}, &fs.PathError{Op: "export", Path: path, Err: errors.New("is a directory")}
	case err == nil && !info.Mode().IsRegular():
		return toStream(ctx, path, t, o)
	case err == nil:
		mode = info.Mode().Perm()
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return Result{}, err
	}
	result, err := Write(ctx, file, t, o)
	if err == nil {
		err = errors.Join(file.Chmod(mode), file.Sync())
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return result, errors.Join(err, os.Remove(file.Name()))
	}
	return result, syncDir(filepath.Dir(path))
}

// ToTemporary writes a table to a file without a name, which is gone once it is closed.
func ToTemporary(ctx context.Context, t *Table, o Options) (*os.File, Result, error) {
	file, err := os.CreateTemp("", "kohorte-export-")
	if err != nil {
		return nil, Result{}, err
	}
	_ = os.Remove(file.Name()) // where a file that is open cannot be removed, the system tidies up
	result, err := Write(ctx, file, t, o)
	if err != nil {
		return nil, result, errors.Join(err, file.Close())
	}
	return file, result, nil
}

// toStream writes to what is no regular file.
func toStream(ctx context.Context, path string, t *Table, o Options) (Result, error) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return Result{}, err
	}
	result, err := Write(ctx, file, t, o)
	return result, errors.Join(err, file.Close())
}

// syncDir makes the new name of a file last. Windows neither needs nor allows it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
