package live

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	spec "github.com/kohorte/kohorte/internal/segment"
)

// checkRoom refuses changes whose memberships would not fit into memory: it is better to
// say so than to be ended by the system.
func (e *Engine) checkRoom(put []spec.Definition) error {
	slots, used := len(e.slots), 0
	for _, taken := range e.slots {
		if taken {
			used++
		}
	}
	for i := range put {
		if put[i].State == spec.Active && put[i].Kind != spec.Segmentation {
			used++ // beside the version that decides until then
		}
	}
	for slots < used {
		slots = max(16, 2*slots)
	}
	rows := 0
	for _, s := range e.shards {
		rows += len(s.stored)
	}
	if need := int64(slots) * int64(rows) * 8; slots > len(e.slots) && need > e.room() {
		return wrong("%d segments of %d customers need about %s of memory, of which this machine has %s for them; use fewer segments at once, or set GOMEMLIMIT if it may take more",
			used, rows, gigabytes(need), gigabytes(e.room()))
	}
	return nil
}

func gigabytes(n int64) string { return fmt.Sprintf("%.1f GB", float64(n)/(1<<30)) }

// room gives how many bytes memberships may take: what GOMEMLIMIT says, else half of the
// machine's memory.
func (e *Engine) room() int64 {
	if e.Room > 0 {
		return e.Room
	}
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return limit
	}
	return machineMemory() / 2
}

// machineMemory reads how much memory there is; 16 GB where nothing says it.
func machineMemory() int64 {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 16 << 30
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "MemTotal:"); ok {
			if kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64); err == nil {
				return kilobytes << 10
			}
		}
	}
	return 16 << 30
}
