// Package server runs the program as operators do, as a process of its own, and
// sees to it that it keeps its promises when it is killed, stopped, flooded,
// backed up and watched by thousands.
package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/store"
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	built, err := os.MkdirTemp("", "kohorte-server-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(built)
	binary = filepath.Join(built, "kohorte")
	build := exec.Command("go", "build", "-o", binary, "github.com/kohorte/kohorte/cmd/kohorte")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		panic(string(output))
	}
	m.Run()
}

// program is the server of a workspace of its own, and the commands for it.
type program struct {
	t           testing.TB
	data        string
	flags       []string // of serve
	write, read string   // keys

	log     logBuffer
	command *exec.Cmd
	ended   chan error
	address string
	client  *http.Client
}

// newProgram makes a workspace with keys; flags are for serve.
func newProgram(t testing.TB, flags ...string) *program {
	t.Helper()
	p := &program{t: t, data: t.TempDir(), flags: flags, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the log of the server:\n%s", p.log.text())
		}
	})
	p.write = strings.TrimSpace(p.run("key", "create", "web", "--scope", "write"))
	p.read = strings.TrimSpace(p.run("key", "create", "dashboard", "--scope", "read"))
	return p
}

// launch starts the server and does not wait for it.
func (p *program) launch() {
	p.t.Helper()
	p.log.forget()
	arguments := append([]string{"--data", p.data, "serve", "--listen", "127.0.0.1:0"}, p.flags...)
	command, ended := exec.Command(binary, arguments...), make(chan error, 1)
	command.Stderr = &p.log
	must(p.t, command.Start())
	p.command, p.ended = command, ended
	go func() { ended <- command.Wait() }()
}

// start starts the server and waits until it is ready.
func (p *program) start() {
	p.t.Helper()
	p.launch()
	eventually(p.t, time.Minute, "the server is ready", func() bool {
		select {
		case err := <-p.ended:
			p.t.Fatalf("the server ended: %v", err)
		default:
		}
		p.address = p.log.address()
		return p.address != "" && p.status("/readyz") == http.StatusOK
	})
}

func (p *program) status(path string) int {
	response, err := p.client.Get("http://" + p.address + path)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.StatusCode
}

// kill ends the server as nothing can prevent it.
func (p *program) kill() {
	if p.command != nil {
		_ = p.command.Process.Kill() // it may have ended
		<-p.ended
		p.command = nil
	}
	p.client.CloseIdleConnections()
}

// terminate asks the server to end.
func (p *program) terminate() {
	p.t.Helper()
	must(p.t, p.command.Process.Signal(syscall.SIGTERM))
}

// stop asks the server to end, and gives what it ended with and how long that took.
func (p *program) stop() (took time.Duration, err error) {
	p.t.Helper()
	began := now()
	p.terminate()
	select {
	case err = <-p.ended:
		p.command = nil
	case <-after(time.Minute):
		p.kill()
		p.t.Fatal("the server does not end")
	}
	p.client.CloseIdleConnections()
	return since(began), err
}

// try runs a command on the workspace.
func (p *program) try(arguments ...string) (out, problem string, err error) {
	command := exec.Command(binary, append([]string{"--data", p.data}, arguments...)...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	return stdout.String(), stderr.String(), err
}

// run runs a command that must succeed, and gives what it printed.
func (p *program) run(arguments ...string) string {
	p.t.Helper()
	out, problem, err := p.try(arguments...)
	if err != nil {
		p.t.Fatalf("kohorte %s: %v\n%s%s", strings.Join(arguments, " "), err, out, problem)
	}
	return out
}

// refused runs a command that must fail with all of these texts in its message.
func (p *program) refused(texts []string, arguments ...string) {
	p.t.Helper()
	out, problem, err := p.try(arguments...)
	if exit := new(exec.ExitError); !errors.As(err, &exit) {
		p.t.Errorf("kohorte %s was not refused: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	for _, text := range texts {
		if !strings.Contains(problem, text) {
			p.t.Errorf("kohorte %s says\n%swithout %q", strings.Join(arguments, " "), problem, text)
		}
	}
}

// view reads the workspace, also while it is served.
func (p *program) view(work func(v *store.View) error) {
	p.t.Helper()
	s, err := store.OpenReadOnly(p.data, "main")
	must(p.t, err)
	must(p.t, errors.Join(s.View(context.Background(), work), s.Close()))
}

// verify has the program check the workspace.
func (p *program) verify() {
	p.t.Helper()
	out, problem, err := p.try("verify")
	if err != nil || !strings.Contains(out, "all is well") || strings.Contains(out, "not checked") {
		p.t.Fatalf("kohorte verify: %v\n%s%s", err, out, problem)
	}
}

// logBuffer keeps what the server logs.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

var listening = regexp.MustCompile(`msg=listening address=(\S+)\n`)

// address gives where the server listens, "" until it says so.
func (l *logBuffer) address() string {
	if found := listening.FindStringSubmatch(l.text()); found != nil {
		return found[1]
	}
	return ""
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// now gives the time in milliseconds.
func now() int64 { return clock.System{}.Now() }

func since(began int64) time.Duration { return time.Duration(now()-began) * time.Millisecond }

func after(d time.Duration) <-chan time.Time { return time.NewTimer(d).C }

// eventually asks again and again until something is so.
func eventually(t testing.TB, within time.Duration, what string, so func() bool) {
	t.Helper()
	if !comes(within, so) {
		t.Fatalf("not within %s: %s", within, what)
	}
}

func comes(within time.Duration, so func() bool) bool {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	late := after(within)
	for !so() {
		select {
		case <-again.C:
		case <-late:
			return false
		}
	}
	return true
}

// at writes an instant as calls have it.
func at(instant int64) string {
	return time.UnixMilli(instant).UTC().Format("2006-01-02T15:04:05.000Z")
}

// track is a call that tells of an event.
func track(id, user, event string, when int64, n int64) string {
	return fmt.Sprintf(`{"type":"track","messageId":%q,"userId":%q,"event":%q,"timestamp":%q,"properties":{"n":%d}}`, id, user, event, at(when), n)
}
