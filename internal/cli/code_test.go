package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/kohorte/kohorte/internal/calendar"
)

func (p *place) people() {
	p.t.Helper()
	p.write("people.csv", "id,country,vip", "anna,DE,true", "bernd,AT,false", "carla,DE,true", "dora,CH,false")
	p.ok("import", "people.csv", "--yes")
}

// Ten thousand segments in one file are checked, formatted and planned.
func TestManySegments(t *testing.T) {
	p := newPlace(t)
	p.people()
	const many = 10_000
	var b strings.Builder
	for i := range many {
		rule := fmt.Sprintf("country = \"C%d\" or vip", i)
		if i%10 == 9 {
			rule = fmt.Sprintf("in segment s%d and country = \"DE\"", i-1)
		}
		fmt.Fprintf(&b, "---\nsegment: s%d\ntitle: {de: Nummer %d}\nrule: %s\n", i, i, rule)
	}
	p.write("many.yaml", b.String())
	p.ok("check", "many.yaml")
	p.ok("fmt", "many.yaml")
	var plan planJSON
	if err := json.Unmarshal([]byte(p.ok("plan", "many.yaml", "--json", "--out", "plan.json")), &plan); err != nil {
		t.Fatal(err)
	}
	if plan.Counts.Create != many || len(plan.Impact) != many {
		t.Fatalf("the plan is %+v and touches %d segments", plan.Counts, len(plan.Impact))
	}
	for _, s := range plan.Impact {
		if s.Entered != 2 || s.Left != 0 {
			t.Fatalf("%+v", s)
		}
	}
}

// serving starts a server of the place; it ends with the test.
func (p *place) serving() {
	p.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log := &awaited{text: "msg=ready", there: make(chan struct{})}
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, Env{Args: []string{"serve", "--listen", "127.0.0.1:0"}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: log,
			Now: func() calendar.Instant { return p.now }})
	}()
	p.t.Cleanup(func() {
		stop()
		<-ended
	})
	select {
	case <-log.there:
	case status := <-ended:
		ended <- status
		p.t.Fatalf("the server ended with %d: %s", status, log.all.String())
	}
}

// awaited waits for a text in what is written.
type awaited struct {
	mutex sync.Mutex
	all   bytes.Buffer
	text  string
	there chan struct{}
	once  sync.Once
}

func (w *awaited) Write(b []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.all.Write(b)
	if strings.Contains(w.all.String(), w.text) {
		w.once.Do(func() { close(w.there) })
	}
	return len(b), nil
}

// meanwhile answers a question after it has done something.
type meanwhile struct {
	do     func()
	answer io.Reader
}

func (m *meanwhile) Read(b []byte) (int, error) {
	if m.do != nil {
		m.do()
		m.do = nil
	}
	return m.answer.Read(b)
}

// Who changes a segment while another one looks at a plan wins; the other is told.
func TestTwoEditsAtOnce(t *testing.T) {
	p := newPlace(t)
	p.people()
	p.serving()
	p.write("a.yaml", "segment: a", "rule: vip", "owner: anna")
	other := &place{t: t, stdin: strings.NewReader(""), ctx: context.Background(), now: noon}
	p.stdin = &meanwhile{func() { other.ok("segment", "put", "a", "country = \"DE\"") }, strings.NewReader("y\n")}
	p.fails(1, "segments were changed meanwhile, since the plan was made: plan again", "apply", "a.yaml", "--author", "anna")
	p.stdin = strings.NewReader("")
	if shown := p.ok("segment", "show", "a"); !strings.Contains(shown, `country = "DE"`) {
		t.Errorf("shown is\n%s", shown)
	}
	p.ok("apply", "a.yaml", "--author", "anna", "--yes")
	if shown := p.ok("segment", "show", "a"); !strings.Contains(shown, "owner: anna") || !strings.Contains(shown, "version 2 by anna") {
		t.Errorf("shown is\n%s", shown)
	}
	p.ok("plan", "a.yaml", "--exit-code")
	p.ok("segment", "pause", "a", "--author", "bernd")
	if _, _, status := p.run("plan", "a.yaml", "--exit-code"); status != 2 {
		t.Errorf("after a pause the status is %d", status)
	}
}

// A plan tells which webhooks would be sent how much.
func TestPlanTellsOfWebhooks(t *testing.T) {
	p := newPlace(t)
	p.people()
	p.ok("segment", "put", "a", "vip")
	p.ok("segment", "put", "b", "in segment a")
	p.ok("segment", "put", "other", "country = \"CH\"")
	p.ok("webhook", "add", "all", "https://a.example/")
	p.ok("webhook", "add", "ofb", "https://b.example/", "--segment", "b")
	p.ok("webhook", "add", "off", "https://c.example/")
	p.ok("webhook", "disable", "off")
	p.ok("webhook", "add", "of-other", "https://d.example/", "--segment", "other")
	p.write("a.yaml", "segment: a", "rule: country = \"AT\"")
	shown := p.ok("plan", "a.yaml")
	if !strings.Contains(shown, "  all: 6 messages\n  ofb: 3 messages\n\n") || strings.Contains(shown, "other: ") && strings.Contains(shown, "of-other") {
		t.Errorf("shown is\n%s", shown)
	}
}
