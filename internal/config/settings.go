package config

import (
	"log/slog"
	"path/filepath"
	"strings"
	"time"
)

// Config is what is in force.
type Config struct {
	Data      string // the directory of the data
	Workspace string

	Listen    string // host:port; without a host on all addresses of the machine, with port 0 on a free one
	LogLevel  slog.Level
	LogFormat string // text or json

	Queue    int // the most records that may wait to be stored
	MaxBatch int // the most records that are stored in one commit

	ReadTimeout    time.Duration // for a request
	IdleTimeout    time.Duration // for the next request of a connection
	WebhookTimeout time.Duration // for the answer of a receiver
	StopTimeout    time.Duration // for what is under way when the server is to stop

	Exports string // the directory of exports on a schedule; see ExportDir

	File string // the file that was read; "" if there is none

	effective []Value
	notes     []string
}

// Setting is one thing that can be set. Its name is the key in the file; the flag
// and the name of the environment follow from it.
type Setting struct {
	Name    string
	Default string // "" if there is none and it must not be given
	Help    string // what it is, in half a sentence
	General bool   // it matters to every command, not to the server alone
	Secret  bool   // it is never shown, and there is no flag, since others see the arguments of a program
	kind    kind
}

// Settings are all that can be set, in the order in which people read of them.
var Settings = []Setting{
	{Name: "data", Default: "data", General: true, Help: "the directory of the data",
		kind: directory(func(c *Config) *string { return &c.Data })},
	{Name: "workspace", Default: "main", General: true, Help: "the workspace in it",
		kind: name(func(c *Config) *string { return &c.Workspace })},
	{Name: "listen", Default: "127.0.0.1:8077", Help: "where the server listens; :8077 is on all addresses of the machine, port 0 any free port",
		kind: address(func(c *Config) *string { return &c.Listen })},
	{Name: "log-level", Default: "info", Help: "the least important messages that are logged: debug, info, warn or error",
		kind: level(func(c *Config) *slog.Level { return &c.LogLevel })},
	{Name: "log-format", Default: "text", Help: "the form of the log: text or json",
		kind: word(func(c *Config) *string { return &c.LogFormat }, "text", "json")},
	{Name: "queue", Default: "100000", Help: "the most records that may wait to be stored; what exceeds it is turned away, to be sent again",
		kind: count(func(c *Config) *int { return &c.Queue })},
	{Name: "max-batch", Default: "4000", Help: "the most records that are stored in one commit",
		kind: count(func(c *Config) *int { return &c.MaxBatch })},
	{Name: "read-timeout", Default: "30s", Help: "how long a request may take to arrive",
		kind: duration(func(c *Config) *time.Duration { return &c.ReadTimeout })},
	{Name: "idle-timeout", Default: "2m", Help: "how long a connection is kept for the next request",
		kind: duration(func(c *Config) *time.Duration { return &c.IdleTimeout })},
	{Name: "webhook-timeout", Default: "15s", Help: "how long the receiver of a webhook may take to answer",
		kind: duration(func(c *Config) *time.Duration { return &c.WebhookTimeout })},
	{Name: "stop-timeout", Default: "10s", Help: "how long the server waits for what is under way when it is to stop",
		kind: duration(func(c *Config) *time.Duration { return &c.StopTimeout })},
	{Name: "exports", Help: "the directory of exports on a schedule; without it, exports in the directory of the data; each workspace has a folder there",
		kind: directory(func(c *Config) *string { return &c.Exports })},
}

// ExportDir is the directory below which exports of the workspace on a schedule are written.
func (c *Config) ExportDir() string {
	dir := c.Exports
	if dir == "" {
		dir = filepath.Join(c.Data, "exports")
	}
	return filepath.Join(dir, c.Workspace)
}

// Env is the name by which the environment sets it.
func (s *Setting) Env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// Placeholder stands for its value where its flag is described, as DIR.
func (s *Setting) Placeholder() string { return s.kind.placeholder }
