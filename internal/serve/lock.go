package serve

import (
	"fmt"
	"os"
	"path/filepath"
)

// FileLock keeps other processes of Kohorte from following the same workspace.
type FileLock struct{ file *os.File }

// Lock takes the lock of a workspace. The error says that somebody else has it.
func Lock(dir, workspace string) (*FileLock, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("the data directory cannot be made: %w", err)
	}
	path := filepath.Join(dir, workspace+".lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if !lockFile(file) {
		_ = file.Close()
		return nil, fmt.Errorf("another kohorte process serves or fills the workspace %s in %s", workspace, dir)
	}
	return &FileLock{file}, nil
}

// Release gives the lock back. The file stays, so that nobody locks one that is being removed.
func (l *FileLock) Release() { _ = l.file.Close() }

func snapshotPath(dir, workspace string) string { return filepath.Join(dir, workspace+".index") }
