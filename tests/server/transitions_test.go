package server

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/serve"
)

// pair makes a program with two segments, which is served.
func pair(t *testing.T, flags ...string) *program {
	t.Helper()
	p := newProgram(t, flags...)
	p.run("segment", "put", "kicked", "count(kick) >= 1", "--lenient")
	p.run("segment", "put", "viewed", "count(view) >= 1", "--lenient")
	p.start()
	return p
}

// kick has so many customers enter the segment kicked.
func (p *program) kick(prefix string, customers int) {
	p.t.Helper()
	var calls []string
	for n := range customers {
		who := fmt.Sprintf("%s%d", prefix, n)
		calls = append(calls, track("kick-"+who, who, "kick", now()-1000, 0))
	}
	p.take(calls...)
}

// TestPages asks for transitions page by page, and waits for them.
func TestPages(t *testing.T) {
	t.Parallel()
	p := pair(t, "--read-timeout", "1s") // a request may take longer to be answered than to arrive
	if page := p.page("after=0&wait=0"); len(page.Transitions) != 0 || page.Next != 0 {
		t.Errorf("before anything happened: %+v", page)
	}
	began := now()
	if page := p.page("wait=0.3"); len(page.Transitions) != 0 || since(began) < 300*time.Millisecond {
		t.Errorf("an empty page after %s: %+v", since(began), page)
	}
	waiting := make(chan serve.Page, 1)
	began = now()
	go func() { waiting <- p.page("after=0&wait=30&segment=viewed") }()
	<-after(2 * time.Second)
	p.kick("a", 3)
	p.take(track("v", "a1", "view", now()-1000, 0))
	page := <-waiting
	if took := since(began); len(page.Transitions) != 1 || page.Transitions[0].Segment != "viewed" || page.Transitions[0].Customer.Name != "a1" || took < 2*time.Second || took > 15*time.Second {
		t.Errorf("after %s came %+v", took, page)
	}
	var seqs []int64
	for next := int64(0); ; {
		page := p.page(fmt.Sprintf("after=%d&wait=0&limit=2", next))
		if len(page.Transitions) > 2 {
			t.Errorf("a page of two has %d transitions", len(page.Transitions))
		}
		for _, one := range page.Transitions {
			seqs = append(seqs, one.Seq)
		}
		if next = page.Next; len(page.Transitions) == 0 {
			break
		}
	}
	if !slices.Equal(seqs, []int64{1, 2, 3, 4}) {
		t.Errorf("page by page came %v", seqs)
	}
	if page := p.page("after=3&wait=50"); len(page.Transitions) != 1 || page.Next != 4 {
		t.Errorf("after the third came %+v", page)
	}
}

// TestWrongQuestions sees to it that wrong requests are told why.
func TestWrongQuestions(t *testing.T) {
	t.Parallel()
	p := pair(t)
	for _, path := range []string{"/v1/transitions", "/v1/transitions/stream"} {
		for query, text := range map[string]string{
			"after=-1": "after must be", "after=x": "after must be", "limit=0": "limit must be", "limit=many": "limit must be",
			"wait=-1": "wait must be", "wait=soon": "wait must be", "wait=NaN": "wait must be",
		} {
			a, err := p.request(http.MethodGet, path+"?"+query, p.read, "")
			must(t, err)
			var told struct{ Error string }
			if err := json.Unmarshal([]byte(a.body), &told); err != nil || a.status != http.StatusBadRequest || !strings.Contains(told.Error, text) {
				t.Errorf("%s?%s was answered with %d: %s", path, query, a.status, a.body)
			}
		}
	}
	for _, path := range []string{"/v1/transitions?wait=0", "/v1/transitions/stream", "/v1/segments"} {
		for _, key := range []string{"", "kr_nonsense", p.write} {
			a, err := p.request(http.MethodGet, path, key, "")
			must(t, err)
			if a.status != http.StatusUnauthorized || !strings.Contains(a.body, "scope read") || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s with the key %q was answered with %d: %s", path, key, a.status, a.body)
			}
		}
	}
	if a, err := p.request(http.MethodPost, "/v1/batch", p.read, `{"batch":[]}`); err != nil || a.status != http.StatusUnauthorized {
		t.Errorf("a batch with the key of a reader was answered with %d: %s", a.status, a.body)
	}
	began := now()
	done := make(chan serve.Page, 1)
	go func() { done <- p.page("wait=1e300") }()
	<-after(300 * time.Millisecond)
	p.kick("a", 1)
	if page := <-done; len(page.Transitions) != 1 {
		t.Errorf("who wants to wait for ever got %+v after %s", page, since(began))
	}
}

// TestStream follows the stream, and the log with the command, while the server
// is stopped, killed and started again: nothing is missing, nothing comes twice.
func TestStream(t *testing.T) {
	t.Parallel()
	p := pair(t, "--read-timeout", "1s")
	watched := watch(t, p, "--after", "0")
	var streamed []string
	last := int64(0)
	for round := range 3 {
		f := p.follow(t, last)
		p.kick(fmt.Sprintf("a%d-", round), 1200)
		for range 700 {
			id, data, ok := f.next()
			if !ok || id != last+1 {
				t.Fatalf("after %d comes %d (%v) in the stream", last, id, ok)
			}
			last = id
			streamed = append(streamed, data)
		}
		if round == 0 {
			_, err := p.stop()
			must(t, err)
		} else {
			p.kill()
		}
		f.close()
		p.start()
	}
	f := p.follow(t, last)
	defer f.close()
	for last < 3600 {
		id, data, _ := f.next()
		if id != last+1 {
			t.Fatalf("after %d comes %d in the stream", last, id)
		}
		last = id
		streamed = append(streamed, data)
	}
	<-after(1500 * time.Millisecond)
	p.kick("late", 1)
	if id, _, ok := f.next(); id != 3601 || !ok {
		t.Errorf("a stream that was quiet for longer than a request may take goes on with %d (%v)", id, ok)
	}
	eventually(t, 10*time.Second, "watch has all", func() bool { return len(watched.lines()) == 3601 })
	if !slices.Equal(watched.lines()[:3600], streamed) {
		t.Error("the command and the stream tell different things")
	}
}

// watched is what kohorte watch printed so far.
type watched struct {
	mu      sync.Mutex
	printed []string
}

func (w *watched) lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.printed
}

// watch runs kohorte watch until the end of the test.
func watch(t *testing.T, p *program, flags ...string) *watched {
	t.Helper()
	command := exec.Command(binary, append([]string{"--data", p.data, "watch", "--json"}, flags...)...)
	out, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	w := &watched{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			w.mu.Lock()
			w.printed = append(w.printed, lines.Text())
			w.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended
		<-ended
		_ = command.Wait() // it was killed
	})
	return w
}
