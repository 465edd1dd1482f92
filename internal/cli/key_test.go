package cli

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestKeyCommands(t *testing.T) {
	p := newPlace(t)
	for _, call := range [][]string{{"list"}, {"remove", "web"}} {
		p.fails(1, "nothing was imported into data yet", append([]string{"key"}, call...)...)
	}
	if p.exists("data") {
		t.Error("looking at keys makes a workspace")
	}
	stdout, stderr, status := p.run("key", "create", "web", "--scope", "write")
	if key := strings.TrimSuffix(stdout, "\n"); status != 0 || !strings.HasPrefix(key, "kw_") || strings.ContainsAny(key, " \n") ||
		!strings.Contains(stderr, "key web") || strings.Contains(stderr, key) {
		t.Errorf("status %d, written %q and %q", status, stdout, stderr)
	}
	var made struct{ Name, Scope, Created, Key string }
	if err := json.Unmarshal([]byte(p.ok("key", "create", "the CRM", "--scope", "read", "--json")), &made); err != nil {
		t.Fatal(err)
	}
	if made.Name != "the CRM" || made.Scope != "read" || made.Created != "2026-11-21T11:00:00.000Z" || !strings.HasPrefix(made.Key, "kr_") {
		t.Errorf("made %+v", made)
	}
	want := "name     scope  created\nweb      write  2026-11-21 12:00:00\nthe CRM  read   2026-11-21 12:00:00\n"
	if got := p.ok("key", "list"); got != want {
		t.Errorf("listed\n%swant\n%s", got, want)
	}
	p.ok("key", "remove", "web")
	if got := p.ok("key", "list", "--json"); got != `[{"name":"the CRM","scope":"read","created":"2026-11-21T11:00:00.000Z"}]`+"\n" {
		t.Errorf("left is %s", got)
	}
	p.ok("key", "remove", "the CRM")
	if got := p.ok("key", "list", "--json"); got != "[]\n" {
		t.Errorf("left is %s", got)
	}
}

func TestKeyCommandsRefused(t *testing.T) {
	p := newPlace(t)
	p.ok("key", "create", "web", "--scope", "write")
	p.fails(2, "did you mean create?", "key", "creat", "web")
	p.fails(2, "create expects a name", "key", "create")
	p.fails(2, "--scope write, to send calls, --scope read", "key", "create", "crm")
	p.fails(1, `"admin" is no scope of a key`, "key", "create", "crm", "--scope", "admin")
	p.fails(1, `there is a key "web" already`, "key", "create", "web", "--scope", "read")
	p.fails(1, `did you mean "web"?`, "key", "remove", "wbe")
}
