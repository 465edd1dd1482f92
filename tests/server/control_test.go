package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/store"
)

// TestControl works with a workspace by commands while it is served.
func TestControl(t *testing.T) {
	t.Parallel()
	p := pair(t)
	p.kick("a", 3)
	p.run("segment", "put", "both", "in segment kicked and in segment viewed")
	p.run("segment", "put", "twice", "count(kick) >= 2")
	p.settled()
	p.take(track("v", "a1", "view", now()-1000, 0), track("k", "a2", "kick", now()-1000, 0))
	if s := p.segments(); s["both"].Members != 1 || s["twice"].Members != 1 || s["kicked"].Members != 3 {
		t.Errorf("the segments are %+v", s)
	}
	p.refused([]string{"kicked", "both"}, "segment", "put", "kicked", "in segment both")
	p.refused([]string{"used by both"}, "segment", "remove", "kicked")
	p.refused([]string{"missing"}, "segment", "remove", "missing")
	p.refused([]string{"kcik"}, "segment", "put", "typo", "count(kcik) >= 2")
	p.run("segment", "put", "twice", "count(kick) >= 1 or count(view) >= 1")
	p.run("segment", "remove", "both")
	p.settled()
	if s := p.segments(); len(s) != 3 || s["twice"].Members != 3 || s["twice"].Version != 2 {
		t.Errorf("after an edit and a removal the segments are %+v", s)
	}
	p.run("segment", "remove", "kicked")
	if list := p.run("segment", "list"); strings.Contains(list, "kicked") || !strings.Contains(list, "viewed") {
		t.Errorf("the segments are listed as\n%s", list)
	}
	p.refused([]string{"another kohorte process serves", "main"}, "serve", "--listen", "127.0.0.1:0")
	p.verify()
	a := newAudit(p)
	a.transitions(t)
	if page := p.page("after=0&wait=0"); len(page.Transitions) != len(a.log) {
		t.Errorf("%d transitions are told, %d are in the log", len(page.Transitions), len(a.log))
	}
}

// TestImport imports files while the workspace is served and calls come in:
// segments follow them as they follow calls.
func TestImport(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	define(p)
	r := newReceiver(t, p, "crm")
	p.start()
	l, a := newLoad(p, 1, 1), newAudit(p)
	l.begin()
	const lines = 1000
	customers, calls := "id,plan,seats\n", ""
	for n := range lines {
		customers += fmt.Sprintf("i%d,pro,%d\n", n, n%9)
		calls += track(fmt.Sprintf("import-%d", n), fmt.Sprintf("i%d", n%200), "kick", now()-30_000, -int64(n+1)) + "\n"
	}
	dir := t.TempDir()
	table, list := filepath.Join(dir, "customers.csv"), filepath.Join(dir, "calls.ndjson")
	must(t, os.WriteFile(table, []byte(customers), 0o600))
	must(t, os.WriteFile(list, []byte(calls), 0o600))
	for range 2 { // the second time changes nothing
		p.run("import", "--as", "customers", "--yes", table)
		p.run("import", "--as", "calls", list)
	}
	l.end(t)
	l.finish(t)
	a.kept(t, l)
	imported := 0
	for n := range a.events {
		if n < 0 {
			imported++
		}
	}
	people := 0
	p.view(func(v *store.View) error {
		return v.Customers(context.Background(), func(c store.Customer) error {
			if strings.HasPrefix(c.Name, "i") {
				people++
			}
			return nil
		})
	})
	if imported != lines || people != lines {
		t.Errorf("%d events and %d customers of %d are there", imported, people, lines)
	}
	eventually(t, 10*time.Second, "the imported are in the segments", func() bool {
		s := p.segments()
		return s["pro"].Members >= lines && s["pro_recent"].Members >= 200 && s["fan"].State == "active"
	})
	p.verify()
	a.delivered(t, r)
	if strings.Contains(p.log.text(), "reading all data anew") {
		t.Error("the import went past the server, which had to read everything anew")
	}
}
