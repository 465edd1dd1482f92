//go:build !unix

package bench

import "time"

var started = time.Now()

// processorTime gives the time on the wall where the system does not tell the processor time.
func processorTime() time.Duration { return time.Since(started) }
