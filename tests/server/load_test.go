package server

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load is calls from several senders at once, who send again what was not acknowledged.
type load struct {
	p       *program
	senders []*sender
	ended   atomic.Bool
	running sync.WaitGroup
}

// sender sends one batch after the other.
type sender struct {
	load    *load
	number  int
	rand    *rand.Rand
	calls   int64 // made so far
	guest   int64 // the visitor who is not known yet
	pending *batch
	acked   []*batch
	problem string
}

// batch is some calls, with the numbers that they put into events and attributes.
type batch struct {
	calls          []string
	events, traits []int64
}

func newLoad(p *program, senders int, seed uint64) *load {
	l := &load{p: p}
	for n := range senders {
		l.senders = append(l.senders, &sender{load: l, number: n, rand: rand.New(rand.NewPCG(seed, uint64(n)))})
	}
	return l
}

// begin starts the senders.
func (l *load) begin() {
	l.ended.Store(false)
	for _, s := range l.senders {
		l.running.Go(s.run)
	}
}

// end has the senders end after their next answer, and waits for it. What was
// not acknowledged by then stays pending.
func (l *load) end(t testing.TB) {
	t.Helper()
	l.ended.Store(true)
	l.running.Wait()
	for _, s := range l.senders {
		if s.problem != "" {
			t.Fatal(s.problem)
		}
	}
}

// finish sends what is pending until it is acknowledged.
func (l *load) finish(t testing.TB) {
	t.Helper()
	for _, s := range l.senders {
		eventually(t, time.Minute, "the rest is acknowledged", func() bool { return s.pending == nil || s.send() || s.problem != "" })
	}
	l.end(t)
}

// acknowledged gives the numbers of acknowledged events and attributes.
func (l *load) acknowledged() (events, traits map[int64]bool) {
	events, traits = map[int64]bool{}, map[int64]bool{}
	for _, s := range l.senders {
		for _, b := range s.acked {
			b.note(events, traits)
		}
	}
	return events, traits
}

func (b *batch) note(events, traits map[int64]bool) {
	for _, n := range b.events {
		events[n] = true
	}
	for _, n := range b.traits {
		traits[n] = true
	}
}

func (s *sender) run() {
	for !s.load.ended.Load() && s.problem == "" {
		if s.pending == nil {
			s.pending = s.batch()
		}
		s.send()
		<-after(time.Duration(s.rand.IntN(15)) * time.Millisecond)
	}
}

// send sends the pending batch and tells whether it was acknowledged.
func (s *sender) send() bool {
	a, err := s.load.p.post(s.pending.calls...)
	switch {
	case err != nil, a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable:
		return false
	case a.status != http.StatusOK:
		s.problem = fmt.Sprintf("a batch was answered with %d: %s", a.status, a.body)
		return false
	}
	s.pending.calls = nil
	s.acked = append(s.acked, s.pending)
	s.pending = nil
	return true
}

func (s *sender) batch() *batch {
	b := &batch{}
	for range 1 + s.rand.IntN(20) {
		b.calls = append(b.calls, s.call(b))
	}
	return b
}

// call makes a call: mostly events of customers and of visitors, who are made known later.
// Many lie almost a minute back, so that they leave a window of a minute soon.
func (s *sender) call(b *batch) string {
	const people = 150
	s.calls++
	n := int64(s.number)<<40 | s.calls
	user, guest := fmt.Sprintf("u%d", s.rand.IntN(people)), fmt.Sprintf("g%d-%d", s.number, s.guest)
	head := fmt.Sprintf(`"messageId":"m%d-%d"`, s.number, s.calls)
	when := at(now() - 57_000 - s.rand.Int64N(3_000))
	plan := [...]string{"pro", "free"}[s.rand.IntN(2)]
	event := [...]string{"kick", "kick", "view"}[s.rand.IntN(3)]
	switch s.rand.IntN(13) {
	case 0:
		b.traits = append(b.traits, n)
		return fmt.Sprintf(`{"type":"identify",%s,"userId":%q,"timestamp":%q,"traits":{"plan":%q,"n":%d}}`, head, user, when, plan, n)
	case 1:
		s.guest++
		b.traits = append(b.traits, n)
		return fmt.Sprintf(`{"type":"identify",%s,"userId":%q,"anonymousId":%q,"timestamp":%q,"traits":{"plan":%q,"n":%d}}`, head, user, guest, when, plan, n)
	case 2:
		s.guest++
		return fmt.Sprintf(`{"type":"alias",%s,"previousId":%q,"userId":%q,"timestamp":%q}`, head, guest, user, when)
	case 3:
		return fmt.Sprintf(`{"type":"group",%s,"userId":%q,"groupId":"c%d","timestamp":%q,"traits":{"size":%d}}`, head, user, s.rand.IntN(20), when, s.rand.IntN(10))
	case 4, 5, 6, 7:
		b.events = append(b.events, n)
		return fmt.Sprintf(`{"type":"track",%s,"anonymousId":%q,"event":%q,"timestamp":%q,"properties":{"n":%d}}`, head, guest, event, when, n)
	default:
		b.events = append(b.events, n)
		return fmt.Sprintf(`{"type":"track",%s,"userId":%q,"event":%q,"timestamp":%q,"properties":{"n":%d}}`, head, user, event, when, n)
	}
}

// define puts segments that follow the load: with windows that end soon, and with references.
func define(p *program) {
	p.t.Helper()
	for _, s := range [][2]string{
		{"recent", "count(kick in last 1 minute) >= 1"},
		{"busy", "count(kick in last 1 minute) >= 3"},
		{"pro", `plan = "pro"`},
		{"pro_recent", "in segment pro and in segment recent"},
		{"fan", "count(kick) >= 5 and not in segment busy"},
		{"staff", "company.size >= 5 and not in segment fan"},
		{"waited", "view then no kick within 1 minute"},
		{"stayed", "in segment pro for 1 minute or entered segment pro_recent in last 1 minute"},
	} {
		p.run("segment", "put", s[0], s[1], "--lenient")
	}
}
