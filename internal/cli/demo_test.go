package cli

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/demo"
)

func TestDemoIsTheSameAgain(t *testing.T) {
	p := newPlace(t)
	first := p.ok("demo", "--customers", "60")
	again := p.ok("demo", "--customers", "60")
	if first != again {
		t.Error("the same seed gives another output")
	}
	if other := p.ok("demo", "--customers", "60", "--seed", "2"); other == first {
		t.Error("another seed gives the same output")
	}
	p.now += 24 * 60 * 60 * 1000
	if p.ok("demo", "--customers", "60") == first {
		t.Error("the demo does not follow the day")
	}
}

// TestDemoShows looks at what a newcomer sees, and does what it advises.
func TestDemoShows(t *testing.T) {
	p := newPlace(t)
	out := p.ok("demo", "--customers", "60")
	for _, company := range demo.Companies {
		segments := demo.Segments(company)
		if len(segments) < 12 || !strings.Contains(out, company.Title().EN) {
			t.Errorf("%s has %d segments", company, len(segments))
		}
		for _, s := range segments {
			if !strings.Contains(out, "\n"+s.Name+" ") {
				t.Errorf("segment %s is missing", s.Name)
			}
		}
		for _, e := range demo.Explanations(company) {
			if !strings.Contains(out, e.Title.EN) {
				t.Errorf("the explanation %q is missing", e.Title.EN)
			}
		}
	}
	tried := 0
	for line := range strings.Lines(out) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "kohorte ")
		if !ok {
			continue
		}
		tried++
		if stdout, stderr, status := p.run(words(command)...); status != 0 && !strings.Contains(stderr, "did you mean") {
			t.Errorf("%s: status %d\n%s%s", line, status, stdout, stderr)
		}
	}
	if tried < 5 {
		t.Errorf("only %d commands are advised", tried)
	}
}

// TestDemoSpares what is not its own.
func TestDemoSpares(t *testing.T) {
	p := newPlace(t)
	p.ok("--data", "mine", "--workspace", "shop", "fields", "--declare", p.write("shop.json", `{"attributes": {"vip": "boolean"}}`))
	before := p.read("mine/shop.db")
	p.fails(1, "is no demo", "--data", "mine", "demo", "--customers", "60")
	if p.read("mine/shop.db") != before || p.exists("mine/maschinenbau.db") {
		t.Error("the demo touched a workspace that is not its own")
	}
	p.ok("demo", "--customers", "60")
	p.write("demo-data/shopping-list.txt", "Milch")
	p.ok("demo", "--customers", "60")
	if p.read("demo-data/shopping-list.txt") != "Milch\n" {
		t.Error("the demo removed a file that is not its own")
	}
}

func TestDemoWhereNothingCanBeWritten(t *testing.T) {
	p := newPlace(t)
	p.write("taken", "a file")
	stdout, stderr, status := p.run("--data", "taken", "demo", "--customers", "60")
	if status != 1 || strings.Contains(stderr, "mkdir") || !strings.Contains(stderr, "taken: ") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if text, err := os.ReadFile("taken"); err != nil || string(text) != "a file\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestInterruptedDemo can be made anew.
func TestInterruptedDemo(t *testing.T) {
	p := newPlace(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.ctx = ctx
	p.fails(130, "interrupted", "demo", "--customers", "60")
	p.ctx = context.Background()
	p.ok("demo", "--customers", "60")
	p.ctx = ctx
	p.fails(130, "interrupted", "--data", "demo-data", "--workspace", "shop", "count", `country = "DE"`)
}
