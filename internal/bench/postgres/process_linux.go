package postgres

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// quit has PostgreSQL end at once.
const quit = syscall.SIGQUIT

// asUser lets a command run as the user postgres where we are root, as whom
// PostgreSQL refuses to run, and gives that user the folder.
func asUser(dir string, command *exec.Cmd) error {
	command.Dir = dir
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return err
	}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return os.Chown(dir, int(uid), int(gid))
}

// tick is the unit of the times in /proc.
const tick = time.Second / 100

// processorTime gives the processor time of a process, of its children, and of
// those of them that have ended.
func processorTime(pid int) (time.Duration, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	sum, found := time.Duration(0), false
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		// The name, in parentheses, may hold anything; after it come the state, the parent, …
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		own := path == fmt.Sprintf("/proc/%d/stat", pid)
		if len(fields) < 15 || !own && string(fields[1]) != strconv.Itoa(pid) {
			continue
		}
		found = found || own
		for _, field := range fields[11:15] { // utime, stime, cutime, cstime
			n, err := strconv.ParseInt(string(field), 10, 64)
			if err != nil {
				return 0, err
			}
			sum += time.Duration(n) * tick
		}
	}
	if !found {
		return 0, fmt.Errorf("there is no process %d", pid)
	}
	return sum, nil
}
