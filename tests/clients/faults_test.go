//go:build clients

package clients

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/store"
)

// TestKilledInMidBatch kills the server again and again while a library sends a
// stream of events: once the library has sent again what was not answered, every
// event is there, and once.
func TestKilledInMidBatch(t *testing.T) {
	const events, kills, least = 400, 5, 3
	each(t, func(t *testing.T, c client) {
		k := &killer{server: newServer(t), left: kills, next: 3}
		k.mu.Lock() // the relay works as soon as it is made
		k.relay = newRelay(t, k.server.address, k.fault)
		k.mu.Unlock()
		t.Cleanup(k.restarts.Wait)
		c.send(t, k.relay.address, k.server.key, events)
		k.restarts.Wait()
		must(t, k.failed)
		must(t, k.server.stop())
		lost := k.relay.lost()
		if lost == 0 || k.killed < least {
			t.Errorf("%d kills interrupted %d requests: that shows too little", k.killed, lost)
		}
		t.Logf("%s %s: %d requests, %d of them without an answer, %d kills", c.library, c.version(t), posts(k.relay), lost, k.killed)
		eachOnce(t, k.server, events)
	})
}

// TestAnswersLost lets the server take requests whose answers do not come through:
// the library sends again what is stored already.
func TestAnswersLost(t *testing.T) {
	each(t, func(t *testing.T, c client) {
		for name, events := range map[string]int{"calls": 0, "stream": 100} {
			t.Run(name, func(t *testing.T) {
				s := newServer(t)
				r := newRelay(t, s.address, everySecond(20))
				page := c.send(t, r.address, s.key, events)
				must(t, s.stop())
				if r.lost() == 0 {
					t.Error("no answer was lost: the test shows nothing")
				}
				t.Logf("%s %s: %d requests, %d of them without an answer", c.library, c.version(t), posts(r), r.lost())
				if events > 0 {
					eachOnce(t, s, events)
				} else {
					compareFacts(t, c, s, page)
				}
			})
		}
	})
}

// everySecond loses every second answer to the first few requests with calls.
func everySecond(first int) func(*http.Request) fault {
	n := 0
	return func(q *http.Request) fault {
		if q.Method != http.MethodPost {
			return fault{}
		}
		n++
		return fault{cut: n%2 == 1 && n < first}
	}
}

// killer kills the server while it works on a request, and starts it again.
type killer struct {
	server   *server
	relay    *relay
	restarts sync.WaitGroup

	mu     sync.Mutex // of what follows, and of setting the relay
	left   int        // kills that are to come
	killed int        // those that were
	next   int        // requests until the next
	failed error
}

func (k *killer) fault(q *http.Request) fault {
	k.mu.Lock()
	defer k.mu.Unlock()
	if q.Method != http.MethodPost || k.left == 0 {
		return fault{}
	}
	if k.next--; k.next != 0 {
		return fault{}
	}
	k.left--
	// The first one hits a server that has hardly read the request, later ones come at random.
	late := time.NewTimer(rand.N(1 + time.Duration(k.killed)*4*time.Millisecond))
	k.killed++
	k.restarts.Add(1)
	return fault{passing: func() {
		<-late.C
		k.relay.refuse()
		k.server.kill()
		k.relay.drop()
		go k.restart()
	}}
}

func (k *killer) restart() {
	defer k.restarts.Done()
	err := k.server.start()
	if err == nil {
		err = k.relay.open()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed = err; err != nil {
		k.left = 0
	}
	k.next = 1 + rand.IntN(4)
}

func posts(r *relay) (n int) {
	for _, q := range r.seen() {
		if q.Method == http.MethodPost {
			n++
		}
	}
	return n
}

// eachOnce wants every event of a stream to be stored exactly once.
func eachOnce(t *testing.T, s *server, events int) {
	t.Helper()
	times := map[int]int{}
	must(t, arrived(t, s).Events(context.Background(), 0, func(e *store.Event) error {
		var properties struct{ N int }
		err := json.Unmarshal(e.Props, &properties)
		times[properties.N]++
		return err
	}))
	for n := range events {
		if times[n] != 1 {
			t.Errorf("event %d is there %d times", n, times[n])
		}
		delete(times, n)
	}
	if len(times) > 0 {
		t.Errorf("nobody sent these events: %v", times)
	}
}
