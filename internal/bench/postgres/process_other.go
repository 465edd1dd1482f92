//go:build !linux

package postgres

import (
	"errors"
	"os"
	"os/exec"
	"time"
)

var errLinuxOnly = errors.New("processor time of another process is measured on Linux only, so nothing is compared with PostgreSQL")

var quit = os.Kill

func asUser(string, *exec.Cmd) error { return errors.Join(ErrAbsent, errLinuxOnly) }

func processorTime(int) (time.Duration, error) { return 0, errLinuxOnly }
