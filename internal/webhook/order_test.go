package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/kohorte/kohorte/internal/store"
)

// moody is a receiver that fails by a plan and keeps in which order what came.
type moody struct {
	mu      sync.Mutex
	fails   map[int64]int // by Seq: how often it fails before it takes it
	came    map[int64][]int64
	took    map[int64]int
	of      map[int64]int64 // the customer of a Seq
	offence string
}

func (m *moody) answer(rw http.ResponseWriter, r *http.Request) {
	seq := seqOf(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	customer := m.of[seq]
	for _, earlier := range m.came[customer] {
		if earlier > seq {
			m.offence = fmt.Sprintf("customer %d: %d came after %d", customer, seq, earlier)
		}
	}
	m.came[customer] = append(m.came[customer], seq)
	if m.fails[seq] > 0 {
		m.fails[seq]--
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	m.took[seq]++
}

// TestOrderProperty delivers transitions of a few customers to receivers that
// fail at random, in several lives of the deliverer, of which some are killed
// before they can record: what comes for a customer comes in order, nothing
// vanishes, and only what failed ten times is dead.
func TestOrderProperty(t *testing.T) {
	w := newWorkspace(t)
	serial := 0
	rapid.Check(t, func(rt *rapid.T) {
		serial++
		name := fmt.Sprintf("hook %d", serial)
		current := &moody{fails: map[int64]int{}, came: map[int64][]int64{}, took: map[int64]int{}, of: map[int64]int64{}}
		hook := w.add(rt, name, "http://127.0.0.1")
		time := &hurriedClock{now: now}
		var dead []int64
		lives := rapid.IntRange(1, 4).Draw(rt, "lives")
		for life := range lives {
			current.plan(rt, w)
			kill := 0 // after how many outcomes
			if life < lives-1 {
				kill = rapid.IntRange(1, 20).Draw(rt, "kill")
			}
			current.live(rt, w, hook, time, kill, rapid.IntRange(1, 20).Draw(rt, "window"))
		}
		must(rt, w.View(rt.Context(), func(v *store.View) error {
			letters, err := v.DeadLetters(rt.Context(), name, 0, 1000)
			for _, letter := range letters {
				dead = append(dead, letter.Seq)
			}
			return err
		}))
		current.check(rt, dead, lives)
		must(rt, w.RemoveWebhook(rt.Context(), name))
	})
}

// plan commits transitions and draws how often the receiver fails.
func (m *moody) plan(rt *rapid.T, w *workspace) {
	customers := rapid.SliceOfN(rapid.Int64Range(1, 5), 0, 30).Draw(rt, "customers")
	m.mu.Lock()
	for i, customer := range customers {
		seq := w.seq + int64(i) + 1
		m.of[seq] = customer
		m.fails[seq] = rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2, 3, 12}).Draw(rt, "fails")
	}
	m.mu.Unlock()
	w.enter(rt, customers...)
}

// live runs a deliverer until nothing waits or, if kill is not 0, until that many
// outcomes are recorded; from then on nothing more reaches the disk. The server
// ends with it: a request that is cancelled may still be handled, any time later.
func (m *moody) live(rt *rapid.T, w *workspace, hook store.Webhook, time Clock, kill, window int) {
	rt.Helper()
	server := httptest.NewServer(http.HandlerFunc(m.answer))
	defer server.Close()
	hook.URL = server.URL
	must(rt, w.SetWebhook(rt.Context(), hook))
	out := watch(w)
	var mu sync.Mutex
	recorded, killed := 0, false
	out.fails = func() error {
		mu.Lock()
		defer mu.Unlock()
		if recorded++; kill > 0 && recorded > kill {
			killed = true
			out.recorded <- store.Outcome{}
			return errors.New("killed")
		}
		return nil
	}
	end := begin(rt, Options{Outbox: out, Clock: time, Window: window, PerWebhook: 1 + window/3})
	for w.backlog(rt, hook.ID).Waiting > 0 {
		<-out.recorded
		mu.Lock()
		over := killed
		mu.Unlock()
		if over {
			break
		}
	}
	end()
}

func (m *moody) check(rt *rapid.T, dead []int64, lives int) {
	rt.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.offence != "" {
		rt.Fatal(m.offence)
	}
	for seq := range m.of {
		if isDead := slices.Contains(dead, seq); isDead == (m.took[seq] > 0) {
			rt.Fatalf("%d was taken %d times, dead: %t", seq, m.took[seq], isDead)
		}
		if m.took[seq] > lives {
			rt.Fatalf("%d was taken %d times in %d lives", seq, m.took[seq], lives)
		}
	}
}
