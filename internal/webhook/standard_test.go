package webhook

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/clock"
	"github.com/kohorte/kohorte/internal/store"
)

// received is a message as tests/webhooks/verify.test.js reads it.
type received struct {
	Secret  string            `json:"secret"`
	Other   string            `json:"other"` // which did not sign
	Now     int64             `json:"now"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// TestReferenceLibrary lets the library that receivers use verify what arrived,
// before and while a secret is changed.
func TestReferenceLibrary(t *testing.T) {
	const folder = "../../tests/webhooks"
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "standardwebhooks")); err != nil {
		t.Skip("the reference library is not installed: run npm ci in tests/webhooks")
	}
	file := filepath.Join(t.TempDir(), "messages.json")
	text, err := json.Marshal(receivedMessages(t))
	must(t, err)
	must(t, os.WriteFile(file, text, 0o600))
	command := exec.Command(node, "--test", "verify.test.js")
	command.Dir, command.Env = folder, append(os.Environ(), "MESSAGES="+file)
	output, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "# pass 4") {
		t.Errorf("%v\n%s", err, output)
	}
}

// receivedMessages delivers a message signed with one secret, then one signed with two.
func receivedMessages(t *testing.T) []received {
	t.Helper()
	w := newWorkspace(t)
	arrived := make(chan received, 10)
	h := w.add(t, "crm", receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		m := received{Now: now, Other: store.NewSecret(), Headers: map[string]string{}, Body: string(body)}
		for name := range r.Header {
			m.Headers[strings.ToLower(name)] = r.Header.Get(name)
		}
		arrived <- m
	}))
	notify := make(chan struct{})
	end := begin(t, Options{Outbox: w, Clock: clock.NewManual(now), Notify: notify, Condition: func(*store.Message) string { return `Größe > 5 <&> "x"` }})
	w.enter(t, 1)
	notify <- struct{}{}
	first := <-arrived
	secret, err := w.RotateSecret(context.Background(), "crm")
	must(t, err)
	notify <- struct{}{} // the secrets are read anew now
	notify <- struct{}{} // and they are by now
	w.enter(t, 2)
	notify <- struct{}{}
	second := <-arrived
	end()
	withOld, withNew := second, second
	first.Secret, withOld.Secret, withNew.Secret = h.Secrets[0], h.Secrets[0], secret
	return []received{first, withOld, withNew}
}
