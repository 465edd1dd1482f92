package config

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// wantValue looks for a setting among what is in force.
func wantValue(t *testing.T, c *Config, name, text, origin string) {
	t.Helper()
	for _, v := range c.Effective() {
		if v.Name == name {
			if v.Text != text || v.Origin() != origin || c.IsDefault(name) != (origin == FromDefault) {
				t.Errorf("%s is %q from %s, want %q from %s", name, v.Text, v.Origin(), text, origin)
			}
			return
		}
	}
	t.Errorf("there is no %s", name)
}

func TestDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(Sources{Env: []string{"KOHORTE_DATA=", "HOME=x"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "data" || c.Workspace != "main" || c.Listen != "127.0.0.1:8077" || c.LogLevel != slog.LevelInfo || c.LogFormat != "text" ||
		c.Queue != 100_000 || c.MaxBatch != 4_000 || c.WebhookTimeout != 15*time.Second || c.StopTimeout != 10*time.Second ||
		c.ReadTimeout != 30*time.Second || c.IdleTimeout != 2*time.Minute || c.File != "" || c.Notes() != nil {
		t.Errorf("got %+v", c)
	}
	for _, s := range Settings {
		wantValue(t, c, s.Name, s.Default, "default")
	}
}

// TestWeights sets everything one place further than the setting before.
func TestWeights(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "kohorte.yaml", "# ours\ndata: &here crm\nqueue: 10\nmax-batch: 10\n\nworkspace: *here\nlog-level: \"warn\"\n")
	c, err := Load(Sources{
		Env:   []string{"KOHORTE_QUEUE=20", "KOHORTE_MAX_BATCH=20", "KOHORTE_LISTEN=:1"},
		Flags: map[string]string{"max-batch": "30", "stop-timeout": "1m0.5s"},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantValue(t, c, "data", "crm", "file kohorte.yaml:2")
	wantValue(t, c, "workspace", "crm", "file kohorte.yaml:6")
	wantValue(t, c, "log-level", "warn", "file kohorte.yaml:7")
	wantValue(t, c, "queue", "20", "env KOHORTE_QUEUE")
	wantValue(t, c, "max-batch", "30", "flag --max-batch")
	wantValue(t, c, "listen", ":1", "env KOHORTE_LISTEN")
	wantValue(t, c, "stop-timeout", "1m0.5s", "flag --stop-timeout")
	wantValue(t, c, "log-format", "text", "default")
	if c.Queue != 20 || c.MaxBatch != 30 || c.LogLevel != slog.LevelWarn || c.StopTimeout != 60_500*time.Millisecond || c.File != "kohorte.yaml" {
		t.Errorf("got %+v", c)
	}
}

func TestWhichFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "kohorte.yaml", "workspace: usual")
	write(t, "etc/a.yaml", "workspace: a\ndata: here")
	write(t, "etc/b.yaml", "workspace: b\ndata: ../there")
	env := []string{"KOHORTE_CONFIG=etc/a.yaml"}
	for _, c := range []struct {
		from            Sources
		workspace, data string
	}{
		{Sources{}, "usual", "data"},
		{Sources{Env: env}, "a", filepath.Join("etc", "here")},
		{Sources{Env: env, File: "etc/b.yaml"}, "b", "there"},
		{Sources{Env: append(env, "KOHORTE_DATA=x")}, "a", "x"},
	} {
		got, err := Load(c.from)
		if err != nil || got.Workspace != c.workspace || got.Data != c.data {
			t.Errorf("%+v: workspace %s, data %s, %v", c.from, got.Workspace, got.Data, err)
		}
	}
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		write(t, "kohorte.yaml", text)
		if _, err := Load(Sources{}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestProblems wants all problems of all places at once.
func TestProblems(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "kohorte.yaml", `lisen: ":1"
max_batch: 5
listen: localhost
queue: many
queue: 7
data:
log-level: verbose
colour: red
workspace: [a, b]
---
queue: 5
`)
	_, err := Load(Sources{
		Env:   []string{"KOHORTE_QUEUE=0", "KOHORTE_STOP_TIMEOUT=15", "KOHORTE_LOG_FORMAT=xml"},
		Flags: map[string]string{"workspace": "a/b", "read-timeout": "", "idle-timeout": "-1s"},
	})
	want := `kohorte.yaml:10: the file goes on after ---; only what stands before is read
kohorte.yaml:1: there is no setting "lisen"; did you mean listen?
kohorte.yaml:2: there is no setting "max_batch"; did you mean max-batch?
kohorte.yaml:5: queue stands in line 4 already
kohorte.yaml:8: there is no setting "colour"; there are data, workspace, listen, log-level, log-format, queue, max-batch, read-timeout, idle-timeout, webhook-timeout, stop-timeout, exports
kohorte.yaml:9: workspace: a single value is expected
kohorte.yaml:6: data: the value is missing
--workspace: a name of up to 63 of the letters a to z, digits, - and _ is expected, not "a/b"
kohorte.yaml:3: listen: a host and a port are expected, such as 127.0.0.1:8077 or :8077, not "localhost"
kohorte.yaml:7: log-level: debug, info, warn or error is expected, not "verbose"
KOHORTE_LOG_FORMAT: text or json is expected, not "xml"
kohorte.yaml:4: queue: a whole number from 1 to 1000000000 is expected, not "many"
KOHORTE_QUEUE: a whole number from 1 to 1000000000 is expected, not "0"
--read-timeout: the value is missing
--idle-timeout: a length of time with its unit is expected, such as 500ms, 15s or 2m, not "-1s"
KOHORTE_STOP_TIMEOUT: a length of time with its unit is expected, such as 500ms, 15s or 2m, not "15"`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if !errors.As(err, new(FlagError)) {
		t.Error("a wrong flag is not told from the rest")
	}
}

func TestFilesThatAreNone(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		from       Sources
		text, says string
	}{
		{Sources{File: "none.yaml"}, "", "--config: none.yaml: "},
		{Sources{Env: []string{"KOHORTE_CONFIG=none.yaml"}}, "", "KOHORTE_CONFIG: none.yaml: "},
		{Sources{}, "- a\n- b", `kohorte.yaml:1: lines of the form "setting: value" are expected`},
		{Sources{}, "listen: :8077: x", "kohorte.yaml: mapping values"},
		{Sources{}, "queue: 1\n\tdata: x", "kohorte.yaml: line 2: "},
	} {
		write(t, "kohorte.yaml", c.text)
		if _, err := Load(c.from); err == nil || !strings.HasPrefix(err.Error(), c.says) {
			t.Errorf("%+v %q: %v", c.from, c.text, err)
		} else if errors.As(err, new(FlagError)) {
			t.Errorf("a wrong file is taken for a wrong flag: %v", err)
		}
	}
}

func TestNotes(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(Sources{Env: []string{"KOHORTE_LISTENN=:1", "KOHORTE_PORT=tcp://10.0.0.1:80", "KOHORTE_MAXBATCH=5", "KOHORTE_TEST_DATA=x", "KOHORTE_LISTEN=:2"}})
	got := strings.Join(c.Notes(), "\n")
	want := "KOHORTE_LISTENN is set and means nothing; did you mean KOHORTE_LISTEN?\nKOHORTE_MAXBATCH is set and means nothing; did you mean KOHORTE_MAX_BATCH?"
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestSecret shows a secret neither where it is right nor where it is wrong.
func TestSecret(t *testing.T) {
	t.Chdir(t.TempDir())
	var secret string
	settings := []Setting{{Name: "token", Secret: true, kind: word(func(*Config) *string { return &secret }, "hunter2", "hunter3")}}
	c, err := load(settings, Sources{})
	if err != nil || c.Effective()[0] != (Value{Name: "token", From: FromDefault}) {
		t.Errorf("without: %+v %v", c.Effective(), err)
	}
	c, err = load(settings, Sources{Env: []string{"KOHORTE_TOKEN=hunter2"}})
	if err != nil || secret != "hunter2" || c.Effective()[0] != (Value{"token", masked, FromEnv, "KOHORTE_TOKEN"}) {
		t.Errorf("%q, %+v %v", secret, c.Effective(), err)
	}
	if _, err = load(settings, Sources{Env: []string{"KOHORTE_TOKEN=hunter4"}}); err == nil || strings.Contains(err.Error(), "hunter4") {
		t.Errorf("wrong: %v", err)
	}
}
