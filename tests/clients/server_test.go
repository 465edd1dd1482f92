//go:build clients

package clients

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program builds the program under test, once, and gives where it is.
var program = sync.OnceValues(func() (string, error) {
	file := filepath.Join(built, "kohorte")
	command := exec.Command("go", "build", "-o", file, "github.com/kohorte/kohorte/cmd/kohorte")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return "", errors.New(string(output))
	}
	return file, nil
})

// built is the folder of what the tests build.
var built string

func TestMain(m *testing.M) {
	var err error
	if built, err = os.MkdirTemp("", "kohorte-clients-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(built)
	m.Run()
}

// server is the program, which serves a workspace of its own.
type server struct {
	program, data, address, key string

	log     syncBuffer
	process *exec.Cmd
}

// newServer makes a workspace with a key and serves it.
func newServer(t *testing.T) *server {
	t.Helper()
	file, err := program()
	must(t, err)
	s := &server{program: file, data: t.TempDir(), address: freeAddress(t)}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the log of the server:\n%s", s.log.text())
		}
	})
	key, err := exec.Command(s.program, "--data", s.data, "key", "create", "shop", "--scope", "write").Output()
	must(t, err)
	s.key = strings.TrimSpace(string(key))
	must(t, s.start())
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// start starts the program and waits until it is ready.
func (s *server) start() error {
	s.process = exec.Command(s.program, "--data", s.data, "--listen", s.address, "serve")
	s.process.Stdout, s.process.Stderr = &s.log, &s.log
	if err := s.process.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !s.ready(ctx) {
		select {
		case <-again.C:
		case <-ctx.Done():
			return errors.New("the server is not ready after a minute")
		}
	}
	return nil
}

func (s *server) ready(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, response.Body)
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// kill ends the program as a power failure would.
func (s *server) kill() {
	if s.process != nil {
		_ = s.process.Process.Kill() // it may have ended
		_ = s.process.Wait()
		s.process = nil
	}
}

// stop ends the program as an operator would.
func (s *server) stop() error {
	process := s.process
	s.process = nil
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return process.Wait()
}

// syncBuffer keeps what several write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
