//go:build unix

package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The connections that are open at once, and what they may cost.
const (
	streams     = 5_000
	idlers      = 5_000
	mostMemory  = 1 << 30 // bytes
	spareFiles  = 1_000
	testedPosts = 20
)

// TestConnections holds ten thousand connections open, half of them streams.
// Calls are still acknowledged at once, everybody hears of a transition, and the
// memory of the server stays small. It runs alone, since it measures.
func TestConnections(t *testing.T) {
	var limit syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	if limit.Max < streams+idlers+spareFiles {
		t.Skipf("a process may have %d files open, this needs %d", limit.Max, streams+idlers+spareFiles)
	}
	p := pair(t)
	p.kick("before", 1)
	var streaming, told atomic.Int64
	var all sync.WaitGroup
	var open []net.Conn
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
		all.Wait()
	}()
	for range streams {
		c := p.dial(t, "/v1/transitions/stream?after=1")
		open = append(open, c)
		all.Go(func() { listen(c, &streaming, &told) })
	}
	var idle []*bufio.Reader
	for range idlers {
		c := p.dial(t, "/v1/transitions?after=0&wait=0")
		open = append(open, c)
		idle = append(idle, bufio.NewReaderSize(c, 512))
		answeredOnce(t, idle[len(idle)-1])
	}
	eventually(t, 30*time.Second, "all streams have begun", func() bool { return streaming.Load() == streams })
	var posts []time.Duration
	for n := range testedPosts {
		began := now()
		p.take(track(fmt.Sprintf("seen%d", n), "somebody", "seen", now()-1000, int64(n))) // nobody hears of it
		posts = append(posts, since(began))
	}
	slices.Sort(posts)
	slow := posts[testedPosts*19/20-1] // one may meet a disk that is busy otherwise
	began := now()
	p.kick("after", 1)
	acknowledged := since(began)
	eventually(t, 20*time.Second, "all streams tell of the transition", func() bool { return told.Load() == streams })
	heard := since(began)
	for i, r := range idle {
		_, err := io.WriteString(open[streams+i], question(p, "/v1/transitions?after=1&wait=5"))
		must(t, err)
		if body := answeredOnce(t, r); !strings.Contains(body, `"after0"`) {
			t.Fatalf("a connection that was idle was told %s", body)
		}
	}
	memory := p.memory(t)
	t.Logf("19 of 20 calls were acknowledged within %s, one within %s with a transition, which all had after %s; %d MB", slow, acknowledged, heard, memory>>20)
	if max(slow, acknowledged) > time.Second || memory > mostMemory {
		t.Error("that is too much")
	}
	if took, err := p.stop(); err != nil || took > 10*time.Second {
		t.Errorf("the server ended after %s with %v", took, err)
	}
}

func question(p *program, path string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: " + p.address + "\r\nAuthorization: Bearer " + p.read + "\r\n\r\n"
}

// dial opens a connection and asks something on it.
func (p *program) dial(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.address)
	must(t, err)
	_, err = io.WriteString(c, question(p, path))
	must(t, err)
	return c
}

// answeredOnce reads an answer, after which the connection can be used again.
func answeredOnce(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	response, err := http.ReadResponse(r, nil)
	must(t, err)
	body, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("answered with %s", response.Status)
	}
	return string(body)
}

// listen reads a stream to its end, and counts that it begins and that it tells of a transition.
func listen(c net.Conn, streaming, told *atomic.Int64) {
	r := bufio.NewReaderSize(c, 1024)
	response, err := http.ReadResponse(r, nil)
	if err != nil || response.StatusCode != http.StatusOK {
		return
	}
	streaming.Add(1)
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if lines.Text() == "event: transition" {
			told.Add(1)
		}
	}
}

// memory gives how much of the server is in memory, in bytes; 0 where that cannot be read.
func (p *program) memory(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid), "status"))
	if err != nil {
		t.Logf("the memory of the server is not known: %v", err)
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	must(t, err)
	return kilobytes << 10
}
