package server

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// The crash test takes these from the environment.
const (
	crashRounds = "KOHORTE_CRASH_ROUNDS"
	crashSeed   = "KOHORTE_CRASH_SEED"
)

func fromEnvironment(t *testing.T, name string, usual int64) int64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseInt(text, 10, 64)
	must(t, err)
	return n
}

// TestCrash kills the server again and again at random moments while calls come
// in, segments change and time moves customers. After each restart all that was
// acknowledged is there once, the log of transitions has no gaps, memberships are
// those that the data gives, and a webhook was told of everything in order.
func TestCrash(t *testing.T) {
	t.Parallel()
	rounds, seed := fromEnvironment(t, crashRounds, 10), fromEnvironment(t, crashSeed, now())
	fmt.Printf("the crash test kills %d times; %s=%d\n", rounds, crashSeed, seed)
	dice := rand.New(rand.NewPCG(uint64(seed), 0))
	p := newProgram(t)
	define(p)
	r := newReceiver(t, p, "crm")
	l, a := newLoad(p, 3, uint64(seed)), newAudit(p)
	p.start()
	for n := range rounds {
		crash(t, p, l, dice, n)
		p.start()
		a.kept(t, l)
		l.finish(t)
		p.settled()
		a.exact(t, l)
		p.verify()
		a.delivered(t, r)
		if t.Failed() {
			t.Fatalf("after round %d", n+1)
		}
		if (n+1)%50 == 0 {
			fmt.Printf("killed %d times: %d events, %d transitions, all is well\n", n+1, len(a.events), len(a.log))
		}
	}
	if _, err := p.stop(); err != nil {
		t.Fatalf("the server stopped with %v", err)
	}
	p.verify()
	t.Logf("%d events, %d transitions, %d messages told once more", len(a.events), len(a.log), r.again)
	if len(a.log) < 100 {
		t.Errorf("there were only %d transitions", len(a.log))
	}
}

// crash has the senders send, and kills the server: under load, while it starts, or while it stops.
func crash(t *testing.T, p *program, l *load, dice *rand.Rand, round int64) {
	t.Helper()
	pause := func(most int) { <-after(time.Duration(dice.IntN(most)) * time.Millisecond) }
	way := dice.IntN(4)
	l.begin()
	pause(700)
	editing := make(chan struct{})
	go func() {
		defer close(editing)
		_, _, _ = p.try("segment", "put", "fan", fmt.Sprintf("count(kick) >= %d and not in segment busy", 5+round%2)) // it may be too late
	}()
	pause(200)
	if way == 0 {
		p.terminate()
		pause(50)
	}
	p.kill()
	l.end(t)
	<-editing
	if way == 1 {
		p.launch()
		pause(250)
		p.kill()
	}
}
