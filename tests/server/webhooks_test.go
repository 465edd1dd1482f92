package server

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// TestHangingReceivers sees to it that receivers that are slow or never answer
// hold up neither calls nor other webhooks, and get everything in the end.
func TestHangingReceivers(t *testing.T) {
	t.Parallel()
	p := pair(t, "--webhook-timeout", "1s")
	quick, slow, hanging := newReceiver(t, p, "quick"), newReceiver(t, p, "slow"), newReceiver(t, p, "hanging")
	release := make(chan struct{})
	slow.behave(func(*http.Request) int {
		<-after(200 * time.Millisecond)
		return 0
	})
	hanging.behave(func(r *http.Request) int {
		select {
		case <-release:
			return 0
		case <-r.Context().Done():
			return http.StatusServiceUnavailable // nobody listens any more
		}
	})
	const customers = 60
	for n := range 3 {
		began := now()
		p.kick(string(rune('a'+n)), customers/3)
		if took := since(began); took > time.Second {
			t.Errorf("a batch was acknowledged after %s", took)
		}
	}
	eventually(t, 5*time.Second, "the quick receiver has everything", func() bool { return quick.count() == customers })
	if hanging.count() > 0 || slow.count() == customers {
		t.Errorf("the hanging receiver has %d, the slow one %d", hanging.count(), slow.count())
	}
	eventually(t, 10*time.Second, "the slow receiver has everything", func() bool { return slow.count() == customers })
	close(release)
	eventually(t, 20*time.Second, "the receiver that hung has everything", func() bool { return hanging.count() == customers })
	for _, r := range []*receiver{quick, slow, hanging} {
		r.check(t)
	}
}

// TestGoneReceiver has a receiver say that it wants no more: its webhook is
// disabled, also after a restart, until somebody enables it.
func TestGoneReceiver(t *testing.T) {
	t.Parallel()
	p := pair(t)
	gone, other := newReceiver(t, p, "gone"), newReceiver(t, p, "other", "--segment", "kicked")
	gone.behave(func(*http.Request) int { return http.StatusGone })
	p.kick("a", 1)
	disabled := func() bool {
		var list []struct{ Name, Disabled string }
		must(t, json.Unmarshal([]byte(p.run("webhook", "list", "--json")), &list))
		return list[0].Name == "gone" && list[0].Disabled != ""
	}
	eventually(t, 10*time.Second, "the webhook is disabled", disabled)
	p.kick("b", 2)
	_, err := p.stop()
	must(t, err)
	p.start()
	p.kick("c", 2)
	p.take(track("v", "c0", "view", now()-1000, 0)) // not for the other
	eventually(t, 10*time.Second, "the other receiver has everything", func() bool { return other.count() == 5 })
	gone.behave(nil)
	if !disabled() || gone.count() > 0 {
		t.Errorf("the receiver that wants no more got %d", gone.count())
	}
	p.run("webhook", "enable", "gone")
	p.kick("d", 1)
	eventually(t, 20*time.Second, "what waited and what is new has come", func() bool { return gone.count() == 2 })
	gone.check(t)
	other.check(t)
}

// TestBrokenReceiver has a receiver fail and come back: it gets everything.
func TestBrokenReceiver(t *testing.T) {
	t.Parallel()
	p := pair(t)
	r := newReceiver(t, p, "crm")
	r.behave(func(*http.Request) int { return http.StatusInternalServerError })
	p.kick("a", 20)
	p.take(track("v", "a0", "view", now()-1000, 0)) // it waits behind the entry before it
	<-after(500 * time.Millisecond)
	r.behave(nil)
	eventually(t, 20*time.Second, "everything has come", func() bool { return r.count() == 21 })
	r.check(t)
}
