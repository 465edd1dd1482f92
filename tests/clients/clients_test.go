//go:build clients

// Package clients sends calls to the program with the libraries that people
// already use, as they come from npm, and compares what arrived. It needs
// Node.js, Chromium and what npm ci installs here; make test-clients runs it.
package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// client is a way to send calls: a library, and how it is told to send.
type client struct {
	name, library string
	strategy      string // of the library for browsers
}

var clients = []client{
	{name: "analytics-node", library: "@segment/analytics-node"},
	{name: "rudder-sdk-node", library: "@rudderstack/rudder-sdk-node"},
	{name: "analytics-next", library: "@segment/analytics-next", strategy: "standard"},
	{name: "analytics-next-batching", library: "@segment/analytics-next", strategy: "batching"},
}

func (c client) browser() bool { return c.strategy != "" }

// mostTime is how long a library may take to send everything.
const mostTime = 4 * time.Minute

// send has the library send one call of each type, or a stream of so many events.
// It comes back when the library knows that everything arrived, and gives what the script printed.
func (c client) send(t *testing.T, host, key string, stream int) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), mostTime)
	defer cancel()
	command := exec.CommandContext(ctx, "node", c.library[strings.Index(c.library, "/")+1:]+".js")
	command.Env = append(os.Environ(), "HOST=http://"+host, "KEY="+key, "STRATEGY="+c.strategy)
	if stream > 0 {
		command.Env = append(command.Env, "STREAM="+strconv.Itoa(stream))
	}
	if c.browser() {
		command.Env = append(command.Env, "CHROMIUM="+chromium(t))
	}
	var output, problems bytes.Buffer
	command.Stdout, command.Stderr, command.WaitDelay = &output, &problems, 10*time.Second
	if err := command.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", c.library, c.version(t), err, &output, &problems)
	}
	return strings.TrimSpace(output.String())
}

func (c client) version(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("node_modules", c.library, "package.json"))
	must(t, err)
	var about struct{ Version string }
	must(t, json.Unmarshal(text, &about))
	return about.Version
}

// chromium gives where the browser is. Tests that need it are skipped without it.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if file, err := exec.LookPath(name); err == nil {
			return file
		}
	}
	t.Skip("Chromium is not installed")
	return ""
}

// each runs a test for each client, side by side.
func each(t *testing.T, test func(t *testing.T, c client)) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}
